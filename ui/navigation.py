"""The pages: their names, their icons and the sections they stand in. The engagement travels in the address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True)
class PageEntry:
    """A page: its key is its script's name and its address, its icon one of the Material symbols."""

    key: str
    title: str
    icon: str
    of_engagement: bool = True
    for_administrators: bool = False
    in_sidebar: bool = True


SECTIONS: dict[str, list[PageEntry]] = {
    "All work": [
        PageEntry("portfolio", "Portfolio", "dashboard", of_engagement=False),
        PageEntry("new", "New engagement", "add_circle", of_engagement=False, for_administrators=True),
    ],
    "Engagement": [
        PageEntry("overview", "Overview", "flag"),
        PageEntry("plan", "Plan", "checklist"),
        PageEntry("inventory", "Inventory", "account_tree"),
        PageEntry("interviews", "Interviews", "forum"),
        PageEntry("workflows", "Workflows", "conversion_path"),
        PageEntry("metrics", "Metrics", "monitoring"),
        PageEntry("adoption", "Adoption", "school"),
    ],
    "Governance": [
        PageEntry("review", "Weekly review", "event_note"),
        PageEntry("pitfalls", "Pitfalls", "report"),
        PageEntry("decisions", "Decisions", "gavel"),
    ],
    "Records": [
        PageEntry("changes", "What changed", "history"),
        PageEntry("imports", "Imports", "upload_file"),
        PageEntry("journal", "Journal", "history"),
        PageEntry("privacy", "Personal data", "shield_person"),
        PageEntry("settings", "Settings", "tune"),
    ],
    "Administration": [
        PageEntry("people", "People", "group", of_engagement=False, for_administrators=True),
        PageEntry("security", "Security log", "policy", of_engagement=False, for_administrators=True),
        PageEntry("account", "My account", "person", of_engagement=False, in_sidebar=False),
        PageEntry("activity", "Activity", "person_search", of_engagement=False, in_sidebar=False),
    ],
}
PAGES_BY_KEY = {place.key: place for places in SECTIONS.values() for place in places}


def is_shown(place: PageEntry, slug: str | None, administrator: bool) -> bool:
    """Whether the sidebar offers the page. Only to show or hide: what it may do, the services decide."""
    if not place.in_sidebar or (place.for_administrators and not administrator):
        return False
    return bool(slug) or not place.of_engagement


def page(key: str) -> st.Page:
    """The page of that key, for `st.navigation`, `st.page_link` and `st.switch_page`.

    Made once a session: Streamlit asks the disk where a page's script is, and there are forty links to pages on a page.
    """
    made: dict[str, st.Page] = st.session_state.setdefault("pages", {})
    if key not in made:
        made[key] = st.Page(str(PAGES / f"{key}.py"), title=PAGES_BY_KEY[key].title, icon="", url_path=key)
    return made[key]


def home() -> st.Page:
    """What is shown at the bare address: the portfolio. Streamlit gives its default page no other address."""
    return st.Page(
        str(PAGES / "portfolio.py"),
        title=PAGES_BY_KEY["portfolio"].title,
        icon="",
        url_path="home",
        default=True,
    )


def as_of() -> dict[str, str]:
    """The earlier moment in the address, as the part of an address that keeps it; empty for now."""
    asked = st.query_params.to_dict()
    return next(({name: asked[name]} for name in ("revision", "as_of") if asked.get(name)), {})


def back_to_today() -> None:
    """Leave the past; the page stays."""
    for name in ("revision", "as_of"):
        st.query_params.pop(name, None)


def address(key: str, slug: str | None = None, **query: str) -> str:
    """Where a page is, of the engagement `slug` where it has one, at the moment that the address asks for; `query`
    names a record on it."""
    asks = urlencode(_asks(PAGES_BY_KEY[key], slug) | query)
    return f"/{key}?{asks}" if asks else f"/{key}"


def _asks(place: PageEntry, slug: str | None) -> dict[str, str]:
    return {"engagement": slug} | as_of() if slug and place.of_engagement else {}


def here(key: str, **changed: str | None) -> str:
    """The address that is open, of the page `key`, with parts of its query changed; those that are None are left out."""
    asked = [
        (name, value)
        for name in st.query_params
        for value in st.query_params.get_all(name)
        if name not in changed
    ]
    asks = urlencode([*asked, *((name, value) for name, value in changed.items() if value is not None)])
    return f"/{key}?{asks}" if asks else f"/{key}"


def link(key: str, slug: str | None = None, label: str | None = None, **query: str) -> None:
    """A link to a page, of the engagement `slug` where it has one; `query` names a record on it."""
    place = PAGES_BY_KEY[key]
    st.page_link(
        page(key),
        label=label or place.title,
        query_params=(_asks(place, slug) | query) or None,
        icon=":material/arrow_forward:" if label else f":material/{place.icon}:",
        icon_position="right" if label else "left",
    )


def go(key: str, slug: str | None = None, **query: str) -> None:
    """Leave for another page."""
    st.switch_page(page(key), query_params=({"engagement": slug} | as_of() if slug else {}) | query)
