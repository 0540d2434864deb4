"""What every page of an engagement begins with: the state, today there, and the head of the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import streamlit as st

from models.engagement import Engagement
from models.errors import HeadwayError, NotFound
from models.health import health
from models.permissions import READING, Action, permits
from models.status import Status
from models.summary import Summary
from models.wording import day_month
from reports.charts.theme import LOOKS
from store.revisions import EarlierState, at_revision, on_date
from store.states import state, summary_of
from ui import current_user, html, navigation
from ui.current_user import actor

# For a button of a form of our own, or a link that leaves the dashboard.
LIKE_OTHER_BUTTONS = (
    "display: inline-block; font: inherit; font-size: .875rem; line-height: 1.6; color: inherit; text-decoration: none; "
    "background: transparent; border: 1px solid color-mix(in srgb, currentColor 22%, transparent); "
    "border-radius: .5rem; padding: .4rem .75rem; cursor: pointer"
)


def engagement() -> Engagement:
    """The engagement in the address. Where there is none to see, the page says so and stops."""
    slug = st.query_params.get("engagement")
    if not slug:
        st.title("Choose an engagement")
        st.write("This page belongs to an engagement. Open one from the portfolio.")
        navigation.link("portfolio", label="Open the portfolio")
        st.stop()
    try:
        then = past()
        return state(actor(), slug, then and then.revision)
    except HeadwayError as refused:
        current_user.note_refusal(refused)
        st.title("Nothing to see here")
        st.write(str(refused))
        navigation.link("portfolio", label="Open the portfolio")
        st.stop()


def past() -> EarlierState | None:
    """The earlier moment that the address asks for, by `&as_of=2026-11-01` or `&revision=123`; None for now.

    Raises HeadwayError with a sentence where there is no such moment.
    """
    slug, asked = st.query_params.get("engagement", ""), navigation.as_of()
    if not asked:
        return None
    ((name, text),) = asked.items()
    try:
        if name == "as_of":
            return on_date(actor(), slug, date.fromisoformat(text))
        return at_revision(actor(), slug, int(text))
    except ValueError:
        wanted = "a date such as 2026-11-01" if name == "as_of" else "a whole number"
        raise NotFound(f"“{text}” is no moment to read as of: give {wanted}.") from None


def revision() -> int | None:
    """The earlier revision that the page shows, for what is read beside the state; None for now."""
    then = past()
    return then and then.revision


def today(of: Engagement) -> date:
    """The date that the page shows: today for people of this engagement, or the earlier one in the address."""
    then = past()
    return current_user.today(of.zone) if then is None else then.on


def _banner(on: date) -> None:
    """Say that this is the past, and the way back."""
    if not navigation.as_of():
        return
    st.warning(
        f"You are reading what was known on {day_month(on)} {on.year}, at revision {revision()}. Nothing can "
        "be changed here.",
        icon=":material/history:",
    )
    st.button("Back to today", on_click=navigation.back_to_today)


def zone_of(of: Engagement) -> ZoneInfo:
    """The time zone of people of this engagement."""
    return ZoneInfo(of.zone)


def head(title: str, of: Engagement, caption: str = "") -> tuple[Summary, date]:
    """Draw the head of an engagement's page: title, health badge, day of the cycle, and a caption with scope and date.

    Returns the summary and today's date, which every page needs next.
    """
    summary, on = summary_of(of), today(of)
    scope = caption or f"{of.name} for {of.client}."
    html.show(
        html.render(
            "page_head.html",
            title=title,
            badges=[
                html.badge(health(summary, on).status),
                html.marked("gray", "calendar_today", summary.day_text(on)),
            ],
            scope=f"{scope} As of {day_month(on)} {on.year}.",
        )
    )
    _banner(on)
    return summary, on


def may(of: Engagement, action: Action) -> bool:
    """Whether the person at the screen may do `action` here. Only to show or hide: the services decide.

    In the past nothing can be changed; who may read it is who may read today.
    """
    if navigation.as_of():
        if action not in READING:
            return False
        of = state(actor(), of.slug)
    user_id = current_user.user_id()
    role = next((member.role for member in of.members if member.user_id == user_id), None)
    return permits(role, action)


def badge(status: Status, word: str | None = None) -> None:
    """A status as its word, icon and colour."""
    look = LOOKS[status]
    st.badge(word or status.label, icon=look.icon, color=look.markdown)


def badge_text(status: Status, word: str | None = None) -> str:
    """The same within a line of Markdown."""
    look = LOOKS[status]
    return f":{look.markdown}-badge[{look.icon} {word or status.label}]"


_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()#+-.!|<>~$:&^="})


def escaped(text: str) -> str:
    """What somebody typed, so that Markdown shows it as it is: no links, images, formulas or colours."""
    return text.translate(_MARKDOWN).replace("\n", " ")


def linked(text: str, address: str) -> str:
    """A link in a line of Markdown, both of its parts typed by somebody."""
    return f"[{escaped(text)}]({html.in_address(address)})"


def empty(missing: str, why: str, action: str = "", on_click: Callable[[], None] | None = None) -> None:
    """An empty state: what is missing, why it matters, and the one next action."""
    with st.container(border=True):
        st.markdown(f"**{missing}**")
        st.write(why)
        if action:
            st.button(action, type="primary", on_click=on_click)
