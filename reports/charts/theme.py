"""What all charts share: how a status looks, how a chart ends, and the line of Markdown that explains it.

Charts are drawn on the page's own ground, light or dark. So every colour here has a contrast of 3:1 on
white and on #11161D, and text is `currentColor`: it follows the theme without a rerun. Names that people
typed are data in fixed fields (or literals of a scale's domain, or a parameter's value), never part of a
Vega expression.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from models.status import Status

GREEN, AMBER, RED, BLUE, GREY = "#0E8A7D", "#C77700", "#D1453B", "#2F7DD1", "#7A8594"
TEXT = "currentColor"

ROW = 30
"""Pixels a row of a chart is high; axes and labels come on top of it."""
LABEL_LIMIT = 230
"""Pixels after which a label ends in an ellipsis."""
LETTER = 6.3
"""Pixels of a label's letter, on average."""
MOST_TICKS = 12
"""On a log axis; above this many, only the powers of ten and the ends are kept."""


@dataclass(frozen=True)
class Look:
    """How a status is shown: always all of them together, and with its word."""

    colour: str
    shape: str
    """A Vega symbol."""
    glyph: str
    """The shape as a character, for legends."""
    markdown: str
    """The name of the colour in Streamlit's Markdown and badges."""
    icon: str
    """The Material symbol for badges."""


LOOKS = {
    Status.OFF_TRACK: Look(RED, "diamond", "◆", "red", ":material/error:"),
    Status.AT_RISK: Look(AMBER, "triangle-up", "▲", "orange", ":material/warning:"),
    Status.NOT_KNOWN: Look(GREY, "square", "■", "gray", ":material/help:"),
    Status.ON_TRACK: Look(GREEN, "circle", "●", "green", ":material/check_circle:"),
    Status.DONE: Look(BLUE, "circle", "●", "blue", ":material/task_alt:"),
    Status.PLANNED: Look(GREY, "square", "■", "gray", ":material/schedule:"),
}

RING, TICK, PLAN_BAR, LOOP = "○ Baseline", "┃ Target", ":gray[▬] Plan", ":orange[□] In a loop"
"""Legend entries of marks that aren't a status."""


def legend(entries: Iterable[Status | str]) -> str:
    """One line of Streamlit Markdown that explains a chart's marks, to stand above it.

    A status becomes its glyph in its colour and its word (":green[●] On track"); a str (such as RING) stays.
    """
    return "\u2003".join(_entry(entry).replace(" ", "\u00a0") for entry in entries)


def _entry(entry: Status | str) -> str:
    if not isinstance(entry, Status):
        return entry
    look = LOOKS[entry]
    return f":{look.markdown}[{look.glyph}] {entry.word}"


def status_colour() -> alt.Color:
    """Colours by the field `status`."""
    scale = alt.Scale(domain=[s.value for s in LOOKS], range=[look.colour for look in LOOKS.values()])
    return alt.Color("status:N", scale=scale, legend=None)


def status_shape() -> alt.Shape:
    """Mark shapes by the field `status`."""
    scale = alt.Scale(domain=[s.value for s in LOOKS], range=[look.shape for look in LOOKS.values()])
    return alt.Shape("status:N", scale=scale, legend=None)


def rows_of(field: str, names: Sequence[str], **axis: Any) -> alt.Y:
    """The rows of a chart, one a name, in the order given; names are data, so any character may occur."""
    look = {"title": None, "labelOverlap": False, "labelFlush": False, "labelLimit": LABEL_LIMIT}
    bare = {"ticks": False, "domain": False, "grid": False}
    scale = alt.Scale(domain=list(names))
    return alt.Y(f"{field}:N", scale=scale, sort=None, axis=alt.Axis(**(look | bare | axis)))


def columns_of(field: str, names: Sequence[str], **axis: Any) -> alt.X:
    """The columns of a matrix, one a name, in the order given, with slanted labels above them."""
    look = {"title": None, "labelOverlap": False, "labelFlush": False, "labelLimit": LABEL_LIMIT}
    slanted = {"orient": "top", "labelAngle": -45, "labelAlign": "left", "labelBaseline": "middle"}
    bare = {"ticks": False, "domain": False, "labelPadding": 6}
    scale = alt.Scale(domain=list(names))
    return alt.X(f"{field}:N", scale=scale, sort=None, axis=alt.Axis(**(look | slanted | bare | axis)))


