"""The sidebar: the pages in their sections, who is signed in, and the way out.

It is one piece of HTML. As Streamlit's own links, a score of elements, it took the browser longer than what a short page
is about. `follow.js` makes its links lead on within the open page, as Streamlit's do; without it they load it anew.
"""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from models.people import User
from ui import html, navigation, static
from ui.navigation import PAGES_BY_KEY, SECTIONS, PageEntry

PLACES_OF = Markup('<nav class="places" aria-label="Pages">{sections}{sign_out}</nav>')
SECTION = Markup('<p>{name}</p><ul aria-label="{name}">{links}</ul>')
LINK = Markup('<li><a class="within" href="{href}" data-icon="{icon}"{current}>{label}</a></li>')
CURRENT = Markup(' aria-current="page"')
# Ending a session is a post of its own: a page elsewhere can't make a browser do it.
SIGN_OUT = Markup(
    '<form method="post" action="/session/sign-out"><button type="submit">Sign out</button></form>'
)


def show(me: User, slug: str | None, current: str) -> None:
    """Draw the sidebar for `me`, with links into the engagement `slug` (None: only to pages of none), and the page
    `current` marked."""
    parts = []
    for section, places in SECTIONS.items():
        shown = [place for place in places if navigation.is_shown(place, slug, me.administrator)]
        if shown:
            parts.append(_section(section, [_link(place, slug, place.key == current) for place in shown]))
    account = _link(PAGES_BY_KEY["account"], slug, current == "account", me.name)
    parts.append(_section("Signed in as", [account]))
    with st.sidebar:
        html.show(PLACES_OF.format(sections=html.join(parts), sign_out=SIGN_OUT))
        # Apart from the names that people typed: here scripts may run.
        st.html(f'<script src="{static.address("follow.js")}"></script>', unsafe_allow_javascript=True)


def _section(name: str, links: list[Markup]) -> Markup:
    return SECTION.format(name=name, links=html.join(links))


def _link(place: PageEntry, slug: str | None, is_current: bool, label: str | None = None) -> Markup:
    return LINK.format(
        href=navigation.address(place.key, slug),
        icon=place.icon,
        current=CURRENT if is_current else "",
        label=label or place.title,
    )
