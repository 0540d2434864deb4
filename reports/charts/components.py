"""Charts as pieces of HTML: marks in a plot, at places in percent of its width and height.

Such a chart fits whatever room it gets, follows the theme and prints. It needs no script, and costs a browser a small
part of what a library that draws does. `ui/assets/components.css` gives each mark its look. What people typed is
escaped by `Markup.format`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote

from markupsafe import Markup

from models.status import Status
from reports.charts.theme import LETTER, LOOKS, ROW

ROOMS = {"": 150, "hw-from-middling": 250, "hw-from-wide": 450}
"""Pixels of a plot from which on a label of that look is shown: on a phone, beside another card, on a page of its own.
`components.css` shows it from the width on that a chart with the widest names needs for such a plot."""
BETWEEN_LABELS = 12
"""Pixels."""
CHART = Markup(
    '<div class="hw hw-chart" role="img" aria-label="{said}"><div class="{beside}" style="margin-top: {top}px; '
    'height: {height}px">{names}</div><div class="hw-room" style="--beyond: {beyond}px"><div class="hw-above" '
    'style="height: {top}px">{above}</div><div class="hw-plot" style="height: {height}px">{drawn}</div>'
    '<div class="hw-below" style="height: {bottom}px">{below}</div></div></div>'
)
NAME = Markup('<span style="height: {height}px"><span>{name}</span></span>')
LANE = Markup('<div class="hw-lane" style="height: {height}px" title="{told}">{marks}</div>')
MARK = Markup('<i class="{look}" style="{style}"{title}>{said}</i>')
TITLE = Markup(' title="{}"')
LINE = Markup('<img class="hw-through" alt="" src="data:image/svg+xml,{}">')
NOTHING = Markup('<p class="hw hw-nothing">{}</p>')


@dataclass(frozen=True)
class Scale:
    """The numbers from the beginning of an axis to its end."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a number lies on the axis, in percent; one beyond an end, at that end."""
        if self.low == self.high:
            return 50.0
        low, high, value = (
            math.log(one) if self.log else one for one in (self.low, self.high, self._held(value))
        )
        return 100 * (value - low) / (high - low)

    def _held(self, value: float) -> float:
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Around:
    """What stands above and below a plot, each so many pixels high, and the pixels that marks may take beyond its end
    where it is wide."""

    above: Markup = Markup()
    top: int = 0
    below: Markup = Markup()
    bottom: int = 0
    beyond: int = 0


def mark(look: str, said: object = "", *, told: str = "", colour: str = "", **places: float) -> Markup:
    """A mark of that look, with words in it, `told` to who points at it. `places` are in percent of the plot: `left` and
    `top`, `width` and `height`, or `right`.
    """
    style = "".join(f"{side}:{place:.2f}%;" for side, place in places.items())
    if colour:
        style += f"color:{colour}"
    title = TITLE.format(told) if told else ""
    return MARK.format(look=look, style=style, title=title, said=said)


def status_mark(status: Status, left: float) -> Markup:
    """The mark of a status on its row, in its shape and colour."""
    look = LOOKS[status]
    return mark(f"hw-mark hw-{look.shape}", left=left, colour=look.colour)


def line(places: Sequence[tuple[float, float]], colour: str) -> Markup:
    """A line through places, each from the left and from the top of the plot, behind its marks."""
    points = " ".join(f"{left:.2f},{top:.2f}" for left, top in places)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none"><polyline '
        f'points="{points}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-opacity="0.65" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )
    return LINE.format(quote(svg, safe=" ,.:/=-"))


def labels(words: Sequence[str], places: Sequence[float]) -> Markup:
    """Words along an axis, of which each, every second or every fourth is shown, and so on, as there is room for them."""
    shown: dict[int, str] = {}
    for look, room in ROOMS.items():
        steps = (2**power for power in range(len(words)))
        step = next((step for step in steps if _fit(words[::step], places[::step], room)), len(words))
        for nth in range(0, len(words), step):
            shown.setdefault(nth, look)
    return joined(
        mark(f"hw-label {look}".rstrip(), _in_lines(words[nth]), left=places[nth])
        for nth, look in sorted(shown.items())
    )


def _fit(words: Sequence[str], places: Sequence[float], room: int) -> bool:
    return all(
        (place - before) / 100 * room >= (_width(word) + _width(word_before)) / 2 + BETWEEN_LABELS
        for (word_before, before), (word, place) in pairwise(zip(words, places, strict=True))
    )


def _width(words: str) -> float:
    return max(map(len, words.split("\n"))) * LETTER


def _in_lines(words: str) -> Markup:
    return Markup("<br>").join(words.split("\n"))


def lane(marks: Iterable[Markup], told: str, height: int = ROW) -> Markup:
    """A row of a chart: its marks, and what is told to who points at it."""
    return LANE.format(height=height, told=told, marks=joined(marks))


def rows(
    names: Sequence[str],
    lanes: Iterable[Markup],
    said: str,
    ground: Iterable[Markup] = (),
    around: Around = Around(),
    height: int = ROW,
) -> Markup:
    """A chart of one row a name, in the order given, over what lies behind all of them; `said` to who can't see it."""
    drawn = joined(ground) + joined(lanes)
    beside = joined(NAME.format(height=height, name=name) for name in names)
    return _chart("hw-names", beside, drawn, said, around, height * len(names))


def levels(
    words: Sequence[str],
    places: Sequence[float],
    drawn: Iterable[Markup],
    said: str,
    around: Around,
    height: int,
) -> Markup:
    """A chart whose upright axis has words at places, from its top."""
    beside = joined(mark("", word, top=place) for word, place in zip(words, places, strict=True))
    return _chart("hw-levels", beside, joined(drawn), said, around, height)


def _chart(beside: str, names: Markup, drawn: Markup, said: str, around: Around, height: int) -> Markup:
    return CHART.format(
        beside=beside,
        names=names,
        drawn=drawn,
        said=said,
        height=height,
        above=around.above,
        top=around.top,
        below=around.below,
        bottom=around.bottom,
        beyond=around.beyond,
    )


def row_tooltip(name: str, facts: Mapping[str, object]) -> str:
    """What a row tells to who points at it: its name, and what is known of it, a line each."""
    return "\n".join([name, *(f"{title}: {fact}" for title, fact in facts.items() if fact)])


def nothing_yet(sentence: str) -> Markup:
    """What a chart draws of nothing: the sentence."""
    return NOTHING.format(sentence)


def joined(pieces: Iterable[Markup]) -> Markup:
    return Markup().join(pieces)
