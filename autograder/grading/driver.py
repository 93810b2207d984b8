"""A process that executes tasks: `python -m autograder.grading.driver ENGINE FD…`.

It takes tasks from each of the sockets FD and gives back what came of them, until the grader closes them
or is gone; then it ends, and so does what it runs.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from multiprocessing.connection import Connection

from autograder import startup
from autograder.grading.workers import work


def end_with_the_grader(fd: int) -> None:
    """Wait until the other end of a socket is closed, which also happens when its process is killed."""
    poll = select.poll()
    poll.register(fd, select.POLLRDHUP)
    poll.poll()
    os._exit(1)


def serve(connection: Connection, engine: str) -> None:
    """Execute what comes, one task at a time."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send(work(connection.recv(), engine))


def main() -> None:
    """A thread for each socket."""
    engine, fds = sys.argv[1], [int(number) for number in sys.argv[2:]]
    for fd in fds:
        os.set_inheritable(fd, False)
    threading.Thread(target=end_with_the_grader, args=(fds[0],), daemon=True).start()
    threads = [threading.Thread(target=serve, args=(Connection(fd), engine)) for fd in fds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    startup.collect_less()
    main()
