"""Pieces of HTML for what is read and not typed: tables, badges, lines and links.

Streamlit reads each of its texts, labels and cells as Markdown, and a page of a hundred of them keeps a browser busy for
longer than all the rest of it. One piece of HTML costs as much as one of them. What somebody typed is escaped by
`Markup.format`, which leaves only pieces of HTML as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import streamlit as st
from markupsafe import Markup, escape

from models.status import Status
from reports.charts.theme import BLUE, LOOKS
from ui import navigation

COLOURS = ("green", "orange", "red", "blue", "gray")
_IN_ADDRESS = str.maketrans({character: f"%{ord(character):02X}" for character in "()[]<>\\`$|\"'"})
# Whatever else an address may begin with isn't one that a page leads to.
LEADS_OUT = ("https://", "http://")
TABLE = Markup(
    '<div class="hw hw-wide" tabindex="0" role="group" aria-label="{said}"><table style="min-width: {narrowest}px">'
    "<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
)
# `follow.js` follows the links of class `within` in the open page.
LINK = Markup('<a class="within hw-link" href="{href}">{label}{arrow}</a>')
OPENER = Markup('<a class="within hw-open" href="{href}">{title}{icon}</a>')
OUTSIDE = Markup('<a href="{href}" target="_blank" rel="noopener noreferrer">{title}</a>')
LINES = Markup('<ul class="hw hw-lines">{}</ul>')
GRID = Markup('<div class="hw hw-grid" style="--least: {least}px">{pieces}</div>')
SPARK = Markup(
    '<span class="hw-spark" role="img" aria-label="{said}" style="clip-path: polygon({shape})"></span>'
)
BADGE = Markup('<span class="hw-badge hw-{colour}">{icon} {word}</span>')
ICON = Markup('<span class="hw-icon" aria-hidden="true" translate="no">{}</span>')


@cache
def style() -> str:
    """The look of the pieces, in the colours of the theme, which follow light and dark by themselves."""

    def colour(name: str) -> str:
        light, dark = (st.get_option(f"theme.{kind}.{name}") for kind in ("light", "dark"))
        return f"light-dark({light}, {dark})"

    colours = "".join(
        f".hw-{name} {{ color: {colour(f'{name}TextColor')} }} "
        f".hw-badge.hw-{name} {{ background: {colour(f'{name}BackgroundColor')} }}\n"
        for name in COLOURS
    )
    return f"""<style>
.hw {{ font-size: 1rem; line-height: 1.6 }}
.hw p {{ margin: 0 }}
.stHtml .hw-lines {{ list-style: none; margin: 0; padding: 0 }}
.hw-lines li {{ margin: 0 0 .25rem }}
.hw-line {{ margin-bottom: 1rem }}
.hw-row {{ display: flex; flex-wrap: wrap; align-items: center; gap: .25rem; margin-bottom: .75rem }}
.hw-faint {{ font-size: .875rem; opacity: .7 }}
.hw-said {{ font-size: .875rem; opacity: .85 }}
.hw-figure {{ font-size: 1.75rem; font-weight: 600; line-height: 1.4 }}
.hw-icon {{ font: 1.1em/1 "Material Symbols Rounded"; font-feature-settings: "liga"; vertical-align: -.2em;
  user-select: none; white-space: nowrap }}
.hw-badge {{ display: inline-block; padding: 0 .25rem; border-radius: .25rem; font-size: .875rem; line-height: 1.5;
  white-space: nowrap }}
{colours}
.hw a[target] {{ color: {colour("linkColor")} }}
.hw-link {{ display: inline-flex; align-items: center; gap: .5rem; padding: 0 .5rem; border-radius: .5rem;
  line-height: 2; font-size: .875rem; font-weight: 600; color: inherit !important; text-decoration: none !important;
  background: color-mix(in srgb, currentColor 6%, transparent) }}
.hw-link:hover, .hw-link:focus-visible {{ background: color-mix(in srgb, currentColor 12%, transparent) }}
.hw-open {{ display: inline-flex; align-items: center; gap: .5rem; font-weight: 600; color: inherit !important;
  text-decoration: none !important }}
.hw-open:hover, .hw-open:focus-visible {{ text-decoration: underline !important }}
.hw-grid {{ display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, var(--least)), 1fr)) }}
.hw-card {{ display: flex; flex-direction: column; align-items: flex-start; gap: .75rem; padding: 1rem;
  border: 1px solid {colour("borderColor")};
  border-radius: .5rem }}
