"""Writing and reading the security log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from models.database import read_connection
from models.errors import Forbidden, HeadwayError, NotFound
from models.people import Actor, User
from models.permissions import Administration
from models.security_log import REFUSALS, Kind, SecurityEvent
from services.core.transaction import unjournalled_transaction
from store.access import administer
from store.table_rows import table_of

RETENTION = timedelta(days=400)
MERGE_WINDOW = timedelta(hours=1)
MAX_SHOWN = 1_000
MAX_DETAIL = 300
NOT_THERE = "something that isn't there for them"
_EVENT = table_of(SecurityEvent)


def log_event(
    session: Session,
    kind: Kind,
    at: datetime,
    *,
    user_id: int | None,
    by: str,
    address: str = "",
    detail: str = "",
) -> None:
    """Add an event to the security log, in the session's transaction.

    A refusal that was logged within the hour before is counted there instead: nobody fills the log by being refused.
    """
    session.execute(delete(_EVENT).where(_EVENT.c.last_at < at - RETENTION))
    fields = {"kind": kind, "user_id": user_id, "by": by, "address": address, "detail": detail[:MAX_DETAIL]}
    if kind in REFUSALS:
        _count_refusal(session, fields, at)
    else:
        session.add(SecurityEvent(at=at, last_at=at, times=1, **fields))


def _count_refusal(session: Session, fields: dict[str, Any], at: datetime) -> None:
    """Add a refusal, or count it if the same was logged within the hour.

    The statements are the same in either case and for every account, so that the time reveals nothing to a stranger.
    """
    of_account = func.coalesce(_EVENT.c.user_id, 0) == (fields["user_id"] or 0)
    same = and_(of_account, *(_EVENT.c[name] == fields[name] for name in ("kind", "by", "address", "detail")))
    recent = and_(same, _EVENT.c.last_at > at - MERGE_WINDOW, _EVENT.c.at > at - MERGE_WINDOW)
    row = {"at": at, "last_at": at, "times": 0, **fields}
    values = [literal(value, _EVENT.c[name].type) for name, value in row.items()]
    session.execute(insert(_EVENT).from_select(list(row), select(*values).where(~exists().where(recent))))
    newest = select(func.max(_EVENT.c.id)).where(recent).scalar_subquery()
    count_it = update(_EVENT).where(_EVENT.c.id == newest)
    session.execute(count_it.values(times=_EVENT.c.times + 1, last_at=at))


def log_refusal(actor: Actor, refused: HeadwayError) -> None:
    """Log that somebody tried what they may not do; refusals of other kinds are no matter of security.

    What they asked for isn't logged, as it may name an engagement or a person: administrators who read this may be in
    no engagement.
    """
    if not isinstance(refused, NotFound | Forbidden):
        return
    text = NOT_THERE if isinstance(refused, NotFound) else str(refused)
    with unjournalled_transaction() as session:
        log_event(
            session,
            Kind.ACTION_REFUSED,
            actor.at,
            user_id=actor.user_id,
            by=actor.name,
            detail=f"{actor.via}: {text}",
        )


@dataclass(frozen=True)
class Event:
    """An event as administrators read it; `account` is the e-mail of the account, or "no account".

    It happened at `at`; if it happened several `times`, the last of them was at `last_at`.
    """

    at: datetime
    kind: str
    account: str
    by: str
    address: str
    detail: str
    times: int
    last_at: datetime


def events(actor: Actor, kinds: list[str] | None = None, limit: int = MAX_SHOWN) -> list[Event]:
    """Return the newest events of these kinds, or of all. Raises Forbidden if the actor may not read them."""
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
            .limit(limit)
        )
        if kinds:
            query = query.where(SecurityEvent.kind.in_(kinds))
        return [
            Event(
                row.at,
                row.kind,
                row.email or "no account",
                row.by,
                row.address,
                row.detail,
                row.times,
                row.last_at,
            )
            for row in connection.execute(query)
        ]
