"""Who is to execute a class, started as soon as it is clear that there is something to do.

Imports no gradebook: workers need seconds to start, and so does that.
"""

from __future__ import annotations

import ipaddress

from autograder.course import Course
from autograder.engines.choose import choose_engine
from autograder.errors import UserError
from autograder.grading.local import Local
from autograder.grading.options import Options
from autograder.grading.workers import Workers, default_workers
from autograder.intake.folder.collect import Submission, collect


def workers_for(course: Course, units: list[str], options: Options) -> Workers:
    """This machine, with no more workers than there are submissions of one unit, or a cluster.

    A context manager. Raises UserError for units without submissions.
    """
    students = list(options.students) or None
    classes = [collect(course, unit, students) for unit in units]
    most = max(map(len, classes), default=0)
    wanted = min(options.workers or default_workers(), most)
    new = options.again or any(is_new(course, one) for all_ in classes for one in all_)
    engine = choose_engine(options.engine)
    if options.cluster:
        return cluster_at(options.cluster, engine, options.insecure, ahead=new)
    return Local(engine, max(1, wanted), ahead=new)


def cluster_at(address: str, engine: str, insecure: bool, ahead: bool) -> Workers:
    """The workers of a scheduler elsewhere. Raises UserError for one that is reached in clear."""
    if not (insecure or in_private(address)):
        raise UserError(
            f"{address} is reached in clear, and tasks hold hidden tests.",
            "Use tls:// (docs/operations.md says how), or, in a network that is yours alone, "
            "--insecure-cluster.",
        )
    try:
        from autograder.grading.cluster import Cluster  # Dask takes a second to import
    except ImportError as error:
        raise UserError(
            f"A cluster needs Dask, which is not installed: {error}.",
            "pip install dask distributed",
        ) from error
    return Cluster(engine, address, ahead=ahead)


def in_private(address: str) -> bool:
    """Whether nobody on the way to an address can read along: TLS, or this machine itself."""
    kind, _, rest = address.rpartition("://")
    host = rest.rpartition(":")[0].strip("[]")
    if kind in ("tls", "inproc", "wss"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_new(course: Course, submission: Submission) -> bool:
    """Whether it seems to wait for its first grading, or for another. A guess, from files' times:
    what must be run is known once the gradebook is open."""
    if submission.notebook is None:
        return False
    unit = submission.unit
    graded = course.autograded / submission.student / unit / f"{unit}.ipynb"
    source = course.instructor / unit / f"{unit}.ipynb"
    try:
        items = (submission.notebook, *submission.beside)
        newest = max(path.stat().st_mtime for path in (source, *(i.path for i in items)))
        return graded.stat().st_mtime < newest
    except OSError:  # not graded, or gone meanwhile
        return True
