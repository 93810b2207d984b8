"""Whose turn it is: one conversation with the examiner, though the student's code has many threads.

The examiner asks, and waits; meanwhile the turn is this side's, and any thread of the student's may call
a function of the test, which hands the turn over until the examiner returns from it or asks in turn. So
questions lie within questions, and are answered in the order that the examiner expects: the last one
first. A thread waits until it may speak.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from autograder.exam.wire.frames import PeerGone, WireFault


class Turns:
    """The order in which threads may use the channel."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ours = False  # the examiner waits for us
        self._open: list[object] = []  # the questions that are being answered
        self._answered: set[object] = set()
        self._closed = False

    @contextlib.contextmanager
    def question(self) -> Iterator[None]:
        """While the student's code runs to answer what this thread has just received; afterwards the
        turn is taken again, for the reply. Raises PeerGone."""
        question = object()
        with self._changed:
            self._open.append(question)
            self._pass(True)
        try:
            yield
        except (KeyboardInterrupt, PeerGone, WireFault):
            raise  # nothing more will be said
        except BaseException:
            self._last_word(question)
            raise
        else:
            self._last_word(question)

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        """While the examiner runs a function of the test for this thread. Raises PeerGone."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or (self._ours and self._open[-1] not in self._answered)
            )
            self._check()
            self._pass(False)
        try:
            yield
        finally:
            with self._changed:
                self._pass(True)

    def close(self) -> None:
        """The conversation is over: whoever waits, waits in vain."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _last_word(self, question: object) -> None:
        """Wait until nothing is open but this question, and close it."""
        with self._changed:
            self._answered.add(question)  # who has an answer goes first
            self._changed.wait_for(
                lambda: self._closed or (self._ours and self._open[-1] is question)
            )
            self._check()
            self._answered.discard(self._open.pop())
            self._pass(False)

    def _check(self) -> None:
        if self._closed:
            raise PeerGone("the test is over")

    def _pass(self, ours: bool) -> None:
        self._ours = ours
        self._changed.notify_all()
