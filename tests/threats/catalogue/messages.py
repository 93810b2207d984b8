"""Messages that no kernel sends: code for a student's cell."""

from __future__ import annotations

# Messages that no kernel sends, on the line to the grader, as the running cell's own.
SENDS = """
import json, os
from IPython import get_ipython
kernel = get_ipython().kernel
above = json.loads(json.dumps(kernel.get_parent("shell")["header"], default=str))
def raw(*frames):
    kernel.iopub_socket.send_multipart(list(frames))
def send(kind, content, above=above):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    parts = [json.dumps({"msg_type": kind}).encode(), json.dumps(above).encode(), b"{}", content]
    raw(b"<IDS|MSG>", kernel.session.sign(parts), *parts)
"""
NO_KERNEL = "its code sent what no kernel sends"
SPOILT = {
    "a wrong signature": "kernel.session.key = b'another'\nprint('x')",
    "random bytes": "raw(*[os.urandom(n) for n in (1, 40, 900)])",
    "fields of other types": "send('stream', {'name': 7, 'text': [{}]})",
    "JSON nested 5,000 deep": "send('stream', b'[' * 5000 + b']' * 5000)",
    "numbers that are none": "send('display_data', b'{\"data\": {\"text/plain\": NaN}}')",
    "an integer of 5,000 digits": "send('display_data', b'{\"data\": ' + b'9' * 5000 + b'}')",
}
