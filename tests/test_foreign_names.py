"""What we use of libraries beyond what they promise: each name is there, and the versions are bounded."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import pytest
from foreign_names import has, scan
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]

# Private names in our source, and whose they are. A new one belongs in here, with its library bounded.
PRIVATE = {
    "_C": ["torch._C.TensorBase", "torch._C.DisableTorchFunctionSubclass"],
    "_async_in_context": [
        "ipykernel.utils._async_in_context",
        "ipykernel.kernelbase._async_in_context",
        "ipykernel.subshell_manager._async_in_context",
    ],
    "_backend_mod": ["matplotlib.pyplot._backend_mod"],
    "_buffers": ["torch.nn.Module._buffers", "ipykernel.iostream.OutStream._buffers"],
    "_compile": ["torch._compile"],
    "_configure_logging": ["traitlets.config.Application._configure_logging"],
    "_dynamo": ["torch._dynamo.eval_frame"],
    "_flush_pending": ["ipykernel.iostream.OutStream._flush_pending"],
    "_forward_input": ["ipykernel.ipkernel.IPythonKernel._forward_input"],
    "_get_font": ["matplotlib.font_manager._get_font.cache_clear"],
    "_handle_pipe_msg": ["ipykernel.iostream.IOPubThread._handle_pipe_msg"],
    "_instance": ["IPython.core.interactiveshell.InteractiveShell._instance"],
    "_is_master_process": ["ipykernel.iostream.OutStream._is_master_process"],
    "_main_asyncio_lock": ["ipykernel.kernelbase.Kernel._main_asyncio_lock"],
    "_modules": ["torch.nn.Module._modules"],
    "_parameters": ["torch.nn.Module._parameters"],
    "_pipe_in": ["ipykernel.iostream.IOPubThread._pipe_in"],
    "_pipe_uuid": ["ipykernel.iostream.IOPubThread._pipe_uuid"],
    "_ports": ["ipykernel.kernelapp.IPKernelApp._ports"],
    "_publish_execute_input": ["ipykernel.kernelbase.Kernel._publish_execute_input"],
    "_publish_status": ["ipykernel.kernelbase.Kernel._publish_status"],
    "_restore_input": ["ipykernel.ipkernel.IPythonKernel._restore_input"],
    "_setup_pipe_in": ["ipykernel.iostream.IOPubThread._setup_pipe_in"],
    "_setup_pipe_out": ["ipykernel.iostream.IOPubThread._setup_pipe_out"],
    "_supports_kernel_subshells": ["ipykernel.kernelbase.Kernel._supports_kernel_subshells"],
    "_sys_modules_keys": ["IPython.core.interactiveshell.InteractiveShell._sys_modules_keys"],
    "_utils": ["torch.utils.data._utils"],
    "_walk_mro": ["traitlets.config.SingletonConfigurable._walk_mro"],
}

# Public names that we put something else in the place of, by assignment, patch or subclass: were one to
# be renamed, ours would be called by nobody.
REPLACED = {
    "ipykernel.compiler.XCachingCompiler.cache",
    "ipykernel.iostream.OutStream.flush",
    "ipykernel.ipkernel.IPythonKernel.start",
    "ipykernel.kernelapp.IOPubThread",
    *(
        f"ipykernel.kernelapp.IPKernelApp.{name}"
        for name in (
            *("cleanup_connection_file", "init_connection_file", "init_control", "init_heartbeat"),
            *("init_iopub", "init_poller", "log_connection_info", "parse_command_line"),
            "write_connection_file",
        )
    ),
    *(
        f"jupyter_client.provisioning.KernelProvisionerBase.{name}"
        for name in (
            *("cleanup", "get_provisioner_info", "has_process", "kill", "launch_kernel", "poll"),
            *("pre_launch", "send_signal", "shutdown_requested", "terminate", "wait"),
        )
    ),
    "nbgrader.preprocessors.NbGraderPreprocessor.preprocess",
    "rich.progress.ProgressColumn.render",
}

# The same, where the name or its owner is known when it runs only.
BY_HAND = (
    "ipykernel.zmqshell.ZMQInteractiveShell.ask_exit",
    "IPython.core.interactiveshell.InteractiveShell.builtin_trap",
    "IPython.core.interactiveshell.InteractiveShell.save_sys_module_state",
    "IPython.core.interactiveshell.InteractiveShell.init_sys_modules",
    "IPython.core.interactiveshell.InteractiveShell.init_environment",
    "IPython.core.interactiveshell.InteractiveShell.init_builtins",
    "IPython.core.history.HistoryManager.dir_hist",
    "IPython.core.shellapp.sys",
    "ipykernel.ipkernel.sys",
    "ipykernel.kernelbase.Kernel.shell_channel_thread",
    "ipykernel.kernelapp.IPKernelApp.kernel_class",
    "ipykernel.kernelapp.IPKernelApp.outstream_class",
    "inspect.modulesbyfile",
    "linecache.cache",
    "numpy.random.seed",
    "torch.manual_seed",
)

# The libraries of which a new version may move what is listed above.
BOUNDED = (
    *("ipykernel", "ipython", "traitlets", "pyzmq", "tornado", "jupyter_client", "nbgrader"),
    *("torch", "torchvision", "matplotlib", "numpy"),
)


def test_each_private_name_in_our_source_is_in_the_table() -> None:
    used = scan(ROOT).used
    new = {name: where for name, where in used.items() if name not in PRIVATE}
    assert not new, "names of a library's own: do without, or add them to PRIVATE"
    assert not set(PRIVATE) - set(used), "names that are used no more: take them out of PRIVATE"


def test_each_name_that_is_replaced_in_a_library_is_in_the_table() -> None:
    replaced = scan(ROOT).replaced
    public = {path for path in replaced if not path.rpartition(".")[2].startswith("_")}
    assert public == REPLACED, {path: replaced.get(path) for path in public ^ REPLACED}


PATHS = sorted({*chain.from_iterable(PRIVATE.values()), *REPLACED, *BY_HAND})


@pytest.mark.parametrize("path", PATHS)
def test_the_library_has_it(path: str) -> None:
    assert has(path), f"{path} is not there any more; see who uses it: grep it in autograder/"


@pytest.mark.parametrize(
    "path", ["torch._nothing_like_it", "ipykernel.kernelbase.Kernel._nope", "numpy.nope.nope"]
)
def test_what_is_not_there_is_missed(path: str) -> None:
    assert not has(path)


def test_the_scan_finds_each_kind(tmp_path: Path) -> None:
    (tmp_path / "autograder").mkdir()
    (tmp_path / "lessonkit").mkdir()
    (tmp_path / "autograder/one.py").write_text(
        "from unittest import mock\nimport torch, matplotlib.pyplot as plt\n"
        "from ipykernel.ipkernel import IPythonKernel\nfrom torch import _C\n"
        "class Own(IPythonKernel):\n    def _publish_status(self): self._mine = 1\n"
        "    async def execute_request(self): self._topic('x')\n"
        "plt._backend_mod = 1\nplt.show = 2\nmock.patch.object(torch, 'rand')\n"
        "'torch._dynamo.config'; getattr(plt, '_get_backend_mod'); torch.x._y\n"
        "def _helper(): return Own()._mine, _helper\nf'{1}_z'\n"
    )
    found = scan(tmp_path)
    assert set(found.used) == {
        *("_C", "_publish_status", "_topic", "_backend_mod", "_dynamo", "_get_backend_mod", "_y"),
    }
    kernel = "ipykernel.ipkernel.IPythonKernel"
    assert set(found.replaced) == {
        *(f"{kernel}.{name}" for name in ("_publish_status", "execute_request", "_topic")),
        *("matplotlib.pyplot._backend_mod", "matplotlib.pyplot.show", "torch.rand"),
    }


@pytest.mark.parametrize("library", BOUNDED)
def test_its_versions_are_bounded(library: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {r.name: r for r in map(Requirement, project["dependencies"])}
    assert library in found, f"{library} belongs among the dependencies in pyproject.toml, bounded"
    operators = {bound.operator for bound in found[library].specifier}
    assert operators == {">=", "<"}, f"{library} in pyproject.toml: {found[library].specifier}"
    assert version(library) in found[library].specifier
    pins = map(Requirement, requirements())
    assert [version(library) in pin.specifier for pin in pins if pin.name == library] == [True]


def requirements() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
