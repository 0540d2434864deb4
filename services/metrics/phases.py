"""Phases of a metric: where its process became another one, and the cause that a person named."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Invalid
from models.metrics import CHANGES_REQUESTED, Metric, MetricPhase, SignOff
from models.people import Actor
from models.permissions import Action
from services.core.preconditions import refuse_duplicate
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import EARLIEST, date_between, required_text


def begin_phase(actor: Actor, slug: str, metric_id: int, began_on: date | None, cause: str) -> int:
    """Let a new phase of the metric begin on a day, because of `cause`. Returns its id.

    The limits of a phase rest on its own points alone. Raises Invalid where no cause is named: without one, a change is
    shown as a signal and explains nothing.
    """
    with transaction(actor, "name the cause of a change") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        metric = get_part(session, engagement, Metric, metric_id)
        today = actor.today(engagement.zone)
        began_on = date_between("the phase's first day", began_on, EARLIEST, today)
        _refuse_within_baseline(session, metric, began_on)
        refuse_duplicate(session, engagement, MetricPhase, None, metric_id=metric.id, began_on=began_on)
        phase = MetricPhase(
            engagement_id=engagement.id,
            metric_id=metric.id,
            began_on=began_on,
            cause=required_text("cause", cause),
            named_by=actor.name,
        )
        session.add(phase)
        session.flush()
        return phase.id


def _refuse_within_baseline(session: Session, metric: Metric, began_on: date) -> None:
    signed = select(SignOff.id).where(SignOff.metric_id == metric.id, SignOff.meaning != CHANGES_REQUESTED)
    until = metric.baseline_until
    if until is None and session.scalar(signed.limit(1)) is not None:
        until = metric.baseline_ended_on
    if until is not None and began_on <= until:
        raise Invalid(
            f"The baseline lasts until {until}, so no phase can begin on {began_on}. Nothing was saved."
        )


def take_back_phase(actor: Actor, slug: str, phase_id: int) -> None:
    """The phase was named by mistake: its points belong to the phase before it again."""
    with transaction(actor, "take back a phase") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        session.delete(get_part(session, engagement, MetricPhase, phase_id))
