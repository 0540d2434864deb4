"""The 30-60-90 chart: where each milestone was planned, and where it is or will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt
import pandas as pd

from models.status import Status
from reports.charts import theme

COLUMNS = ["milestone", "start", "due", "forecast_start", "forecast_end", "status", "note"]
DATES = ["start", "due", "forecast_start", "forecast_end"]

ROOM_BEYOND = 30
"""Days the axis grows at most beyond the phases, for today or a forecast; further things stop there."""
NOTE_DAYS = 11
"""Days that a note such as "6 d late" covers, about; one across today's rule moves behind it."""
DAYS_WIDTH, NUMBERS_WIDTH, NAME_WIDTH = 70, 26, 100
"""Pixels that a phase's "Days 31-60", "31-60" and the beginning of its name need."""
PLAN_BAR, FORECAST_BAR = 18, 9
"""Pixels the bars are high."""


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


@dataclass(frozen=True)
class Span:
    """The axis in days of the cycle: 0 is the start of day 1, N the end of day N."""

    day_1: date
    low: float
    high: float
    phases: Sequence[Phase]

    @property
    def days(self) -> float:
        return self.high - self.low

    def x(self, field: str) -> alt.X:
        """Dates, with the days that a 30-60-90 plan speaks of beneath them."""
        step = 15 if self.days <= 150 else 30
        values = {p.last for p in self.phases} | set(range(0, int(self.high) + 1, step))
        # A date as text in UTC, whatever the reader's time zone is.
        first = pd.Timestamp(self.day_1).value // 1_000_000
        date_of = f"utcFormat({first} + max(datum.value - 1, 0) * 864e5, '%-d %b')"
        axis = alt.Axis(
            title=None, values=sorted(values), labelExpr=f"[{date_of}, 'Day ' + max(datum.value, 1)]",
            grid=False, ticks=False, domain=False, labelFlush=False, labelPadding=8, labelOverlap="greedy",
        )  # fmt: skip
        scale = alt.Scale(domain=[self.low, self.high], nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=axis)


def plan(
    milestones: pd.DataFrame, day_1: date, today: date | None = None, phases: Sequence[Phase] = PHASES
) -> alt.LayerChart | alt.Chart:
    """The chart of `milestones`, one row each in the order given.

    Columns: `milestone` (its name, once), `start` and `due` (the plan's dates), `forecast_start` and
    `forecast_end` (what happened or is expected; NaT where nothing is: then only the status mark is drawn, on
    the due date), `status` (a Status word) and `note` ("6 d late" or ""). A date covers its whole day.
    `today` None draws no rule.
    """
    theme.check(milestones, COLUMNS)
    if milestones.empty:
        return theme.nothing_yet("No milestones yet.")
    days = _days(milestones, day_1)
    today_at = None if today is None else (today - day_1).days + 0.5
    span = _span(days, day_1, today_at, phases)
    drawn = _placed(days, span, today_at)
    layers = [*_bands(span), _plan_bars(drawn, span), *_forecast(drawn, span)]
    if today_at is not None:
        layers.insert(1, _today_rule(today_at, span))
        layers.append(_today_label(today_at, span))
    chart = alt.layer(*layers).properties(height=len(drawn) * theme.ROW)
    return theme.finish(chart, _description(drawn, today_at))


def _days(milestones: pd.DataFrame, day_1: date) -> pd.DataFrame:
    """Dates as days of the cycle: from the start of the first day of a stretch to the end of its last."""
    days = milestones[["milestone"]].copy()
    days["status"] = [Status(word).value for word in milestones["status"]]
    days["note"] = milestones["note"].fillna("").astype(str)
    for column in DATES:
        dates = pd.to_datetime(milestones[column])
        days[column] = (dates - pd.Timestamp(day_1)).dt.days + (column in ("due", "forecast_end"))
        days[f"{column}_on"] = [f"{d.day} {d:%b %Y}" if pd.notna(d) else "-" for d in dates]
    last_start = days["forecast_end"] - 1
    started = days["forecast_start"].fillna(days["start"]).clip(upper=last_start)
    days["forecast_start"] = started.where(last_start.notna())
    return days


def _span(days: pd.DataFrame, day_1: date, today_at: float | None, phases: Sequence[Phase]) -> Span:
    """The phases, and what lies up to ROOM_BEYOND days before or after them."""
    low, high = min(p.first for p in phases) - 1, max(p.last for p in phases)
    wanted = [low, high, *days[DATES].stack()]
    if today_at is not None:
        wanted += [today_at - 0.5, today_at + 0.5]
    return Span(day_1, max(min(wanted), low - ROOM_BEYOND), min(max(wanted), high + ROOM_BEYOND), phases)


def _placed(days: pd.DataFrame, span: Span, today_at: float | None) -> pd.DataFrame:
    """Every position held within the axis, with the place of the status mark and of the note."""
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


