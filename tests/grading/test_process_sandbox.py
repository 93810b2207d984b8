"""Where nothing isolates: the exam in plain processes, said loudly each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import ANSWER, RIGHT, UNIT, Classroom, cell
from plugins.isolation import need_isolation

from autograder.build.release import prepare
from autograder.engines.choose import choose_engine
from autograder.engines.notebook import execute
from autograder.errors import UserError
from autograder.intake.notebook.restore import restore
from autograder.model import Execution, Limits, Task

LIMITS = Limits(cell_seconds=30, notebook_seconds=200, memory=1500)
AUTOGRADER = str(Path(sys.executable).parent / "autograder")
DENIED = (  # a user namespace of its own, in which no further one can be made
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    *('echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"),
)


def command(room: Classroom, *words: str, within: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Run the command line in the course's folder: exit code, output, errors."""
    done = subprocess.run(
        [*within, AUTOGRADER, *words],
        cwd=room.course.root,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def run(built: Classroom, double: str, mean: str = RIGHT["mean"]) -> Execution:
    handed_in = json.dumps(built.notebook(ANSWER, double=double, mean=mean)).encode()
    restored = restore(prepare(built.instructor), handed_in)
    return execute(Task("somebody", UNIT, restored.notebook, LIMITS), "exam-process")


def printed(execution: Execution, grade_id: str) -> str:
    outputs = cell(json.loads(execution.notebook), grade_id)["outputs"]
    return "".join(output.get("text", "") for output in outputs)


def points(execution: Execution) -> list[float]:
    return [verdict.points for verdict in execution.verdicts[:2]]


def hand_in(room: Classroom) -> None:
    room.hand_in_right("right")
    room.hand_in_right("wrong", double="def double(x):\n    return x + 2")
    room.hand_in_right("deadly", double="import os\nos._exit(1)")
    room.hand_in("untouched", room.released)


def scores(out: str) -> dict[str, float]:
    (graded,) = json.loads(out)
    return {one["student"]: one["points"] for one in graded["submissions"]}


EXPECTED = {"right": 5, "wrong": 2, "deadly": 2, "untouched": 0}


def test_a_class_is_graded_and_each_run_says_what_is_not_safe(room):
    hand_in(room)
    for again in ((), ("--again",)):
        code, out, err = command(room, "grade", "--sandbox", "process", "--json", *again)
        assert code == 0, err
        assert scores(out) == EXPECTED
        assert err.count("NOT ISOLATED") == 1


def test_a_machine_that_denies_isolation_grades_in_processes_and_says_so(room):
    need_isolation()  # a machine that denies it to begin with has nothing to deny
    hand_in(room)
    code, out, err = command(room, "grade", "--json", within=DENIED)
    assert code == 0, err
    assert scores(out) == EXPECTED
    assert "NOT ISOLATED: student code runs as you. Hidden tests run in a process" in err
    code, _, err = command(room, "grade", "--sandbox", "namespaces", within=DENIED)
    assert code == 1
    assert "isolated processes (namespaces)" in err
    assert "--sandbox process" in err


def test_hidden_tests_are_in_no_process_of_the_students(built):
    double = """
import gc, sys
found = []
def look():
    texts = [o for o in gc.get_objects() if isinstance(o, str)]
    frame = sys._getframe()
    while frame:
        texts += [v for v in (*frame.f_code.co_consts, *frame.f_locals.values()) if isinstance(v, str)]
        texts += list(frame.f_locals) * (frame.f_locals is not globals())
        frame = frame.f_back
    found.extend(t for t in texts if "CANARY" + "-01" in t or t == "score")
def double(x):
    look()
    found.append("looked")
    return 2 * x
"""
    show = "\nfrom IPython import get_ipython\nhistory = get_ipython().history_manager\n"
    show += "print(found, 'CANARY' + '-01' in ''.join(map(str, history.input_hist_raw)))"
    execution = run(built, double, RIGHT["mean"] + show)
    assert points(execution) == [3, 2]
    assert printed(execution, "mean").strip() == "['looked', 'looked'] False"


def test_nothing_of_a_submission_is_left_behind(built):
    double = f"""
import os, tempfile
from pathlib import Path
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "601.25"])
    os._exit(0)
made = [Path("here"), Path.home() / "there", Path(tempfile.mkdtemp()) / "elsewhere"]
for path in made:
    path.write_text("mine")
print(*(path.absolute() for path in made))
{RIGHT["double"]}
"""
    execution = run(built, double)
    assert points(execution) == [3, 2]
    made = [Path(name) for name in printed(execution, "double").split()]
    assert len(made) == 3
    assert not any(path.exists() or path.parent.exists() for path in made)
    until = time.monotonic() + 5
    while sleeping() and time.monotonic() < until:
        time.sleep(0.05)
    assert not sleeping()


def sleeping() -> list[str]:
    """Processes that the submission above has left."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if line[:2] == [b"sleep", b"601.25"]:
            found.append(entry.parent.name)
    return found


def test_one_students_start_up_file_is_not_run_for_the_next(built):
    plant = f"""
from pathlib import Path
from IPython import get_ipython
folder = Path(get_ipython().profile_dir.startup_dir)
folder.mkdir(parents=True, exist_ok=True)
(folder / "00.py").write_text({RIGHT["double"]!r})
"""
    assert points(run(built, plant)) == [0, 2]
    assert points(run(built, "pass")) == [0, 2]


def test_what_was_asked_for_is_what_runs():
    assert choose_engine("auto", "process") == choose_engine("exam", "process") == "exam-process"
    assert choose_engine("exam-process") == "exam-process"
    assert choose_engine("stock", "process") == "stock"
    with pytest.raises(UserError, match="sandpit"):
        choose_engine("auto", "sandpit")
