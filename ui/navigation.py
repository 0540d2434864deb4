"""The pages: their names, their icons and the sections they stand in. The engagement travels in the address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True)
class Place:
    """A page: its key is its script's name and its address."""

    key: str
    title: str
    icon: str
    of_engagement: bool = True
    for_administrators: bool = False
    in_sidebar: bool = True


SECTIONS: dict[str, list[Place]] = {
    "All work": [
        Place("portfolio", "Portfolio", ":material/dashboard:", of_engagement=False),
        Place("new", "New engagement", ":material/add_circle:", of_engagement=False, for_administrators=True),
    ],
    "Engagement": [
        Place("overview", "Overview", ":material/flag:"),
        Place("plan", "Plan", ":material/checklist:"),
        Place("inventory", "Inventory", ":material/account_tree:"),
        Place("interviews", "Interviews", ":material/forum:"),
        Place("workflows", "Workflows", ":material/conversion_path:"),
        Place("metrics", "Metrics", ":material/monitoring:"),
        Place("adoption", "Adoption", ":material/school:"),
    ],
    "Governance": [
        Place("review", "Weekly review", ":material/event_note:"),
        Place("pitfalls", "Pitfalls", ":material/report:"),
        Place("decisions", "Decisions", ":material/gavel:"),
    ],
    "Records": [
        Place("changes", "What changed", ":material/history:"),
        Place("imports", "Imports", ":material/upload_file:"),
        Place("journal", "Journal", ":material/history:"),
        Place("privacy", "Personal data", ":material/shield_person:"),
        Place("settings", "Settings", ":material/tune:"),
    ],
    "Administration": [
        Place("people", "People", ":material/group:", of_engagement=False, for_administrators=True),
        Place("security", "Security log", ":material/policy:", of_engagement=False, for_administrators=True),
        Place("account", "My account", ":material/person:", of_engagement=False, in_sidebar=False),
        Place("activity", "Activity", ":material/person_search:", of_engagement=False, in_sidebar=False),
    ],
}
PLACES = {place.key: place for places in SECTIONS.values() for place in places}


def is_shown(place: Place, slug: str | None, administrator: bool) -> bool:
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
        made[key] = st.Page(str(PAGES / f"{key}.py"), title=PLACES[key].title, icon="", url_path=key)
    return made[key]


def home() -> st.Page:
    """What is shown at the bare address: the portfolio. Streamlit gives its default page no other address."""
    return st.Page(
        str(PAGES / "portfolio.py"), title=PLACES["portfolio"].title, icon="", url_path="home", default=True
    )


def as_of() -> dict[str, str]:
    """The earlier moment in the address, as the part of an address that keeps it; empty for now."""
    asked = st.query_params.to_dict()
    return next(({name: asked[name]} for name in ("revision", "as_of") if asked.get(name)), {})


def back_to_today() -> None:
    """Leave the past; the page stays."""
    for name in ("revision", "as_of"):
        st.query_params.pop(name, None)


def link(key: str, slug: str | None = None, label: str | None = None, **query: str) -> None:
    """A link to a page, of the engagement `slug` where it has one; `query` names a record on it."""
    place = PLACES[key]
    address = ({"engagement": slug} | as_of() if slug and place.of_engagement else {}) | query
    st.page_link(
        page(key),
        label=label or place.title,
        query_params=address or None,
        icon=":material/arrow_forward:" if label else place.icon,
        icon_position="right" if label else "left",
    )


def go(key: str, slug: str | None = None, **query: str) -> None:
    """Leave for another page."""
    st.switch_page(page(key), query_params=({"engagement": slug} | as_of() if slug else {}) | query)
