"""Intake: measurements that a program sends, each request carried out exactly once.

The key, the batch and the answer are stored in one transaction. A process that dies halfway leaves nothing of the three
behind, so that its key is free again; a key that is there has its answer.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from models.database import database_url, engine
from models.engagement import Engagement
from models.errors import HeadwayError, Invalid
from models.metrics import IntakeKey, Metric
from models.people import Actor
from models.permissions import Action
from models.prepared import Prepared
from services.core.file_lock import hold_lock
from services.core.transaction import open_to_append, transaction
from services.measurements.batches import put_columns
from services.measurements.intake_body import BadRow, Request, request
from services.measurements.intake_rows import check_rows
from store.states import parts_of

MAX_BODY = 1_000_000
"""Bytes: room for a thousand rows with long notes."""
KEYS_LIVE = timedelta(days=7)
MAX_KEY = 255
CREATED, UNCHANGED = 201, 200

_KEYS = IntakeKey.__table__
_THIS_KEY = (_KEYS.c.engagement_id == bindparam("in_engagement"), _KEYS.c.key == bindparam("named"))
_FIND_KEY = Prepared(
    select(_KEYS.c.at, _KEYS.c.body_digest, _KEYS.c.status, _KEYS.c.answer).where(*_THIS_KEY)
)
_FORGET_KEY = Prepared(delete(_KEYS).where(*_THIS_KEY))
_REMEMBER_KEY = Prepared(insert(_KEYS), *(each.name for each in _KEYS.c))


@dataclass(frozen=True)
class Answer:
    """`replayed`: the request was carried out before, and this is what was answered then."""

    status: int
    content: dict[str, Any]
    replayed: bool = False


class BadRows(Invalid):
    """Rows that can't be accepted; nothing of the request was stored."""

    def __init__(self, rows: list[BadRow]) -> None:
        super().__init__(
            f"{len({bad.row for bad in rows}):,} of the rows can't be accepted. Nothing was saved."
        )
        self.rows = rows


class StillRunning(HeadwayError):
    """A request with the same key is being carried out at this moment."""


class KeyUsed(Invalid):
    """The key came with another body before."""


def accept(actor: Actor, slug: str, key: str, body: bytes) -> Answer:
    """Store what `body` holds, once for each `key` of the engagement, and return the answer.

    Raises Unreadable where the body isn't JSON, BadRows where rows can't be accepted, KeyUsed and StillRunning as their
    names say, and NotFound or Forbidden to who may not record here.
    """
    digest = hashlib.sha256(body).hexdigest()
    with (
        _running((database_url(), slug, actor.token_id, actor.user_id, key), digest),
        _claimed(slug, key),
        transaction(actor, "record measurements") as session,
    ):
        _claim_on_postgres(session, slug, key)
        _forget_old_keys(session, actor.at)
        engagement = open_to_append(session, slug, Action.RECORD_MEASUREMENTS)
        this_key = {"in_engagement": engagement.id, "named": key}
        connection = session.connection()
        before = _FIND_KEY.row(connection, **this_key)
        if before is not None and actor.at - before[0] < KEYS_LIVE:
            return _replayed(*before[1:], digest)
        if before is not None:
            _FORGET_KEY.run(connection, this_key)
        answer = _carried_out(session, engagement, request(body), actor)
        _REMEMBER_KEY.run(connection, {
            "engagement_id": engagement.id, "key": key, "body_digest": digest, "at": actor.at,
            "status": answer.status, "answer": json.dumps(answer.content),
        })  # fmt: skip
        return answer


_forgotten_on: dict[str, date] = {}


def _forget_old_keys(session: Session, at: datetime) -> None:
    """Remove the keys of every engagement that live no longer, with the first request of a day."""
    place = database_url()
    if _forgotten_on.get(place) != at.date():
        session.execute(delete(_KEYS).where(_KEYS.c.at <= at - KEYS_LIVE))
        _forgotten_on[place] = at.date()


_now_running: dict[Hashable, str] = {}
_lock = threading.Lock()


@contextmanager
def _running(name: Hashable, digest: str) -> Iterator[None]:
    """Let one request of a name in at a time; the others are told at once instead of waiting."""
    with _lock:
        other = _now_running.get(name)
        if other is None:
            _now_running[name] = digest
    if other is not None:
        raise _key_used() if other != digest else still_running()
    try:
        yield
    finally:
        with _lock:
            del _now_running[name]


def still_running() -> StillRunning:
    """What a request is told whose key is in use at this moment."""
    return StillRunning(
        "A request with this Idempotency-Key is being carried out. Send it again in a second."
    )


def _replayed(body_digest: str, status: int, answer: str, digest: str) -> Answer:
    if body_digest != digest:
        raise _key_used()
    return Answer(status, json.loads(answer), replayed=True)


def _key_used() -> KeyUsed:
    return KeyUsed(
        "This Idempotency-Key came with another body before. Use a new key for new content. Nothing was saved."
    )


@contextmanager
def _claimed(slug: str, key: str) -> Iterator[None]:
    """On SQLite, let one request of a key in at a time, whichever process it came to."""
    url = engine().url
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    with hold_lock(url.database, _number_of(slug, key)) as free:
        if not free:
            raise still_running()
        yield


def _claim_on_postgres(session: Session, slug: str, key: str) -> None:
    """The same on Postgres, until the transaction ends."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(_number_of(slug, key)))):
        raise still_running()


def _number_of(slug: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{slug}\n{key}".encode()).digest()[:8], signed=True)


def _carried_out(session: Session, engagement: Engagement, said: Request, actor: Actor) -> Answer:
    metrics = parts_of(session.connection(), Metric, engagement.id)
    found = check_rows(session, engagement, metrics, said, actor.today(engagement.zone))
    if found.bad:
        raise BadRows(found.bad)
    counts = {"corrected": found.corrected, "unchanged": found.unchanged}
    columns = found.columns
    if columns is None:
        return Answer(UNCHANGED, {"batch": None, "added": 0, **counts})
    new = not found.corrected
    batch = put_columns(session, engagement, metrics, columns, said.source, new)
    return Answer(CREATED, {"batch": batch.id, "added": batch.count - found.corrected, **counts})


def as_errors(bad: list[BadRow]) -> list[dict[str, Any]]:
    """Bad rows as an answer lists them."""
    return [asdict(one) for one in bad]
