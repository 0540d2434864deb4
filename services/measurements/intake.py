"""Intake: measurements that a program sends, each request processed exactly once.

The idempotency key, the batch and the answer are stored in one transaction. A process that dies halfway leaves none of
the three, so its key is free again; a stored key has its answer.
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

from models.api_tokens import ApiToken, Scope
from models.database import database_url, engine
from models.engagement import Engagement
from models.errors import HeadwayError, Invalid
from models.measurements import IntakeKey
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.prepared import Prepared
from services.core.file_lock import hold_lock
from services.core.transaction import open_to_append, transaction
from services.measurements.batches import put_columns
from services.measurements.intake_body import BadRow, Request, parse_request
from services.measurements.intake_rows import check_rows
from store.states import parts_of
from store.table_rows import table_of

MAX_BODY = 1_000_000
"""Bytes: enough for a thousand rows with long notes."""
KEY_LIFETIME = timedelta(days=7)
MAX_KEY = 255
CREATED, UNCHANGED = 201, 200

_KEYS = table_of(IntakeKey)
_IS_KEY = (_KEYS.c.engagement_id == bindparam("in_engagement"), _KEYS.c.key == bindparam("named"))
_SELECT_KEY = Prepared(
    select(_KEYS.c.at, _KEYS.c.body_digest, _KEYS.c.status, _KEYS.c.answer).where(*_IS_KEY)
)
_DELETE_KEY = Prepared(delete(_KEYS).where(*_IS_KEY))
_INSERT_KEY = Prepared(insert(_KEYS), *(column.name for column in _KEYS.c))


@dataclass(frozen=True)
class Answer:
    """The answer to a request. `replayed`: the request was processed before, and this was the answer then."""

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
    """A request with the same key is being processed at this moment."""


class KeyReused(Invalid):
    """The key was used with another body before."""


def accept(actor: Actor, slug: str, key: str, body: bytes) -> Answer:
    """Store the measurements in `body`, once for each `key` of the engagement, and return the answer.

    Raises Unreadable if the body isn't JSON, BadRows if rows can't be accepted, KeyReused or StillRunning, and NotFound
    or Forbidden if the actor may not record measurements.
    """
    digest = hashlib.sha256(body).hexdigest()
    with (
        _one_at_a_time((database_url(), slug, actor.token_id, actor.user_id, key), digest),
        _locked_on_sqlite(slug, key),
        transaction(actor, "record measurements") as session,
    ):
        _lock_on_postgres(session, slug, key)
        _delete_expired_keys(session, actor.at)
        engagement = open_to_append(session, slug, Action.RECORD_MEASUREMENTS)
        this_key = {"in_engagement": engagement.id, "named": key}
        connection = session.connection()
        stored = _SELECT_KEY.row(connection, **this_key)
        if stored is not None:
            stored_at, body_digest, status, content = stored
            if actor.at - stored_at < KEY_LIFETIME:
                return _replayed(body_digest, status, content, digest)
            _DELETE_KEY.run(connection, this_key)
        answer = _process(session, engagement, parse_request(body), actor)
        _INSERT_KEY.run(connection, {
            "engagement_id": engagement.id, "key": key, "body_digest": digest, "at": actor.at,
            "status": answer.status, "answer": json.dumps(answer.content),
        })  # fmt: skip
        return answer


_cleaned_on: dict[str, date] = {}


def _delete_expired_keys(session: Session, at: datetime) -> None:
    """Delete the expired keys of every engagement, with the first request of a day."""
    url = database_url()
    if _cleaned_on.get(url) != at.date():
        session.execute(delete(_KEYS).where(_KEYS.c.at <= at - KEY_LIFETIME))
        _cleaned_on[url] = at.date()


_now_running: dict[Hashable, str] = {}
_lock = threading.Lock()


@contextmanager
def _one_at_a_time(name: Hashable, digest: str) -> Iterator[None]:
    """Let one request of a name run in this process. Raises StillRunning or KeyReused at once instead of waiting."""
    with _lock:
        other = _now_running.get(name)
        if other is None:
            _now_running[name] = digest
    if other is not None:
        raise _key_reused() if other != digest else still_running()
    try:
        yield
    finally:
        with _lock:
            del _now_running[name]


def still_running() -> StillRunning:
    """Return the refusal of a request whose key is in use at this moment."""
    return StillRunning(
        "A request with this Idempotency-Key is being carried out. Send it again in a second."
    )


def _replayed(body_digest: str, status: int, answer: str, digest: str) -> Answer:
    if body_digest != digest:
        raise _key_reused()
    return Answer(status, json.loads(answer), replayed=True)


def _key_reused() -> KeyReused:
    return KeyReused(
        "This Idempotency-Key came with another body before. Use a new key for new content. Nothing was saved."
    )


@contextmanager
def _locked_on_sqlite(slug: str, key: str) -> Iterator[None]:
    """On SQLite, let one request of a key run among all processes. Raises StillRunning."""
    url = engine().url
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    with hold_lock(url.database, _lock_number(slug, key)) as is_free:
        if not is_free:
            raise still_running()
        yield


def _lock_on_postgres(session: Session, slug: str, key: str) -> None:
    """On Postgres, let one request of a key run, until the transaction ends. Raises StillRunning."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(_lock_number(slug, key)))):
        raise still_running()


def _lock_number(slug: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{slug}\n{key}".encode()).digest()[:8], signed=True)


def _process(session: Session, engagement: Engagement, request: Request, actor: Actor) -> Answer:
    """Store the rows that are new or correct a value, as one batch."""
    metrics = parts_of(session.connection(), Metric, engagement.id)
    checked = check_rows(session, engagement, metrics, request, actor.today(engagement.zone))
    if checked.bad:
        raise BadRows(checked.bad)
    if checked.doubts and _is_strict(session, actor):
        raise BadRows(
            [BadRow(row, "value", doubt.sentence) for doubt in checked.doubts for row in doubt.rows]
        )
    counts: dict[str, Any] = {"corrected": checked.corrected, "unchanged": checked.unchanged}
    if checked.doubts:
        counts["doubts"] = [doubt.as_json() for doubt in checked.doubts]
    if checked.columns is None:
        return Answer(UNCHANGED, {"batch": None, "added": 0, **counts})
    new = not checked.corrected
    batch = put_columns(session, engagement, metrics, checked.columns, request.source, new)
    return Answer(CREATED, {"batch": batch.id, "added": batch.count - checked.corrected, **counts})


def _is_strict(session: Session, actor: Actor) -> bool:
    """Whether the actor is a program that may only record what can be read in one way."""
    scope = session.scalar(select(ApiToken.scope).where(ApiToken.id == actor.token_id))
    return scope == Scope.CLEAR_MEASUREMENTS


def as_errors(bad: list[BadRow]) -> list[dict[str, Any]]:
    """Return bad rows as an answer lists them."""
    return [asdict(row) for row in bad]
