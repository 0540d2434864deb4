"""The week's checks of the pitfalls: all of them in one form, with last week's answers a click away, and one save."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models.engagement import Engagement
from models.pitfalls import Pitfall
from models.wording import count, day_month
from reports.frames.pitfall_checks import answer_text, newest_answer
from services.plan.pitfall_checks import CheckAnswer, answer_checks
from ui import feedback
from ui.current_user import actor

SAVE = "weekly checks"
FILLED = "weekly checks filled in"


def same_as_last_week(engagement: Engagement, asked: Sequence[Pitfall]) -> bool:
    """Draw the button that fills in what was answered last, if anything was; return whether it was pressed before."""
    keys = [pitfall.key for pitfall in asked]
    if any(newest_answer(engagement, key) is not None for key in keys):
        st.button(
            "Same as last week", icon=":material/content_copy:", on_click=_copy, args=(engagement, keys)
        )
    return FILLED in st.session_state


def show(engagement: Engagement, asked: Sequence[Pitfall]) -> None:
    """Draw the form of these pitfalls' checks; nothing if there are none."""
    if not asked:
        return
    keys = [pitfall.key for pitfall in asked]
    with st.form("weekly checks"):
        for pitfall in asked:
            _check(engagement, pitfall)
        st.form_submit_button(
            f"Save {count(len(asked), 'answer')}",
            type="primary",
            on_click=_save,
            args=(engagement.slug, keys),
        )


def _check(engagement: Engagement, pitfall: Pitfall) -> None:
    """Draw one check: its question, the answer beside its evidence, and what was answered last."""
    st.markdown(f"**{pitfall.question}**")
    left, right = st.columns([1, 4], vertical_alignment="center")
    left.radio(
        f"Your answer: {pitfall.name}", [True, False], index=None, format_func=answer_text, horizontal=True,
        key=f"{pitfall.key} happening", label_visibility="collapsed",
    )  # fmt: skip
    newest = newest_answer(engagement, pitfall.key)
    before = "" if newest is None else f"On {day_month(newest.answered_on)}: {newest.evidence[:80]}"
    right.text_area(
        f"Evidence: {pitfall.name}", key=f"{pitfall.key} evidence", height=68, label_visibility="collapsed",
        placeholder=before or "What you saw or heard this week that says so",
    )  # fmt: skip


def _copy(engagement: Engagement, keys: list[str]) -> None:
    """Fill in what was answered last. Nothing is saved before somebody read it and saves it."""
    st.session_state[FILLED] = True
    for key in keys:
        newest = newest_answer(engagement, key)
        if newest is not None:
            st.session_state[f"{key} happening"], st.session_state[f"{key} evidence"] = (
                newest.happening,
                newest.evidence,
            )


def _save(slug: str, keys: list[str]) -> None:
    """Save the checks that were answered, all of them or none."""
    given = {
        key: (st.session_state[f"{key} happening"], st.session_state[f"{key} evidence"].strip())
        for key in keys
    }
    answers = [
        CheckAnswer(key, happening, evidence)
        for key, (happening, evidence) in given.items()
        if happening is not None
    ]
    if not answers or any(happening is None and evidence for happening, evidence in given.values()):
        feedback.set_feedback("error", "Choose yes or no. Nothing was saved.")
        return
    done = "Answered the check" if len(answers) == 1 else f"Answered {len(answers)} checks"
    if feedback.attempt(lambda: answer_checks(actor(once=feedback.submission(SAVE)), slug, answers), done):
        feedback.renew(SAVE)
        st.session_state.pop(FILLED, None)
        for answer in answers:
            st.session_state[f"{answer.pitfall} happening"] = None
            st.session_state[f"{answer.pitfall} evidence"] = ""
