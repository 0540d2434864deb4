"""Archived engagements and the sample, below the portfolio; archiving and deleting one, on its settings page."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from models.engagement import Engagement
from models.engagement_marks import Mark
from models.people import Actor
from models.wording import count
from services.engagement import archiving
from ui import current_user, drawer, feedback, html, markdown, navigation
from ui.current_user import actor

REMOVE_SAMPLE = "remove-sample"


def show_below_portfolio(me: Actor, of_sample: Collection[str], wanted: str | None) -> None:
    """List the archived engagements, each with the way back, and offer to remove the sample; ask about that if it is
    `wanted`."""
    if archived := archiving.marked(me, Mark.ARCHIVED):
        with st.expander(f"Archived: {count(len(archived), 'engagement')}"):
            for slug, name in archived:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(f"[{markdown.escaped(name)}](/overview?engagement={slug})")
                    st.button("Restore", key=f"restore {slug}", on_click=_restore, args=(slug, name))
    if of_sample and current_user.account().administrator:
        address = navigation.here("portfolio", do=REMOVE_SAMPLE)
        html.show(html.link_group("The sample", {"Remove the sample": address}, ""), width="content")
        if wanted == REMOVE_SAMPLE:
            _offer_to_remove_sample(len(of_sample))


def _offer_to_remove_sample(number: int) -> None:
    few = count(number, "sample engagement")

    def body() -> None:
        st.write(f"{few} and everything in them are deleted, for good. Your own engagements stay.")
        if st.button(f"Remove {few}", type="primary", on_click=_remove_sample):
            st.rerun()

    drawer.drawer("Remove the sample", body)


def show_on_settings(engagement: Engagement, may_change: bool) -> None:
    """Offer to archive or restore the engagement, and an administrator to delete it."""
    slug, name = engagement.slug, engagement.name
    archived = slug in {each for each, _ in archiving.marked(actor(), Mark.ARCHIVED)}
    administrator = current_user.account().administrator
    if not (may_change or administrator):
        return
    st.header("Archive or delete")
    with st.container(border=True):
        if may_change and archived:
            st.write("It is archived: out of the portfolio and its counts, and readable for its members.")
            st.button("Restore", key="restore", on_click=_restore, args=(slug, name))
        elif may_change:
            st.write(
                "An archived engagement leaves the portfolio and its counts. It stays readable and can be restored."
            )
            st.button("Archive", key="archive", on_click=_archive, args=(slug, name))
        if administrator:
            st.write(
                "Deleting removes it with everything in it, for good. The security log keeps that it was deleted."
            )
            st.text_input("Type its name to delete it", key="typed name", placeholder=name)
            st.button("Delete this engagement", on_click=_delete, args=(slug, name))


def _archive(slug: str, name: str) -> None:
    feedback.attempt(lambda: archiving.archive(actor(), slug), f"Archived {name}")


def _restore(slug: str, name: str) -> None:
    feedback.attempt(lambda: archiving.restore(actor(), slug), f"Restored {name}")


def _remove_sample() -> None:
    removed: list[str] = []
    feedback.attempt(
        lambda: removed.extend(archiving.remove_sample(actor())),
        lambda: f"Removed {count(len(removed), 'sample engagement')}",
    )


def _delete(slug: str, name: str) -> None:
    typed = st.session_state.get("typed name", "")
    if feedback.attempt(lambda: archiving.delete_engagement(actor(), slug, typed), f"Deleted {name}"):
        st.query_params.clear()
