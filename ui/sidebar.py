"""The sidebar: the pages in their sections, who is signed in, and the button that signs out.

It is one HTML component. As Streamlit's own links, some twenty elements, it took the browser longer than the content of a
short page. `follow.js` makes its links open within the loaded page, as Streamlit's do; without it they load it anew.
"""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from services.people.accounts import OwnAccount
from ui import html, navigation, static
from ui.navigation import PAGES_BY_KEY, SECTIONS, PageEntry

NAVIGATION = Markup('<nav class="places" aria-label="Pages">{sections}{sign_out}</nav>')
SECTION = Markup('<p>{title}</p><ul aria-label="{title}">{links}</ul>')
LINK = Markup('<li><a class="within" href="{href}" data-icon="{icon}"{current}>{label}</a></li>')
CURRENT = Markup(' aria-current="page"')
# Ending a session is a post of its own: a page elsewhere can't make a browser do it.
SIGN_OUT = Markup(
    '<form method="post" action="/session/sign-out"><button type="submit">Sign out</button></form>'
)


def show(me: OwnAccount, slug: str | None, current: str) -> None:
    """Draw the sidebar for `me`, with links into the engagement `slug` (None: only to pages of none), and the page
    `current` marked."""
    sections = []
    for title, entries in SECTIONS.items():
        shown = [entry for entry in entries if navigation.is_shown(entry, slug, me.administrator)]
        if shown:
            sections.append(_section(title, [_link(entry, slug, entry.key == current) for entry in shown]))
    account = _link(PAGES_BY_KEY["account"], slug, current == "account", me.name)
    sections.append(_section("Signed in as", [account]))
    with st.sidebar:
        html.show(NAVIGATION.format(sections=html.join(sections), sign_out=SIGN_OUT))
        # A component of its own, without names that people typed: here scripts may run.
        st.html(f'<script src="{static.address("follow.js")}"></script>', unsafe_allow_javascript=True)


def _section(title: str, links: list[Markup]) -> Markup:
    return SECTION.format(title=title, links=html.join(links))


def _link(entry: PageEntry, slug: str | None, is_current: bool, label: str | None = None) -> Markup:
    return LINK.format(
        href=navigation.address(entry.key, slug),
        icon=entry.icon,
        current=CURRENT if is_current else "",
        label=label or entry.title,
    )
