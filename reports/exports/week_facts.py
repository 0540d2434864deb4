"""The first page of a week as data that every format draws: its lists cut to what a page holds, and where marks lie.

Only weeks of layout 3 and later are drawn so (`head.layout`). Positions are parts of a row's width, from 0 to 1.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models.milestones import MilestoneState
from models.snapshot import SnapshotDocument
from models.wording import count, day_month, join_list, upper_first
from reports.exports import tables
from reports.exports.open_points import beginning
from reports.exports.tables import NONE, short

MAX_NAME, MAX_LINE = 64, 170
PHASES = 3
TIMES = "times"
TARGET_DAY = re.compile(r" by \d{1,2} [A-Z][a-z]{2}\b")
SETTLED = (MilestoneState.DONE.value, MilestoneState.WAIVED.value)


def at_least_layout(document: SnapshotDocument, layout: int) -> bool:
    """Return whether this week's files have that layout or a newer one: a week keeps that which it was frozen with.

    Since layout 3 they begin with one page that is the week, and since layout 4 a workbook prints on few pages.
    """
    return int(document.content["head"].get("layout", 1)) >= layout


@dataclass(frozen=True)
class OutcomeBar:
    """A metric from baseline to target. `start`, `now` and `goal` are positions; None where there is no number."""

    name: str
    status: str
    baseline: str
    current: str
    target: str
    proof: str
    kind: str
    start: float | None
    now: float | None
    goal: float | None
    owner: str

    @property
    def text(self) -> str:
        """The row in words: its alternative text."""
        return f"{self.name}: from {self.baseline}, now {self.current}, target {self.target}. {self.proof}."


@dataclass(frozen=True)
class PlanBar:
    """A milestone of the plan. `start`, `due` are positions in the 90 days; `note` is its state and day in words."""

    name: str
    state: str
    note: str
    start: float
    due: float

    @property
    def text(self) -> str:
        return f"{self.name}: {self.note}."


def outcome_bars(document: SnapshotDocument) -> list[OutcomeBar]:
    """Return every metric, those with a factor first, which share one log scale."""
    return bars_of(document.content["metrics"])


def bars_of(rows: list[dict[str, Any]]) -> list[OutcomeBar]:
    """Return the bars of a week's metric rows, also of one that isn't frozen."""
    low, high = times_range(rows)
    bars = [_outcome(row, low, high) for row in rows]
    return sorted(bars, key=lambda bar: bar.kind != TIMES)


def times_range(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the ends of the log scale of factors, powers of ten around all of them."""
    numbers = [
        row["drawing"][name]
        for row in rows
        if row["drawing"]["kind"] == TIMES
        for name in ("now", "goal")
        if row["drawing"][name] is not None
    ]
    low = 10 ** math.floor(math.log10(min([1.0, *numbers])))
    return low, 10 ** math.ceil(math.log10(max([10.0, *numbers])))


def _outcome(row: dict[str, Any], low: float, high: float) -> OutcomeBar:
    drawing = row["drawing"]

    def place(number: float | None) -> float | None:
        if number is None:
            return None
        times = drawing["kind"] == TIMES
        part = math.log10(number / low) / math.log10(high / low) if times else number / 100
        return round(min(max(part, 0.0), 1.0), 4)

    return OutcomeBar(
        name=row["name"], status=row["status"], baseline=row["baseline"], current=row["current"],
        target=row["target"], proof=proof(row), kind=drawing["kind"], start=place(drawing["start"]),
        now=place(drawing["now"]), goal=place(drawing["goal"]), owner=row["owner"] or "",
    )  # fmt: skip


def proof(row: dict[str, Any]) -> str:
    """Return what the data shows of a metric: "Confirmed better, 22x", "Leaning better", "Too early"."""
    text = upper_first(row["verdict"])
    size = row["factor"].removesuffix(" better").replace(" percentage points", " points")
    return f"{text}, {size}" if row["verdict"].startswith("confirmed") and size != NONE else text


def target_day(targets: list[str]) -> str:
    """Return the day that all targets have, as they say it: " by 12 Dec"; "" where they differ or one has none."""
    days = {match[0] if (match := TARGET_DAY.search(target)) else "" for target in targets}
    return days.pop() if len(days) == 1 else ""


def plan_bars(document: SnapshotDocument) -> list[PlanBar]:
    """Return every milestone, in the plan's order."""
    return [_milestone(row, document) for row in document.content["plan"]]


def _milestone(row: dict[str, Any], document: SnapshotDocument) -> PlanBar:
    if row["state"] in SETTLED:
        reason = row["reason"].partition(":")[0]
        note = short(reason, 34) if row["state"] == MilestoneState.DONE.value else "Waived"
    else:
        note = f"{upper_first(row['state'])}, due {tables.day(row['due'])}"
    ends = (place_of(document, date.fromisoformat(row[name])) for name in ("start", "due"))
    return PlanBar(row["name"], row["state"], note, *ends)


def place_of(document: SnapshotDocument, on: date) -> float:
    """Return where the end of a date lies within the plan's days, from 0 to 1."""
    head = document.content["head"]
    first = document.on - timedelta(days=head["day"] - 1)
    passed = max((on - first).days + 1, 0) / max(int(head["days"]), 1)
    return round(min(passed, 1.0), 4)


