"""HTML components for what is read and not typed: tables, badges, lines and links.

Streamlit reads each of its texts, labels and cells as Markdown, and a page of a hundred of them keeps a browser busy for
longer than all the rest of it. One HTML component costs as much as one of them. What somebody typed is escaped by
`Markup.format` and by the templates in `ui/templates`, which leave only Markup as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from ui.markdown import escaped_address

TEMPLATES = Templates(Path(__file__).parent / "templates")
COLOURS = ("green", "orange", "red", "blue", "gray")
EXTERNAL = ("https://", "http://")
"""How the address of a link out of Headway begins; anything else, such as `javascript:`, is no link."""
MIN_STACKED_WIDTH, MIN_STACKED_COLUMNS = 560, 5
"""A table that needs as many pixels or columns becomes a block a row on a phone."""
# `follow.js` follows the links of class `within` in the open page.
LINK = Markup('<a class="within hw-link" href="{href}">{label}</a>')
BACK_LINK = Markup('<a class="within hw-link hw-back" href="{href}">← {label}</a>')
TITLE_LINK = Markup('<a class="within hw-open" href="{href}">{title}</a>')
LINK_GROUP = Markup('<nav class="hw hw-choice" aria-label="{label}">{links}</nav>')
WITHIN_TEXT = Markup('<a class="within hw-in-text" href="{href}">{label}</a>')
OTHER = Markup('<a class="within" href="{href}">{label}</a>')
MAIN_ACT = Markup('<a class="within hw-main" data-icon="{symbol}" href="{href}">{label}</a>')
CURRENT = Markup('<a class="within" href="{href}" aria-current="true">{label}</a>')
EXTERNAL_LINK = Markup('<a href="{href}" target="_blank" rel="noopener noreferrer">{title}</a>')
PLAIN_LIST = Markup('<ul class="hw hw-lines">{}</ul>')
GRID = Markup('<div class="hw hw-grid" style="--least: {min_width}px">{components}</div>')
SPARKLINE = Markup(
    '<span class="hw-spark" role="img" aria-label="{label}" style="clip-path: polygon({shape})"></span>'
)
BADGE = Markup('<span class="hw-badge hw-{colour}" data-icon="{icon}">{label}</span>')
FRAMED = Markup('<section class="hw hw-card">{}</section>')
CARD = Markup('<section class="hw hw-card"><h2>{title}</h2>{body}</section>')
DRAWN = Markup('<div class="hw-drawn">{}</div>')
WITH_ACT = Markup('<div class="hw hw-ends">{text}<span class="hw-choice">{link}</span></div>')
FOOT = Markup('<div class="hw-foot">{}</div>')
SECTION = Markup('<section class="hw hw-part"><h2>{title}</h2>{body}</section>')
COLLAPSIBLE = Markup('<details class="hw hw-folded"><summary>{title}</summary>{body}</details>')
STACK = Markup('<div class="hw-stack">{}</div>')
MAIN_AND_SIDE = Markup('<div class="hw-halves"><div class="hw">{first}{second}</div></div>')
SIDE_AND_MAIN = Markup('<div class="hw-halves hw-side-first"><div class="hw">{first}{second}</div></div>')
COLUMNS = Markup('<div class="hw hw-beside">{}</div>')
BULLET_LIST = Markup('<ul class="hw hw-points">{}</ul>')
DIFFERENCE = Markup("{}: {} → <strong>{}</strong>")
CAPTION = Markup('<p class="hw-faint">{}</p>')
NONE = Markup()
ICON = Markup('<i class="hw-icon" data-icon="{}"></i>')


def render(template: str, /, **values: Any) -> Markup:
    """Return the component of a template in `ui/templates`."""
    return TEMPLATES.render(template, **values)


def show(component: Markup, width: Literal["stretch", "content"] = "stretch") -> None:
    """Draw a component on the page; nothing if it is empty. In a row, `width` is "content"."""
    if component:
        st.html(str(component), width=width)


def icon(name: str) -> Markup:
    """Return a Material symbol, given as `:material/name:` or by its name. Put its meaning in words beside it."""
    return ICON.format(_symbol(name))


def _symbol(name: str) -> str:
    return name.removeprefix(":material/").removesuffix(":")


def badge(status: Status, label: str | None = None) -> Markup:
    """Return a status as its icon, colour and `label` (its own one if there is none)."""
    look = LOOKS[status]
    return coloured_badge(look.markdown, look.icon, label or status.label)


def coloured_badge(colour: str, symbol: str, label: str) -> Markup:
    """Return a symbol and a label on a background of one of `COLOURS`."""
    return BADGE.format(colour=colour, icon=_symbol(symbol), label=label)


def coloured(colour: str, *parts: object) -> Markup:
    """Return text in one of `COLOURS`; without a colour if that is empty."""
    if not colour:
        return join(parts)
    return Markup('<span class="hw-{}">{}</span>').format(colour, join(parts))


def bold(text: object) -> Markup:
    return Markup("<strong>{}</strong>").format(text)


def join(parts: Iterable[object], between: str = "") -> Markup:
    """Return components and texts one after the other; the texts escaped."""
    return Markup(between).join(map(escape, parts))


def link(key: str, slug: str | None, label: str, **query: str) -> Markup:
    """Return a link to the page `key`, of the engagement `slug` if it has one; `query` names a record on it."""
    href = navigation.address(key, slug, **query)
    return LINK.format(href=href, label=label)


def back_link(key: str, slug: str | None, label: str) -> Markup:
    """Return a link back to the page that lists what this page shows one of."""
    return BACK_LINK.format(href=navigation.address(key, slug), label=label)


def link_group(label: str, choices: Mapping[str, str], current: str, first: Markup = NONE) -> Markup:
    """Return links beside each other of which one is current. `choices` has their addresses by their labels, `label`
    says to those who can't see it what they choose. `first` is a link that stands before them."""
    links = (
        (CURRENT if text == current else OTHER).format(href=href, label=text)
        for text, href in choices.items()
    )
    return LINK_GROUP.format(label=label, links=join([first, *links]))


