"""Taking a whole import back, as long as nothing was built upon it since."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Invalid
from models.imports import ImportMapping, ImportRun
from models.journal import ADDED, JournalEntry
from models.people import Actor
from models.permissions import Action
from services.core.reversal import reverse_act
from services.core.transaction import get_part, open_engagement, transaction
from services.imports.applying import ACTIONS


def undo(actor: Actor, slug: str, import_id: int) -> ImportRun:
    """Take back all that an import added and changed: what it added goes, what it changed is as it was before.

    Measurements are withdrawn: they don't count any more, and stay readable. Raises Conflict, and takes nothing back,
    where a person changed one of these records since or something else refers to them; the sentence names what. Raises
    Invalid if the import was undone before, or what it changed was erased from the journal.
    """
    with transaction(actor, "undo an import") as session:
        engagement = open_engagement(session, slug, Action.READ)
        run = get_part(session, engagement, ImportRun, import_id)
        open_engagement(session, slug, ACTIONS[run.kind])
        if run.undone_at is not None:
            raise Invalid(f"The import of {run.file_name} was undone already. Nothing was changed.")
        act = _act_of(session, run)
        reverse_act(session, engagement, act, f"The import of {run.file_name}")
        run.undone_at = actor.at
        return run


def _act_of(session: Session, run: ImportRun) -> list[JournalEntry]:
    """Return the journal's entries of everything that the import did, but of its own record."""
    of_engagement = select(JournalEntry).where(JournalEntry.engagement_id == run.engagement_id)
    own = session.scalars(
        of_engagement.where(
            JournalEntry.kind == ImportRun.__tablename__,
            JournalEntry.row_id == run.id,
            JournalEntry.change == ADDED,
        )
    ).one()
    # What the file's columns mean stays known.
    query = of_engagement.where(
        JournalEntry.act == own.act,
        JournalEntry.id != own.id,
        JournalEntry.kind != ImportMapping.__tablename__,
    )
    entries = list(session.scalars(query.order_by(JournalEntry.sequence)))
    if any(entry.payload is None for entry in entries):
        raise Invalid(
            f"What {run.file_name} changed was erased from the journal since, so it can't be undone. "
            "Nothing was changed."
        )
    return entries
