"""What fills memory, processes, disks and descriptors: code for a student's cell."""

from __future__ import annotations

ARRAYS = """
import numpy as np
kept = []
while True:
    kept.append(np.ones(1 << 22))
"""
MAPPED = """
import mmap
kept = []
while True:
    kept.append(mmap.mmap(-1, 8 << 20))
    kept[-1].write(b"x" * (8 << 20))
"""
TABLES = """
import ctypes
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
at = libc.mmap(None, 1 << 42, 1, 0x4022, -1, 0)
for n in range(1 << 21):
    ctypes.c_ubyte.from_address(at + (n << 21)).value
"""
SOCKETS = """
import socket
kept = []
try:
    while True:
        pair = socket.socketpair()
        kept += pair
        for one in pair:
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 23)
            try:
                while True: one.send(bytes(1 << 16))
            except BlockingIOError:
                pass
finally:
    if @LEAVE@: [one.close() for one in kept]
    else: __import__('time').sleep(20)
"""
FORKED = "import os\nfor _ in range(30):\n    if os.fork() == 0: break"
PIPES = """
import fcntl, os
kept = []
try:
    while True:
        r, w = os.pipe()
        kept += [r, w]
        os.set_blocking(w, False)
        try: fcntl.fcntl(w, 1031, 1 << 20)
        except PermissionError: pass
        try:
            while True: os.write(w, bytes(1 << 16))
        except BlockingIOError: pass
finally:
    [os.close(one) for one in kept]
"""
QUEUES = """
import ctypes
libc = ctypes.CDLL(None)
made = [libc.msgget(0, 0o1600) for _ in range(100)] + [libc.semget(0, 9999, 0o1600) for _ in range(100)]
"""
FORKS = """
import os, time
while True:
    if os.fork() == 0:
        time.sleep(30)
"""
THREADS = """
import threading, time
while True:
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
"""
BIG_FILE = """
with open("bomb", "wb") as file:
    for _ in range(400):
        file.write(bytes(1 << 20))
"""
MANY_FILES = """
for number in range(400):
    with open(f"bomb-{number}", "wb") as file:
        file.write(bytes(1 << 20))
"""
INODES = """
for number in range(200_000):
    open(f"inode-{number}", "w").close()
"""
DESCRIPTORS = "kept = []\nwhile True:\n    kept.append(open('/dev/null'))"
