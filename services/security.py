"""Writing and reading the security log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.database import engine, reading
from models.errors import Forbidden, HeadwayError, NotFound
from models.people import Actor, User
from models.permissions import Administration
from models.security_log import Kind, SecurityEvent
from reports.access import administer

KEPT = timedelta(days=400)
MOST_SHOWN = 1_000
LONGEST_DETAIL = 300


def note(
    session: Session,
    kind: Kind,
    at: datetime,
    *,
    user_id: int | None,
    by: str,
    address: str = "",
    detail: str = "",
) -> None:
    """Add an event to a session of the database; it is kept with whatever else that commits."""
    session.add(
        SecurityEvent(
            at=at, kind=kind, user_id=user_id, by=by, address=address, detail=detail[:LONGEST_DETAIL]
        )
    )


def note_refusal(actor: Actor, refused: HeadwayError) -> None:
    """Keep that somebody tried what they may not. Other refusals are no matter of security."""
    if not isinstance(refused, NotFound | Forbidden):
        return
    with Session(engine().execution_options(writes=True)) as session, session.begin():
        session.execute(delete(SecurityEvent).where(SecurityEvent.at < actor.at - KEPT))
        note(
            session,
            Kind.ACTION_REFUSED,
            actor.at,
            user_id=actor.user_id,
            by=actor.name,
            detail=f"{actor.via}: {refused}",
        )


@dataclass(frozen=True)
class Event:
    """An event as administrators read it; `account` is the e-mail of whose account it was, if it was anybody's."""

    at: datetime
    kind: str
    account: str
    by: str
    address: str
    detail: str


def events(actor: Actor, kinds: list[str] | None = None, most: int = MOST_SHOWN) -> list[Event]:
    """The newest events first; of these kinds, or all."""
    with reading() as connection:
        administer(connection, actor, Administration.READ_SECURITY_LOG)
        query = (
            select(
                SecurityEvent.at,
                SecurityEvent.kind,
                User.email,
                SecurityEvent.by,
                SecurityEvent.address,
                SecurityEvent.detail,
            )
            .outerjoin(User, User.id == SecurityEvent.user_id)
            .order_by(SecurityEvent.id.desc())
            .limit(most)
        )
        if kinds:
            query = query.where(SecurityEvent.kind.in_(kinds))
        return [
            Event(at, kind, email or "no account", by, address, detail)
            for at, kind, email, by, address, detail in connection.execute(query)
        ]
