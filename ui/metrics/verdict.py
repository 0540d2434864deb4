"""What a metric's points say: the verdict in a sentence, the chart with its phases, and the causes people named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import streamlit as st
from markupsafe import Markup

from analysis import sentence
from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import Metric, MetricPhase
from models.permissions import Action
from models.units import unit
from models.wording import day_month, upper_first
from reports.charts.process_behaviour import (
    BAND_MARK,
    MEAN_MARK,
    SIGNAL_MARK,
    TARGET_MARK,
    frames_of,
    process_behaviour,
)
from reports.charts.theme import legend
from reports.charts.value_axis import in_seconds, unit_above, unit_on_axis
from reports.metrics import verdicts
from reports.metrics.verdicts import Proposal
from services.metrics import phases
from store.states import summary_of
from ui import feedback, frame, html
from ui.current_user import actor
from ui.markdown import escaped
from ui.memoize import memoize

SAID = Markup("<p>{badge} {told}</p>")
LOOKS = {
    verdicts.CONFIRMED_BETTER: ("green", ":material/trending_up:"),
    verdicts.CONFIRMED_WORSE: ("red", ":material/trending_down:"),
    verdicts.LEANING_BETTER: ("blue", ":material/trending_up:"),
    verdicts.LEANING_WORSE: ("orange", ":material/trending_down:"),
    verdicts.NO_CHANGE: ("gray", ":material/remove:"),
    verdicts.TOO_EARLY: ("gray", ":material/hourglass_top:"),
    verdicts.OUT_OF_DATE: ("gray", ":material/history:"),
}


def verdict_component(judgement: SeriesAnalysis, metric: Metric, on: date) -> Markup:
    """The verdict as its word, icon and colour."""
    verdict = verdicts.verdict_on(judgement, metric, on)
    colour, icon = LOOKS[verdict]
    return html.coloured_badge(colour, icon, verdicts.LABELS[verdict])


def show(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> None:
    """Draw the chart of its points, its phases and their causes."""
    proposed = verdicts.proposals(judgement, metric, engagement)
    html.show(
        html.stack(
            [
                _chart_part(engagement, metric, judgement),
                html.section(
                    "Phases and their causes", html.bullet_list(_phases(metric, judgement, proposed))
                ),
            ]
        )
    )
    if metric.active and frame.may(engagement, Action.DEFINE_METRICS):
        with st.container(horizontal=True):
            _buttons(engagement, metric, proposed)


def sentence_card(metric: Metric, judgement: SeriesAnalysis, on: date) -> Markup:
    """Return the verdict in a sentence, with what such a claim is worth."""
    said = verdicts.verdict_text(judgement, metric, on)
    beside = verdicts.caveat(judgement)
    verdict = SAID.format(badge=verdict_component(judgement, metric, on), told=said)
    return html.join([verdict, html.caption(beside) if beside else Markup()])


def _chart_part(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> Markup:
    marks = [SIGNAL_MARK, MEAN_MARK, BAND_MARK, *([TARGET_MARK] if metric.target is not None else [])]
    chart = memoize("process behaviour", engagement, lambda: _chart(metric, judgement), metric.id)
    long_unit = unit_above(unit(metric.unit))
    return html.section(
        "Did it change?",
        legend(marks),
        html.caption(f"In {long_unit}") if long_unit else Markup(),
        chart,
    )


def _chart(metric: Metric, judgement: SeriesAnalysis) -> Markup:
    measure = unit(metric.unit)
    as_durations = in_seconds(measure)
    scale = float(measure.size) if as_durations else 1.0
    points, segments = frames_of(judgement)
    points["value"] *= scale
    segments[["mean", "lower", "upper"]] *= scale
    return process_behaviour(
        points,
        segments,
        target=None if metric.target is None else metric.target * scale,
        target_label=f"Target {measure.format(metric.target)}",
        unit=unit_on_axis(measure),
        in_seconds=as_durations,
        sentence=sentence.describe(judgement),
    )


def _phases(metric: Metric, judgement: SeriesAnalysis, proposed: list[Proposal]) -> Iterator[str]:
    """Each phase with its cause and who named it; then what may have begun one."""
    begun = verdicts.begun_at(judgement, metric)
    for position, phase in enumerate(judgement.phases):
        said = verdicts.phase_text(judgement, position, metric)
        yield _phase(begun.pop(phase.start, None), said)
    for named in begun.values():
        yield _phase(named, f"from {_day(named.began_on)}, no point of its own")
    for proposal in proposed:
        yield _question(proposal)


def _question(proposal: Proposal) -> str:
    when = _day(proposal.began_on)
    if proposal.cause:
        return f"Did this change on {when}, when {proposal.cause.removesuffix(' live')} went live?"
    return f"Did this change on {when}? {upper_first(proposal.why)}."


def _phase(named: MetricPhase | None, said: str) -> str:
    return f"{named.cause}: {said}. Named by {named.named_by}." if named else f"The first phase: {said}."


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
