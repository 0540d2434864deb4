"""HTML components for what is read and not typed: tables, badges, lines and links.

Streamlit reads each of its texts, labels and cells as Markdown, and a page of a hundred of them keeps a browser busy for
longer than all the rest of it. One HTML component costs as much as one of them. What somebody typed is escaped by
`Markup.format` and by the templates in `ui/templates`, which leave only Markup as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from markupsafe import Markup, escape

from models.status import Status
from models.wording import count
from reports.charts.theme import LOOKS
from reports.metrics.definitions import Difference
from reports.templates import Templates
from ui import navigation
from ui.static import ASSETS

STYLE = ASSETS / "components.css"
TEMPLATES = Templates(Path(__file__).parent / "templates")
COLOURS = ("green", "orange", "red", "blue", "gray")
OTHER_COLOURS = ("linkColor", "borderColor", "primaryColor", "backgroundColor")
_IN_ADDRESS = str.maketrans({character: f"%{ord(character):02X}" for character in "()[]<>\\`$|\"'"})
# Whatever else an address may begin with isn't one that a page leads to.
LEADS_OUT = ("https://", "http://")
# `follow.js` follows the links of class `within` in the open page.
LINK = Markup('<a class="within hw-link" href="{href}">{label}</a>')
OPENER = Markup('<a class="within hw-open" href="{href}">{title}</a>')
CHOICE = Markup('<nav class="hw hw-choice" aria-label="{label}">{links}</nav>')
OTHER = Markup('<a class="within" href="{href}">{label}</a>')
CURRENT = Markup('<a class="within" href="{href}" aria-current="true">{label}</a>')
OUTSIDE = Markup('<a href="{href}" target="_blank" rel="noopener noreferrer">{title}</a>')
LINES = Markup('<ul class="hw hw-lines">{}</ul>')
GRID = Markup('<div class="hw hw-grid" style="--least: {least}px">{components}</div>')
SPARK = Markup(
    '<span class="hw-spark" role="img" aria-label="{description}" style="clip-path: polygon({shape})"></span>'
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
    """Return the style sheet of the components, in the theme's colours, which follow light and dark by themselves."""
    names = [f"{name}{part}" for name in COLOURS for part in ("TextColor", "BackgroundColor")]
    colours = " ".join(f"--{name}: {_colour(name)};" for name in [*names, *OTHER_COLOURS])
    return f"<style>:root {{ {colours} }} {STYLE.read_text()}</style>"


def _colour(name: str) -> str:
    """A colour of the theme, light and dark."""
    light, dark = (st.get_option(f"theme.{kind}.{name}") for kind in ("light", "dark"))
    return f"light-dark({light}, {dark})"


def render(template: str, /, **values: Any) -> Markup:
    """Return the component of a template in `ui/templates`."""
    return TEMPLATES.render(template, **values)


def show(component: Markup, width: Literal["stretch", "content"] = "stretch") -> None:
    """Draw a component on the page; nothing where it is empty."""
    if component:
        st.html(str(component), width=width)


def icon(name: str) -> Markup:
    """Return a Material symbol, given as `:material/name:` or by its name; write its meaning beside it."""
    return ICON.format(_symbol(name))


def _symbol(name: str) -> str:
    return name.removeprefix(":material/").removesuffix(":")


def badge(status: Status, word: str | None = None) -> Markup:
    """Return a status as its word, icon and colour."""
    look = LOOKS[status]
    return marked(look.markdown, look.icon, word or status.label)


def marked(colour: str, symbol: str, word: str) -> Markup:
    """Return a word on a background of one of `COLOURS`, behind a symbol."""
    return BADGE.format(colour=colour, icon=_symbol(symbol), word=word)


def coloured(colour: str, *text: object) -> Markup:
    """Return text in one of `COLOURS`; in its own colour where that is empty."""
    if not colour:
        return joined(text)
    return Markup('<span class="hw-{}">{}</span>').format(colour, joined(text))


def bold(text: object) -> Markup:
    """Return bold text."""
    return Markup("<strong>{}</strong>").format(text)


def joined(components: Iterable[object], between: str = "") -> Markup:
    """Return components one after the other; whatever isn't Markup is text."""
    return Markup(between).join(escape(component) for component in components)


def link(key: str, slug: str | None, label: str, **query: str) -> Markup:
    """Return a link to a page, like `navigation.link`, as an HTML component."""
    href = navigation.address(key, slug, **query)
    return LINK.format(href=href, label=label)


def choice(label: str, choices: Mapping[str, str], current: str) -> Markup:
    """Return links beside each other, of which one is current: their addresses by their text. `label` names them all."""
    links = (
        (CURRENT if text == current else OTHER).format(href=href, label=text)
        for text, href in choices.items()
    )
    return CHOICE.format(label=label, links=joined(links))


