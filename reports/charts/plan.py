"""The 30-60-90 chart: where each milestone was planned, and where it is or will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from markupsafe import Markup

from models.status import Status
from models.wording import day_month
from reports.charts import components, theme
from reports.charts.components import Row, mark, stretch
from reports.charts.scales import Scale

COLUMNS = ["milestone", "start", "due", "forecast_start", "forecast_end", "status", "note"]
DATES = ["start", "due", "forecast_start", "forecast_end"]
PLAN_BAR = theme.Mark("▬", "Plan", theme.GREY)
"""How a legend names the grey bar."""

MAX_BEYOND = 30
"""Days the axis grows at most beyond the phases, for today or a forecast; further things stop there."""
NOTE_DAYS = 11
"""Days that a note such as "6 d late" covers, about; one across today's rule moves behind it."""
AXIS_STEP, LONG_STEP, LONG = 15, 30, 150
"""Days from one label to the next, and the same on an axis longer than so many days."""
TOP, BOTTOM = 54, 40
"""Pixels of the labels above the rows (today, and the phases) and of those below (dates, and days)."""
PHASE = Markup(
    '<b><span class="hw-days">Days </span>{phase.first}-{phase.last}</b><span class="hw-phase-name">{phase.name}</span>'
)
NOTE_GAP = 12
"""Pixels from a mark to its note."""
NEAR_THE_END = 8
"""Percent of the axis within which today's label is beside its rule instead of around it."""


@dataclass(frozen=True)
class Phase:
    """A stretch of the plan, from the start of day `first` to the end of day `last`."""

    name: str
    first: int
    last: int


PHASES = (
    Phase("Assessment and alignment", 1, 30),
    Phase("Foundation and quick wins", 31, 60),
    Phase("Expansion and iteration", 61, 90),
)


def plan(
    milestones: pd.DataFrame, day_1: date, today: date | None = None, phases: Sequence[Phase] = PHASES
) -> Markup:
    """Return the chart of `milestones`, one row each in the order given.

    Columns: `milestone` (its name, once), `start` and `due` (the plan's dates), `forecast_start` and
    `forecast_end` (what happened or is expected; NaT where nothing is: then only the status mark is drawn, on
    the due date), `status` (a Status word) and `note` ("6 d late" or ""). Optional: `href` (the page of its evidence).
    A date covers its whole day. `today` None draws no rule. Raises ValueError if a column is missing.
    """
    theme.check(milestones, COLUMNS)
    if milestones.empty:
        return components.nothing_yet("No milestones yet.")
    days = _days(milestones, day_1)
    today_at = None if today is None else (today - day_1).days + 0.5
    span = _span(days, today_at, phases)
    drawn = _placed(days, span, today_at)
    rows = drawn.to_dict("records")
    above, background = _phases(phases, span), _bands(phases, span)
    if today_at is not None:
        above += _today_label(today_at, span)
        background.append(mark("hw-today", left=span.place(today_at), colour=theme.BLUE))
    margins = components.Margins(above, TOP, _axis(day_1, phases, span), BOTTOM, _beyond(rows, span))
    return components.rows(
        [_row(row, span) for row in rows], _description(drawn, today_at), background, margins
    )


def _days(milestones: pd.DataFrame, day_1: date) -> pd.DataFrame:
    """Dates as days of the cycle: from the start of the first day of a stretch to the end of its last."""
    days = milestones[["milestone"]].copy()
    days["status"] = [Status(word).value for word in milestones["status"]]
    days["note"] = milestones["note"].fillna("").astype(str)
    days["href"] = milestones.get("href", "")
    for column in DATES:
        dates = pd.to_datetime(milestones[column])
        days[column] = (dates - pd.Timestamp(day_1)).dt.days + (column in ("due", "forecast_end"))
        days[f"{column}_on"] = [f"{d.day} {d:%b %Y}" if pd.notna(d) else "-" for d in dates]
    last_start = days["forecast_end"] - 1
    started = days["forecast_start"].fillna(days["start"]).clip(upper=last_start)
    days["forecast_start"] = started.where(last_start.notna())
    return days


def _span(days: pd.DataFrame, today_at: float | None, phases: Sequence[Phase]) -> Scale:
    """The phases, and what lies up to MAX_BEYOND days before or after them, in days of the cycle: 0 is the start of
    day 1, N the end of day N.
    """
    low, high = min(p.first for p in phases) - 1, max(p.last for p in phases)
    covered = [low, high, *days[DATES].stack()]
    if today_at is not None:
        covered += [today_at - 0.5, today_at + 0.5]
    return Scale(max(min(covered), low - MAX_BEYOND), min(max(covered), high + MAX_BEYOND))


