"""What every page of an engagement begins with: its state, its date, the head of the page; and the empty state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import streamlit as st

from models.engagement import Engagement
from models.engagement_marks import Mark
from models.errors import NotFound, RuleBroken
from models.health import health
from models.permissions import READING, Action, permits
from models.summary import Summary
from models.wording import day_month
from services.engagement.archiving import is_marked
from store.revisions import EarlierState, at_revision, on_date
from store.states import state, summary_of
from ui import current_user, html, navigation
from ui.current_user import reader
from ui.memoize import memoize

# For a button of a form of our own, or a link to a page outside of the dashboard.
BUTTON_STYLE = (
    "display: inline-block; font: inherit; font-size: .875rem; line-height: 1.6; color: inherit; text-decoration: none; "
    "background: transparent; border: 1px solid color-mix(in srgb, currentColor 22%, transparent); "
    "border-radius: .5rem; padding: .4rem .75rem; cursor: pointer"
)
NOT_FOUND = "Not found, or not shared with you"


def engagement() -> Engagement:
    """Return the engagement in the address. Say so and stop the page if there is none, or none for this person."""
    slug = st.query_params.get("engagement")
    if not slug:
        st.title("Choose an engagement")
        st.write("This page belongs to an engagement. Open one from the portfolio.")
        html.show(html.link("portfolio", None, "Open the portfolio"), width="content")
        st.stop()
    try:
        current = state(reader(), slug, revision())
        st.session_state["archived"] = is_marked(reader(), slug, Mark.ARCHIVED)
        return current
    except RuleBroken as refused:
        current_user.note_refusal(refused)
        st.title(NOT_FOUND)
        st.write(str(refused))
        html.show(html.link("portfolio", None, "Open the portfolio"), width="content")
        st.stop()


def past() -> EarlierState | None:
    """Return the earlier state that the address asks for, by `&as_of=2026-11-01` or `&revision=123`; None for now.

    Raises RuleBroken with a sentence if there is no such state.
    """
    slug, asked = st.query_params.get("engagement", ""), navigation.as_of()
    if not asked:
        return None
    ((name, text),) = asked.items()
    try:
        if name == "as_of":
            return on_date(reader(), slug, date.fromisoformat(text))
        return at_revision(reader(), slug, int(text))
    except ValueError:
        wanted = "a date such as 2026-11-01" if name == "as_of" else "a whole number"
        raise NotFound(f"“{text}” is no date or revision to read as of: give {wanted}.") from None


def revision() -> int | None:
    """Return the earlier revision that the page shows, for what is read beside the state; None for now."""
    then = past()
    return None if then is None else then.revision


def today(engagement: Engagement) -> date:
    """Return the date that the page shows: today in the engagement's time zone, or the earlier one in the address."""
    then = past()
    return current_user.today(engagement.zone) if then is None else then.on


def _past_banner(on: date) -> None:
    """Draw a banner that says that this is the past, with the way back."""
    if not navigation.as_of():
        return
    st.warning(
        f"You are reading what was known on {day_month(on)} {on.year}, at revision {revision()}. Nothing can "
        "be changed here.",
        icon=":material/history:",
    )
    st.button("Back to today", on_click=navigation.back_to_today)


def is_archived() -> bool:
    """Return whether the engagement of the page is archived: it is read as before, and nothing in it can be changed."""
    return bool(st.session_state.get("archived"))


def zone_of(engagement: Engagement) -> ZoneInfo:
    """Return the engagement's time zone."""
    return ZoneInfo(engagement.zone)


def head(title: str, engagement: Engagement, caption: str = "") -> tuple[Summary, date]:
    """Draw the head of an engagement's page: title, health badge, day of the cycle, and a caption with scope and date.

    Returns the summary and today's date, which every page needs next.
    """
    summary, on = summary_of(engagement), today(engagement)
    scope = caption or f"{engagement.name} for {engagement.client}."
    html.show(
        html.render(
            "page_head.html",
            title=title,
            badges=[
                html.badge(memoize("health", engagement, lambda: health(summary, on).status, on)),
                html.coloured_badge("gray", "calendar_today", summary.day_text(on)),
            ],
            scope=f"{scope} As of {day_month(on)} {on.year}.",
        )
    )
    _past_banner(on)
    if is_archived():
        way = " Restore it under Settings." if may(engagement, Action.CHANGE_ENGAGEMENT) else ""
        st.info(
            f"This engagement is archived: it can be read, and nothing in it can be changed.{way}",
            icon=":material/inventory_2:",
        )
    return summary, on


def role(engagement: Engagement) -> str | None:
    """Return the role that the person who uses the page has today; None for who is no member."""
    if navigation.as_of():
        engagement = state(reader(), engagement.slug)
    user_id = current_user.user_id()
    return next((member.role for member in engagement.members if member.user_id == user_id), None)


def may(engagement: Engagement, action: Action) -> bool:
    """Return whether the person who uses the page may do `action` here. Only to show or hide: the services decide.

    In the past nothing can be changed; who may read it is who may read today. An archived engagement can only be
    restored, by who may change it.
    """
    if is_archived() and action not in READING | {Action.CHANGE_ENGAGEMENT}:
        return False
    if navigation.as_of() and action not in READING:
        return False
    return permits(role(engagement), action)


def empty(missing: str, why: str, action: str = "", on_click: Callable[[], None] | None = None) -> None:
    """Draw an empty state: what is missing, why it matters, and the one next action."""
    with st.container(border=True):
        st.markdown(f"**{missing}**")
        st.write(why)
        if action:
            st.button(action, type="primary", on_click=on_click)