.hw-tight {{ gap: 0 }}
.hw-card > .hw-link {{ margin-top: auto }}
.hw-spark {{ display: block; width: 6rem; height: 1.25rem; background: {BLUE} }}
.hw-head {{ flex-wrap: wrap; margin-bottom: .75rem }}
.hw-head h1 {{ padding: 0; margin: 0 }}
.hw-badges {{ display: flex; flex-wrap: wrap; justify-content: end; gap: .5rem 1rem }}
.hw-ends {{ display: flex; justify-content: space-between; align-items: center; gap: .5rem; width: 100% }}
.hw-ends:first-child {{ align-items: flex-start }}
.hw-card .hw-ends:last-child {{ margin-top: auto }}
.hw progress {{ display: block; width: 100%; height: .5rem; accent-color: {colour("primaryColor")} }}
.hw-wide {{ overflow-x: auto }}
.hw table {{ width: 100%; border-collapse: collapse; font-size: .875rem; line-height: 1.5 }}
.hw th, .hw td {{ padding: .25rem .375rem; text-align: left; vertical-align: middle; font-weight: 400;
  border-bottom: 1px solid color-mix(in srgb, currentColor 11%, transparent) }}
.hw th:first-child, .hw td:first-child {{ padding-left: .5rem }}
.hw thead th {{ color: color-mix(in srgb, currentColor 70%, transparent) }}
.hw tbody tr:last-child td {{ border-bottom: 0 }}
</style>"""


def show(piece: Markup) -> None:
    """Draw a piece on the page; nothing where it is empty."""
    if piece:
        st.html(str(piece))


def icon(name: str) -> Markup:
    """A Material symbol, as `:material/name:` or by its name; beside it stands what it means, in words."""
    return ICON.format(name.removeprefix(":material/").removesuffix(":"))


def badge(status: Status, word: str | None = None) -> Markup:
    """A status as its word, icon and colour."""
    look = LOOKS[status]
    return marked(look.markdown, look.icon, word or status.word)


def marked(colour: str, symbol: str, word: str) -> Markup:
    """A word on a ground of one of `COLOURS`, behind a symbol."""
    return BADGE.format(colour=colour, icon=icon(symbol), word=word)


def coloured(colour: str, *said: object) -> Markup:
    """Text in one of `COLOURS`; in its own where that is empty."""
    if not colour:
        return joined(said)
    return Markup('<span class="hw-{}">{}</span>').format(colour, joined(said))


def bold(said: object) -> Markup:
    return Markup("<strong>{}</strong>").format(said)


def joined(pieces: Iterable[object], between: str = "") -> Markup:
    """Pieces one after the other; what isn't one is text."""
    return Markup(between).join(pieces)


def link(key: str, slug: str | None, label: str, **query: str) -> Markup:
    """As `navigation.link`, as a piece of HTML."""
    href = navigation.address(key, slug, **query)
    return LINK.format(href=href, label=label, arrow=icon("arrow_forward"))


def outside(title: str, href: str) -> Markup:
    """A link out of the program, both of its parts typed by somebody; it opens in a tab of its own."""
    if not href.startswith(LEADS_OUT):
        return escape(title)
    return OUTSIDE.format(href=in_address(href), title=title)


def in_address(text: str) -> str:
    """An address that somebody typed, without what would end it or begin something else."""
    return text.translate(_IN_ADDRESS)


def opener(kind: str, slug: str, row: Any, title: str) -> Markup:
    """A record's title on the page of its kind, which opens it there."""
    return opener_of(f"{kind}s", slug, title, **{kind: str(row.id)})


def opener_of(key: str, slug: str, title: str, **query: str) -> Markup:
    """The title of what is on another page, which leads there."""
    return OPENER.format(href=navigation.address(key, slug, **query), title=title, icon=icon("chevron_right"))


def spark(values: Sequence[float], most: float) -> Markup:
    """Values from 0 to `most` one after the other, as an area as high as a line of text."""
    across = 100 / max(len(values) - 1, 1)
    heights = [f"{nth * across:.1f}% {100 - 100 * value / most:.1f}%" for nth, value in enumerate(values)]
    shape = ", ".join(["0% 100%", *heights, f"{across * (len(values) - 1):.1f}% 100%"])
    return SPARK.format(said=", ".join(f"{value:g}" for value in values), shape=shape)


def lines(pieces: Iterable[object]) -> Markup:
    """Pieces below each other, as a list; nothing where there are none."""
    items = joined(Markup("<li>{}</li>").format(piece) for piece in pieces)
    return LINES.format(items) if items else items


def grid(pieces: Iterable[Markup], least: int) -> Markup:
    """Pieces beside each other, in columns of at least so many pixels."""
    return GRID.format(least=least, pieces=joined(pieces))


def table(columns: Mapping[str, Iterable[object]], said: str, narrowest: int = 0) -> None:
    """Draw a table of columns by their names. Its cells are text or pieces (which a frame of pandas would make text of);
    `said` is what it is, for who can't see it; where it has less than `narrowest` pixels, it scrolls within its card.
    """
    head = joined(Markup('<th scope="col">{}</th>').format(name) for name in columns)
    # As `format` does it, several times faster.
    rows = zip(*columns.values(), strict=True)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    show(TABLE.format(said=said, narrowest=narrowest, head=head, body=Markup(body)))
