"""Pieces of HTML for what is read and not typed: tables, badges, lines and links.

Streamlit reads each of its texts, labels and cells as Markdown, and a page of a hundred of them keeps a browser busy for
longer than all the rest of it. One piece of HTML costs as much as one of them. What somebody typed is escaped by
`Markup.format`, which leaves only pieces of HTML as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Literal

import streamlit as st
from markupsafe import Markup, escape

from models.status import Status
from models.wording import count
from reports.charts.theme import LOOKS
from reports.metrics.definitions import Difference
from ui import navigation
from ui.static import ASSETS

STYLE = ASSETS / "components.css"
COLOURS = ("green", "orange", "red", "blue", "gray")
OTHER_COLOURS = ("linkColor", "borderColor", "primaryColor", "backgroundColor")
_IN_ADDRESS = str.maketrans({character: f"%{ord(character):02X}" for character in "()[]<>\\`$|\"'"})
# Whatever else an address may begin with isn't one that a page leads to.
LEADS_OUT = ("https://", "http://")
TABLE = Markup(
    '<div class="hw hw-wide" tabindex="0" role="group" aria-label="{said}"><table style="min-width: {narrowest}px">'
    "<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
)
# `follow.js` follows the links of class `within` in the open page.
LINK = Markup('<a class="within hw-link" href="{href}">{label}</a>')
OPENER = Markup('<a class="within hw-open" href="{href}">{title}</a>')
CHOICE = Markup('<nav class="hw hw-choice" aria-label="{said}">{links}</nav>')
OTHER = Markup('<a class="within" href="{href}">{label}</a>')
CURRENT = Markup('<a class="within" href="{href}" aria-current="true">{label}</a>')
OUTSIDE = Markup('<a href="{href}" target="_blank" rel="noopener noreferrer">{title}</a>')
LINES = Markup('<ul class="hw hw-lines">{}</ul>')
GRID = Markup('<div class="hw hw-grid" style="--least: {least}px">{pieces}</div>')
SPARK = Markup(
    '<span class="hw-spark" role="img" aria-label="{said}" style="clip-path: polygon({shape})"></span>'
)
BADGE = Markup('<span class="hw-badge hw-{colour}" data-icon="{icon}">{word}</span>')
CARD = Markup('<section class="hw hw-card"><h2>{title}</h2>{parts}</section>')
PART = Markup('<section class="hw hw-part"><h2>{title}</h2>{parts}</section>')
FOLDED = Markup('<details class="hw hw-folded"><summary>{title}</summary>{body}</details>')
STACK = Markup('<div class="hw-stack">{}</div>')
BESIDE = Markup('<div class="hw hw-beside">{}</div>')
POINTS = Markup('<ul class="hw hw-points">{}</ul>')
DIFFERENCE = Markup("{}: {} → <strong>{}</strong>")
FAINT = Markup('<p class="hw-faint">{}</p>')
ICON = Markup('<i class="hw-icon" data-icon="{}"></i>')


@cache
def style() -> str:
    """The look of the pieces, in the colours of the theme, which follow light and dark by themselves."""
    names = [f"{name}{part}" for name in COLOURS for part in ("TextColor", "BackgroundColor")]
    colours = " ".join(f"--{name}: {_colour(name)};" for name in [*names, *OTHER_COLOURS])
    return f"<style>:root {{ {colours} }} {STYLE.read_text()}</style>"


def _colour(name: str) -> str:
    """A colour of the theme in both of its halves."""
    light, dark = (st.get_option(f"theme.{kind}.{name}") for kind in ("light", "dark"))
    return f"light-dark({light}, {dark})"


def show(piece: Markup, width: Literal["stretch", "content"] = "stretch") -> None:
    """Draw a piece on the page; nothing where it is empty."""
    if piece:
        st.html(str(piece), width=width)


def icon(name: str) -> Markup:
    """A Material symbol, as `:material/name:` or by its name; beside it stands what it means, in words."""
    return ICON.format(_symbol(name))


def _symbol(name: str) -> str:
    return name.removeprefix(":material/").removesuffix(":")


def badge(status: Status, word: str | None = None) -> Markup:
    """A status as its word, icon and colour."""
    look = LOOKS[status]
    return coloured_badge(look.markdown, look.icon, word or status.label)


def coloured_badge(colour: str, symbol: str, word: str) -> Markup:
    """A word on a ground of one of `COLOURS`, behind a symbol."""
    return BADGE.format(colour=colour, icon=_symbol(symbol), word=word)


def coloured(colour: str, *said: object) -> Markup:
    """Text in one of `COLOURS`; in its own where that is empty."""
    if not colour:
        return join(said)
    return Markup('<span class="hw-{}">{}</span>').format(colour, join(said))


def bold(said: object) -> Markup:
    return Markup("<strong>{}</strong>").format(said)


def join(pieces: Iterable[object], between: str = "") -> Markup:
    """Pieces one after the other; what isn't one is text."""
    return Markup(between).join(pieces)


