"""Notes on a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models.database import read_connection
from models.notes import Note
from models.people import Actor
from models.permissions import Action
from store.access import access


@dataclass(frozen=True)
class NoteText:
    """A note as members read it; `own`: the reader wrote it."""

    id: int
    at: datetime
    by: str
    text: str
    own: bool


def note_counts(actor: Actor, slug: str, about: str) -> dict[int, int]:
    """Return how many notes the records of a kind have, by row id; those without any are left out."""
    action = Action.READ_INTERVIEWS if about == "interview" else Action.READ
    with read_connection() as connection:
        granted = access(connection, actor, slug, action)
        rows = connection.execute(
            select(Note.row_id, func.count())
            .where(Note.engagement_id == granted.engagement_id, Note.kind == about)
            .group_by(Note.row_id)
        )
        return dict(rows.tuples().all())


def notes(actor: Actor, slug: str, about: str, row_id: int) -> list[NoteText]:
    """Return the notes on a record, the oldest first. On an interview only for who may read interviews."""
    action = Action.READ_INTERVIEWS if about == "interview" else Action.READ
    with read_connection() as connection:
        granted = access(connection, actor, slug, action)
        rows = connection.execute(
            select(Note.id, Note.created_at, Note.by, Note.text, Note.by_id)
            .where(Note.engagement_id == granted.engagement_id, Note.kind == about, Note.row_id == row_id)
            .order_by(Note.id)
        ).all()
    return [
        NoteText(
            row.id, row.created_at, row.by, row.text, actor.user_id is not None and row.by_id == actor.user_id
        )
        for row in rows
    ]
