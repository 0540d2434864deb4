"""What every transaction derives from its changes and stores with them: aggregates, summary, forecasts.

The capabilities own these steps and `services/__init__.py` registers them, so that `transaction()` knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.journal import ADDED
from models.summary import Summary
from services.core.changes import Change, Work
from store import states
from store.metric_aggregates import MeasurementFilter

# The one change that leaves everything but the measured metrics' aggregates as it was.
ARRIVED = ("measurement_batch", ADDED)


@dataclass
class Derivation:
    """One engagement after its journal entries were appended, on its way through the projections.

    `engagement` is its state, which the projections complete in place; `measurement_filter` says what counts.
    `changes` are the transaction's, `work` knows its actor and what it measured. `earlier_summary` is the summary of the
    state before, where nothing but measurements arrived since. `recomputed` are the metrics whose
    aggregate a projection stored anew. `at` is when the transaction happens.
    """

    connection: Connection
    engagement: Engagement
    measurement_filter: MeasurementFilter
    changes: list[Change]
    work: Work
    earlier_summary: Summary | None
    summary: Summary | None = None
    recomputed: set[int] = field(default_factory=set)

    @property
    def at(self) -> datetime:
        return self.work.actor.at


BeforeEntries = Callable[[Session, Work], None]
Projection = Callable[[Derivation], None]
_before_entries: list[BeforeEntries] = []
_projections: list[Projection] = []


def register(before_entries: Sequence[BeforeEntries], projections: Sequence[Projection]) -> None:
    """Set the steps of every transaction, in their order.

    `before_entries` may change rows of the engagement, which are journalled with the rest; `projections` store what is
    computed from the state and isn't journalled.
    """
    _before_entries[:] = before_entries
    _projections[:] = projections


def complete(session: Session, work: Work) -> None:
    """Run the steps that change rows themselves, before the journal entries are appended."""
    for step in _before_entries:
        step(session, work)


def derive(session: Session, work: Work, engagement_id: int) -> None:
    """Store everything that is derived from the engagement's state, and cache that state for the next transaction."""
    changes = [change for change in work.changes if change.engagement_id == engagement_id]
    if not changes:
        return
    connection = session.connection()
    cached = _cached_state(connection, work, changes, engagement_id)
    engagement, earlier_summary = cached or (states.load(connection, engagement_id), None)
    derivation = Derivation(
        connection,
        engagement,
        states.measurement_filter(connection, engagement_id),
        changes,
        work,
        earlier_summary,
    )
    for project in _projections:
        project(derivation)
    if derivation.summary is not None:
        states.put_cached(connection, engagement, derivation.summary)


def _cached_state(
    connection: Connection, work: Work, changes: list[Change], engagement_id: int
) -> tuple[Engagement, Summary] | None:
    """Return the state and summary cached by the transaction before, where nothing but measurements arrived since."""
    move = work.moves.get(engagement_id)
    if move is None or any((change.kind, change.change) != ARRIVED for change in changes):
        return None
    return states.pop_cached(connection, engagement_id, **move._asdict())
