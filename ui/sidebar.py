"""The sidebar: the pages in their sections, who is signed in, and the button that signs out.

It is one HTML component. As Streamlit's own links, some twenty elements, it took the browser longer than the content of a
short page. `follow.js` makes its links open within the loaded page, as Streamlit's do; without it they load it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from services.people.accounts import OwnAccount
from store.search import Membership, membership
from ui import current_user, first_answer, guide_text, html, navigation
from ui.navigation import PAGES_BY_KEY, SECTIONS, PageEntry

SWITCHER_ENTRIES = 8
KNOWN_FOR = timedelta(seconds=30)
"""How long the role and the names of the switcher are remembered: they are only for showing."""


@dataclass(frozen=True)
class Link:
    """A link of the sidebar; `current` marks the open page."""

    href: str
    icon: str
    label: str
    current: bool


def show(me: OwnAccount, slug: str | None, current: str) -> None:
    """Draw the sidebar for `me`, with links into the engagement `slug` (None: only to pages of none), and the page
    `current` marked."""
    member, address = _membership(slug), navigation.addresses(slug)
    sections = {}
    for section, places in SECTIONS.items():
        shown = [place for place in places if navigation.is_shown(place, slug, me.administrator, member.role)]
        if shown:
            sections[section] = [_link(place, address, current) for place in shown]
    opened = {
        name: any(link.current for link in links)
        for name, links in sections.items()
        if name in navigation.FOLDED
    }
    help_link = navigation.address("guide", part=guide_text.part_for(current))
    sections["Signed in as"] = [_link(PAGES_BY_KEY["account"], address, current, me.name)]
    with st.sidebar:
        html.show(
            html.render(
                "sidebar.html",
                sections=sections,
                opened=opened,
                help_link=help_link,
                engagement=member.engagement,
                others=[(navigation.address("overview", other), name) for other, name in member.others],
                portfolio=navigation.address("portfolio"),
                search=navigation.address("search"),
                slug=slug,
                version=first_answer.version(),
            )
        )


def _membership(slug: str | None) -> Membership:
    """Return the person's role here and the engagements to switch to, read anew after a while."""
    known: dict[str | None, tuple[datetime, Membership]] = st.session_state.setdefault("memberships", {})
    now = current_user.now()
    if slug not in known or now - known[slug][0] > KNOWN_FOR:
        known[slug] = now, membership(current_user.reader(), slug, SWITCHER_ENTRIES)
    return known[slug][1]


def find_pages(me: OwnAccount, slug: str | None, text: str) -> list[PageEntry]:
    """Return the pages in the sidebar of `me` whose title holds `text`."""
    role = _membership(slug).role
    return [
        place
        for place in PAGES_BY_KEY.values()
        if text.strip().casefold() in place.title.casefold()
        and navigation.is_shown(place, slug, me.administrator, role)
    ]


def _link(place: PageEntry, address: Callable[[str], str], current: str, label: str | None = None) -> Link:
    return Link(address(place.key), place.icon, label or place.title, place.key == current)