def today(document: SnapshotDocument) -> float:
    """Return where the week's date lies within the plan's days."""
    return place_of(document, document.on)


def phases(document: SnapshotDocument) -> list[str]:
    """Return the names of the three phases: "Days 1-30"."""
    length = document.content["head"]["days"] / PHASES
    return [f"Days {round(n * length) + 1}–{round((n + 1) * length)}" for n in range(PHASES)]


def plan_title(document: SnapshotDocument) -> str:
    """Return what the plan says, as one sentence."""
    rows = document.content["plan"]
    if not rows:
        return "The plan has no milestone yet."
    done = sum(row["state"] in SETTLED for row in rows)
    late = [short(row["name"], 48) for row in rows if row["state"] == MilestoneState.LATE.value]
    risky = [short(row["name"], 48) for row in rows if row["state"] == MilestoneState.AT_RISK.value]
    begin = f"{done} of {count(len(rows), 'milestone')} {'is' if done == 1 else 'are'} done"
    if late:
        return f"{begin}; {join_list(late, 2)} {'is' if len(late) == 1 else 'are'} late."
    if risky:
        return f"{begin}; {join_list(risky, 2)} {'is' if len(risky) == 1 else 'are'} at risk."
    return f"{begin}, none is late."


def outcomes_title(document: SnapshotDocument) -> str:
    """Return what the metrics say, as one sentence."""
    rows = document.content["metrics"]
    if not rows:
        return "No outcome is measured yet: no metric is defined."
    better = sum(row["verdict"] == "confirmed better" for row in rows)
    are = "is" if better == 1 else "are"
    begin = (
        f"{better} of {count(len(rows), 'outcome')} {are} confirmed better"
        if better
        else "No improvement is confirmed yet"
    )
    behind = [short(row["name"], 48) for row in rows if row["status"] in ("off track", "at risk")]
    return (
        f"{begin}; {join_list(behind, 2)} {'is' if len(behind) == 1 else 'are'} behind."
        if behind
        else f"{begin}."
    )


def next_title(document: SnapshotDocument) -> str:
    """Return what is asked of the readers, as one sentence."""
    decisions, coming = document.content["decisions"], document.content["coming"]
    begin = "No decision is needed"
    if decisions:
        first = decisions[0]
        which = ", the first by" if len(decisions) > 1 else ", by"
        by = "" if first["by"] == NONE else f"{which} {first['by']}"
        begin = f"{count(len(decisions), 'decision')} {'is' if len(decisions) == 1 else 'are'} needed{by}"
    due = f"{count(len(coming), 'milestone')} {'is' if len(coming) == 1 else 'are'} due in two weeks"
    return f"{begin}; {due if coming else 'no milestone is due in two weeks'}."


def decisions(document: SnapshotDocument) -> list[tuple[str, str]]:
    """Return each decision with its owner and its date."""
    return [
        (row["title"], f"{row['owner']}, by {row['by']}{', overdue' * row['overdue']}")
        for row in document.content["decisions"]
    ]


def coming(document: SnapshotDocument) -> list[tuple[str, str]]:
    """Return each milestone that is due soon, with its day and its reason; from layout 4 on also each that begins."""
    due = [
        (row["name"], f"due {tables.day(row['due'])}, {row['state']}: {row['reason']}")
        for row in document.content["coming"]
    ]
    return due + beginning(document) if at_least_layout(document, 4) else due


def changes(document: SnapshotDocument) -> list[str]:
    """Return what changed, each in one line."""
    return [f"{row['about']}: {row['kind']}, {row['new']}" for row in document.content["changes"]]


def since(document: SnapshotDocument) -> str:
    """Return the heading of what changed: "Since week 6"."""
    before = document.content["since"]
    return f"Since {before}" if before else "What changed"


def changed(document: SnapshotDocument) -> str:
    """Return what changed in the lead's words, without the words of the heading above it."""
    text = document.passage("changes")
    heading = f"{since(document)}: "
    return upper_first(text[len(heading) :]) if text.startswith(heading) else text


def cut(text: str, most: int = MAX_LINE) -> str:
    """Return a text that is at most `most` characters long, its end left out."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def first_of(rows: list[Any], most: int) -> tuple[list[Any], int]:
    """Return the first rows, and how many more there are."""
    return (rows, 0) if len(rows) <= most else (rows[:most], len(rows) - most)


def day_of(document: SnapshotDocument) -> str:
    """Return the day of the week's plan in words: "day 47 of 90"."""
    head = document.content["head"]
    return str(head.get("day_text") or f"Day {head['day']} of {head['days']}")


def without_day(document: SnapshotDocument, sentence: str) -> str:
    """Return a sentence without the day that it begins with, where the day stands above it: "Day 47 of 90. "."""
    day = f"{day_of(document)}. "
    return sentence[len(day) :] if sentence.startswith(day) and len(sentence) > len(day) else sentence


def as_of(document: SnapshotDocument) -> str:
    return f"{day_month(document.on)} {document.on.year}"