def main_act(label: str, href: str, symbol: str) -> Markup:
    """Return the link of a page's main act, for a group of links: it looks like a primary button with a symbol."""
    return MAIN_ACT.format(symbol=_symbol(symbol), href=href, label=label)


def with_act(text: Markup, label: str, href: str) -> Markup:
    """Return a paragraph with what may be done about it beside it, a link that looks like a button."""
    return WITH_ACT.format(text=text, link=OTHER.format(href=href, label=label))


def pagination(label: str, number: int, current: int, address: Callable[[int], str]) -> Markup:
    """Return links to the other pages of a list of `number` pages: its ends, and those beside the current one."""
    shown = sorted({1, current - 1, current, current + 1, number} & set(range(1, number + 1)))
    numbers = {f"{page:,}": address(page) for page in shown}
    before = {"Previous": address(current - 1)} if current > 1 else {}
    after = {"Next": address(current + 1)} if current < number else {}
    return link_group(label, before | numbers | after, f"{current:,}")


def external_link(title: str, href: str) -> Markup:
    """Return a link out of Headway whose title and address somebody typed; it opens in a new tab."""
    if not href.startswith(EXTERNAL):
        return escape(title)
    return EXTERNAL_LINK.format(href=escaped_address(href), title=title)


def record_link(kind: str, slug: str, row: Any, title: str) -> Markup:
    """Return a record's title as a link that opens it on the page of its kind."""
    return title_link(f"{kind}s", slug, title, **{kind: str(row.id)})


def title_link(key: str, slug: str, title: str, **query: str) -> Markup:
    """Return the title of something on the page `key` as a link to it."""
    return TITLE_LINK.format(href=navigation.address(key, slug, **query), title=title)


def text_link(key: str, slug: str | None, label: str, **query: str) -> Markup:
    """Return a link within a sentence or a list: what follows it, such as a comma, touches it."""
    return WITHIN_TEXT.format(href=navigation.address(key, slug, **query), label=label)


def sparkline(values: Sequence[float], maximum: float) -> Markup:
    """Return values from 0 to `maximum` as an area as high as a line of text."""
    across = 100 / max(len(values) - 1, 1)
    heights = [f"{nth * across:.1f}% {100 - 100 * value / maximum:.1f}%" for nth, value in enumerate(values)]
    shape = ", ".join(["0% 100%", *heights, f"{across * (len(values) - 1):.1f}% 100%"])
    return SPARKLINE.format(label=", ".join(f"{value:g}" for value in values), shape=shape)


def paragraph(text: str) -> Markup:
    """Return a paragraph of text."""
    return Markup("<p>{}</p>").format(text)


