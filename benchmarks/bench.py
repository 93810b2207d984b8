"""Measure the autograder side by side with stock nbgrader, in one run: `make bench`.

Both sides grade the same submissions, in alternating rounds, with OMP_NUM_THREADS=1. The table on the
screen and `benchmarks/latest.json` hold the same figures: medians, each with what was promised.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import meter
import stock
from handed_in import mixed_class, our_course
from rich.console import Console
from rich.table import Table

from autograder.course import Course

HERE = Path(__file__).parent
FASTER = {"02": 8.0, "04": 8.0, "07": 5.0}  # unit -> times faster than stock, at least
FLAT = 0.15
console = Console()


@dataclass
class Figure:
    """One measured figure, what was promised of it, and what it was read off."""

    name: str
    value: float
    unit: str
    promise: str = ""
    kept: bool | None = None
    rounds: dict[str, list[float]] = field(default_factory=dict)


@dataclass
class Bench:
    """What has been measured so far, in a folder of its own."""

    course: Course
    folder: Path
    rounds: int
    out: Path
    figures: list[Figure] = field(default_factory=list)
    stock_cpu: float = 0.0

    def add(self, name: str, value: float, unit: str, **more: Any) -> None:
        self.figures.append(Figure(name, value, unit, **more))
        last = self.figures[-1]
        console.print(f"  {last.name}: {shown(last)} {verdict(last)}", highlight=False)
        save(self.figures, self.out)

    def ours(self, root: Path, unit: str, workers: int, look: float = 0.0) -> tuple[Any, meter.Use]:
        """Grade the course in `root` from the start; what `ours.py` told, and what it used."""
        from_the_start(root)
        use = meter.run([sys.executable, str(HERE / "ours.py"), unit, str(workers)], root, look)
        told = json.loads(use.output.strip().splitlines()[-1])
        if told["statuses"] != ["graded"]:
            raise RuntimeError(f"not all of {unit} could be graded: {told['statuses']}")
        return told, use

    def command(self, root: Path, unit: str) -> meter.Use:
        """Grade the course in `root` from the start, as an instructor does."""
        from_the_start(root)
        use = meter.run(["autograder", "grade", unit, "--json"], root)
        results = json.loads(use.output)[0]["submissions"]
        if {one["status"] for one in results} != {"graded"}:
            raise RuntimeError(f"not all of {unit} could be graded: {results}")
        return use

    def against_stock(self, number: str, size: int) -> None:
        """How many times faster than `nbgrader autograde` a class of one unit is graded."""
        unit = self.course.select([number])[0]
        students = mixed_class(self.course, unit, size)
        our_course(self.folder / f"ours{number}", self.course, unit, students)
        stock.stock_course(self.folder / f"stock{number}", self.course, unit, students)
        seconds: dict[str, list[float]] = {"autograder": [], "nbgrader": []}
        cpu: dict[str, list[float]] = {"autograder": [], "nbgrader": []}
        told: dict[str, Any] = {}

        def grade_ours() -> None:
            use = self.command(self.folder / f"ours{number}", unit)
            results = json.loads(use.output)[0]["submissions"]
            told["autograder"] = {one["student"]: one["points"] for one in results}
            seconds["autograder"].append(use.seconds)
            cpu["autograder"].append(use.cpu)

        def grade_stock() -> None:
            root = self.folder / f"stock{number}"
            use = meter.run(["nbgrader", "autograde", unit, "--force"], root)
            told["nbgrader"] = stock.points(root)
            seconds["nbgrader"].append(use.seconds)
            cpu["nbgrader"].append(use.cpu)

        for turn in range(self.rounds):
            both: list[Callable[[], None]] = [grade_ours, grade_stock]
            for grade in both if turn % 2 == 0 else both[::-1]:
                grade()
        differ = [s for s in students if told["autograder"][s] != told["nbgrader"].get(s)]
        fast, slow = (statistics.median(seconds[side]) for side in ("autograder", "nbgrader"))
        self.add(
            f"{number}: a class of {size}, times faster than nbgrader",
            slow / fast,
            "×",
            promise=f"at least {FASTER[number]:g}",
            kept=slow / fast >= FASTER[number],
            rounds={f"{side}, seconds": values for side, values in seconds.items()},
        )
        self.add(f"{number}: submissions that the two score differently", len(differ), "")
        if number == "02":
            self.stock_cpu = statistics.median(cpu["nbgrader"]) / size

    def flawless(self, name: str, unit: str, size: int) -> Path:
        """A course in which all hand in the same flawless notebook."""
        root = self.folder / name
        one = mixed_class(self.course, unit, 1)["s0000"]
        our_course(root, self.course, unit, {f"s{n:04}": one for n in range(size)})
        return root

    def floor_of(self, root: Path, unit: str) -> list[float]:
        """CPU seconds of the student's cells themselves, some times over."""
        file = root / "submitted" / "s0000" / unit / f"{unit}.ipynb"
        use = meter.run([sys.executable, str(HERE / "floor.py"), str(file), "9"], self.folder)
        return list(json.loads(use.output))

    def growth(self, number: str, sizes: list[int]) -> None:
        """Time and memory per submission, from a few submissions to very many."""
        unit = self.course.select([number])[0]
        seconds: dict[int, float] = {}
        memory: dict[int, float] = {}
        for size in sizes:
            root = self.flawless(f"flat{size}", unit, size)
            found, most = [], []
            if size <= 10:  # over so soon that to look often takes time, and seldom misses much
                for _ in range(self.rounds):
                    told, _ = self.ours(root, unit, 2)
                    found.append((told["settled"][-1] - told["ready"]) / size)
                    most.append(self.ours(root, unit, 2, look=0.1)[1].total_mib)
            else:
                told, use = self.ours(root, unit, 2, look=2.0)
                found.append((told["settled"][-1] - told["ready"]) / size)
                most.append(use.total_mib)
            seconds[size] = statistics.median(found)
            memory[size] = statistics.median(most)
            self.add(
                f"{number}: class of {size}, per submission after the start", seconds[size], "s"
            )
            self.add(
                f"{number}: class of {size}, most memory of all processes", memory[size], "MiB"
            )
            if size == 100:
                self.cpu_of_one(root, unit, size)
        for what, values in (("time per submission", seconds), ("memory", memory)):
            middle = statistics.median(values.values())
            off = max(abs(value / middle - 1) for value in values.values())
            self.add(
                f"{number}: {what} over {', '.join(map(str, sizes))}, largest distance from median",
                100 * off,
                "%",
                promise=f"at most {100 * FLAT:g}",
                kept=off <= FLAT,
            )

    def cpu_of_one(self, root: Path, unit: str, size: int) -> None:
        """CPU seconds of everything, start included, beyond the student's own cells.

        The machine's speed drifts: the floor is measured before and after each round.
        """
        floor, beyond = self.floor_of(root, unit), []
        for _ in range(self.rounds):
            use = self.command(root, unit)
            after = self.floor_of(root, unit)
            beyond.append(use.cpu / size - statistics.median(floor[-9:] + after))
            floor += after
        number, own = unit[:2], statistics.median(floor)
        self.add(f"{number}: the floor, its own cells alone", own, "CPU s")
        self.add(
            f"{number}: beyond its own cells, class of {size}, start included",
            statistics.median(beyond),
            "CPU s",
            promise="at most 0.4",
            kept=statistics.median(beyond) <= 0.4,
            rounds={"CPU seconds": beyond},
        )
        if self.stock_cpu:
            self.add(
                f"{number}: the same of nbgrader, which runs studies too",
                self.stock_cpu - own,
                "CPU s",
            )
            self.add(
                f"{number}: times less than nbgrader's",
                (self.stock_cpu - own) / statistics.median(beyond),
                "×",
            )

    def two_workers(self, number: str, size: int) -> None:
        """How much faster two workers are than one, once they are warm."""
        unit = self.course.select([number])[0]
        root = self.flawless("workers", unit, size)
        seconds: dict[str, list[float]] = {"1": [], "2": []}
        for turn in range(self.rounds):
            for workers in ("1", "2") if turn % 2 == 0 else ("2", "1"):
                told, _ = self.ours(root, unit, int(workers))
                seconds[workers].append(told["settled"][-1] - told["ready"])
        ratio = statistics.median(seconds["1"]) / statistics.median(seconds["2"])
        self.add(
            f"{number}: two workers against one",
            ratio,
            "×",
            promise="at least 1.8",
            kept=ratio >= 1.8,
            rounds={f"{workers}, seconds": values for workers, values in seconds.items()},
        )

    def kernels_memory(self, number: str, size: int) -> None:
        """Private memory of one kernel, beyond what it shares with its warm parent."""
        unit = self.course.select([number])[0]
        _, use = self.ours(self.flawless(f"memory{number}", unit, size), unit, 2, look=0.1)
        self.add(
            f"{number}: memory of a kernel beyond its parent's",
            use.kernel_mib,
            "MiB",
            promise="at most 150",
            kept=0 < use.kernel_mib <= 150,
        )


