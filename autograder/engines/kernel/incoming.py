"""What a kernel sends, checked in this one place before anybody acts on it.

A student's code has the kernel's sockets and its key: whatever can be sent may arrive, well signed.
`read` gives a message whose every field has its type, or says that it is none of the request that
was asked, or raises Damaged: no kernel sends such a thing by itself, so the student's code did.
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from autograder.engines.kernel.zmtp import Arrived, Damaged

DELIMITER = b"<IDS|MSG>"
MAX_DEPTH = 64  # of lists and objects in one another
IDENTITIES = 8  # frames before the delimiter, at most

Content = dict[str, Any]
Check = Callable[[Any], bool]


def _is(kind: type) -> Check:
    return lambda value: isinstance(value, kind)


def _all(of: type, container: type) -> Check:
    if container is dict:
        return lambda value: (
            isinstance(value, dict) and all(isinstance(v, of) for v in value.values())
        )
    return lambda value: isinstance(value, list) and all(isinstance(v, of) for v in value)


TEXT, BOOL, OBJECT = _is(str), _is(bool), _is(dict)
_BUNDLE = {"data": OBJECT, "metadata": OBJECT, "transient": OBJECT}
_ERROR = {"ename": TEXT, "evalue": TEXT, "traceback": _all(str, list)}

# What we read of each kind, and of what type it is where it is there. Other kinds are not ours.
SHOWN: dict[str, dict[str, Check]] = {
    "stream": {"name": TEXT, "text": TEXT},
    "display_data": _BUNDLE,
    "execute_result": _BUNDLE,
    "update_display_data": _BUNDLE,
    "error": _ERROR,
    "clear_output": {"wait": BOOL},
    "status": {"execution_state": TEXT},
}
ANSWERED: dict[str, dict[str, Check]] = {
    "execute_reply": {
        **_ERROR,
        "status": TEXT,
        "payload": _all(dict, list),
        "user_expressions": _all(dict, dict),
    },
    "kernel_info_reply": {},
}
_EMPTY: dict[Check, Any] = {TEXT: "", BOOL: False, OBJECT: {}}


@dataclass(frozen=True)
class Message:
    """A message about the request that was asked.

    content  the fields that its kind has, each of its type; what was missing is empty
    size     bytes that came
    whole    False where it was so large that its content was left out
    """

    kind: str
    content: Content
    size: int
    whole: bool = True


def read(
    arrived: Arrived,
    asked: str,
    known: dict[str, dict[str, Check]],
    sign: Callable[[list[bytes]], bytes],
) -> Message | None:
    """A message of one of the kinds `known` on the request `asked`; None if it is another.

    `sign` gives the signature of the four parts of a message. Raises Damaged.
    """
    frames = arrived.frames
    try:
        start = frames.index(DELIMITER, 0, IDENTITIES + 1)
    except ValueError:
        raise Damaged("a message without the mark of Jupyter's") from None
    parts = list(frames[start + 2 : start + 6])
    if len(parts) < 4:
        raise Damaged("a message with parts missing")
    if arrived.whole and not hmac.compare_digest(sign(parts), frames[start + 1]):
        raise Damaged("a message with a wrong signature")
    header, parent = _object(parts[0], "header"), _object(parts[1], "parent header")
    kind, request = header.get("msg_type"), parent.get("msg_id")
    if not isinstance(kind, str) or not isinstance(request, str | None):
        raise Damaged("a header whose fields have other types")
    if request != asked or kind not in known:
        return None
    content = _object(parts[3], "content") if arrived.whole else {}
    return Message(kind, _typed(kind, content, known[kind]), arrived.size, arrived.whole)


def _object(part: bytes, name: str) -> Content:
    """A part of a message: a JSON object. What is no UTF-8 in it becomes U+FFFD, as Jupyter has it."""
    if not part:  # left out
        return {}
    try:
        value = json.loads(part.decode("utf-8", "replace"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"a {name} that is no JSON ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise Damaged(f"a {name} that is no JSON object")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON's")


def _typed(kind: str, content: Content, fields: dict[str, Check]) -> Content:
    """The fields that we read, each of its type. Raises Damaged."""
    found = {}
    for name, check in fields.items():
        value = content.get(name)
        if value is None:
            value = _EMPTY.get(check, {} if name == "user_expressions" else [])
        elif not check(value):
            raise Damaged(f"a message {kind!r} whose {name!r} has another type")
        found[name] = mended(value)
    return found


def mended(value: Any, depth: int = 0) -> Any:
    """Plain data as JSON has it, without lone surrogates. Raises Damaged for what JSON cannot hold, or
    what is nested too deep."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):  # 1e999
        raise Damaged("a number that is none of JSON's")
    if isinstance(value, list | dict) and depth >= MAX_DEPTH:
        raise Damaged("a message that is nested too deeply")
    if isinstance(value, list):
        return [mended(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {mended(key): mended(each, depth + 1) for key, each in value.items()}
    return value
