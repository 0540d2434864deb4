"""The phases of a metric, and the causes that people named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import streamlit as st

from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import Metric, MetricPhase
from models.permissions import Action
from models.wording import day_month, upper_first
from reports.metrics import verdicts
from reports.metrics.verdicts import Proposal
from services.metrics import phases
from store.states import summary_of
from ui import feedback, frame, html
from ui.current_user import actor
from ui.markdown import escaped


def show(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> None:
    """Draw the phases and their causes, with the buttons that begin one and take one back."""
    proposed = verdicts.proposals(judgement, metric, engagement)
    html.show(html.section("Phases and their causes", html.bullet_list(_phases(metric, judgement, proposed))))
    if metric.active and frame.may(engagement, Action.DEFINE_METRICS):
        with st.container(horizontal=True):
            _buttons(engagement, metric, proposed)


def _phases(metric: Metric, judgement: SeriesAnalysis, proposed: list[Proposal]) -> Iterator[str]:
    """Each phase with its cause and who named it; then what may have begun one."""
    begun = verdicts.begun_at(judgement, metric)
    for position, phase in enumerate(judgement.phases):
        text = verdicts.phase_text(judgement, position, metric)
        yield _phase(begun.pop(phase.start, None), text)
    for named in begun.values():
        yield _phase(named, f"from {_day(named.began_on)}, no point of its own")
    for proposal in proposed:
        yield _question(proposal)


def _question(proposal: Proposal) -> str:
    when = _day(proposal.began_on)
    if proposal.cause:
        return f"Did this change on {when}, when {proposal.cause.removesuffix(' live')} went live?"
    return f"Did this change on {when}? {upper_first(proposal.why)}."


def _phase(named: MetricPhase | None, text: str) -> str:
    return f"{named.cause}: {text}. Named by {named.named_by}." if named else f"The first phase: {text}."


def _day(on: date) -> str:
    return f"{day_month(on)} {on.year}"


def _buttons(engagement: Engagement, metric: Metric, proposed: list[Proposal]) -> None:
    """To begin a phase, of a cause that one knows or that is proposed, and to take one back."""
    st.button(
        "Begin a phase", icon=":material/flag:", on_click=name_cause, args=(engagement, metric, None, "")
    )
    for proposal in proposed:
        _answer(engagement, metric, proposal)
    for named in metric.phases:
        _take_back(engagement, named)


def _answer(engagement: Engagement, metric: Metric, proposal: Proposal) -> None:
    """Draw the button that says yes to a proposal: at once where its cause is on record, else it asks for the cause."""
    when, key = _day(proposal.began_on), f"phase {proposal.began_on} {proposal.why}"
    if not proposal.cause:
        asked = (engagement, metric, proposal.began_on, "")
        st.button(f"Name the cause of {when}", key=key, on_click=name_cause, args=asked)
        return

    def begin() -> None:
        who = actor(once=feedback.submission(key))
        if feedback.attempt(
            lambda: phases.begin_phase(who, engagement.slug, metric.id, proposal.began_on, proposal.cause),
            f"Began a phase: {proposal.cause}",
        ):
            feedback.renew(key)

    st.button(
        f"Yes, it changed on {when}", key=key, on_click=begin, help=f"Its cause: {escaped(proposal.cause)}"
    )


def _take_back(engagement: Engagement, named: MetricPhase) -> None:
    def take_back() -> None:
        who = actor(once=feedback.submission(f"phase {named.id}"))
        if feedback.attempt(
            lambda: phases.remove_phase(who, engagement.slug, named.id), f"Took back {named.cause}"
        ):
            feedback.renew(f"phase {named.id}")

    st.button(
        f"Take back the phase of {_day(named.began_on)}",
        key=f"take back {named.id}",
        on_click=take_back,
        help=f"Its cause: {escaped(named.cause)}",
    )


@st.dialog("Begin a phase", position="right")
def name_cause(engagement: Engagement, metric: Metric, began_on: date | None, cause: str) -> None:
    """Ask on which day a phase began, and why."""
    feedback.show_in_dialog()
    st.write(
        "The limits of a phase rest on its own points. Begin one only where you know what made the difference."
    )
    offered = verdicts.causes(metric, engagement, summary_of(engagement), frame.today(engagement))
    if began_on is None and offered:
        chosen = st.selectbox(
            "What happened since the baseline",
            offered,
            None,
            lambda one: one.why,
            placeholder="Choose one, or say it below",
        )
        began_on, cause = (chosen.began_on, chosen.cause) if chosen else (None, "")
    with st.form(f"phase {began_on} {cause}", border=False):
        day = st.date_input("Its first day", began_on, format="YYYY-MM-DD")
        why = st.text_input("Cause", cause, placeholder="Decision for returning customers live")
        pressed = st.form_submit_button("Begin the phase", type="primary")
    if pressed:
        who = actor(once=feedback.submission("phase"))
        if feedback.attempt(
            lambda: phases.begin_phase(who, engagement.slug, metric.id, day, why), f"Began a phase: {why}"
        ):
            feedback.renew("phase")
        st.rerun(scope="fragment")
