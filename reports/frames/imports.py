"""Past imports as a frame: what was brought in by file, by whom, and whether it was taken back."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import aliased

from models.database import reading
from models.imports import ImportRun
from models.journal import ADDED, CHANGED, JournalEntry
from models.people import Actor
from models.permissions import Action
from store.access import access

COLUMNS = [
    "import_id",
    "at",
    "by",
    "kind",
    "file_name",
    "added",
    "changed",
    "unchanged",
    "undone_at",
    "undone_by",
]
MOST = 200


def imports(actor: Actor, slug: str) -> pd.DataFrame:
    """The last 200 imports, newest first.

    Columns: `import_id`, `at` and `undone_at` (aware datetimes; None where it wasn't undone), `by`, `undone_by`, `kind`,
    `file_name`, and how many records it `added`, `changed` and left `unchanged`.
    """
    added, undone = aliased(JournalEntry), aliased(JournalEntry)
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
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
            .join(added, _of_run(added, ADDED))
            .outerjoin(undone, _of_run(undone, CHANGED))
            .where(ImportRun.engagement_id == found.engagement_id)
            .order_by(ImportRun.id.desc())
            .limit(MOST)
        )
        rows = connection.execute(query).all()
    # Built of plain objects: pandas would make one kind of missing date of the moments and NaN of the names.
    return pd.DataFrame([list(row) for row in rows], columns=COLUMNS, dtype=object)


def _of_run(entry: type[JournalEntry], change: str):
    """The journal's entries of an import's own record: it was added once, and its only change is that it was undone."""
    return (
        (entry.engagement_id == ImportRun.engagement_id)
        & (entry.kind == ImportRun.__tablename__)
        & (entry.row_id == ImportRun.id)
        & (entry.change == change)
    )
