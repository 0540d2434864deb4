"""Saying that two spellings are one person's name, and that they are not after all.

Every interview keeps the name that was written down; the person's name stands beside it, so taking two apart again has
nothing to guess. The journal says who merged which.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.interviews import Interview
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from services.core.transaction import open_engagement, transaction


def merge_people(actor: Actor, slug: str, name: str, spelling: str) -> None:
    """Count who was interviewed as `spelling` as the person `name`, in every interview; so will be who is from now on.

    Raises NotFound if nobody of one of the names was interviewed, Invalid if they are one person already.
    """
    with transaction(actor, "merge two spellings of a person") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        rows = _interviews(session, engagement)
        named, merged = _of_person(rows, name), _of_person(rows, spelling)
        if named[0].person == merged[0].person:
            raise Invalid(f"“{name}” and “{spelling}” are one person already. Nothing was changed.")
        person = named[0].same_as or named[0].interviewee
        for row in merged:
            row.same_as = person


def take_apart(actor: Actor, slug: str, spelling: str) -> None:
    """Count who was interviewed as `spelling` as a person of their own again.

    Raises NotFound if nobody of that name was interviewed, Invalid if it isn't merged with another.
    """
    with transaction(actor, "take two spellings of a person apart") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        rows = _interviews(session, engagement)
        _of_person(rows, spelling)
        own = [row for row in rows if normalize_name(row.interviewee) == normalize_name(spelling)]
        merged = [row for row in own if row.same_as is not None]
        if not merged:
            raise Invalid(f"“{spelling}” isn't merged with another name. Nothing was changed.")
        for row in merged:
            row.same_as = None


def person_called(session: Session, engagement: Engagement, name: str) -> str | None:
    """Return the person's name with which the spelling `name` was merged; None if it wasn't."""
    with session.no_autoflush:
        own = [
            row
            for row in _interviews(session, engagement)
            if row.same_as is not None and normalize_name(row.interviewee) == normalize_name(name)
        ]
    return own[-1].same_as if own else None


def _interviews(session: Session, engagement: Engagement) -> Sequence[Interview]:
    query = select(Interview).where(Interview.engagement_id == engagement.id).order_by(Interview.id)
    return session.scalars(query).all()


def _of_person(rows: Sequence[Interview], name: str) -> list[Interview]:
    """Return the interviews with the person who is called so in one of them. Raises NotFound if there is none."""
    called = next((row for row in rows if normalize_name(row.interviewee) == normalize_name(name)), None)
    called = called or next((row for row in rows if row.person == normalize_name(name)), None)
    if called is None:
        raise NotFound(f"Nobody called “{name}” was interviewed in this engagement. Nothing was changed.")
    return [row for row in rows if row.person == called.person]
