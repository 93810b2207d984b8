"""Jupyter's own tools run on warm kernels unchanged: nbclient, nbgrader, nbval, a Jupyter server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import websocket
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from autograder import sandbox
from autograder.sandbox.parent import shared

PLOT = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


@pytest.fixture(scope="module", autouse=True)
def spec(tmp_path_factory: pytest.TempPathFactory, parent: sandbox.WarmParent) -> Iterator[Path]:
    """The kernelspec, where all Jupyter tools of this process and its children find it."""
    shared._parents[os.getpid(), True] = parent  # spares starting another
    prefix = tmp_path_factory.mktemp("prefix")
    sandbox.install_kernelspec(prefix)
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = str(prefix / "share/jupyter")
    yield prefix
    if before is None:
        del os.environ["JUPYTER_PATH"]
    else:
        os.environ["JUPYTER_PATH"] = before
    del shared._parents[os.getpid(), True]


def test_nbclient_executes_a_notebook_with_a_plot() -> None:
    notebook = new_notebook(cells=[new_code_cell("import os; os.getuid()"), new_code_cell(PLOT)])
    NotebookClient(notebook, kernel_name="warm").execute()
    assert notebook.cells[0].outputs[0]["data"]["text/plain"] == "65534"
    assert [set(out["data"]) for out in notebook.cells[1].outputs if "data" in out][-1] == {
        "image/png",
        "text/plain",
    }


def test_nbclient_learns_of_a_death_and_its_cause() -> None:
    client = NotebookClient(
        new_notebook(cells=[new_code_cell("import os; os._exit(3)")]), kernel_name="warm"
    )
    manager = client.create_kernel_manager()
    with pytest.raises(DeadKernelError):
        client.execute()
    assert manager.provisioner.cause_of_death() == "exit(3)"


def test_nbclient_interrupts_a_cell_that_takes_too_long() -> None:
    cells = [new_code_cell("import time; time.sleep(60)"), new_code_cell("input()")]
    notebook = new_notebook(cells=cells)
    with pytest.raises(CellTimeoutError):
        NotebookClient(notebook, kernel_name="warm", timeout=1).execute()
    with pytest.raises(Exception, match="StdinNotImplementedError"):
        NotebookClient(new_notebook(cells=cells[1:]), kernel_name="warm").execute()


def test_a_manager_tells_the_cause_and_restarts_where_its_client_is() -> None:
    manager = KernelManager(kernel_name="warm")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    client.execute("import os; os._exit(3)")
    until = time.monotonic() + 10
    while manager.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    assert manager.provisioner.cause_of_death() == "exit(3)"
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=30)
    assert client.execute_interactive("1 + 1", timeout=10)["content"]["status"] == "ok"
    client.stop_channels()
    before = time.monotonic()
    manager.shutdown_kernel()
    assert time.monotonic() - before < 2
    assert not manager.has_kernel


def test_without_isolation_it_says_so_each_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("AUTOGRADER_SANDBOX", "process")
    bare = sandbox.WarmParent(
        isolate=False, warm=False, preload=["autograder.sandbox.jupyter.kernel"]
    )
    with bare as plain:
        monkeypatch.setitem(shared._parents, (os.getpid(), False), plain)
        for count in (1, 2):
            manager = KernelManager(kernel_name="warm")
            manager.log.propagate = True
            manager.start_kernel(cwd=str(tmp_path))
            manager.shutdown_kernel(now=True)
            assert caplog.text.count("NO ISOLATION") == count


def test_limits_are_traits_of_the_kernelspec(tmp_path: Path) -> None:
    folder = sandbox.install_kernelspec(tmp_path, memory=128, processes=20)
    settings = json.loads((folder / "kernel.json").read_text())["metadata"]["kernel_provisioner"]
    assert settings["config"] == {"memory": 128, "processes": 20}


def test_a_tool_that_ignores_the_provisioner_runs_nothing(spec: Path) -> None:
    argv = json.loads((spec / "share/jupyter/kernels/warm/kernel.json").read_text())["argv"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "sandbox" in done.stderr


def test_nbgrader_executes_with_it(tmp_path: Path) -> None:
    from nbgrader.preprocessors import Execute

    execute = Execute(kernel_name="warm")
    notebook = new_notebook(cells=[new_code_cell("import os; print(os.getuid())")])
    done, _ = execute.preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    assert done.cells[0].outputs[0]["text"] == "65534\n"


def test_nbval_runs_on_it(tmp_path: Path) -> None:
    cell = new_code_cell("import os\nos.getuid()", execution_count=1)
    cell.outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "65534"}, execution_count=1)
    ]
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "unit.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"]
    done = subprocess.run(
        [*command, "--nbval-kernel-name", "warm", "unit.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a real Jupyter server, as JupyterLab runs on one."""
    runtime = tmp_path / "runtime"
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--port=0", "--allow-root"]
    process = subprocess.Popen(
        [*command, "--IdentityProvider.token=t", f"--ServerApp.root_dir={tmp_path}"],
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime), "HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    found: list[Path] = []
    while not found and time.monotonic() < until:
        time.sleep(0.1)
        found = list(runtime.glob("jpserver-*.json"))
    try:
        yield json.loads(found[0].read_text())["url"]
    finally:
        process.terminate()
        process.wait(20)


def ask(url: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "token t", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def test_a_jupyter_server_runs_restarts_and_stops_it(server: str) -> None:
    kernel = ask(f"{server}api/kernels", "POST", {"name": "warm"})["id"]
    address = f"{server}api/kernels/{kernel}"
    channel = websocket.create_connection(
        f"{address}/channels?token=t".replace("http", "ws", 1), timeout=5
    )

    def send(code: str) -> str:
        """The message's id: each has its own, a kernel answers none twice."""
        content = {"code": code, "silent": False, "allow_stdin": False, "stop_on_error": True}
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s"}
        header |= {"username": "", "version": "5.3", "date": "2000-01-01T00:00:00Z"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        channel.send(json.dumps({**message, "channel": "shell", "buffers": []}))
        return header["msg_id"]

    def result(code: str) -> str:
        sent = [send(code)]
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                reply = json.loads(channel.recv())
            except websocket.WebSocketTimeoutException:
                sent.append(send(code))  # what a kernel shows before its channels are back is lost
                continue
            if reply["parent_header"].get("msg_id") in sent:
                if reply["msg_type"] == "execute_result":
                    return str(reply["content"]["data"]["text/plain"])
                assert reply["msg_type"] != "error", reply["content"]
        raise AssertionError("the kernel did not answer")

    assert result("import os; x = 1; os.getuid()") == "65534"
    ask(f"{address}/interrupt", "POST")
    ask(f"{address}/restart", "POST")
    assert result("'x' in globals()") == "False"
    channel.close()
    ask(address, "DELETE")
    assert ask(f"{server}api/kernels") == []
