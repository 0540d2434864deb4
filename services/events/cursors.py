"""Cursors: which one a relay may serve, and moving it on, which only its holder can.

A relay claims a cursor with a token of its own for a short time (the lease). If the relay dies, the lease runs out and
another one goes on. A relay that was only slow, and comes back after that, can't move the cursor: the token isn't its
own any more.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from models.database import engine, query_connection
from models.endpoints import ATTEMPTS_KEPT, Cursor, DeliveryAttempt, Endpoint
from models.engagement import Engagement
from models.events import Act, event_id, type_of
from services.events.delivery_result import DeliveryResult
from store.table_rows import table_of

_CURSOR, _ATTEMPT, _ENDPOINT = table_of(Cursor), table_of(DeliveryAttempt), table_of(Endpoint)
# Made once: building and naming a statement anew takes longer than carrying it out.
_INSERT_ATTEMPT = insert(_ATTEMPT).inline()
_DELIVERED = (
    update(_CURSOR)
    .where(_CURSOR.c.id == bindparam("held_id"), _CURSOR.c.token == bindparam("held_by"))
    .values(
        sequence=bindparam("to"),
        lease_until=bindparam("until"),
        last_at=bindparam("at"),
        last_answer=bindparam("answer"),
        attempts=0,
        failing_since=None,
        next_at=None,
    )
)
_logged: dict[int, int] = {}
"""Attempts that this process logged, by cursor."""


class LeaseLost(Exception):
    """Another relay serves this cursor by now."""


@dataclass
class Held:
    """A cursor that this relay holds by `token`, and its endpoint."""

    id: int
    endpoint_id: int
    engagement_id: int
    sequence: int
    token: str
    attempts: int
    failing_since: datetime | None
    replay_until: int | None
    resume_from: int | None
    kind: str
    address: str
    secrets: str
    types: str
    lease_until: datetime

    def wants(self, act: Act) -> bool:
        """Return whether the endpoint is sent this act."""
        return not self.types or type_of(act).name in self.types.split()


@contextmanager
def writing() -> Iterator[Connection]:
    """Open a transaction of its own that writes."""
    with engine().execution_options(writes=True).connect() as connection, connection.begin():
        yield connection


def read_session() -> Session:
    """Return a session that only reads."""
    return Session(engine(), expire_on_commit=False)


def _due(at: datetime, kinds: Collection[str]) -> Select[Any]:
    """Select the ids of the cursors with something to send that nobody holds, the least recently served first."""
    conditions: list[ColumnElement[bool]] = [
        Endpoint.id == Cursor.endpoint_id,
        Endpoint.off_since.is_(None),
        Endpoint.kind.in_(kinds),
        *_free_and_behind(at),
    ]
    return (
        select(Cursor.id)
        .where(*conditions)
        .order_by(func.coalesce(Cursor.last_at, Cursor.next_at), Cursor.id)
    )


def _free_and_behind(at: datetime) -> list[ColumnElement[bool]]:
    return [
        Engagement.id == Cursor.engagement_id,
        Engagement.revision > Cursor.sequence,
        or_(Cursor.next_at.is_(None), Cursor.next_at <= at),
        or_(Cursor.lease_until.is_(None), Cursor.lease_until <= at),
    ]


def is_due(at: datetime, kinds: Collection[str]) -> bool:
    """Return whether there is a cursor to claim. It only reads, so that an idle relay holds up no writer."""
    # Most often nothing is behind, and that is known without their endpoints, which are as many.
    behind = select(func.count()).where(*_free_and_behind(at))
    with query_connection() as connection:
        if not connection.execute(behind).scalar_one():
            return False
        return bool(connection.scalar(select(exists(_due(at, kinds).order_by(None)))))


def claim(at: datetime, kinds: Collection[str], lease: timedelta) -> Held | None:
    """Claim a cursor for the time of `lease`; None if there is nothing to send, or others hold all of it."""
    token = secrets.token_hex(16)
    with writing() as connection:
        pick = _due(at, kinds).limit(1).correlate(None)
        if connection.dialect.name == "postgresql":
            pick = pick.with_for_update(of=_CURSOR, skip_locked=True)
        row = connection.execute(
            update(_CURSOR)
            .where(_CURSOR.c.id == pick.scalar_subquery())
            .values(token=token, lease_until=at + lease)
            .returning(*(_CURSOR.c[name] for name in list(Held.__annotations__)[:9]))
        ).one_or_none()
        if row is None:
            return None
        columns = (_ENDPOINT.c.kind, _ENDPOINT.c.address, _ENDPOINT.c.secrets, _ENDPOINT.c.types)
        endpoint = connection.execute(select(*columns).where(_ENDPOINT.c.id == row.endpoint_id)).one()
    return Held(*[*row, *endpoint, at + lease])


def keep(held: Held, at: datetime, lease: timedelta) -> None:
    """Renew the lease if less than half of it is left. Raises LeaseLost if another relay claimed the cursor."""
    if held.lease_until - at >= lease / 2:
        return
    with writing() as connection:
        _update(connection, held, {"lease_until": at + lease})
    held.lease_until = at + lease


def advance(
    held: Held, sequence: int, at: datetime, lease: timedelta, attempt: dict[str, Any] | None
) -> None:
    """Move the cursor on to `sequence`, with the attempt that was delivered (None: nothing was sent).

    Raises LeaseLost if another relay claimed it meanwhile.
    """
    if attempt is not None and held.replay_until is None:
        _advance_delivered(held, sequence, at, lease, attempt)
        return
    values: dict[str, Any] = {"sequence": sequence, "lease_until": at + lease}
    if held.replay_until is not None and sequence >= held.replay_until:
        values |= {
            "sequence": max(sequence, held.resume_from or 0),
            "replay_until": None,
            "resume_from": None,
        }
    if attempt is not None:
        values |= {"attempts": 0, "failing_since": None, "next_at": None}
        values |= {"last_at": at, "last_answer": attempt["answer"]}
    with writing() as connection:
        _update(connection, held, values)
        if attempt is not None:
            _log(connection, attempt)
    held.sequence, held.attempts = values["sequence"], 0 if attempt else held.attempts
    held.lease_until = at + lease
    if "replay_until" in values:
        held.replay_until = held.resume_from = None


def _advance_delivered(
    held: Held, sequence: int, at: datetime, lease: timedelta, attempt: dict[str, Any]
) -> None:
    """Move the cursor on by one delivered event: what nearly all of them are."""
    values = {"held_id": held.id, "held_by": held.token, "to": sequence, "until": at + lease, "at": at}
    with writing() as connection:
        if connection.execute(_DELIVERED, values | {"answer": attempt["answer"]}).rowcount == 0:
            raise LeaseLost
        _log(connection, attempt)
    held.sequence, held.attempts, held.lease_until = sequence, 0, at + lease


def postpone(held: Held, at: datetime, next_at: datetime, attempt: dict[str, Any]) -> None:
    """Note a failed attempt and give the cursor back until `next_at`. Raises LeaseLost."""
    values = {"attempts": held.attempts + 1, "failing_since": held.failing_since or at, "next_at": next_at}
    values |= {"token": None, "lease_until": None, "last_at": at, "last_answer": attempt["answer"]}
    with writing() as connection:
        _update(connection, held, values)
        _log(connection, attempt)


def switch_off(held: Held, at: datetime, why: str, attempt: dict[str, Any]) -> None:
    """Switch the endpoint off after a failed attempt. Its cursor stays where it is. Raises LeaseLost."""
    with writing() as connection:
        values = {"attempts": held.attempts + 1, "failing_since": held.failing_since or at, "token": None}
        _update(
            connection, held, values | {"lease_until": None, "last_at": at, "last_answer": attempt["answer"]}
        )
        _log(connection, attempt)
        off = update(_ENDPOINT).where(_ENDPOINT.c.id == held.endpoint_id, _ENDPOINT.c.off_since.is_(None))
        connection.execute(off.values(off_since=at, why=why))


def release(held: Held) -> None:
    """Give the cursor back, if it is still held."""
    with writing() as connection:
        own = (_CURSOR.c.id == held.id) & (_CURSOR.c.token == held.token)
        connection.execute(update(_CURSOR).where(own).values(token=None, lease_until=None))


def attempt_row(held: Held, act: Act, at: datetime, result: DeliveryResult, seconds: float) -> dict[str, Any]:
    """Return the row that logs an attempt."""
    return {
        "cursor_id": held.id,
        "at": at,
        "event_id": event_id(act),
        "type": type_of(act).name,
        "revision": act.last,
        "delivered": result.delivered,
        "answer": result.text,
        "milliseconds": round(seconds * 1000),
    }


def _update(connection: Connection, held: Held, values: dict[str, Any]) -> None:
    own = (_CURSOR.c.id == held.id) & (_CURSOR.c.token == held.token)
    # A replay or a switch by a person takes the token away, and so stops whoever holds it.
    if connection.execute(update(_CURSOR).where(own).values(values)).rowcount == 0:
        raise LeaseLost


def _log(connection: Connection, attempt: dict[str, Any]) -> None:
    connection.execute(_INSERT_ATTEMPT, attempt)
    cursor_id = attempt["cursor_id"]
    # It begins anywhere, so that processes that live for few attempts prune as well.
    _logged[cursor_id] = _logged.get(cursor_id, random.randrange(ATTEMPTS_KEPT)) + 1
    if _logged[cursor_id] % ATTEMPTS_KEPT == 0:
        prune(connection, cursor_id)


def prune(connection: Connection, cursor_id: int) -> None:
    """Remove all but the newest attempts of a cursor."""
    own = _ATTEMPT.c.cursor_id == cursor_id
    newest = select(_ATTEMPT.c.id).where(own).order_by(_ATTEMPT.c.id.desc()).limit(ATTEMPTS_KEPT)
    oldest = select(func.min(newest.subquery().c.id)).scalar_subquery()
    connection.execute(delete(_ATTEMPT).where(own, _ATTEMPT.c.id < oldest))
