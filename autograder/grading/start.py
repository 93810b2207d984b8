"""Who is to execute a class, started as soon as it is clear that there is something to do.

Imports no gradebook: workers need seconds to start, and so does that.
"""

from __future__ import annotations

from autograder.course import Course
from autograder.engines.choose import choose_engine
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
        from autograder.grading.cluster import Cluster  # Dask takes a second to import

        return Cluster(engine, options.cluster, ahead=new)
    return Local(engine, max(1, wanted), ahead=new)


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
