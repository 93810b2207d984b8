"""What the command line's workers run first: not its script, but what makes them start faster."""

import subprocess
import sys

SCRIPT = """
print("script", flush=True)

if __name__ == "__main__":
    import gc
    from autograder import startup
    startup.begin()
    from autograder.grading.cluster import Cluster

    with Cluster("stock", 1, ahead=True) as cluster:
        cluster.opening.result()
        print(gc.get_threshold() == cluster.client.submit(gc.get_threshold).result(), gc.get_threshold())
"""


def test_workers_collect_garbage_seldom_and_leave_the_script_alone(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=True
    )
    assert run.stdout.splitlines() == ["script", "True (50000, 20, 20)"], run.stderr
