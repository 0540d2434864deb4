"""Writing and reading the security log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.database import engine, reading
from models.errors import Forbidden, HeadwayError, NotFound
from models.people import Actor, User
from models.permissions import Administration
from models.security_log import REFUSALS, Kind, SecurityEvent
from reports.access import administer

KEPT = timedelta(days=400)
ONE_EVENT = timedelta(hours=1)
MOST_SHOWN = 1_000
LONGEST_DETAIL = 300
NOT_THERE = "something that isn't there for them"
_PLAIN = {"synchronize_session": False}


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
    """Add an event to a session of the database; it is kept with whatever else that commits.

    A refusal that was noted within the hour before is counted there instead: nobody fills the log by being refused.
    """
    session.execute(delete(SecurityEvent).where(SecurityEvent.last_at < at - KEPT), execution_options=_PLAIN)
    what = {"kind": kind, "user_id": user_id, "by": by, "address": address, "detail": detail[:LONGEST_DETAIL]}
    if kind not in REFUSALS or not _happened_again(session, what, at):
        session.add(SecurityEvent(at=at, last_at=at, times=1, **what))


def _happened_again(session: Session, what: dict[str, Any], at: datetime) -> bool:
    same = [getattr(SecurityEvent, name).is_not_distinct_from(value) for name, value in what.items()]
    newest = (
        select(SecurityEvent.id)
        .where(SecurityEvent.last_at > at - ONE_EVENT, SecurityEvent.at > at - ONE_EVENT, *same)
        .order_by(SecurityEvent.id.desc())
        .limit(1)
    )
    again = update(SecurityEvent).where(SecurityEvent.id == newest.scalar_subquery())
    counted = again.values(times=SecurityEvent.times + 1, last_at=at)
    return session.execute(counted, execution_options=_PLAIN).rowcount > 0


def note_refusal(actor: Actor, refused: HeadwayError) -> None:
    """Keep that somebody tried what they may not. Other refusals are no matter of security.

    Not what was asked for, which may name an engagement or a person: administrators read this who are in none.
    """
    if not isinstance(refused, NotFound | Forbidden):
        return
    said = NOT_THERE if isinstance(refused, NotFound) else refused
    with Session(engine().execution_options(writes=True)) as session, session.begin():
        note(
            session,
            Kind.ACTION_REFUSED,
            actor.at,
            user_id=actor.user_id,
            by=actor.name,
            detail=f"{actor.via}: {said}",
        )


@dataclass(frozen=True)
class Event:
    """An event as administrators read it; `account` is the e-mail of whose account it was, if it was anybody's.

    It happened at `at`, and where it happened several `times`, the last of them at `last_at`.
    """

    at: datetime
    kind: str
    account: str
    by: str
    address: str
    detail: str
    times: int
    last_at: datetime


def events(actor: Actor, kinds: list[str] | None = None, most: int = MOST_SHOWN) -> list[Event]:
    """What happened last stands first; of these kinds, or all."""
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
                SecurityEvent.times,
                SecurityEvent.last_at,
            )
            .outerjoin(User, User.id == SecurityEvent.user_id)
            .order_by(SecurityEvent.last_at.desc(), SecurityEvent.id.desc())
            .limit(most)
        )
        if kinds:
            query = query.where(SecurityEvent.kind.in_(kinds))
        return [
            Event(at, kind, email or "no account", *more)
            for at, kind, email, *more in connection.execute(query)
        ]
