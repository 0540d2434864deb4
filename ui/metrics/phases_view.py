"""The phases of a metric, and the causes that people named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import streamlit as st
from markupsafe import Markup

from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import Metric, MetricPhase
from models.permissions import Action
from models.wording import day_month, upper_first
from reports.metrics import verdicts
from reports.metrics.verdicts import Proposal
from services.core.validation import EARLIEST
from services.metrics import phases
from store.states import summary_of
from ui import feedback, frame, html
from ui.drawer import FieldKey, attempting, drawer, form
from ui.metrics.act_links import Act, act_links

BEGIN, TAKE_BACK = "phase", "take-back"


def section(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> Markup:
    """Return the phases and their causes, with links that begin one and take one back."""
    proposed = verdicts.proposals(judgement, metric, engagement)
    return html.section(
        "Phases and their causes",
        html.bullet_list(_phases(metric, judgement, proposed)),
        act_links("What may be done about the phases", _acts(engagement, metric, proposed)),
    )


def _acts(engagement: Engagement, metric: Metric, proposed: list[Proposal]) -> dict[str, Act]:
    """Return by their labels: beginning a phase, of a cause that one knows or that is proposed, and taking one back."""
    if not _may_name(engagement, metric):
        return {}
    acts: dict[str, Act] = {"Begin a phase": {"do": BEGIN}}
    for began_on, cause in _causes(proposed).items():
        answer = "Yes, it changed on" if cause else "Name the cause of"
        acts[f"{answer} {_day(began_on)}"] = {"do": BEGIN, "on": began_on.isoformat()}
    for named in metric.phases:
        acts[_take_back_label(named)] = {"do": TAKE_BACK, "phase": str(named.id)}
    return acts


def _may_name(engagement: Engagement, metric: Metric) -> bool:
    return metric.active and frame.may(engagement, Action.DEFINE_METRICS)


def _causes(proposed: list[Proposal]) -> dict[date, str]:
    """Return the causes on record by the days that are proposed; "" where none is. Of one day, several are one text."""
    causes: dict[date, list[str]] = {}
    for proposal in proposed:
        of_day = causes.setdefault(proposal.began_on, [])
        if proposal.cause and proposal.cause not in of_day:
            of_day.append(proposal.cause)
    return {began_on: ", ".join(of_day) for began_on, of_day in causes.items()}


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


def open_act(asked: Act, engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> None:
    """Open the dialog that a link of the phases asks for; nothing if it isn't offered (any more)."""
    if not _may_name(engagement, metric):
        return
    if asked["do"] == BEGIN:
        # Only what is proposed is filled in: whoever made up an address knows no cause.
        causes = _causes(verdicts.proposals(judgement, metric, engagement))
        began_on = next((day for day in causes if day.isoformat() == asked.get("on")), None)
        name_cause(engagement, metric, began_on, causes[began_on] if began_on else "")
    elif asked["do"] == TAKE_BACK:
        for named in metric.phases:
            if str(named.id) == asked.get("phase"):
                _take_back(engagement, named)


def _take_back_label(named: MetricPhase) -> str:
    return f"Take back the phase of {_day(named.began_on)}"


def _take_back(engagement: Engagement, named: MetricPhase) -> None:
    """Open the dialog that says which cause a phase has, with the button that takes it back."""
    slug, phase_id, cause = engagement.slug, named.id, named.cause
    begun = html.paragraph(f"{cause}: from {_day(named.began_on)}, named by {named.named_by}.")
    about = html.stack([begun, html.paragraph("Its points belong to the phase before it again.")])

    def body() -> None:
        html.show(about)
        take_back = attempting(
            f"phase {phase_id}", lambda who: phases.remove_phase(who, slug, phase_id), f"Took back {cause}"
        )
        st.button("Take back the phase", type="primary", key=f"take back {phase_id}", on_click=take_back)

    drawer(_take_back_label(named), body)


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
    _cause_form(engagement, metric, began_on, cause, frame.today(engagement))


def _cause_form(
    engagement: Engagement, metric: Metric, began_on: date | None, cause: str, today: date
) -> None:
    """Draw the form that begins a phase; another day and cause to begin with are another form."""
    name = f"phase {began_on} {cause}"

    end = metric.closed_baseline_end(approved=any(row.approves for row in metric.sign_offs))
    first = EARLIEST if end is None else end + timedelta(days=1)
    # A baseline that ends later than today leaves no day to choose; the service says so.
    last = max(today, first, began_on or first)

    def fields(key: FieldKey) -> None:
        st.date_input(
            "Its first day", began_on, first, last, format="YYYY-MM-DD", key=key("began_on"),
            help=None if end is None else f"After the baseline, which lasts until {_day(end)}.",
        )  # fmt: skip
        st.text_input("Cause", cause, placeholder="Decision for returning customers live", key=key("cause"))

    form(
        name,
        fields,
        lambda who, values: phases.begin_phase(who, engagement.slug, metric.id, **values),
        button="Begin the phase",
        done=lambda: f"Began a phase: {st.session_state[f'{name}: cause']}",
    )
