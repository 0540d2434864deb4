"""The pages: their titles, icons, sections and addresses. The engagement is part of the address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from models.permissions import Action, permits

ONCE = "do"
"""The part of an address that asks a page to do something, once: no other address takes it over."""
PAGES = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True)
class PageEntry:
    """A page. Its key is the name of its script and its path; its icon is the name of a Material symbol."""

    key: str
    title: str
    icon: str
    of_engagement: bool = True
    for_administrators: bool = False
    in_sidebar: bool = True
    needs: Action | None = None
    """What somebody has to be allowed to do for the page to be of any use to them."""


SECTIONS: dict[str, list[PageEntry]] = {
    "All work": [
        PageEntry("portfolio", "Portfolio", "dashboard", of_engagement=False),
        PageEntry("new", "New engagement", "add_circle", of_engagement=False, for_administrators=True),
    ],
    "Now": [
        PageEntry("overview", "Overview", "flag"),
        PageEntry("review", "Weekly review", "event_note"),
        PageEntry("decisions", "Decisions", "gavel"),
    ],
    "Plan and evidence": [
        PageEntry("plan", "Plan", "checklist"),
        PageEntry("inventory", "Inventory", "account_tree"),
        PageEntry("interviews", "Interviews", "forum"),
        PageEntry("workflows", "Workflows", "conversion_path"),
        PageEntry("replacements", "Replacements", "swap_horiz"),
        PageEntry("runbooks", "Runbooks", "checklist_rtl", in_sidebar=False),
        PageEntry("metrics", "Metrics", "monitoring"),
        PageEntry("adoption", "Adoption", "school"),
    ],
    "Watch": [
        PageEntry("pitfalls", "Pitfalls", "report"),
        PageEntry("changes", "What changed", "history"),
    ],
    "More": [
        PageEntry("imports", "Imports", "upload_file", needs=Action.RECORD_MEASUREMENTS),
        PageEntry("journal", "Journal", "receipt_long"),
        PageEntry("privacy", "Personal data", "shield_person", needs=Action.ERASE_PERSONAL_DATA),
        PageEntry("deliveries", "Deliveries", "send"),
        PageEntry("settings", "Settings", "tune", needs=Action.CHANGE_ENGAGEMENT),
        PageEntry("guide", "Guide", "menu_book", of_engagement=False),
        PageEntry("people", "People", "group", of_engagement=False, for_administrators=True),
        PageEntry("security", "Security log", "policy", of_engagement=False, for_administrators=True),
        PageEntry("account", "My account", "person", of_engagement=False, in_sidebar=False),
        PageEntry("search", "Search", "search", of_engagement=False, in_sidebar=False),
        PageEntry("activity", "Activity", "person_search", of_engagement=False, in_sidebar=False),
    ],
}
FOLDED = {"More"}
"""Sections that are closed until somebody opens them, or is on one of their pages."""
PAGES_BY_KEY = {entry.key: entry for entries in SECTIONS.values() for entry in entries}


def is_shown(entry: PageEntry, slug: str | None, administrator: bool, role: str | None) -> bool:
    """Return whether the sidebar offers the page to who has `role` in the engagement `slug`.

    Only to show or hide: the services decide what is allowed.
    """
    if not entry.in_sidebar or (entry.for_administrators and not administrator):
        return False
    if slug and entry.needs is not None and not permits(role, entry.needs):
        return False
    return bool(slug) or not entry.of_engagement


def pages() -> list[st.Page]:
    """Return all pages, for `st.navigation`."""
    made = _made_pages()
    return [home(), *(_page(made, key) for key in PAGES_BY_KEY)]


def page(key: str) -> st.Page:
    """Return the page of that key, for `st.switch_page`."""
    return _page(_made_pages(), key)


def _made_pages() -> dict[str, st.Page]:
    """Return the pages made in this session: Streamlit asks the disk where a page's script is."""
    made: dict[str, st.Page] = st.session_state.setdefault("pages", {})
    return made


def _page(made: dict[str, st.Page], key: str) -> st.Page:
    if key not in made:
        made[key] = st.Page(str(PAGES / f"{key}.py"), title=PAGES_BY_KEY[key].title, icon="", url_path=key)
    return made[key]


def home() -> st.Page:
    """Return what is shown at the bare address: the portfolio. Streamlit gives its default page no other address."""
    return st.Page(
        str(PAGES / "portfolio.py"),
        title=PAGES_BY_KEY["portfolio"].title,
        icon="",
        url_path="home",
        default=True,
    )


def as_of() -> dict[str, str]:
    """Return the part of the address that asks for an earlier state, `as_of` or `revision`; empty for now."""
    asked = st.query_params.to_dict()
    return next(({name: asked[name]} for name in ("revision", "as_of") if asked.get(name)), {})


def take_act(*details: str) -> dict[str, str]:
    """Return what the address asks the page to do (`do`), with its `details`, and take them out of it: a link led here to
    do it, once, and an address that somebody copies opens the page. Empty if nothing is asked."""
    if ONCE not in st.query_params:
        return {}
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    asked = {name: query.pop(name)[-1] for name in (ONCE, *details) if name in query}
    # In one step: each change is an entry of the browser's history.
    st.query_params.from_dict(query)
    return asked


def back_to_today() -> None:
    """Show the current state on the same page."""
    for name in ("revision", "as_of"):
        st.query_params.pop(name, None)


def address(key: str, slug: str | None = None, **query: str) -> str:
    """Return the address of a page, of the engagement `slug` if it has one, and of the same earlier state as this page;
    `query` names a record on it."""
    return _address(key, urlencode(_engagement_query(PAGES_BY_KEY[key], slug) | query))


def addresses(slug: str | None, as_of: Iterable[tuple[str, str]] = ()) -> Callable[[str], str]:
    """Return the function that returns a page's address, in the engagement `slug` and of that earlier state."""
    query = urlencode({"engagement": slug} | dict(as_of)) if slug else ""
    return lambda key: _address(key, query if PAGES_BY_KEY[key].of_engagement else "")


def _engagement_query(entry: PageEntry, slug: str | None) -> dict[str, str]:
    return {"engagement": slug} | as_of() if slug and entry.of_engagement else {}


def _address(key: str, query: str) -> str:
    return f"/{key}?{query}" if query else f"/{key}"


def here(key: str, **changed: str | None) -> str:
    """Return the address of this page, whose key is `key`, with parts of its query changed; those that are None are left
    out."""
    unchanged = [
        (name, value)
        for name in st.query_params
        for value in st.query_params.get_all(name)
        if name not in changed and name != ONCE
    ]
    new = [(name, value) for name, value in changed.items() if value is not None]
    return _address(key, urlencode(unchanged + new))


def go(key: str, slug: str | None = None, **query: str) -> None:
    """Open another page."""
    st.switch_page(page(key), query_params=({"engagement": slug} | as_of() if slug else {}) | query)