def _bands(span: Span) -> list[alt.Chart]:
    """The phases as bands behind the rows, named above them."""
    frame = pd.DataFrame(
        {
            "first": [p.first - 1 for p in span.phases],
            "last": [p.last for p in span.phases],
            "days": [f"{p.first}-{p.last}" for p in span.phases],
            "name": [p.name for p in span.phases],
            "shade": [0.07 + 0.07 * (number % 2) for number in range(len(span.phases))],
        }
    )
    base = alt.Chart(frame).encode(x=span.x("first"))
    shade = alt.Opacity("shade:Q", scale=None, legend=None)
    shortest = min(p.last - p.first + 1 for p in span.phases)
    room = f"(width * {shortest / span.days:.4f} - 6)"
    look = {
        "align": "left",
        "dx": 2,
        "y": 0,
        "limit": alt.ExprRef(room),
        "baseline": "bottom",
        "color": theme.TEXT,
    }
    # Cut words say nothing: where a phase is narrow it has its days, without their word, or nothing.
    days = f"{room} > {DAYS_WIDTH} ? 'Days ' + datum.days : {room} > {NUMBERS_WIDTH} ? datum.days : ''"
    name = f"{room} > {NAME_WIDTH} ? datum.name : ''"
    return [
        base.mark_rect(color=theme.GREY).encode(x2="last:Q", opacity=shade),
        base.mark_text(**look, dy=-21, fontWeight="bold", fontSize=12, text=alt.ExprRef(days)),
        base.mark_text(**look, dy=-6, fontSize=12, text=alt.ExprRef(name)),
    ]


def _plan_bars(drawn: pd.DataFrame, span: Span) -> alt.Chart:
    look = {"height": PLAN_BAR, "cornerRadius": 3, "color": theme.GREY, "fillOpacity": 0.25}
    bars = alt.Chart(drawn).mark_bar(**look, stroke=theme.GREY, strokeWidth=1)
    return bars.encode(x=span.x("start"), x2="due:Q", y=_rows(drawn), tooltip=_tooltip())


def _forecast(drawn: pd.DataFrame, span: Span) -> list[alt.Chart]:
    """The bar of what happened or is expected, its mark in the status's shape, and the note in words."""
    known = alt.Chart(drawn[drawn["forecast_end"].notna()]).mark_bar(height=FORECAST_BAR, cornerRadius=4)
    mark = alt.Chart(drawn).mark_point(filled=True, size=150, opacity=1)
    noted = alt.Chart(drawn[drawn["note"] != ""])
    words = noted.mark_text(align="left", dx=11, fontWeight="bold", fontSize=12, color=theme.TEXT)
    look = {"y": _rows(drawn), "color": theme.status_colour(), "tooltip": _tooltip()}
    return [
        known.encode(x=span.x("forecast_start"), x2="forecast_end:Q", **look),
        mark.encode(x=span.x("mark"), shape=theme.status_shape(), **look),
        words.encode(x=span.x("note_at"), y=_rows(drawn), text="note:N"),
    ]


def _rows(drawn: pd.DataFrame) -> alt.Y:
    return theme.rows_of("milestone", drawn["milestone"])


def _today_rule(today_at: float, span: Span) -> alt.Chart:
    frame = pd.DataFrame({"today": [min(max(today_at, span.low), span.high)]})
    rule = alt.Chart(frame).mark_rule(strokeDash=[4, 3], strokeWidth=2, color=theme.BLUE)
    return rule.encode(x=span.x("today"))


def _today_label(today_at: float, span: Span) -> alt.Chart:
    near = span.days * 0.08
    align = "left" if today_at - span.low < near else "right" if span.high - today_at < near else "center"
    frame = pd.DataFrame(
        {"today": [min(max(today_at, span.low), span.high)], "label": [_today_words(today_at, span.high)]}
    )
    look = {"y": 0, "dy": -40, "baseline": "bottom", "fontWeight": "bold", "fontSize": 12}
    text = alt.Chart(frame).mark_text(align=align, color=theme.TEXT, **look)
    return text.encode(x=span.x("today"), text="label:N")


def _today_words(today_at: float, high: float) -> str:
    day = int(today_at + 0.5) if today_at > 0 else 0
    if not day:
        return f"Today, {round(0.5 - today_at)} d before day 1"
    return f"Today, day {day}" + (" →" if today_at > high else "")


def _tooltip() -> list[alt.Tooltip]:
    told = {
        "milestone": "Milestone", "status": "Status", "start_on": "Planned from", "due_on": "Due",
        "forecast_end_on": "Done or expected", "note": "Note",
    }  # fmt: skip
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in told.items()]


def _description(drawn: pd.DataFrame, today_at: float | None) -> str:
    counts = drawn["status"].value_counts()
    told = ", ".join(f"{counts[s.value]} {s.value}" for s in Status if s.value in counts)
    day = "" if today_at is None else f" {_today_words(today_at, float('inf'))}."
    return f"30-60-90 chart of {theme.counted(len(drawn), 'milestone')}: {told}.{day}"
