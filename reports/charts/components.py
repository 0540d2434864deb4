"""Charts as HTML components: marks in a plot, at places in percent of its width and height.

Such a chart fits whatever room it gets, follows the theme and prints. It needs no script but for its tooltips
(`ui/assets/tooltips.js`), and costs a browser a small part of what a drawing library does. `ui/assets/components.css`
gives each mark its look. What people typed is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from markupsafe import Markup, escape

from models.status import Status
from reports.charts.scales import Scale
from reports.charts.theme import LETTER, LOOKS, ROW
from reports.templates import Templates

TEMPLATES = Templates(Path(__file__).parent / "templates")
MIN_WIDTHS = {"": 150, "hw-from-middling": 250, "hw-from-wide": 450}
"""Pixels of a plot from which on a label of that look is shown: on a phone, beside another card, on a page of its own.
`components.css` shows it from the width on that a chart with the widest names needs for such a plot."""
LABEL_GAP = 12
"""Pixels."""
LINE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none"><polyline '
    'points="{points}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-opacity="0.65" '
    'vector-effect="non-scaling-stroke"/></svg>'
)
NOTHING = Markup('<p class="hw hw-nothing">{}</p>')


@dataclass(frozen=True)
class Margins:
    """What is drawn above and below a plot, each so many pixels high, and the pixels that marks may take beyond its end
    where it is wide."""

    above: Markup = Markup()
    top: int = 0
    below: Markup = Markup()
    bottom: int = 0
    beyond: int = 0


@dataclass(frozen=True)
class Row:
    """A row of a chart: its name, its marks, what its tooltip tells, and the page that it leads to ("": to none)."""

    name: str
    marks: Sequence[Markup]
    tooltip: str
    href: str = ""

    @property
    def label(self) -> str:
        """The same for who can't see it, in one line."""
        return self.tooltip.replace("\n", ". ")


class Stretch(TypedDict):
    """Where something lies that takes a part of the plot's width, in percent of it."""

    left: float
    width: float


def stretch(scale: Scale, start: float, end: float) -> Stretch:
    """Return the stretch from `start` to `end`, two numbers on that scale."""
    left = scale.place(start)
    return {"left": left, "width": scale.place(end) - left}


def mark(
    look: str,
    text: object = "",
    *,
    tooltip: str = "",
    colour: str = "",
    before: float | None = None,
    **places: float,
) -> Markup:
    """Return a mark of that look, with text in it. `places` are in percent of the plot: `left` and `top`, `width` and
    `height`, or `right`; `before` is where the mark lies before which a narrow plot draws the text."""
    style = "".join(f"{side}:{place:.2f}%;" for side, place in places.items())
    if before is not None:
        style += f"--mark:{before:.2f}%;"
    if colour:
        style += f"color:{colour}"
    tip = f' data-tip="{escape(tooltip)}"' if tooltip else ""
    return Markup(f'<i class="{look}" style="{style}"{tip}>{escape(text)}</i>')


def status_mark(status: Status, left: float) -> Markup:
    """Return the mark of a status on its row, in its shape and colour."""
    look = LOOKS[status]
    return mark(f"hw-mark hw-{look.shape}", left=left, colour=look.colour)


def line(places: Sequence[tuple[float, float]], colour: str) -> Markup:
    """Return a line through places, each from the left and from the top of the plot, behind its marks."""
    points = " ".join(f"{left:.2f},{top:.2f}" for left, top in places)
    svg = quote(LINE.format(points=points, colour=colour), safe=" ,.:/=-")
    return Markup(f'<img class="hw-through" alt="" src="data:image/svg+xml,{svg}">')


def labels(texts: Sequence[str], places: Sequence[float]) -> Markup:
    """Return texts along an axis, of which each, every second, every fourth ... is shown, as there is room for them."""
    shown: dict[int, str] = {}
    for look, width in MIN_WIDTHS.items():
        steps = (2**power for power in range(len(texts)))
        step = next((step for step in steps if _fit(texts[::step], places[::step], width)), len(texts))
        for position in range(0, len(texts), step):
            shown.setdefault(position, look)
    return joined(
        mark(f"hw-label {look}".rstrip(), _in_lines(texts[position]), left=places[position])
        for position, look in sorted(shown.items())
    )


def _fit(texts: Sequence[str], places: Sequence[float], width: int) -> bool:
    return all(
        (place - before) / 100 * width >= (_width(text) + _width(text_before)) / 2 + LABEL_GAP
        for (text_before, before), (text, place) in pairwise(zip(texts, places, strict=True))
    )


def _width(text: str) -> float:
    return max(map(len, text.split("\n"))) * LETTER


def _in_lines(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))


def rows(
    chart_rows: Sequence[Row],
    description: str,
    background: Iterable[Markup] = (),
    margins: Margins = Margins(),
    row_height: int = ROW,
) -> Markup:
    """Return a chart of one row a name, in the order given, over what lies behind all of them.

    `description` is read to those who can't see it. A chart whose rows lead somewhere is a group of links.
    """
    return TEMPLATES.render(
        "rows.html",
        rows=chart_rows,
        linked=any(row.href for row in chart_rows),
        description=description,
        background=list(background),
        margins=margins,
        height=row_height * len(chart_rows),
        row_height=row_height,
    )


def levels(
    level_texts: Sequence[str],
    places: Sequence[float],
    marks: Iterable[Markup],
    description: str,
    margins: Margins,
    height: int,
    tooltips: Sequence[str] = (),
) -> Markup:
    """Return a chart whose upright axis has texts at places, in percent from its top.

    `tooltips` are those of its points, in order: with the arrow keys one is read after the other, from the last one.
    """
    return TEMPLATES.render(
        "levels.html",
        levels=[mark("", text, top=place) for text, place in zip(level_texts, places, strict=True)],
        marks=list(marks),
        description=description,
        margins=margins,
        height=height,
        points=len(tooltips),
        latest=tooltips[-1] if tooltips else "",
    )


def row_tooltip(name: str, facts: Mapping[str, object]) -> str:
    """Return the name of a row and what is known of it, a line each."""
    return "\n".join([name, *(f"{title}: {fact}" for title, fact in facts.items() if fact)])


def nothing_yet(sentence: str) -> Markup:
    """Return what a chart shows instead of nothing: the sentence."""
    return NOTHING.format(sentence)


def joined(components: Iterable[Markup]) -> Markup:
    """Return components one after the other."""
    return Markup().join(components)
