"""Messages that no kernel sends, as code in a student's cell: each is sent for real."""

from __future__ import annotations

# What each case may use. `send` is a whole message about the running cell, well signed.
SETUP = """
import json, os, signal, socket, sys, time
from IPython import get_ipython
kernel = get_ipython().kernel
session, iopub = kernel.session, kernel.iopub_socket
def here():
    above = kernel.get_parent("shell")["header"]
    return {"header": json.loads(json.dumps(above, default=str))}
MARK = b"<IDS|MSG>"
def packed(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()
def frames(header, above, content, metadata=b"{}", sign=True):
    parts = [packed(header), packed(above), packed(metadata), packed(content)]
    return [b"topic", MARK, session.sign(parts) if sign else b"0" * 64, *parts]
def raw(*parts):
    iopub.send_multipart(list(parts))
def send(kind, content, **more):
    raw(*frames({"msg_type": kind, "msg_id": "x"}, more.pop("above", parent["header"]), content, **more))
def shell(*parts):
    kernel.shell_stream.socket.send_multipart([*kernel._parent_ident["shell"], *parts])
def answer(content, **more):
    parts = frames({"msg_type": "execute_reply"}, parent["header"], content, **more)
    shell(*parts[1:])
def descriptors():
    # of the connections that the kernel has accepted
    found = []
    for fd in range(3, 256):
        try:
            with socket.socket(fileno=os.dup(fd)) as one:
                one.getpeername()
                if "kernel-" in one.getsockname():
                    found.append(fd)
        except (OSError, TypeError):
            pass
    return found
"""
BEFORE = "parent = here()\n"  # in the cell of the case: the parent is its own request

_OTHERS = {
    "nothing": "None",
    "a number": "7",
    "a list": "[1]",
    "a text": "'x'",
    "an object": "{'a': 1}",
    "a truth value": "True",
}
_FIELDS = {  # field -> kind it is a field of, and what it must not be
    "stream": {"text": ("a number", "a list", "an object"), "name": ("a number", "a list")},
    "display_data": {
        "data": ("a number", "a list", "a text"),
        "metadata": ("a number", "a list", "a text"),
        "transient": ("a number", "a list", "a text"),
    },
    "execute_result": {"data": ("a number", "a list"), "metadata": ("a list",)},
    "update_display_data": {"data": ("a number", "a list"), "transient": ("a text",)},
    "error": {
        "ename": ("a number", "an object"),
        "evalue": ("a list", "an object"),
        "traceback": ("a number", "a text", "an object"),
    },
    "clear_output": {"wait": ("a number", "a text", "a list")},
    "status": {"execution_state": ("a number", "a list", "an object")},
}

# The kernel ends at these, and the message says that its code sent what no kernel sends.
DAMAGE = {
    "no frames but one": "raw(b'x')",
    "an empty frame": "raw(b'')",
    "random bytes": "raw(*[os.urandom(n) for n in (1, 40, 900)])",
    "the mark alone": "raw(MARK)",
    "the mark, and too few parts": "raw(MARK, b'', b'{}', b'{}')",
    "the mark behind many frames": "raw(*[b'i'] * 30, *frames({}, {}, {})[1:])",
    "a thousand frames": "raw(*[b'x'] * 1000)",
    "a wrong signature": "send('stream', {'text': 'x'}, sign=False)",
    "another key": "session.key = b'another'; print('x', flush=True)",
    "another signature scheme": "session.signature_scheme = 'hmac-md5'; print('x', flush=True)",
    "no signature": "session.key = b''; print('x', flush=True)",
    "a header that is no JSON": "raw(*frames(b'{', parent['header'], {}))",
    "a header that is a list": "raw(*frames([], parent['header'], {}))",
    "a header that is a text": "raw(*frames('x', parent['header'], {}))",
    "a header without a kind": "raw(*frames({}, parent['header'], {}))",
    "a kind that is a list": "raw(*frames({'msg_type': []}, parent['header'], {}))",
    "a kind that is an object": "raw(*frames({'msg_type': {}}, parent['header'], {}))",
    "a parent that is a list": "send('stream', {'text': 'x'}, above=[])",
    "a parent that is null": "send('stream', {'text': 'x'}, above=b'null')",
    "a parent's id that is an object": "send('stream', {'text': 'x'}, above={'msg_id': {}})",
    "content that is no JSON": "send('stream', b'{\"text\": ')",
    "content that is empty": "send('stream', b'[]')",
    "content that is a text": "send('stream', 'x')",
    "content that is null": "send('stream', b'null')",
    "content of null bytes": "send('stream', bytes(100))",
    "content nested 5,000 deep": "send('display_data', b'{\"data\":' + b'[' * 5000 + b']' * 5000 + b'}')",
    "content nested 100 deep": "send('display_data', b'{\"data\": {\"a\":' + b'[' * 100 + b']' * 100 + b'}}')",
    "objects nested 5,000 deep": "send('stream', b'{\"a\":' * 5000 + b'1' + b'}' * 5000)",
    "a header nested 5,000 deep": "raw(*frames(b'[' * 5000 + b']' * 5000, parent['header'], {}))",
    "not a number": "send('display_data', b'{\"data\": {\"text/plain\": NaN}}')",
    "infinity": "send('display_data', b'{\"data\": {\"application/json\": -Infinity}}')",
    "a number beyond all": "send('display_data', b'{\"data\": {\"application/json\": 1e999}}')",
    "an integer of 5,000 digits": "send('display_data', b'{\"data\": {\"application/json\": ' + b'9' * 5000 + b'}}')",
    "an error's lines that are numbers": "send('error', {'traceback': ['x', 7]})",
    "an error's lines that are lists": "send('error', {'traceback': [['x']]})",
    "shell: a frame": "shell(b'x')",
    "shell: a wrong signature": "answer({'status': 'ok'}, sign=False)",
    "shell: content that is no JSON": "answer(b'x')",
    "shell: a status that is a list": "answer({'status': []})",
    "shell: a payload that is a text": "answer({'payload': 'x'})",
    "shell: a payload of numbers": "answer({'payload': [7]})",
    "shell: expressions that are a list": "answer({'user_expressions': [7]})",
    "shell: an expression that is a number": "answer({'user_expressions': {'value': 7}})",
    "shell: lines of an error that are a text": "answer({'status': 'error', 'traceback': 'x'})",
    **{
        f"{kind}: {field} is {other}": f"send({kind!r}, {{{field!r}: {_OTHERS[other]}}})"
        for kind, fields in _FIELDS.items()
        for field, others in fields.items()
        for other in others
    },
}

