"""Draw docs/processes.svg: the processes of a grading run, from the description below. `make pictures` runs it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 900, 520
LINE = 17  # of text


@dataclass(frozen=True)
class Box:
    """A process (or a file, `kind="file"`), its place in pixels, and what it does in short lines."""

    name: str
    x: int
    y: int
    width: int
    lines: tuple[str, ...]
    kind: str = "process"

    @property
    def height(self) -> int:
        return 36 + LINE * len(self.lines)


@dataclass(frozen=True)
class Arrow:
    """From one point to another, with the words that stand at its middle."""

    start: tuple[int, int]
    end: tuple[int, int]
    words: str
    at: tuple[int, int]
    both: bool = False
    dashed: bool = False


BOXES = (
    Box("submitted/", 20, 40, 190, ("what students handed in",), "file"),
    Box("gradebook", 20, 168, 190, ("and autograded/: one", "transaction a submission"), "file"),
    Box(
        "grader",
        290,
        40,
        205,
        (
            "autograder grade",
            "reads, restores, records;",
            "one thread for each worker,",
            "which drives one notebook",
        ),
    ),
    Box(
        "warm parent",
        620,
        40,
        265,
        (
            "everything imported, nothing secret;",
            "forks the processes below",
            "on request, in milliseconds",
        ),
    ),
    Box(
        "examiner",
        290,
        300,
        225,
        ("runs the test cells,", "hidden parts included;", "no student's code, no network"),
    ),
    Box(
        "kernel",
        645,
        300,
        215,
        (
            "a real ipykernel:",
            "runs the student's cells;",
            "an agent in it answers",
            "the examiner's questions",
        ),
        "student",
    ),
)
ARROWS = (
    Arrow((210, 66), (290, 66), "bytes", (250, 59)),
    Arrow((290, 120), (210, 185), "results", (232, 140)),
    Arrow((495, 70), (620, 70), "target, limits", (557, 62)),
    Arrow((340, 144), (340, 300), "test cells; parts earned", (420, 210), both=True),
    Arrow((485, 144), (690, 300), "Jupyter's messages, checked", (690, 240), both=True),
    Arrow((515, 345), (645, 345), "asks; values", (580, 337), both=True),
    Arrow((800, 127), (800, 300), "forks", (822, 215), dashed=True),
    Arrow((640, 127), (430, 300), "forks", (620, 165), dashed=True),
)
NOTE = (
    "In the dashed frame, each process has namespaces of its own (users, mounts, processes,",
    "network), a read-only system, a small scratch folder, seccomp, and limits on memory, time,",
    "processes, files and output.",
)


def box(b: Box) -> str:
    lines = "".join(
        f'<text x="{b.x + 12}" y="{b.y + 42 + LINE * n}">{escape(text)}</text>'
        for n, text in enumerate(b.lines)
    )
    return (
        f'<rect class="{b.kind}" x="{b.x}" y="{b.y}" width="{b.width}" height="{b.height}" rx="6"/>'
        f'<text class="name" x="{b.x + 12}" y="{b.y + 22}">{escape(b.name)}</text>{lines}'
    )


def arrow(a: Arrow) -> str:
    ends = ' marker-start="url(#head)"' if a.both else ""
    dashed = ' stroke-dasharray="5 4"' if a.dashed else ""
    (x1, y1), (x2, y2) = a.start, a.end
    words = (
        f'<text class="words" x="{a.at[0]}" y="{a.at[1]}" text-anchor="middle">{escape(a.words)}</text>'
        if a.words
        else ""
    )
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" marker-end="url(#head)"{ends}{dashed}/>{words}'


def drawing() -> str:
    """The picture, its text as text."""
    note = "".join(
        f'<text class="words" x="290" y="{430 + LINE * n}">{escape(text)}</text>'
        for n, text in enumerate(NOTE)
    )
    told = "; ".join(f"{b.name}: {' '.join(b.lines)}" for b in BOXES)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">
<title id="t">The processes of a grading run</title>
<desc id="d">{escape(told)}</desc>
<style>
svg {{ background: #fff; font: 13px system-ui, sans-serif; }}
text {{ fill: #24292f; }}
.name {{ font-weight: 600; font-size: 14px; }}
.words {{ fill: #57606a; font-size: 12px; }}
rect {{ fill: #f6f8fa; stroke: #57606a; }}
.file {{ fill: #fff8e5; }}
.student {{ fill: #ffebe9; stroke: #cf222e; }}
.apart {{ fill: none; stroke: #57606a; stroke-dasharray: 6 5; }}
line {{ stroke: #57606a; stroke-width: 1.3; }}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
<path d="M0 0 8 4 0 8z" fill="#57606a"/></marker></defs>
<rect class="apart" x="270" y="280" width="612" height="205" rx="10"/>
{"".join(map(arrow, ARROWS))}
{"".join(map(box, BOXES))}
{note}
</svg>
"""


if __name__ == "__main__":
    (HERE / "processes.svg").write_text(drawing(), encoding="utf-8")
