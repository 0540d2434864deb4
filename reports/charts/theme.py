"""What all charts share: how a status looks, the colours, and the legend.

Charts are drawn on the page's own ground, light or dark. So every colour here has a contrast of 3:1 on white and on
#11161D, and text has the colour of the page's text.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from models.status import Status

GREEN, AMBER, RED, BLUE, GREY = "#0E8A7D", "#C77700", "#D1453B", "#2F7DD1", "#7A8594"
ROW = 30
"""Pixels a row of a chart is high; axes and labels come on top of it."""
LETTER = 6.3
"""Pixels of a label's letter, on average."""


@dataclass(frozen=True)
class Look:
    """How a status is shown: always all of them together, and with its word."""

    colour: str
    shape: str
    """The name of its shape: that of a Vega symbol, and of its look in `ui/assets/components.css`."""
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


@dataclass(frozen=True)
class Mark:
    """A mark that isn't a status, as a legend names it: its glyph, its word and the colour of the glyph."""

    glyph: str
    word: str
    colour: str = "inherit"


RING, TICK = Mark("○", "Baseline"), Mark("┃", "Target")
LEGEND = Markup('<p class="hw hw-legend">{}</p>')
ENTRY = Markup('<span><span style="color: {colour}" aria-hidden="true">{glyph}</span> {word}</span> ')


def legend(entries: Iterable[Status | Mark]) -> Markup:
    """One line that explains a chart's marks, to stand above it."""
    return LEGEND.format(Markup().join(map(_entry, entries)))


def _entry(entry: Status | Mark) -> Markup:
    if isinstance(entry, Mark):
        return ENTRY.format(colour=entry.colour, glyph=entry.glyph, word=entry.word)
    look = LOOKS[entry]
    return ENTRY.format(colour=look.colour, glyph=look.glyph, word=entry.label)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 milestone", "9 milestones"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def check(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise ValueError if `frame` lacks one of `columns`."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(f"The chart needs the column {', '.join(missing)}.")