def pages(label: str, number: int, current: int, address: Callable[[int], str]) -> Markup:
    """Return links to the other pages of a list of `number` pages: its ends, and those beside the current one."""
    shown = sorted({1, current - 1, current, current + 1, number} & set(range(1, number + 1)))
    numbers = {f"{page:,}": address(page) for page in shown}
    before = {"Previous": address(current - 1)} if current > 1 else {}
    after = {"Next": address(current + 1)} if current < number else {}
    return choice(label, before | numbers | after, f"{current:,}")


def outside(title: str, href: str) -> Markup:
    """Return a link out of the program, both of its parts typed by somebody; it opens in a new tab."""
    if not href.startswith(LEADS_OUT):
        return escape(title)
    return OUTSIDE.format(href=in_address(href), title=title)


def in_address(text: str) -> str:
    """Return an address that somebody typed, with every character encoded that would end it."""
    return text.translate(_IN_ADDRESS)


def opener(kind: str, slug: str, row: Any, title: str) -> Markup:
    """Return the title of a record as a link that opens it on the page of its kind."""
    return opener_of(f"{kind}s", slug, title, **{kind: str(row.id)})


def opener_of(key: str, slug: str, title: str, **query: str) -> Markup:
    """Return the title of something on another page as a link to it."""
    return OPENER.format(href=navigation.address(key, slug, **query), title=title)


def spark(values: Sequence[float], most: float) -> Markup:
    """Return a sparkline of values from 0 to `most`, as high as a line of text."""
    across = 100 / max(len(values) - 1, 1)
    heights = [f"{nth * across:.1f}% {100 - 100 * value / most:.1f}%" for nth, value in enumerate(values)]
    shape = ", ".join(["0% 100%", *heights, f"{across * (len(values) - 1):.1f}% 100%"])
    return SPARK.format(description=", ".join(f"{value:g}" for value in values), shape=shape)


def paragraph(text: str) -> Markup:
    """Return a paragraph of text."""
    return Markup("<p>{}</p>").format(text)


def difference(one: Difference) -> Markup:
    """Return a field of a definition, before and after."""
    return DIFFERENCE.format(one.field, one.before, one.after)


def more(left_out: int, noun: str = "") -> Markup:
    """Return how many are not shown ("And 3 more.", "And 3 more changes."); nothing where all are."""
    if left_out <= 0:
        return Markup()
    return faint(f"And {count(left_out, f'more {noun}')}." if noun else f"And {left_out} more.")


def faint(text: object) -> Markup:
    """Return a paragraph of secondary text."""
    return FAINT.format(text)


def card(title: str, *parts: Markup) -> Markup:
    """Return components below each other under a title, in a frame."""
    return CARD.format(title=title, parts=joined(parts))


def part(title: str, *parts: Markup) -> Markup:
    """Return the same without a frame: a part of the page, or of a card of Streamlit's."""
    return PART.format(title=title, parts=joined(parts))


def folded(title: str, body: Markup) -> Markup:
    """Return a collapsible section (`<details>`), closed by default."""
    return FOLDED.format(title=title, body=body)


def stack(components: Iterable[Markup]) -> Markup:
    """Return cards and parts below each other, as far apart as Streamlit's own elements; nothing where there are none."""
    stacked = joined(components)
    return STACK.format(stacked) if stacked else stacked


def beside(*cards: Markup) -> Markup:
    """Return cards beside each other, equally high; below each other where they have little room."""
    return BESIDE.format(joined(cards))


def lines(items: Iterable[object]) -> Markup:
    """Return a list, one item a line; nothing where there are none."""
    return _listed(LINES, items)


def points(items: Iterable[object]) -> Markup:
    """Return a list with a bullet before each item; nothing where there are none."""
    return _listed(POINTS, items)


def _listed(form: Markup, items: Iterable[object]) -> Markup:
    listed = joined(Markup("<li>{}</li>").format(item) for item in items)
    return form.format(listed) if listed else listed


def grid(components: Iterable[Markup], min_width: int) -> Markup:
    """Return components beside each other, in columns of at least `min_width` pixels."""
    return GRID.format(least=min_width, components=joined(components))


def table(columns: Mapping[str, Iterable[object]], description: str, min_width: int = 0) -> Markup:
    """Return a table of columns by their names. Its cells are text or components (which a frame of pandas would turn
    into text); `description` is read to those who can't see it; below `min_width` pixels it scrolls within its card.
    """
    rows = zip(*columns.values(), strict=True)
    return render("table.html", names=columns, rows=rows, description=description, min_width=min_width)