def difference(change: Difference) -> Markup:
    """Return a field of a definition as it was and as it is."""
    return DIFFERENCE.format(change.field, change.before, change.after)


def more(left_out: int, noun: str = "") -> Markup:
    """Return how many aren't shown: "And 3 more." or "And 3 more changes."; empty if all are."""
    if left_out <= 0:
        return Markup()
    return caption(f"And {count(left_out, f'more {noun}')}." if noun else f"And {left_out} more.")


def caption(text: object) -> Markup:
    """Return a paragraph of small, faint text."""
    return CAPTION.format(text)


def card(title: str, *parts: Markup) -> Markup:
    """Return a framed part of the page: a title and components below each other."""
    return CARD.format(title=title, body=join(parts))


def framed(*parts: Markup) -> Markup:
    """Return a framed part of the page without a title: components below each other."""
    return FRAMED.format(join(parts))


def picture_buttons(title: str, note: str = "") -> Markup:
    """Return buttons that copy or save the picture of the chart in the same card, with `title` and `note` on it."""
    return render("picture_buttons.html", key="", title=title, note=note)


def drawn(component: Markup) -> Markup:
    """Return a table or a list whose picture, marks and words, the buttons in the same card take."""
    return DRAWN.format(component)


def foot(*parts: Markup) -> Markup:
    """Return what stands at the foot of a card, beside each other as there is room."""
    return FOOT.format(join(parts))


def section(title: str, *parts: Markup) -> Markup:
    """Return a part of the page, or of a container of Streamlit's, without a frame of its own."""
    return SECTION.format(title=title, body=join(parts))


def collapsible(title: str, body: Markup) -> Markup:
    """Return a collapsible section (`<details>`), closed by default."""
    return COLLAPSIBLE.format(title=title, body=body)


def stack(components: Iterable[Markup]) -> Markup:
    """Return cards and sections below each other, as far apart as Streamlit's own elements; empty if there are none."""
    stacked = join(components)
    return STACK.format(stacked) if stacked else stacked


def columns(*cards: Markup) -> Markup:
    """Return cards beside each other, equally high; below each other on a narrow page."""
    return COLUMNS.format(join(cards))


def main_and_side(main: Markup, side: Markup, *, side_first: bool = False) -> Markup:
    """Return two cards, `main` three fifths of a wide page on its left; where there is less room they are below each
    other, and `side_first` says which is above."""
    if side_first:
        return SIDE_AND_MAIN.format(first=side, second=main)
    return MAIN_AND_SIDE.format(first=main, second=side)


def plain_list(items: Iterable[object]) -> Markup:
    """Return a list without bullets; empty if there are no items."""
    return _list(PLAIN_LIST, items)


def bullet_list(items: Iterable[object]) -> Markup:
    """Return a list with bullets; empty if there are no items."""
    return _list(BULLET_LIST, items)


def _list(template: Markup, items: Iterable[object]) -> Markup:
    rows = join(Markup("<li>{}</li>").format(item) for item in items)
    return template.format(rows) if rows else rows


def grid(components: Iterable[Markup], min_width: int) -> Markup:
    """Return components in columns at least `min_width` pixels wide."""
    return GRID.format(min_width=min_width, components=join(components))


def table(cells: Mapping[str, Iterable[object]], label: str, min_width: int = 0) -> Markup:
    """Return a table. `cells` has its columns by their names, each cell a text or a component; `label` says to those who
    can't see it what it is. Where it has less than `min_width` pixels, it scrolls within its card; on a phone, a wide
    one becomes a block a row, so that no column lies out of sight.
    """
    rows = zip(*cells.values(), strict=True)
    stacked = min_width >= MIN_STACKED_WIDTH or len(cells) >= MIN_STACKED_COLUMNS
    return render(
        "table.html", names=list(cells), rows=rows, description=label, min_width=min_width, stacked=stacked
    )


def on_paper(cells: Mapping[str, Iterable[object]], label: str, note: str = "") -> Markup:
    """Return a table that only prints, in place of the page's grids: these print what was in sight, and no more.

    `note` stands below it. A page that draws one for a grid draws one for each of its grids: on paper, all are hidden.
    """
    below = caption(note) if note else Markup()
    return Markup('<div class="hw-on-paper">{}{}</div>').format(table(cells, label), below)
