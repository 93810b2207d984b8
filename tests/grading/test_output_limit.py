"""The output limit holds in bytes of the executed notebook, whatever kind of output fills it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.isolation import need_isolation

from autograder.engines.base import End
from autograder.engines.exam import ExamEngine
from autograder.engines.kernel.incoming import SHOWN, Message, mended
from autograder.engines.kernel.outputs import Collected
from autograder.model import Limits

MIB = 1 << 20
LIMITS = Limits(cell_seconds=20, output=1, memory=2048)
BESIDES = 2048  # bytes that a cell may show when the limit is reached


def size(outputs: object) -> int:
    return len(json.dumps(outputs, ensure_ascii=False).encode())


TEXT = st.text(max_size=60)
JSON = st.recursive(
    st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=6),
    max_leaves=6,
)
BUNDLE = st.fixed_dictionaries(
    {
        "data": st.dictionaries(TEXT | st.just("application/json"), JSON, max_size=4),
        "metadata": st.dictionaries(TEXT, JSON, max_size=4),
        "transient": st.sampled_from([{}, {"display_id": "a"}, {"display_id": "b"}]),
    }
)
CONTENT = {
    "stream": st.fixed_dictionaries({"name": st.sampled_from(["stdout", "stderr"]), "text": TEXT}),
    "error": st.fixed_dictionaries({"ename": TEXT, "evalue": TEXT, "traceback": st.lists(TEXT)}),
    "clear_output": st.fixed_dictionaries({"wait": st.booleans()}),
    "status": st.just({"execution_state": "busy"}),
    **dict.fromkeys(("display_data", "execute_result", "update_display_data"), BUNDLE),
}
MESSAGES = st.lists(
    st.one_of(
        [
            st.builds(
                lambda content, times, kind=kind: (kind, content, times),
                contents,
                st.integers(1, 40),
            )
            for kind, contents in CONTENT.items()
        ]
    ),
    max_size=12,
)


@settings(max_examples=400, deadline=None)
@given(MESSAGES, st.integers(1, 3000))
def test_no_outputs_of_any_kinds_come_to_more_than_the_budget(
    messages: list[tuple[str, dict[str, object], int]], budget: int
) -> None:
    assert CONTENT.keys() == SHOWN.keys()
    collected = Collected(budget, {})
    for kind, content, times in messages:
        plain = mended(content)
        for _ in range(times):
            collected.add(Message(kind, plain, size(plain)))
            assert size(collected.outputs) <= budget + BESIDES + 2 * len(collected.outputs) + 2


@pytest.fixture(scope="module")
def engine() -> Iterator[ExamEngine]:
    need_isolation()
    with ExamEngine(LIMITS) as opened:
        yield opened


SHOW = "from IPython.display import clear_output, display, publish_display_data as show\n"
FLOODS = {
    "an error's name": "raise type('E' * (8 << 20), (Exception,), {})",
    "an error's message": "raise ValueError('x' * (8 << 20))",
    "an error's traceback": (
        "get_ipython().kernel.send_response(get_ipython().kernel.iopub_socket, 'error',"
        " {'ename': 'E', 'evalue': 'x', 'traceback': ['x' * 999] * 5000})"
    ),
    "many errors": (
        "for _ in range(3000): get_ipython().kernel.send_response("
        "get_ipython().kernel.iopub_socket, 'error',"
        " {'ename': 'E', 'evalue': 'x' * 999, 'traceback': []})"
    ),
    "a display's metadata": "show({'text/plain': 'x'}, {'text/plain': {'m': 'x' * (8 << 20)}})",
    "a display's MIME types": "show({f'text/{n}' + 'x' * 999: 'x' for n in range(3000)})",
    "a display's type itself": "show({'x' * (8 << 20): 'x'})",
    "transient data": (
        "for n in range(3000): show({}, transient={'display_id': 'x' * 999 + str(n)})"
    ),
    "a result": "class R:\n    def __repr__(self): return 'x' * (8 << 20)\nR()",
    "a display that updates many at once": (
        "for _ in range(300): display('x', display_id='d')\n"
        "show({'text/plain': 'y' * 90000}, transient={'display_id': 'd'}, update=True)"
    ),
    "a loop that clears": "for _ in range(300):\n    print('x' * 9999, flush=True)\n    clear_output()",
    "a loop that clears and waits": (
        "for _ in range(300):\n    clear_output(wait=True)\n    print('x' * 9999, flush=True)"
    ),
    "lines": "print('\\n' * (4 << 20))",
    "characters of four bytes": "print('\\U0001f600' * (1 << 20))",
    "controls": "print('\\x01' * (1 << 20))",
    "nested data": "show({'application/json': [[[[['x'] * 14] * 14] * 14] * 14] * 14})",
    "floats": "show({'application/json': [1e15] * 200000})",
    "small messages": "for n in range(8000): show({'text/plain': 'x'})",
    "both streams": (
        "import sys\nfor n in range(3000):\n    print('x' * 999)\n"
        "    print('y' * 999, file=sys.stderr)"
    ),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_every_kind_of_output_counts(engine: ExamEngine, flood: str) -> None:
    """And the notebook goes on: the next cell runs, and shows a little."""
    if engine.kernel is None or not engine.kernel.host.alive():
        engine.restart()
    assert engine.kernel
    engine.kernel.budget = MIB
    ran = [engine.run(SHOW + FLOODS[flood], 20), engine.run("print('a little')", 20)]
    assert [run.end for run in ran] == [End.DONE, End.DONE]
    assert size([run.outputs for run in ran]) <= MIB + 2 * BESIDES
    assert "output" in ran[0].limits_met
    assert ran[1].outputs[0]["text"] == "a little\n"


def grown() -> int:
    """The most memory that this process has had, in MiB."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return (
        int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM"))) >> 10
    )


SEND = "send = get_ipython().kernel.iopub_socket.send_multipart\n"
GIANTS = {
    "a message of 256 MiB": "print('x' * (1 << 28), flush=True)",
    "a frame of 1 GiB": "send([b'x' * (1 << 30)], copy=False)",
    "a message of 500 parts of 4 MiB": "send([b'x' * (4 << 20)] * 500, copy=False)",
    "a thousand messages of 4 MiB": (
        "one = b'x' * (4 << 20)\nfor _ in range(1000): send([one], copy=False)"
    ),
}


@pytest.mark.parametrize("giant", GIANTS)
def test_no_message_makes_the_grader_grow(engine: ExamEngine, giant: str) -> None:
    if engine.kernel is None or not engine.kernel.host.alive():
        engine.restart()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak
    before = grown()
    run = engine.run(SEND + GIANTS[giant], 20)
    assert "no kernel sends" in run.detail or "output" in run.limits_met
    assert grown() - before < 64
