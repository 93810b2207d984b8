"""Containers of the test that student code is given, changes, returns and keeps: as at home."""

from __future__ import annotations

import pytest

CONTAINERS = {
    "list": ("[1, 2]", "value.append(3)", "[1, 2, 3]"),
    "nested list": ("[[1], [2]]", "value[0].append(3)", "[[1, 3], [2]]"),
    "list of arrays": ("[np.ones(2)]", "value[0][:] = 5", "[np.full(2, 5.0)]"),
    "tuple of lists": ("([1], 2)", "value[0].append(3)", "([1, 3], 2)"),
    "dict": ("{'a': 1}", "value['b'] = 2", "{'a': 1, 'b': 2}"),
    "dict of lists": ("{'a': [1]}", "value['a'].append(2)", "{'a': [1, 2]}"),
    "dict of arrays": ("{'a': np.ones(2)}", "value['a'] *= 3", "{'a': np.full(2, 3.0)}"),
    "set": ("{1, 2}", "value.add(3)", "{1, 2, 3}"),
    "defaultdict of lists": (
        "collections.defaultdict(list, a=[1])",
        "value['b'].append(2)",
        "{'a': [1], 'b': [2]}",
    ),
    "defaultdict of ints": ("collections.defaultdict(int)", "value['b'] += 2", "{'b': 2}"),
    "defaultdict of a lambda": (
        "collections.defaultdict(lambda: 7)",
        "value['b'] += 2",
        "{'b': 9}",
    ),
    "defaultdict without a factory": (
        "collections.defaultdict(None, a=1)",
        "value['b'] = 2",
        "{'a': 1, 'b': 2}",
    ),
    "defaultdict in a list": (
        "[collections.defaultdict(list)]",
        "value[0]['b'].append(2)",
        "[{'b': [2]}]",
    ),
    "OrderedDict": (
        "collections.OrderedDict(a=1, b=2)",
        "value.move_to_end('a')",
        "collections.OrderedDict(b=2, a=1)",
    ),
    "Counter": ("collections.Counter('aab')", "value.update('b')", "{'a': 2, 'b': 2}"),
    "Counter of what is not there": ("collections.Counter()", "value['z'] += 1", "{'z': 1}"),
    "deque": ("collections.deque([1, 2])", "value.appendleft(0)", "collections.deque([0, 1, 2])"),
    "deque with an end": (
        "collections.deque([1, 2], maxlen=2)",
        "value.append(3)",
        "collections.deque([2, 3])",
    ),
    "deque of arrays": ("collections.deque([np.ones(2)])", "value[0] += 1", "collections.deque([np.full(2, 2.0)])"),
    "namedtuple of lists": ("Pair([1], 2)", "value.a.append(3)", "Pair([1, 3], 2)"),
}  # fmt: skip
HEAD = """
import collections
import numpy as np
from lessonkit import check
Pair = collections.namedtuple("Pair", "a b")

def plain(x):
    if isinstance(x, np.ndarray):
        return ("array", x.tolist())
    if isinstance(x, dict):
        items = [(k, plain(v)) for k, v in x.items()]
        return ("dict", items if isinstance(x, collections.OrderedDict) else sorted(items))
    if isinstance(x, (list, tuple)):
        return (("tuple" if isinstance(x, tuple) else "list"), [plain(v) for v in x])
    if isinstance(x, collections.deque):
        return ("deque", [plain(v) for v in x])
    return x
"""


def cells(name: str) -> tuple[str, str]:
    made, change, becomes = CONTAINERS[name]
    student = f"""
def changed(value):
    {change}
    return value
def within(value):
    {change}
    return [value, (value, 1)]
kept = []
def keep(value):
    kept.append(value)
    return len(value)
def untouched(value):
    return value
def by_name(*, value):
    return changed(value)
"""
    test = f"""{HEAD}
wanted = plain({becomes})
given = {made}
result = changed(given)
assert type(result).__name__ == type(given).__name__, type(result)
assert plain(result) == wanted, result
result = within({made})
assert plain(result[0]) == plain(result[1][0]) == wanted, result
assert plain(by_name(value={made})) == wanted
given = {made}
assert untouched(given) is given or isinstance(given, tuple)  # a tuple comes by value
assert keep(given) == len(given)
assert plain(given) == plain({made})
result = changed({made})
assert plain(changed({made})) == plain(result), "a result can be compared with another"
try:
    with check.unchanged(given=given):
        changed(given)
except check.CheckFailed as failure:
    assert failure.code == "changed-argument"
else:
    raise AssertionError("the change was not seen")
"""
    return student, test


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_of_the_test_may_be_changed_and_returned(shared_room, name):
    student, test = cells(name)
    shared_room.cells.clear()
    shared_room.student(student)
    shared_room.same(test)