# The line ends, or there is no answer any more: the kernel is ended, and the message says which.
CUT = {
    "its sockets closed": "for fd in descriptors(): os.close(fd)\ntime.sleep(0.5)",
    "bytes that are no frame written into its sockets": (
        "for fd in descriptors():\n    try: os.write(fd, b'\\xff' * 200)\n    except OSError: pass\n"
        "time.sleep(0.5)"
    ),
    "half a frame written into its sockets": (
        "for fd in descriptors():\n    try: os.write(fd, b'\\x02' + bytes(4) + b'\\xff' * 4)\n"
        "    except OSError: pass"
    ),
}

# These cost nothing at all: they are another's, or unknown, or can be mended.
HARMLESS = {
    "an unknown kind": "send('comm_msg', {'comm_id': 7})",
    "a kind of another channel": "send('execute_reply', {'status': 7})",
    "a kind that asks": "send('input_request', {'prompt': 'x'})",
    "a message of no parent": "send('stream', {'text': 7}, above={})",
    "a message of another parent": "send('stream', {'text': 7}, above={'msg_id': 'other'})",
    "a message of a cell to come": "send('status', {'execution_state': 'idle'}, above={'msg_id': '1'})",
    "the same message 1,000 times": (
        "again = frames({'msg_type': 'stream', 'msg_id': 'x'}, parent['header'], {'text': 'x'})\n"
        "for _ in range(1000): raw(*again)"
    ),
    "lone surrogates": 'send(\'stream\', b\'{"name": "stdout", "text": "\\\\ud800"}\')',
    "lone surrogates in a type": 'send(\'display_data\', b\'{"data": {"\\\\udfff": "\\\\ud800"}}\')',
    "bytes that are no UTF-8": "send('stream', b'{\"text\": \"\\xff\\xfe\"}')",
    "a MIME type's data that is a number": "send('display_data', {'data': {'text/plain': 7}})",
    "a MIME type's data that is a list": "send('display_data', {'data': {'text/plain': [[1]]}})",
    "an empty content": "send('display_data', {})",
    "fields that are null": "send('error', {'ename': None, 'evalue': None, 'traceback': None})",
    "an update of nothing": "send('update_display_data', {'transient': {'display_id': 'x'}})",
    "a display id that is a list": "send('display_data', {'transient': {'display_id': []}})",
    "an integer of 70 digits": "send('display_data', {'data': {'application/json': 10 ** 70}})",
    "a hundred binary frames": (
        "raw(*frames({'msg_type': 'comm_msg'}, parent['header'], {}), *[b'x' * 1000] * 100)"
    ),
    "a flood of another's": "for _ in range(3000): send('stream', {'text': 'x'}, above={})",
    "a flood of an unknown kind": "for _ in range(3000): send('comm_msg', {})",
    "a flood on the control and input channels": (
        "for _ in range(3000):\n"
        "    for name in ('control_stream', 'stdin_socket'):\n"
        "        at = getattr(kernel, name, None)\n"
        "        at = getattr(at, 'socket', at)\n"
        "        if at is not None: at.send_multipart([b'x', b'y'])"
    ),
    "a busy status": "send('status', {'execution_state': 'busy'})",
}
