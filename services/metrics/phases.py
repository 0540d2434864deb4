"""Phases of a metric: a new one begins where its process changed, for a cause that a person names."""

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
    """Begin a new phase of the metric on a day, because of `cause`. Returns its id.

    The limits of a phase rest on its own points alone. Raises Invalid without a cause, within the baseline, or if
    another phase begins on that day.
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
    until = metric.closed_baseline_end(approved=session.scalar(signed.limit(1)) is not None)
    if until is not None and began_on <= until:
        raise Invalid(
            f"The baseline lasts until {until}, so no phase can begin on {began_on}. Nothing was saved."
        )


def remove_phase(actor: Actor, slug: str, phase_id: int) -> None:
    """Remove a phase that was begun by mistake: its points belong to the phase before it again."""
    with transaction(actor, "take back a phase") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        session.delete(get_part(session, engagement, MetricPhase, phase_id))
