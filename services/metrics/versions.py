"""Versions of a metric's definition: each is added when something of it changes, and never altered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.journal import ADDED, JournalEntry
from models.metrics import DEFINED, Definition, Metric
from models.plan import Cycle
from services.core.changes import Work
from services.sign_off.events import revoke_asking_for


def current_definition(metric: Metric) -> dict[str, Any]:
    """The columns of the definition as they are now."""
    return {name: getattr(metric, name) for name in DEFINED}


def record_version(session: Session, metric: Metric, before: Mapping[str, Any] | None) -> None:
    """Add the next version where the definition isn't what it was `before` (None: there was none).

    A metric from before versions were kept gets what it was as its first one.
    """
    now = current_definition(metric)
    if before == now:
        return
    work: Work = session.info["work"]
    newest = session.scalar(select(func.max(Definition.number)).where(Definition.metric_id == metric.id))
    if newest is None and before is not None:
        earlier = Metric(slug=metric.slug, **before)
        defined_by = _defined_by(session, metric) or work.actor.name
        session.add(_version(metric, 1, earlier, defined_by, metric.created_at))
        newest = 1
    session.add(_version(metric, (newest or 0) + 1, metric, work.actor.name, work.actor.at))
    session.flush()
    if before is not None:
        revoke_asking_for(session, metric, f"“{metric.name}” was changed")


def move_targets(session: Session, engagement_id: int, days: timedelta) -> None:
    """The current cycle has moved by `days`, and with it the targets that are due in it: each is another version.

    A signature is under a date: it breaks, and the difference is told. So nobody moves what was signed unseen.
    """
    cycles = select(Cycle).where(Cycle.engagement_id == engagement_id).order_by(Cycle.number)
    found = session.scalars(cycles).all()
    cycle = next((cycle for cycle in found if cycle.closed_on is None), found[-1])
    dated = select(Metric).where(Metric.engagement_id == engagement_id, Metric.target_on.is_not(None))
    for metric in session.scalars(dated).all():
        if metric.target_on + days == cycle.date_of(metric.target_day):
            before = current_definition(metric)
            metric.target_on += days
            session.flush()
            record_version(session, metric, before)


def _version(metric: Metric, number: int, of: Metric, defined_by: str, defined_at: Any) -> Definition:
    return Definition(
        engagement_id=metric.engagement_id,
        metric_id=metric.id,
        number=number,
        digest=of.digest(),
        defined_by=defined_by,
        defined_at=defined_at,
        **current_definition(of),
    )


def _defined_by(session: Session, metric: Metric) -> str | None:
    query = select(JournalEntry.actor).where(
        JournalEntry.engagement_id == metric.engagement_id,
        JournalEntry.kind == Metric.__tablename__,
        JournalEntry.row_id == metric.id,
        JournalEntry.change == ADDED,
    )
    return session.scalar(query.limit(1))
