"""The sidebar: the pages in their sections, who is signed in, and the button that signs out.

It is one HTML component. As Streamlit's own links, some twenty elements, it took the browser longer than the content of a
short page. `follow.js` makes its links open within the loaded page, as Streamlit's do; without it they load it anew.
`places.js` marks the open page and opens its section, so that the component is the same on each page of an engagement.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import streamlit as st
from markupsafe import Markup

from services.people.accounts import OwnAccount
from store.search import Membership, membership
from ui import current_user, first_answer, html, navigation
from ui.navigation import PAGES_BY_KEY, SECTIONS, PageEntry

SWITCHER_ENTRIES = 8
MAX_DRAWN = 1_024
KNOWN_FOR = timedelta(seconds=30)
"""How long the role and the names of the switcher are remembered: they are only for showing."""


def show(me: OwnAccount, slug: str | None) -> None:
    """Draw the sidebar for `me`, with links into the engagement `slug` (None: only to pages of none)."""
    with st.sidebar:
        html.show(_places(me, slug, _membership(slug), tuple(navigation.as_of().items())))


@lru_cache(MAX_DRAWN)
def _places(
    me: OwnAccount, slug: str | None, member: Membership, as_of: tuple[tuple[str, str], ...]
) -> Markup:
    address = navigation.addresses(slug, as_of)
    sections = {
        section: [
            (address(place.key), place.icon, place.title)
            for place in places
            if navigation.is_shown(place, slug, me.administrator, member.role)
        ]
        for section, places in SECTIONS.items()
    }
    sections["Signed in as"] = [(address("account"), PAGES_BY_KEY["account"].icon, me.name)]
    return html.render(
        "sidebar.html",
        sections={section: links for section, links in sections.items() if links},
        folded=navigation.FOLDED,
        guide=address("guide"),
        engagement=member.engagement,
        others=[(navigation.addresses(other, as_of)("overview"), name) for other, name in member.others],
        portfolio=address("portfolio"),
        search=address("search"),
        slug=slug,
        version=first_answer.version(),
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