def label_width(names: Iterable[str]) -> int:
    """Pixels of the longest label, about."""
    return round(min(max((len(name) for name in names), default=0) * LETTER, LABEL_LIMIT))


NUMBER_WITH_UNIT = "format(datum.value, ',~r') + unit"
"""The label expression of an axis whose chart carries the parameter of `unit`."""


MINUTE, HOUR, DAY = 60, 3_600, 86_400
DURATION_STEPS = [
    *(1e-3, 1e-2, 0.1, 1, 2, 5, 10, 15, 30),
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 7, 14, 30, 90, 180, 365, 3_650, 36_500)),
]
"""Seconds from one tick to the next that people have words for."""
MOST_DURATION_TICKS = 6
DURATION_LABEL = (
    f"datum.value < {MINUTE} ? format(datum.value, ',~r') + ' s'"
    f" : datum.value < {HOUR} ? format(datum.value / {MINUTE}, ',.3~r') + ' min'"
    f" : datum.value < {DAY} ? format(datum.value / {HOUR}, ',.3~r') + ' h'"
    f" : format(datum.value / {DAY}, ',.3~r') + ' d'"
)
"""The label expression of an axis in seconds: "90 s", "4 h", "30 d"."""


def duration_ticks(low: float, high: float) -> list[float]:
    """From at or below `low` to at or above `high`, seconds both, in steps that people have words for.

    Equal ends get room on both sides.
    """
    if low == high:
        room = abs(low) / 2 or 1.0
        low, high = low - room, high + room
    fits = (
        step
        for step in DURATION_STEPS
        if math.ceil(high / step) - math.floor(low / step) < MOST_DURATION_TICKS
    )
    step = next(fits, (high - low) / (MOST_DURATION_TICKS - 2))
    return [step * n for n in range(math.floor(low / step), math.ceil(high / step) + 1)]


def unit(words: str) -> alt.Parameter:
    """The unit that follows an axis's numbers. Handed over as a value, since people type units too."""
    return alt.param(name="unit", value=f" {words}" if words else "")


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2, 5, 10 ... from at or below `low` to at or above `high` (both above 0): the ends of a log axis
    too.
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    first = max(i for i, step in enumerate(steps) if step <= low)
    last = min(i for i, step in enumerate(steps) if step >= high)
    kept = steps[first : max(last, first + 1) + 1]
    if len(kept) <= MOST_TICKS:
        return kept
    return [step for step in kept if step in (kept[0], *steps[::3], kept[-1])]


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 milestone", "9 milestones"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def check(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise ValueError if `frame` lacks one of `columns`."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(f"The chart needs the column {', '.join(missing)}.")


def nothing_yet(sentence: str) -> alt.Chart:
    """What every chart draws for an empty frame: the sentence, as text."""
    text = alt.Chart(pd.DataFrame({"sentence": [sentence]})).mark_text(fontSize=14).encode(text="sentence:N")
    return finish(text.properties(height=ROW * 2), sentence)


def finish(chart: alt.TopLevelMixin, description: str) -> alt.TopLevelMixin:
    """The end of every chart: it follows the page's theme and width, and has words for who can't see it."""
    chart.description = description
    # The width follows the page; the height given is that of the rows alone.
    chart.autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    look = {
        "labelColor": TEXT, "titleColor": TEXT, "labelFontSize": 12, "titleFontSize": 12, "domainColor": GREY,
        "titleFontWeight": "normal", "gridColor": GREY, "gridOpacity": 0.28, "tickColor": GREY,
    }  # fmt: skip
    return (
        chart.configure_text(color=TEXT)
        .configure_axis(**look)
        .configure_header(labelColor=TEXT, titleColor=TEXT)
        .configure_title(color=TEXT)
        .configure_view(stroke=None)
    )