def _placed(days: pd.DataFrame, span: Scale, today_at: float | None) -> pd.DataFrame:
    """Return every position kept within the axis, with the place of the status mark and of the note."""
    drawn = days.copy()
    beyond = drawn["forecast_end"] > span.high
    drawn["note"] = drawn["note"].where(~beyond, drawn["note"] + " →")
    drawn[DATES] = drawn[DATES].clip(span.low, span.high)
    drawn["mark"] = drawn["forecast_end"].fillna(drawn["due"])
    drawn["note_at"] = drawn["mark"]
    if today_at is not None:
        crossed = (drawn["mark"] <= today_at) & (drawn["mark"] + NOTE_DAYS > today_at)
        drawn["note_at"] = drawn["mark"].where(~crossed, min(today_at, span.high))
    return drawn


def _axis(day_1: date, phases: Sequence[Phase], span: Scale) -> Markup:
    """Dates, with the days that a 30-60-90 plan speaks of beneath them."""
    step = AXIS_STEP if span.high - span.low <= LONG else LONG_STEP
    days = sorted({phase.last for phase in phases} | set(range(0, int(span.high) + 1, step)))
    texts = [f"{day_month(day_1 + timedelta(days=max(day - 1, 0)))}\nDay {max(day, 1)}" for day in days]
    return components.labels(texts, [span.place(day) for day in days])


def _phases(phases: Sequence[Phase], span: Scale) -> Markup:
    """The days of each phase and its name above its band. Cut words say nothing: where a phase is narrow it has its days,
    without their word, or nothing.
    """
    return components.joined(
        mark("hw-phase", PHASE.format(phase=phase), **stretch(span, phase.first - 1, phase.last))
        for phase in phases
    )


def _bands(phases: Sequence[Phase], span: Scale) -> list[Markup]:
    return [mark("hw-band", **stretch(span, phase.first - 1, phase.last)) for phase in phases]


def _row(row: dict[str, Any], span: Scale) -> Row:
    facts = {
        "Status": Status(row["status"]).label, "Planned from": row["start_on"], "Due": row["due_on"],
        "Done or expected": row["forecast_end_on"], "Note": row["note"],
    }  # fmt: skip
    name = row["milestone"]
    return Row(name, _marks(row, span), components.row_tooltip(name, facts), row["href"])


def _marks(row: dict[str, Any], span: Scale) -> list[Markup]:
    """The plan's bar behind the bar of what happened or is expected, its mark in the status's shape, and the note."""
    status = Status(row["status"])
    marks = [mark("hw-planned", **stretch(span, row["start"], row["due"]))]
    if pd.notna(row["forecast_end"]):
        done = stretch(span, row["forecast_start"], row["forecast_end"])
        marks.append(mark("hw-forecast", colour=theme.LOOKS[status].colour, **done))
    marks.append(components.status_mark(status, span.place(row["mark"])))
    if row["note"]:
        marks.append(_note(row["note"], span.place(row["note_at"]), span.place(row["mark"])))
    return marks


def _note(text: str, place: float, at_mark: float) -> Markup:
    """The note behind its mark or today's rule; on a narrow plot that has no room for it there, before its mark."""
    if _overhang(text, place, narrow=True) <= 0:
        return mark("hw-note", text, left=place)
    return mark("hw-note hw-far", text, left=place, before=at_mark)


def _overhang(text: str, place: float, *, narrow: bool) -> float:
    """Pixels that a note at that place takes beyond the end of the axis, on the narrowest plot or on a wide one."""
    width = min(components.MIN_WIDTHS.values()) if narrow else max(components.MIN_WIDTHS.values())
    return len(text) * theme.LETTER + NOTE_GAP - (100 - place) / 100 * width


def _beyond(rows: list[dict[str, Any]], span: Scale) -> int:
    """Pixels that notes take beyond the end of the axis where it is wide."""
    noted = [row for row in rows if row["note"]]
    overhangs = [_overhang(row["note"], span.place(row["note_at"]), narrow=False) for row in noted]
    return max(0, round(max(overhangs, default=0)))


def _today_label(today_at: float, span: Scale) -> Markup:
    place = span.place(today_at)
    text = _today_text(today_at, span.high)
    if place < NEAR_THE_END:
        return mark("hw-now", text, left=place)
    if place > 100 - NEAR_THE_END:
        return mark("hw-now", text, right=100 - place)
    return mark("hw-now hw-around", text, left=place)


def _today_text(today_at: float, high: float) -> str:
    day = int(today_at + 0.5) if today_at > 0 else 0
    if not day:
        return f"Today, {round(0.5 - today_at)} d before day 1"
    return f"Today, day {day}" + (" →" if today_at > high else "")


def _description(drawn: pd.DataFrame, today_at: float | None) -> str:
    counts = drawn["status"].value_counts()
    text = ", ".join(f"{counts[s.value]} {s.value}" for s in Status if s.value in counts)
    day = "" if today_at is None else f" {_today_text(today_at, float('inf'))}."
    return f"30-60-90 chart of {theme.counted(len(drawn), 'milestone')}: {text}.{day}"
