"""Replaying the journal up to an entry, from the newest checkpoint before it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from models.checkpoints import Replay, StateCheckpoint, form_of
from models.journal import JournalEntry
from models.privacy import Erasure
from store.table_rows import table_of

_CHECKPOINT, _JOURNAL, _ERASURE = table_of(StateCheckpoint).c, table_of(JournalEntry).c, table_of(Erasure).c


def erasures_of(connection: Connection, engagement_id: int) -> int:
    """Return how many people's data was erased: an erasure changes what earlier entries say."""
    query = select(func.count()).where(_ERASURE.engagement_id == engagement_id)
    return connection.execute(query).scalar_one()


def replay(connection: Connection, engagement_id: int, revision: int, kinds: Collection[str]) -> Replay:
    """Return what the entries up to `revision` leave of these kinds of rows, and of measurement batches."""
    made = _newest_checkpoint(connection, engagement_id, revision, kinds)
    made = made or Replay({kind: {} for kind in kinds})
    columns = ("sequence", "hash", "kind", "row_id", "change", "payload", "redacted")
    query = (
        select(*(_JOURNAL[name] for name in columns))
        .where(
            _JOURNAL.engagement_id == engagement_id,
            _JOURNAL.sequence > made.sequence,
            _JOURNAL.sequence <= revision,
        )
        .order_by(_JOURNAL.sequence)
    )
    for entry in connection.execute(query).mappings():
        made.apply(dict(entry))
    return made


def _newest_checkpoint(
    connection: Connection, engagement_id: int, revision: int, kinds: Collection[str]
) -> Replay | None:
    """Return the newest checkpoint that is in the chain, was made since the last erasure, and is whole."""
    query = (
        select(_CHECKPOINT.content, _CHECKPOINT.digest, _CHECKPOINT.sequence, _CHECKPOINT.head)
        .join(
            table_of(JournalEntry),
            (_JOURNAL.engagement_id == _CHECKPOINT.engagement_id)
            & (_JOURNAL.sequence == _CHECKPOINT.sequence)
            & (_JOURNAL.hash == _CHECKPOINT.head),
        )
        .where(
            _CHECKPOINT.engagement_id == engagement_id,
            _CHECKPOINT.sequence <= revision,
            _CHECKPOINT.erasures == erasures_of(connection, engagement_id),
            _CHECKPOINT.form == form_of(kinds),
        )
        .order_by(_CHECKPOINT.sequence.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Replay.from_content(*row)
