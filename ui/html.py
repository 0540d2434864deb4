"""Pieces of HTML for what is read and not typed: tables, badges, lines and links.

Streamlit reads each of its texts, labels and cells as Markdown, and a page of a hundred of them keeps a browser busy for
longer than all the rest of it. One piece of HTML costs as much as one of them. What somebody typed is escaped by
`Markup.format`, which leaves only pieces of HTML as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import streamlit as st
from markupsafe import Markup

from models.status import Status
from reports.charts.theme import LOOKS
from ui import navigation

COLOURS = ("green", "orange", "red", "blue", "gray")
# `follow.js` follows these within the open page.
WITHIN = "within"
TABLE, LINK, BADGE, ICON = (
    Markup(
        '<div class="hw hw-wide" tabindex="0" role="region" aria-label="{said}">'
        '<table style="min-width: {narrowest}px"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    ),
    Markup('<a class="within hw-link" href="{href}">{label}{arrow}</a>'),
    Markup('<span class="hw-badge hw-{colour}">{icon} {word}</span>'),
    Markup('<span class="hw-icon" aria-hidden="true" translate="no">{}</span>'),
)


@cache
def style() -> str:
    """The look of the pieces, in the colours of the theme, which follow light and dark by themselves."""

    def colour(name: str, part: str) -> str:
        light, dark = (st.get_option(f"theme.{kind}.{name}{part}Color") for kind in ("light", "dark"))
        return f"light-dark({light}, {dark})"

    colours = "".join(
        f".hw-{name} {{ color: {colour(name, 'Text')} }} "
        f".hw-badge.hw-{name} {{ background: {colour(name, 'Background')} }}\n"
        for name in COLOURS
    )
    return f"""<style>
.hw {{ font-size: 1rem; line-height: 1.6 }}
.hw p, .hw ul {{ margin: 0 }}
.hw-row {{ display: flex; flex-wrap: wrap; align-items: center; gap: .25rem; margin-bottom: .75rem }}
.hw-faint {{ font-size: .875rem; opacity: .7 }}
.hw-icon {{ font: 1.1em/1 "Material Symbols Rounded"; font-feature-settings: "liga"; vertical-align: -.2em;
  user-select: none; white-space: nowrap }}
.hw-badge {{ display: inline-block; padding: 0 .25rem; border-radius: .25rem; font-size: .875rem; line-height: 1.5;
  white-space: nowrap }}
{colours}
.hw-link {{ display: inline-flex; align-items: center; gap: .5rem; padding: 0 .5rem; border-radius: .5rem;
  line-height: 2; font-size: .875rem; font-weight: 600; color: inherit !important; text-decoration: none !important;
  background: color-mix(in srgb, currentColor 6%, transparent) }}
.hw-link:hover, .hw-link:focus-visible {{ background: color-mix(in srgb, currentColor 12%, transparent) }}
.hw-wide {{ overflow-x: auto }}
.hw table {{ width: 100%; border-collapse: collapse; font-size: .875rem; line-height: 1.5 }}
.hw th, .hw td {{ padding: .25rem .375rem; text-align: left; vertical-align: middle; font-weight: 400;
  border-bottom: 1px solid color-mix(in srgb, currentColor 11%, transparent) }}
.hw th:first-child, .hw td:first-child {{ padding-left: .5rem }}
.hw thead th {{ color: color-mix(in srgb, currentColor 70%, transparent) }}
.hw tbody tr:last-child td {{ border-bottom: 0 }}
</style>"""


def show(piece: Markup) -> None:
    """Draw a piece on the page."""
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


def table(columns: Mapping[str, Iterable[object]], said: str, narrowest: int = 0) -> None:
    """Draw a table of columns by their names. Its cells are text or pieces (which a frame of pandas would make text of);
    `said` is what it is, for who can't see it; where it has less than `narrowest` pixels, it scrolls within its card.
    """
    head = joined(Markup('<th scope="col">{}</th>').format(name) for name in columns)
    rows = zip(*columns.values(), strict=True)
    body = joined(
        Markup("<tr>{}</tr>").format(joined(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in rows
    )
    show(TABLE.format(said=said, narrowest=narrowest, head=head, body=body))