def from_the_start(root: Path) -> None:
    """Forget all that was graded."""
    for left in ("gradebook.db", ".autograder.lock"):
        (root / left).unlink(missing_ok=True)
    shutil.rmtree(root / "autograded", ignore_errors=True)


def shown(figure: Figure) -> str:
    value = f"{figure.value:.0f}" if figure.value >= 100 else f"{figure.value:.2f}"
    return f"{value} {figure.unit}".strip()


def verdict(figure: Figure) -> str:
    if figure.kept is None:
        return ""
    return f"[green]({figure.promise})[/]" if figure.kept else f"[red]({figure.promise})[/]"


def machine() -> dict[str, Any]:
    packages = ("torch", "numpy", "nbgrader", "dask", "ipykernel")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in packages},
        "OMP_NUM_THREADS": os.environ["OMP_NUM_THREADS"],
    }


def save(figures: list[Figure], out: Path) -> None:
    data = {"machine": machine(), "figures": [asdict(figure) for figure in figures]}
    out.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=20, help="students in a class against nbgrader")
    parser.add_argument("--out", type=Path, default=HERE / "latest.json")
    parser.add_argument("--units", nargs="*", default=list(FASTER))
    parser.add_argument("--sizes", type=int, nargs="*", default=[2, 10, 100, 1000])
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["LESSONKIT_OFFLINE"] = "1"
    os.environ["LESSONKIT_PROGRESS"] = "0"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Course.find(), Path(folder), chosen.rounds, chosen.out.resolve())
        for number in chosen.units:
            bench.kernels_memory(number, 6)
        for number in chosen.units:
            bench.against_stock(number, chosen.size)
        bench.two_workers("02", 40)
        if chosen.sizes:
            bench.growth("02", chosen.sizes)
    table = Table("figure", "measured", "promised", "")
    for figure in bench.figures:
        mark = {None: "", True: "[green]kept[/]", False: "[red]not kept[/]"}[figure.kept]
        table.add_row(figure.name, shown(figure), figure.promise, mark)
    console.print(table)
    if any(figure.kept is False for figure in bench.figures):
        sys.exit(1)


if __name__ == "__main__":
    main()
