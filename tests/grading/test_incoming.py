"""What no kernel sends is the end of the submission's own kernel, and costs what it costs, no more."""

from __future__ import annotations

import json
from collections.abc import Iterator

import malformed
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.isolation import need_isolation

from autograder.engines.base import CellRun, End
from autograder.engines.exam import ExamEngine
from autograder.engines.kernel.incoming import ANSWERED, DELIMITER, SHOWN, read
from autograder.engines.kernel.zmtp import Arrived, Damaged
from autograder.model import Limits

LIMITS = Limits(cell_seconds=20, output=1, memory=512)


@pytest.fixture(scope="module")
def engine() -> Iterator[ExamEngine]:
    need_isolation()
    with ExamEngine(LIMITS) as opened:
        yield opened


def sent(engine: ExamEngine, source: str) -> CellRun:
    """Run a case in a kernel that is there, and see that the next cell finds one as well."""
    if engine.kernel is None or not engine.kernel.host.alive():
        engine.restart()
    assert engine.kernel
    engine.kernel.budget = LIMITS.output * 2**20
    ready = engine.run(malformed.SETUP, 20)
    assert ready.end is End.DONE
    assert ready.outputs == ()
    run = engine.run(malformed.BEFORE + source, 4)
    assert json.loads(json.dumps(run.outputs, ensure_ascii=False).encode()) is not None
    if run.end is End.DIED:
        engine.restart()
    after = engine.run("print('still', 'here')", 20)
    assert after.end is End.DONE
    assert after.outputs[-1]["text"] == "still here\n"
    return run


@pytest.mark.parametrize("case", malformed.DAMAGE)
def test_what_no_kernel_sends_ends_the_kernel_by_name(engine: ExamEngine, case: str) -> None:
    run = sent(engine, malformed.DAMAGE[case])
    assert run.end is End.DIED
    assert "its code sent what no kernel sends" in run.detail


@pytest.mark.parametrize("case", malformed.CUT)
def test_who_cuts_the_line_is_told_so_at_once(engine: ExamEngine, case: str) -> None:
    run = sent(engine, malformed.CUT[case])
    assert run.end is End.DIED
    assert any(word in run.detail for word in ("cut the line", "no kernel sends", "SIGABRT"))


@pytest.mark.parametrize("case", malformed.HARMLESS)
def test_what_can_be_passed_over_or_mended_costs_nothing(engine: ExamEngine, case: str) -> None:
    run = sent(engine, malformed.HARMLESS[case])
    assert (run.end, run.detail) == (End.DONE, ""), run


def test_the_cases_are_many() -> None:
    assert len(malformed.DAMAGE) + len(malformed.CUT) + len(malformed.HARMLESS) >= 90


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from([name for kind in SHOWN.values() for name in kind] + ["status", "payload"])
CONTENT = st.dictionaries(FIELDS, JSON) | JSON
HEADER = st.fixed_dictionaries({"msg_type": st.sampled_from([*SHOWN, *ANSWERED]) | JSON}) | JSON
PART = st.binary() | JSON.map(lambda value: json.dumps(value).encode())


def message(header: object, content: object) -> tuple[bytes, ...]:
    parts = [header, {"msg_id": "asked"}, {}, content]
    return (DELIMITER, b"sign", *(json.dumps(part).encode() for part in parts))


@settings(max_examples=600, deadline=None)
@given(
    st.builds(message, HEADER, CONTENT)
    | st.lists(PART | st.just(DELIMITER) | st.just(b"sign"), max_size=9).map(tuple),
    st.booleans(),
)
def test_whatever_arrives_is_a_typed_message_or_nobodys_or_damage(
    frames: tuple[bytes, ...], whole: bool
) -> None:
    for known in (SHOWN, ANSWERED):
        try:
            found = read(Arrived(frames, 99, whole), "asked", known, lambda _: b"sign")
        except Damaged:
            continue
        if found is not None:
            assert found.content.keys() == known[found.kind].keys()
            for name, check in known[found.kind].items():
                assert check(found.content[name])
            json.dumps(found.content, ensure_ascii=False, allow_nan=False).encode()
