"""The student's side of the exam: runs in the student's kernel, and answers the examiner's questions.

    answer(connection, names)       one test cell's exam

It looks names up, calls functions, and hands over results until the examiner hangs up; then the kernel
goes on with the next cell. It holds no secret: a student may read, patch or replace it, and gains
nothing, since the examiner checks whatever arrives.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import torch

from autograder.exam.student.agent_codec import AgentReader, AgentWriter, Arguments
from autograder.exam.student.error_data import describe_error
from autograder.exam.student.operations import OPERATIONS, default_dtype
from autograder.exam.student.turns import Turns
from autograder.exam.wire.checked import typed
from autograder.exam.wire.frames import Channel, PeerGone, TooLarge, WireFault
from autograder.exam.wire.object_table import Table
from autograder.exam.wire.stock_objects import Ties
from autograder.exam.wire.values import TORCH_DTYPES


class CallbackFailed(Exception):
    """A function of the test raised an error. What it was, the examiner knows."""


class Sink(io.TextIOBase):
    """Where the student's functions print to during the exam: nowhere."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


class Agent:
    """Answers one examiner, for the length of one test cell.

    The student's code may call the test's functions from any thread. Both sides speak in turns all the
    same (see `turns`): `serve` and `call_back` are where a thread waits for its own.
    """

    def __init__(self, channel: Channel, names: dict[str, Any]) -> None:
        self.channel = channel
        self.turns = Turns()
        self.process = os.getpid()
        self.names = names
        self.table = Table(first=0, weak=False)
        self.arguments = Arguments()
        self.ties = Ties()
        self.failures: list[BaseException] = []
        self.told: dict[str, Any] = {}  # what was told to be the student's, by name
        self.sent_dtype: str | None = default_dtype(self)  # None while the test has set another

    def serve(self) -> None:
        try:
            while True:
                message, block = self.channel.receive()
                if message[0] == "end":
                    return
                self.answer(message, block)
        finally:
            self.turns.close()

    def answer(self, message: Any, block: memoryview) -> None:
        """Do what one request asks for, and send the result or the error."""
        mark = self.arguments.mark()
        try:
            operation, parts, modes = self.read(message, block)
            with self.turns.question(), self.in_modes(modes):
                result = OPERATIONS[operation](self, *parts)
        except (KeyboardInterrupt, PeerGone, WireFault):
            raise
        except BaseException as error:  # noqa: BLE001
            self.reply_error(error, mark)
        else:
            try:
                self.reply("value", result, mark)
            except (TooLarge, TypeError) as error:
                self.reply_error(error, mark)
        finally:
            self.arguments.leave(mark)

    def read(self, message: Any, block: memoryview) -> tuple[str, list[Any], Any]:
        _, change_nodes, drops, modes, operation, *nodes = message
        reader = AgentReader(self, block)
        self.table.apply(self.table.read_changes(reader, change_nodes))
        for number in drops:
            self.table.forget(typed(number, int))
        parts = [reader.value(node) for node in nodes]
        reader.done()
        self.arguments.snapshot()
        return typed(operation, str), parts, modes

    def reply(self, verb: str, value: Any, mark: int) -> None:
        """Send `value`, what it changed among the shared objects, and the containers it changed."""
        self.tell_rebound()
        self.tell_dtype()
        self.ties.put_back()
        news = AgentWriter(self)
        changes = self.table.changes()
        change_nodes = self.table.write_changes(news, changes)
        writer = AgentWriter(self)
        try:
            node = writer.node(value)
            containers = self.arguments.write_changes(writer, mark)
            self.channel.send([verb, change_nodes, node, containers], news.block + writer.block)
        except (TooLarge, TypeError):
            writer.undo()
            raise
        self.table.sent(changes)

    def tell_rebound(self) -> None:
        """Say which names have come to mean something else: the examiner remembers what it was told."""
        rebound = [
            name for name, value in self.told.items() if self.names.get(name, self) is not value
        ]
        for name in rebound:
            del self.told[name]
        if rebound:
            self.channel.send(["rebound", [], rebound])

    def tell_dtype(self) -> None:
        """Say that the student's code has set another default dtype."""
        dtype = default_dtype(self)
        if self.sent_dtype is not None and dtype != self.sent_dtype:
            self.sent_dtype = dtype
            self.channel.send(["default-dtype", [], dtype])

    @contextlib.contextmanager
    def in_modes(self, modes: Any) -> Iterator[None]:
        """With gradients off, or another default dtype, where the test has it so."""
        grad, default = typed(modes, list)
        with contextlib.ExitStack() as stack:
            if not grad:
                stack.enter_context(torch.no_grad())
            if default is not None:
                stack.callback(setattr, self, "told_dtype", self.sent_dtype)
                stack.callback(torch.set_default_dtype, torch.get_default_dtype())
                torch.set_default_dtype(TORCH_DTYPES[default])
                self.sent_dtype = None
            yield

    def reply_error(self, error: BaseException, mark: int) -> None:
        index = next((i for i, own in enumerate(self.failures) if own is error), -1)
        described = describe_error(error, index)
        try:
            self.reply("error", described, mark)
        except (TooLarge, TypeError):
            self.channel.send(["error", [], AgentWriter(self).node(described), []])

    def call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the test: the examiner runs it, and may ask in turn before it answers.

        Raises CallbackFailed, PeerGone.
        """
        if os.getpid() != self.process:
            raise CallbackFailed(
                "a function of the test can be called from any thread, not from another process"
            )
        with self.turns.call():
            return self._call_back(number, args, kwargs)

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.tell_rebound()
        self.tell_dtype()
        writer = AgentWriter(self)
        changes = self.table.changes()
        change_nodes = self.table.write_changes(writer, changes)
        try:
            nodes = [writer.node(args), writer.node(kwargs)]
            self.channel.send(["callback", change_nodes, number, *nodes], writer.block)
        except (TooLarge, TypeError):
            writer.undo()
            raise
        except RuntimeError as error:  # torch's word for a tensor without entries of its own
            writer.undo()
            raise CallbackFailed(
                "a function of the test takes values; within torch.vmap or torch.func a tensor has "
                f"none ({error})"
            ) from None
        self.table.sent(changes)
        while True:
            message, block = self.channel.receive()
            if message[0] == "ask":
                self.answer(message, block)
                continue
            mark = self.arguments.mark()
            verb, (result,), _ = self.read(message, block)
            self.arguments.leave(mark)
            if verb == "returned":
                return result
            failure = CallbackFailed(f"the function that was passed in raised {result}")
            self.failures.append(failure)
            raise failure


def answer(connection: socket.socket, names: dict[str, Any]) -> None:
    """Answer the examiner at the other end of `connection` until it hangs up.

    names  where the student's names are
    """
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = Sink()
    try:
        Agent(Channel(connection), names).serve()
    except PeerGone:
        pass  # the examiner has seen enough
    finally:
        sys.stdout, sys.stderr = before
