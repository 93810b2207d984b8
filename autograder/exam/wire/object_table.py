"""Objects that both sides know by a number, kept the same on both.

The two sides talk in turns, so whoever has the turn owns the shared objects; with each message go the
states of those that changed since the last one. Numbers given by the examiner are odd, by the agent
even, so that neither can redefine the other's. The agent holds its objects until the examiner says that
it has let go of them; the examiner holds its own weakly.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from autograder.exam.wire.checked import Reader, typed
from autograder.exam.wire.frames import TooLarge, WireFault
from autograder.exam.wire.objects import put
from autograder.exam.wire.states import State, read_state, state_of, write_state
from autograder.exam.wire.values import Node, Writer

MAX_OBJECTS = 200_000
MAX_HELD = 512 << 20  # bytes of contents of all shared objects, as last sent or received


class Table:
    """Numbers, their objects, and the states that these were in when the turn last changed.

    first  the first number that this side gives: 1 for the examiner, 0 for the agent
    weak   let go of objects that nobody else holds, and remember their numbers in `dropped`
    """

    def __init__(self, first: int, weak: bool) -> None:
        self.next = first
        self.weak = weak
        self.objects: dict[int, Any] = {}  # number -> object, or a function that gives it
        self.numbers: dict[int, int] = {}  # id(object) -> number
        self.kinds: dict[int, str] = {}
        self.states: dict[int, State] = {}
        self.dropped: list[int] = []
        self.holding: list[Any] = []
        self.held = 0

    def number_of(self, value: Any) -> int | None:
        number = self.numbers.get(id(value))
        return number if number is not None and self.get(number) is value else None

    def get(self, number: int) -> Any:
        """The object with this number, or None."""
        found = self.objects.get(number)
        return found() if found is not None else None

    def add(self, value: Any, state: State | None = None, number: int | None = None) -> int:
        """Give `value` a number, or note the one that the other side gave it."""
        if len(self.objects) >= MAX_OBJECTS:
            raise TooLarge("too many objects at once")
        if number is None:
            number, self.next = self.next, self.next + 2
        self.objects[number] = self.holder(value, number)
        self.numbers[id(value)] = number
        if state is not None:
            self.kinds[number] = state[0]
            self.set_state(number, state)
        return number

    def holder(self, value: Any, number: int) -> Callable[[], Any]:
        if self.weak:
            identity = id(value)
            try:
                return weakref.ref(value, lambda _: self.let_go(number, identity))
            except TypeError:  # np.random.Generator: held to the end of the cell
                return lambda: value
        return lambda: value

    def let_go(self, number: int, identity: int) -> None:
        if number in self.objects:
            self.forget(number, identity)
            self.dropped.append(number)

    def forget(self, number: int, identity: int | None = None) -> None:
        """Remove a number. One that is not known is none of ours to complain about."""
        if identity is None:
            identity = id(self.get(number))
        if self.objects.pop(number, None) is not None:
            if self.numbers.get(identity) == number:
                del self.numbers[identity]
            self.kinds.pop(number, None)
            self.held -= weight(self.states.pop(number, None))

    def set_state(self, number: int, state: State) -> None:
        self.held += weight(state) - weight(self.states.get(number))
        self.states[number] = state
        if self.held > MAX_HELD:
            raise TooLarge("too much data held at once")

    def hold_all(self) -> None:
        """Keep every object until the other side has had its turn: it may speak of any of them."""
        self.holding = [self.get(number) for number in self.objects]

    def hold_states(self) -> None:
        """Keep the objects with a state until `let_loose`: what the test changes and then lets go of
        (`model.weight.zero_()`) is to be known on the other side."""
        self.holding = [self.get(number) for number in self.kinds]

    def let_loose(self) -> list[int]:
        """The numbers that nobody holds any more."""
        self.holding = []
        dropped, self.dropped = self.dropped, []
        return dropped

    def changes(self) -> list[tuple[int, State]]:
        """The shared objects whose state is not what the other side knows."""
        changed = []
        for number, kind in list(self.kinds.items()):
            value = self.get(number)
            if value is None:
                continue
            try:
                state = state_of(value, kind, self.states.get(number))
            except Exception:  # an object that its owner has made unreadable stays as it was  # noqa: BLE001
                continue
            if state != self.states.get(number):
                changed.append((number, state))
        return changed

    def write_changes(self, writer: Writer, changes: list[tuple[int, State]]) -> Node:
        return [[number, write_state(writer, state)] for number, state in changes]

    def read_changes(self, reader: Reader, nodes: Any) -> list[tuple[int, State]]:
        """The changes that the other side reports, checked but not yet applied. Raises WireFault."""
        changes = []
        for node in typed(nodes, list):
            number, state_node = checked_pair(node)
            state = read_state(reader, state_node)
            if self.kinds.get(number) != state[0]:
                raise WireFault("news of an object that is not shared")
            changes.append((number, state))
        return changes

    def apply(self, changes: list[tuple[int, State]]) -> None:
        for number, state in changes:
            value = self.get(number)
            if value is not None:
                put(value, state)
                self.set_state(number, state_of(value, state[0], state))

    def sent(self, changes: list[tuple[int, State]]) -> None:
        """The other side knows these states from now on."""
        for number, state in changes:
            if number in self.kinds:
                self.set_state(number, state)


def weight(state: State | None) -> int:
    """How many bytes of contents a state holds."""
    total = 0
    for part in state or ():
        if type(part) is bytes:
            total += len(part)
    return total


def checked_pair(node: Any) -> tuple[int, Any]:
    pair = typed(node, list)
    if len(pair) != 2:
        raise WireFault("a malformed pair")
    return typed(pair[0], int), pair[1]
