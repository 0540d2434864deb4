"""What a metric's points say: the verdict in a sentence, the chart with its phases, and the causes people named."""

from __future__ import annotations

from datetime import date

import streamlit as st
from markupsafe import Markup

from analysis.judge import Judgement
from models.engagement import Engagement
from models.metrics import Metric, MetricPhase
from models.permissions import Action
from models.units import unit
from models.wording import day_month
from reports import judgements
from reports.charts.process_behaviour import (
    BAND_MARK,
    MEAN_MARK,
    SIGNAL_MARK,
    TARGET_MARK,
    frames_of,
    process_behaviour,
)
from reports.charts.theme import legend
from reports.states import summary_of
from services import phases
from ui import feedback, frame, html
from ui.frame import escaped
from ui.kept import kept
from ui.who import actor

SAID = Markup("<p>{badge} {told}</p>")
LOOKS = {
    judgements.NOISE: ("gray", ":material/remove:"),
    judgements.SIGNAL: ("orange", ":material/priority_high:"),
    judgements.BETTER: ("green", ":material/trending_up:"),
    judgements.WORSE: ("red", ":material/trending_down:"),
    judgements.OUT_OF_DATE: ("gray", ":material/history:"),
}


def verdict_piece(judgement: Judgement, metric: Metric, on: date) -> Markup:
    """The verdict as its word, icon and colour."""
    look = judgements.look(judgement, metric, on)
    colour, icon = LOOKS[look]
    return html.marked(colour, icon, judgements.WORDS[look])


def show(engagement: Engagement, metric: Metric, judgement: Judgement, on: date) -> None:
    """Whether the metric changed, when, by how much, and whether the target will be met."""
    marks = [SIGNAL_MARK, MEAN_MARK, BAND_MARK, *([TARGET_MARK] if metric.target is not None else [])]
    chart = kept("process behaviour", engagement, lambda: _chart(metric, judgement), metric.id)
    verdict = SAID.format(
        badge=verdict_piece(judgement, metric, on), told=judgements.told(judgement, metric, on)
    )
    beside = judgements.caveat(judgement)
    html.show(
        html.part("Did it change?", verdict, html.faint(beside) if beside else Markup(), legend(marks), chart)
    )
    _phases(engagement, metric, judgement)


def _chart(metric: Metric, judgement: Judgement) -> Markup:
    measure = unit(metric.unit)
    in_seconds = measure.kind == "time" and measure.per is None and measure.measure.family != "working"
    scale = float(measure.size) if in_seconds else 1.0
    points, segments = frames_of(judgement)
    points["value"] *= scale
    segments[["mean", "lower", "upper"]] *= scale
    return process_behaviour(
        points,
        segments,
        target=None if metric.target is None else metric.target * scale,
        target_label=f"Target {measure.say(metric.target)}",
        unit="" if in_seconds else measure.name.removeprefix("/ ") if measure.kind != "share" else "%",
        in_seconds=in_seconds,
        sentence=judgement.sentence,
    )


def _phases(engagement: Engagement, metric: Metric, judgement: Judgement) -> None:
    may_name = metric.active and frame.may(engagement, Action.DEFINE_METRICS)
    begun = judgements.begun_at(judgement, metric)
    st.markdown("**Phases and their causes**")
    for position, phase in enumerate(judgement.phases):
        _phase(
            engagement,
            begun.pop(phase.start, None),
            judgements.phase_text(judgement, position, metric),
            may_name,
        )
    for named in begun.values():
        _phase(
            engagement,
            named,
            f"from {day_month(named.began_on)} {named.began_on.year}, no point of its own",
            may_name,
        )
    if not may_name:
        return
    for proposal in judgements.proposals(judgement, metric, engagement):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            when = f"{day_month(proposal.began_on)} {proposal.began_on.year}"
            st.markdown(f"Perhaps a new phase began on {when}: {escaped(proposal.why)}.")
            st.button(
                "Name its cause",
                key=f"phase {proposal.began_on} {proposal.why}",
                on_click=name_cause,
                args=(engagement, metric, proposal.began_on, proposal.cause),
            )
    st.button(
        "Begin a phase", icon=":material/flag:", on_click=name_cause, args=(engagement, metric, None, "")
    )


def _phase(engagement: Engagement, named: MetricPhase | None, text: str, may_name: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        cause = named.cause if named else "The first phase"
        by = f" Named by {named.named_by}." if named else ""
        st.markdown(f"{escaped(cause)}: {escaped(text)}.{escaped(by)}")
        if named is not None and may_name:
            _take_back(engagement, named.id, cause)


def _take_back(engagement: Engagement, phase_id: int, cause: str) -> None:
    def take_back() -> None:
        who = actor(once=feedback.submission(f"phase {phase_id}"))
        if feedback.attempt(
            lambda: phases.take_back_phase(who, engagement.slug, phase_id), f"Took back {cause}"
        ):
            feedback.renew(f"phase {phase_id}")

    st.button(
        "Take back", key=f"take back {phase_id}", on_click=take_back, help=f"Take back the phase {cause}"
    )


@st.dialog("Begin a phase", position="right")
def name_cause(engagement: Engagement, metric: Metric, began_on: date | None, cause: str) -> None:
    """Ask on which day a phase began, and why."""
    feedback.in_dialog()
    st.write(
        "The limits of a phase rest on its own points. Begin one only where you know what made the difference."
    )
    offered = judgements.causes(metric, engagement, summary_of(engagement), frame.today(engagement))
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
