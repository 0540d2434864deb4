"""Writing and reading the security log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from models.database import engine, read_connection
from models.errors import Forbidden, HeadwayError, NotFound
from models.people import Actor, User
from models.permissions import Administration
from models.security_log import REFUSALS, Kind, SecurityEvent
from store.access import administer

KEPT = timedelta(days=400)
ONE_EVENT = timedelta(hours=1)
MOST_SHOWN = 1_000
LONGEST_DETAIL = 300
NOT_THERE = "something that isn't there for them"
_EVENT = SecurityEvent.__table__


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
    session.execute(delete(_EVENT).where(_EVENT.c.last_at < at - KEPT))
    what = {"kind": kind, "user_id": user_id, "by": by, "address": address, "detail": detail[:LONGEST_DETAIL]}
    if kind in REFUSALS:
        _count(session, what, at)
    else:
        session.add(SecurityEvent(at=at, last_at=at, times=1, **what))


def _count(session: Session, what: dict[str, Any], at: datetime) -> None:
    """Add a refusal, or count it where the same was noted within the hour: in the same statements, in either case and
    whoever's account it is, so that how long it takes tells a stranger nothing.
    """
    of_account = func.coalesce(_EVENT.c.user_id, 0) == (what["user_id"] or 0)
    same = and_(of_account, *(_EVENT.c[name] == what[name] for name in ("kind", "by", "address", "detail")))
    within = and_(same, _EVENT.c.last_at > at - ONE_EVENT, _EVENT.c.at > at - ONE_EVENT)
    row = {"at": at, "last_at": at, "times": 0, **what}
    values = [literal(value, _EVENT.c[name].type) for name, value in row.items()]
    session.execute(insert(_EVENT).from_select(list(row), select(*values).where(~exists().where(within))))
    newest = select(func.max(_EVENT.c.id)).where(within).scalar_subquery()
    counted = update(_EVENT).where(_EVENT.c.id == newest)
    session.execute(counted.values(times=_EVENT.c.times + 1, last_at=at))


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
    with read_connection() as connection:
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
