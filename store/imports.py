"""Past imports: what was imported from which file, by whom, and whether it was undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from models.database import read_connection
from models.imports import ImportRun
from models.journal import ADDED, CHANGED, JournalEntry
from models.people import Actor
from models.permissions import Action
from store.access import access

MAX_IMPORTS = 200
UNDO = "undo an import"
"""The use case that takes an import back; an erasure of personal data changes its record too."""


@dataclass(frozen=True)
class PastImport:
    """An import: how many records of which kind it added, changed and left unchanged; `undone_...` None if it counts."""

    import_id: int
    at: datetime
    by: str
    kind: str
    file_name: str
    added: int
    changed: int
    unchanged: int
    undone_at: datetime | None
    undone_by: str | None


def past_imports(actor: Actor, slug: str) -> list[PastImport]:
    """Return the last 200 imports of the engagement, newest first."""
    added, undone = aliased(JournalEntry), aliased(JournalEntry)
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ)
        query = (
            select(
                ImportRun.id,
                ImportRun.created_at,
                added.actor,
                ImportRun.kind,
                ImportRun.file_name,
                ImportRun.added,
                ImportRun.changed,
                ImportRun.unchanged,
                ImportRun.undone_at,
                undone.actor,
            )
            .join(added, _entry_of_run(added, ADDED))
            .outerjoin(undone, _entry_of_run(undone, CHANGED) & (undone.use_case == UNDO))
            .where(ImportRun.engagement_id == engagement.engagement_id)
            .order_by(ImportRun.id.desc())
            .limit(MAX_IMPORTS)
        )
        rows: Sequence[Any] = connection.execute(query).all()
    return [PastImport(*row) for row in rows]


def _entry_of_run(entry: type[JournalEntry], change: str) -> ColumnElement[bool]:
    """Join an import's own record to its journal entry."""
    return and_(
        entry.engagement_id == ImportRun.engagement_id,
        entry.kind == ImportRun.__tablename__,
        entry.row_id == ImportRun.id,
        entry.change == change,
    )