def link(key: str, slug: str | None, label: str, **query: str) -> Markup:
    """As `navigation.link`, as a piece of HTML."""
    href = navigation.address(key, slug, **query)
    return LINK.format(href=href, label=label)


def link_group(said: str, choices: Mapping[str, str], current: str) -> Markup:
    """Links beside each other of which one is current: their addresses by what they say. `said` is what they choose."""
    links = (
        (CURRENT if label == current else OTHER).format(href=href, label=label)
        for label, href in choices.items()
    )
    return CHOICE.format(said=said, links=join(links))


def pagination(said: str, number: int, current: int, address: Callable[[int], str]) -> Markup:
    """The way to the other pages of a list of so many: its ends, and those beside the current one."""
    shown = sorted({1, current - 1, current, current + 1, number} & set(range(1, number + 1)))
    numbers = {f"{page:,}": address(page) for page in shown}
    before = {"Previous": address(current - 1)} if current > 1 else {}
    after = {"Next": address(current + 1)} if current < number else {}
    return link_group(said, before | numbers | after, f"{current:,}")


def external_link(title: str, href: str) -> Markup:
    """A link out of the program, both of its parts typed by somebody; it opens in a tab of its own."""
    if not href.startswith(LEADS_OUT):
        return escape(title)
    return OUTSIDE.format(href=escape_address(href), title=title)


def escape_address(text: str) -> str:
    """An address that somebody typed, without what would end it or begin something else."""
    return text.translate(_IN_ADDRESS)


def record_link(kind: str, slug: str, row: Any, title: str) -> Markup:
    """A record's title on the page of its kind, which opens it there."""
    return title_link(f"{kind}s", slug, title, **{kind: str(row.id)})


def title_link(key: str, slug: str, title: str, **query: str) -> Markup:
    """The title of what is on another page, which leads there."""
    return OPENER.format(href=navigation.address(key, slug, **query), title=title)


def sparkline(values: Sequence[float], most: float) -> Markup:
    """Values from 0 to `most` one after the other, as an area as high as a line of text."""
    across = 100 / max(len(values) - 1, 1)
    heights = [f"{nth * across:.1f}% {100 - 100 * value / most:.1f}%" for nth, value in enumerate(values)]
    shape = ", ".join(["0% 100%", *heights, f"{across * (len(values) - 1):.1f}% 100%"])
    return SPARK.format(said=", ".join(f"{value:g}" for value in values), shape=shape)


def paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def difference(one: Difference) -> Markup:
    """A field of a definition, as it was and as it is."""
    return DIFFERENCE.format(one.field, one.before, one.after)


def more(left_out: int, noun: str = "") -> Markup:
    """How many are not shown, where some aren't: "And 3 more." or "And 3 more changes."."""
    if left_out <= 0:
        return Markup()
    return caption(f"And {count(left_out, f'more {noun}')}." if noun else f"And {left_out} more.")


def caption(said: object) -> Markup:
    """What is said beside the point."""
    return FAINT.format(said)


def card(title: str, *parts: Markup) -> Markup:
    """Pieces below each other under a title of their own, apart from the rest of the page."""
    return CARD.format(title=title, parts=join(parts))


def section(title: str, *parts: Markup) -> Markup:
    """The same without a frame: a part of the page, or of a card of Streamlit's."""
    return PART.format(title=title, parts=join(parts))


def collapsible(title: str, body: Markup) -> Markup:
    """What is read only by who opens it."""
    return FOLDED.format(title=title, body=body)


def stack(pieces: Iterable[Markup]) -> Markup:
    """Cards and parts below each other, as far apart as Streamlit's own elements; nothing where there are none."""
    stacked = join(pieces)
    return STACK.format(stacked) if stacked else stacked


def columns(*cards: Markup) -> Markup:
    """Cards beside each other, equally high; below each other where they have little room."""
    return BESIDE.format(join(cards))


def plain_list(pieces: Iterable[object]) -> Markup:
    """Pieces below each other, as a list; nothing where there are none."""
    return _listed(LINES, pieces)


def bullet_list(pieces: Iterable[object]) -> Markup:
    """The same with a dot before each."""
    return _listed(POINTS, pieces)


def _listed(form: Markup, pieces: Iterable[object]) -> Markup:
    items = join(Markup("<li>{}</li>").format(piece) for piece in pieces)
    return form.format(items) if items else items


def grid(pieces: Iterable[Markup], least: int) -> Markup:
    """Pieces beside each other, in columns of at least so many pixels."""
    return GRID.format(least=least, pieces=join(pieces))


def table(columns: Mapping[str, Iterable[object]], said: str, narrowest: int = 0) -> Markup:
    """A table of columns by their names. Its cells are text or pieces (which a frame of pandas would make text of);
    `said` is what it is, for who can't see it; where it has less than `narrowest` pixels, it scrolls within its card.
    """
    head = join(Markup('<th scope="col">{}</th>').format(name) for name in columns)
    # As `format` does it, several times faster.
    rows = zip(*columns.values(), strict=True)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return TABLE.format(said=said, narrowest=narrowest, head=head, body=Markup(body))
