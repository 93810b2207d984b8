"""Become somebody else than root, in a process of one's own."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

# An interpreter in root's home is out of others' reach: show it to the other user alone.
AS_NOBODY = """
set -e
home="$1"; shift
case "$home" in /root/*)
    mkdir -p "$0"; mount -t tmpfs none "$0"; mkdir "$0/python"; mount --bind "$home" "$0/python"
    mount -t tmpfs -o mode=755 none /root; mkdir -p "$home"; mount --move "$0/python" "$home"
    umount "$0";;
esac
exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$@"
"""


def let_through(path: Path) -> None:
    """Let everybody through the temporary folders above a path: pytest's own are root's alone."""
    for above in path.parents:
        if above.stat().st_uid == os.geteuid() and above.is_relative_to(tempfile.gettempdir()):
            above.chmod(above.stat().st_mode | 0o055)


def as_nobody(scratch: Path) -> list[str]:
    """What stands before a command that an ordinary user is to run; for root, and on Linux.

    scratch  a folder that can be made, and mounted on
    """
    return ["unshare", "--mount", "/bin/sh", "-c", AS_NOBODY, str(scratch), sys.base_prefix]
