"""The examiner's side of the conversation with one agent: one question at a time, each with a deadline."""

from __future__ import annotations

import collections
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import torch

from autograder.exam.examiner.copies import set_apart
from autograder.exam.examiner.exam_codec import ExamReader, ExamWriter
from autograder.exam.examiner.handle import Handle
from autograder.exam.examiner.student_error import (
    StudentError,
    StudentGone,
    StudentTimeout,
    gone,
    rebuild,
    timeout,
)
from autograder.exam.wire.checked import typed
from autograder.exam.wire.frames import Channel, Overdue, PeerGone, TooLarge, WireFault
from autograder.exam.wire.object_table import Table, checked_pair
from autograder.exam.wire.objects import put
from autograder.exam.wire.states import PLAIN, State

# Default dtypes of the student's that are the test's as well. Half precision would be a lever: where what
# is expected is coarse, so is what counts as close to it.
SHARED_DTYPES = {"float32": torch.float32, "float64": torch.float64}
MAX_NESTING = 50  # callbacks within calls within callbacks


class Session:
    """What is asked of one agent during one test cell.

    state    "ready", "stuck" (a call did not come back) or "gone" (closed, or not to be understood)
    remarks  what a person should know of this submission
    test_faults  what the test itself did wrong
    """

    def __init__(self, channel: Channel, seconds: float) -> None:
        self.channel = channel
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds
        self.table = Table(first=1, weak=True)
        self.parts: set[int] = set()  # numbers of tensors within stock objects, such as buffers
        self.functions: dict[int, Callable[..., Any]] = {}
        self.slots: dict[int, Any] = {}
        self.slot_of: dict[int, int] = {}
        self.queues: dict[int, list[Any]] = {}
        self.failures: list[BaseException] = []
        self.default_dtype = torch.get_default_dtype()
        self.state = "ready"
        self.remarks: list[str] = []
        self.test_faults: list[str] = []
        self.calls = 0
        self.nesting = 0
        self.known: dict[str, Handle] = {}  # what the student's names stand for, as far as asked
        self.watching = False  # within check.unchanged: what is done to the test's data shows
        self.originals: dict[int, State] = {}  # the test's data as it was before this call

    def ask(self, operation: str, *operands: Any) -> Any:
        """The result of an operation on the student's side.

        Raises StudentError (what the student's code raised), StudentTimeout, StudentGone, and
        TypeError or TooLarge for an argument that cannot be handed over.
        """
        if self.state == "stuck":
            raise timeout(self.seconds)
        if self.state == "gone":
            raise gone("The kernel no longer answers.")
        first_slot = len(self.slots)
        self.nesting += 1
        self.calls += 1
        try:
            with self.peer():
                self.send("ask", operation, operands)
                return self.await_reply(first_slot)
        finally:
            self.nesting -= 1
            self.leave(first_slot)
            if self.nesting == 0:
                self.put_right()

    def leave(self, first_slot: int) -> None:
        """A call is over, and so are its slots."""
        for slot in range(first_slot, len(self.slots)):
            del self.slot_of[id(self.slots.pop(slot))]

    def add_slot(self, container: Any) -> int:
        slot = len(self.slots)
        self.slots[slot] = container
        self.slot_of[id(container)] = slot
        return slot

    def leaves(self) -> list[torch.Tensor]:
        """The tensors that both sides know, and that are leaves on the student's side."""
        shared = [
            (number, self.table.get(number))
            for number, kind in self.table.kinds.items()
            if kind == "tensor"
        ]
        return [
            tensor
            for number, tensor in shared
            if tensor is not None and tensor.requires_grad and (number % 2 or tensor.is_leaf)
        ]

    def backward(self, graph: Any, upstream: torch.Tensor, leaves: Any) -> list[Any]:
        """The gradients of `leaves`, None where none flows, of a result of the student's code."""
        found = self.ask("vjp", graph, upstream, list(leaves))
        if not isinstance(found, list) or len(found) != len(leaves):
            self.misunderstood("gradients of another number than asked for")
        for gradient, leaf in zip(found, leaves, strict=True):
            if gradient is None:
                continue
            if not isinstance(gradient, torch.Tensor) or gradient.shape != leaf.shape:
                self.misunderstood("a gradient of another shape than its tensor")
        return found

    @contextlib.contextmanager
    def peer(self) -> Iterator[None]:
        """Turn what can go wrong with the other side into what a test fails with."""
        try:
            yield
        except Overdue:
            self.state = "stuck"
            raise timeout(self.seconds) from None
        except PeerGone:
            self.state = "gone"
            raise gone("The kernel stopped while your code was running.") from None
        except WireFault as fault:
            self.misunderstood(str(fault))

    def misunderstood(self, what: str) -> NoReturn:
        """The other side does not keep to the rules: nothing more is asked of it."""
        self.state = "gone"
        self.remarks.append(f"the kernel sent something malformed: {what}")
        raise gone("The kernel sent an answer that cannot be read.") from None

    def send(self, verb: str, operation: str, operands: tuple[Any, ...]) -> None:
        writer = ExamWriter(self)
        changes = self.table.changes()
        change_nodes = self.table.write_changes(writer, changes)
        drops = self.table.let_loose()
        try:
            nodes = [writer.node(operand) for operand in operands]
            modes = [torch.is_grad_enabled(), self.dtype_mode()]
            message = [verb, change_nodes, drops, modes, operation, *nodes]
            self.channel.send(message, writer.block, self.deadline)
        except BaseException as error:
            writer.undo()
            self.table.dropped[:0] = drops
            if isinstance(error, TypeError | TooLarge):
                self.test_faults.append(str(error))
            raise
        self.table.hold_all()
        self.table.sent(changes)

    def dtype_mode(self) -> str | None:
        """The default dtype, where the test has changed it."""
        now = torch.get_default_dtype()
        return None if now is self.default_dtype else str(now).removeprefix("torch.")

    def share_dtype(self) -> None:
        """Begin a cell with the default dtype that the student's code has set, as in one kernel."""
        with contextlib.suppress(StudentError, StudentTimeout, StudentGone):
            self.take_dtype(self.ask("default-dtype"))  # else, each part of the test will say so

    def take_dtype(self, name: Any) -> None:
        if type(name) is not str:
            self.misunderstood("a default dtype without a name")
        if name in SHARED_DTYPES:
            self.default_dtype = SHARED_DTYPES[name]
            torch.set_default_dtype(self.default_dtype)

    def await_reply(self, first_slot: int) -> Any:
        while True:
            message, block = self.channel.receive(self.deadline)
            if type(message) is not list or len(message) < 2:
                raise WireFault("no message")
            verb, change_nodes, *nodes = message
            reader = ExamReader(self, block)
            changes = self.table.read_changes(reader, change_nodes)
            if verb == "callback" and len(nodes) == 3:
                self.run_callback(reader, changes, nodes)
                continue
            if verb == "rebound" and len(nodes) == 1:
                for name in typed(nodes[0], list):
                    self.known.pop(typed(name, str), None)
                continue
            if verb == "default-dtype" and len(nodes) == 1:
                self.take_dtype(nodes[0])
                continue
            if verb not in ("value", "error") or len(nodes) != 2:
                raise WireFault("a message out of turn")
            value = reader.value(nodes[0])
            pairs = [checked_pair(pair) for pair in typed(nodes[1], list)]
            inside = [(slot, reader.value(node)) for slot, node in pairs]
            reader.done()
            self.take_over(changes)
            contents = self.write_back(inside, first_slot)
            self.table.hold_states()
            if verb == "error":
                raise self.error(value)
            return value if self.watching else set_apart(value, contents, self.was_changed)

    def take_over(self, changes: list[tuple[int, State]]) -> None:
        """Apply what has changed on the student's side, and keep what the test's own data was."""
        for number, state in changes:
            if number % 2 == 0 or number in self.parts:
                continue
            if state[0] == "array" or (state[0] == "tensor" and state[3] == PLAIN):
                self.originals.setdefault(number, self.table.states[number])
        self.table.apply(changes)

    def put_right(self) -> None:
        """After a call: the test's own data is what it was, whatever the student's code did to it.

        Code that zeroes its argument would otherwise zero what the test computes from it later, and
        agree with that. Parameters and generators are there to be changed, and stay so.
        """
        originals, self.originals = self.originals, {}
        if self.watching:
            return
        for number, state in originals.items():
            value = self.table.get(number)
            if value is not None:
                put(value, state)  # the other side is told with the next message

    def was_changed(self, value: Any) -> bool:
        """Whether an array or tensor is the test's own, and this call has changed it."""
        return self.nesting == 1 and self.table.number_of(value) in self.originals

    def write_back(self, inside: list[tuple[int, Any]], first_slot: int) -> dict[int, Any]:
        """Take what the student's code has put into the test's containers: into these, within
        check.unchanged, and else by id, for a result that is one of them."""
        contents = {}
        for slot, value in inside:
            container = self.slots.get(slot)
            if slot < first_slot or not isinstance(value, list | dict | set):
                raise WireFault("news of an argument that is none")
            if isinstance(container, list | collections.deque) != isinstance(value, list):
                raise WireFault("an argument that became another kind")
            if not self.watching:
                contents[id(container)] = value
            elif isinstance(container, list | collections.deque):
                container.clear()
                container.extend(value)
            elif isinstance(container, dict | set):
                container.clear()
                container.update(value)
        return contents

    def error(self, described: Any) -> BaseException:
        error = rebuild(described)
        index = described[4]
        if type(index) is int and 0 <= index < len(self.failures):
            own = self.failures[index]
            if isinstance(own, StudentError | AssertionError):
                return own
        return error

    def run_callback(self, reader: ExamReader, changes: Any, nodes: list[Any]) -> None:
        """Run a function of the test for the student's code, and send back what it returns."""
        number, args, kwargs = typed(nodes[0], int), reader.value(nodes[1]), reader.value(nodes[2])
        reader.done()
        self.take_over(changes)
        self.table.hold_states()
        function = self.functions.get(number)
        keys_are_names = isinstance(kwargs, dict) and all(type(key) is str for key in kwargs)
        if function is None or not isinstance(args, tuple) or not keys_are_names:
            raise WireFault("a call of something that is no function of the test")
        if self.nesting > MAX_NESTING:
            raise WireFault("functions that call each other without end")
        first_slot = len(self.slots)
        failure: Exception | None = None
        result = None
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            if self.state != "ready":
                raise
            failure = error
        if failure is None:
            try:
                self.send("returned", "returned", (result,))
                self.leave(first_slot)
                return
            except (TypeError, TooLarge) as error:
                failure = error
        self.leave(first_slot)
        self.failures.append(failure)
        self.send("failed", "failed", (public_name(failure),))

    def advance(self, iterator: Handle) -> Any:
        """The next item of an iterator; items that came early wait in a queue."""
        queue = self.queues.setdefault(iterator._exam_number, [])  # noqa: SLF001
        if not queue:
            items = self.ask("advance", iterator)
            queue.extend(reversed(items if isinstance(items, list) else []))
        if not queue:
            raise StopIteration
        return queue.pop()

    def look_up(self, name: str) -> Any:
        """The student's object of that name. Raises KeyError if there is none."""
        if name in self.known:
            return self.known[name]
        found = self.ask("name", name)
        if not isinstance(found, tuple) or len(found) > 1:
            self.misunderstood("two values for one name")
        if not found:
            raise KeyError(name)
        if isinstance(found[0], Handle):  # not a copy of something that may change
            self.known[name] = found[0]
        return found[0]

    def end(self) -> None:
        """Let the kernel go on, if it still listens."""
        if self.state == "ready":
            with contextlib.suppress(Overdue, PeerGone, TooLarge):
                self.channel.send(["end"], deadline=time.monotonic() + 1.0)
        self.channel.close()


def public_name(error: BaseException) -> str:
    """What the student's code may know of an error in the test's own function: its kind."""
    for base in type(error).__mro__:
        if base.__module__ == "builtins" and not isinstance(error, StudentError):
            return base.__name__
    return "an error"
