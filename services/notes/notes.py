"""Notes on a record, and whom they mention."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Part
from models.decisions import Decision
from models.engagement import Engagement
from models.errors import Forbidden
from models.interviews import Interview
from models.metrics import Metric
from models.notes import ABOUT, Note, NoteMention, mentioned
from models.people import Actor, Member, User
from models.permissions import PERMISSIONS, Action
from models.plan import Milestone
from models.replacements import Replacement
from models.review import Review
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import one_of, required_text

MAX_NOTE = 4_000
_TABLES: dict[str, type[Part]] = {
    "decision": Decision,
    "milestone": Milestone,
    "metric": Metric,
    "interview": Interview,
    "review": Review,
    "replacement": Replacement,
}


def write_note(actor: Actor, slug: str, about: str, row_id: int, text: str) -> int:
    """Write a note on a decision, milestone, metric, interview, review or replacement, and return its id.

    "@name" mentions a member; on an interview only those who may read interviews. Raises Invalid for an empty note,
    NotFound if the record is gone, Forbidden if the actor may not read it.
    """
    about = one_of("record", about, list(ABOUT))
    text = required_text("note", text, MAX_NOTE)
    with transaction(actor, "write a note") as session:
        if about == "interview":
            open_engagement(session, slug, Action.READ_INTERVIEWS)
        engagement = open_engagement(session, slug, Action.WRITE_NOTES)
        get_part(session, engagement, _TABLES[about], row_id)
        note = Note(
            engagement_id=engagement.id,
            kind=about,
            row_id=row_id,
            text=text,
            by=actor.name,
            by_id=actor.user_id,
        )
        session.add(note)
        session.flush()
        for user_id in mentioned(text, _members(session, engagement, about)):
            session.add(NoteMention(engagement_id=engagement.id, note_id=note.id, user_id=user_id))
        return note.id


def _members(session: Session, engagement: Engagement, about: str) -> dict[int, str]:
    """Return the names of the members who may read the record, by user id."""
    action = Action.READ_INTERVIEWS if about == "interview" else Action.READ
    roles = [role.value for role in PERMISSIONS[action]]
    query = (
        select(User.id, User.name)
        .join(Member, Member.user_id == User.id)
        .where(Member.engagement_id == engagement.id, Member.role.in_(roles), User.disabled.is_(False))
    )
    return dict(session.execute(query).tuples().all())


def remove_note(actor: Actor, slug: str, note_id: int) -> None:
    """Remove one's own note. Raises Forbidden if somebody else wrote it."""
    with transaction(actor, "remove a note") as session:
        engagement = open_engagement(session, slug, Action.WRITE_NOTES)
        note = get_part(session, engagement, Note, note_id)
        if not actor.operator and (actor.user_id is None or note.by_id != actor.user_id):
            raise Forbidden("Only its author can remove a note. Nothing was changed.")
        for mention in session.scalars(select(NoteMention).where(NoteMention.note_id == note.id)).all():
            session.delete(mention)
        session.flush()
        session.delete(note)
