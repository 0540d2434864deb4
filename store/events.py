"""The journal as an outbox: the acts after a revision, as events."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, select

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Invalid
from models.events import Act, RowChange, as_event
from models.journal import JournalEntry
from models.people import Actor
from models.permissions import Action
from models.prepared import Prepared
from store.access import access
from store.table_rows import table_of

BATCH = 500
_J = table_of(JournalEntry).c
_COLUMNS = (_J.act, _J.sequence, _J.at, _J.actor, _J.use_case, _J.hash, _J.kind, _J.change, _J.row_id)
_OWN = _J.engagement_id == bindparam("engagement_id")
_AFTER = Prepared(
    select(*_COLUMNS).where(_OWN, _J.sequence > bindparam("since")).order_by(_J.sequence).limit(BATCH)
)
_WHOLE = Prepared(
    select(*_COLUMNS)
    .where(_OWN, _J.sequence >= bindparam("number"), _J.act == bindparam("number"))
    .order_by(_J.sequence)
)
_SLUG = Prepared(select(Engagement.slug).where(Engagement.id == bindparam("engagement_id")))


def acts_after(connection: Connection, engagement_id: int, since: int) -> list[Act]:
    """Return the next acts whose last entry comes after the sequence `since`, oldest first; empty: there are none.

    An act is never cut: one that began before `since` and ends after it is returned whole.
    """
    slug = _SLUG.row(connection, engagement_id=engagement_id)
    rows = _AFTER.rows(connection, engagement_id=engagement_id, since=since)
    if slug is None or not rows:
        return []
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row[0])]
    if groups[0][0][1] != groups[0][0][0] or len(groups) == 1:
        groups[0] = _WHOLE.rows(connection, engagement_id=engagement_id, number=groups[0][0][0])
    if len(rows) == BATCH and len(groups) > 1:
        groups.pop()
    return [_act(str(slug[0]), group) for group in groups]


def _act(slug: str, entries: Sequence[Sequence[Any]]) -> Act:
    _, first, at, actor, use_case, digest, *_ = entries[0]
    changes = [RowChange(*entry[6:9]) for entry in entries]
    return Act(slug, first, entries[-1][1], at, actor, use_case, digest, changes)


def events(actor: Actor, slug: str, home: str, since: int = 0) -> list[dict[str, Any]]:
    """Return the events of the acts after the revision `since`, oldest first. `home` is the program's address.

    Raises Invalid for a revision that doesn't exist yet, as after a restored backup: events would be missed in silence.
    """
    events: list[dict[str, Any]] = []
    with read_connection() as connection:
        engagement_id = access(connection, actor, slug, Action.READ_JOURNAL).engagement_id
        newest = connection.scalar(select(Engagement.revision).where(Engagement.id == engagement_id)) or 0
        if not 0 <= since <= newest:
            raise Invalid(f"The revision has to be a whole number from 0 to {newest}.")
        while acts := acts_after(connection, engagement_id, since):
            events += (as_event(act, home) for act in acts)
            since = acts[-1].last
    return events
