"""Versions of a metric's definition: one is added with each change, and none is ever altered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.journal import ADDED, JournalEntry
from models.metrics import DEFINITION_FIELDS, RULES_VERSION, Definition, Metric, SignOff
from models.plan import Cycle
from services.core.changes import Work
from services.sign_off.events import revoke_asking_for


def current_definition(metric: Metric) -> dict[str, Any]:
    """Return the definition's columns with their present values."""
    return {name: getattr(metric, name) for name in DEFINITION_FIELDS}


def record_version(session: Session, metric: Metric, before: Mapping[str, Any] | None) -> None:
    """Add the next version if the definition differs from `before` (None: the metric is new).

    A metric that is older than versions gets `before` as its first one. Open requests for a signature under the old
    definition are revoked.
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


def is_signed(session: Session, metric: Metric) -> bool:
    """Return whether somebody responded to exactly the current definition."""
    query = select(SignOff.id).where(SignOff.metric_id == metric.id, SignOff.digest == metric.digest())
    return session.scalar(query.limit(1)) is not None


def was_ever_signed(session: Session, metric: Metric) -> bool:
    """Return whether somebody responded to any version of its definition."""
    query = select(SignOff.id).where(SignOff.metric_id == metric.id)
    return session.scalar(query.limit(1)) is not None


def set_newest_rules(session: Session, metric: Metric) -> None:
    """Judge a metric by the newest version of the rules: a new version of its definition, unless it is judged so already.

    A metric that was signed keeps its version of the rules until a signature of the newest is asked for.
    """
    before = current_definition(metric)
    metric.rules_version = RULES_VERSION
    session.flush()
    record_version(session, metric, before)


def move_targets(session: Session, engagement_id: int, days: timedelta) -> None:
    """Move the targets that are due in the current cycle by `days`, as the cycle has moved; each is a new version.

    A signature covers the date, so it breaks visibly: nobody can move what was signed unseen.
    """
    query = select(Cycle).where(Cycle.engagement_id == engagement_id).order_by(Cycle.number)
    cycles = session.scalars(query).all()
    cycle = next((cycle for cycle in cycles if cycle.closed_on is None), cycles[-1])
    dated = select(Metric).where(Metric.engagement_id == engagement_id, Metric.target_on.is_not(None))
    for metric in session.scalars(dated).all():
        if metric.target_on is None or metric.target_day is None:
            continue
        if metric.target_on + days == cycle.date_of(metric.target_day):
            before = current_definition(metric)
            metric.target_on += days
            session.flush()
            record_version(session, metric, before)


def _version(metric: Metric, number: int, of: Metric, defined_by: str, defined_at: datetime) -> Definition:
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
