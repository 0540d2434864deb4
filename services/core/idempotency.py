"""Requests with an Idempotency-Key: each is carried out exactly once.

The key, the change and the answer are stored in one transaction. A process that dies halfway leaves none of the three,
so its key is free again; a stored key has its answer.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from models.database import database_url, engine
from models.engagement import Engagement
from models.errors import Invalid, RuleBroken
from models.measurements import IntakeKey
from models.people import Actor
from models.permissions import Action
from models.prepared import Prepared
from services.core.file_lock import hold_lock
from services.core.transaction import transaction
from store.table_rows import table_of

KEY_LIFETIME = timedelta(days=7)
MAX_KEY = 255
MAX_BODY = 1_000_000
"""Bytes: enough for a thousand rows with long notes."""
CREATED, UNCHANGED = 201, 200

_KEYS = table_of(IntakeKey)
_IS_KEY = (_KEYS.c.engagement_id == bindparam("in_engagement"), _KEYS.c.key == bindparam("named"))
_SELECT_KEY = Prepared(
    select(_KEYS.c.at, _KEYS.c.body_digest, _KEYS.c.status, _KEYS.c.answer).where(*_IS_KEY)
)
_DELETE_KEY = Prepared(delete(_KEYS).where(*_IS_KEY))
_INSERT_KEY = Prepared(insert(_KEYS), *(column.name for column in _KEYS.c))


@dataclass(frozen=True)
class StoredAnswer:
    """The answer to a request, stored with its key. `replayed`: it was stored when the request was processed before."""

    status: int
    content: dict[str, Any]
    replayed: bool = False


class StillRunning(RuleBroken):
    """A request with the same key is being processed at this moment."""


class KeyReused(Invalid):
    """The key was used with another body before."""


@dataclass(frozen=True)
class UseCase:
    """What a request does: its name in the journal, the action that its actor has to be allowed, and the function that
    opens the engagement for it."""

    name: str
    action: Action
    open: Callable[[Session, str, Action], Engagement]


def carry_out_once(
    actor: Actor,
    slug: str,
    key: str,
    body: bytes,
    use_case: UseCase,
    process: Callable[[Session, Engagement], StoredAnswer],
) -> StoredAnswer:
    """Return the answer of `process`, called once for each `key` of the engagement, in a transaction.

    Raises KeyReused if the key came with another body, StillRunning while a request with the key is carried out, and
    NotFound or Forbidden if the actor may not do it.
    """
    digest = hashlib.sha256(body).hexdigest()
    with (
        _one_at_a_time((database_url(), slug, actor.token_id, actor.user_id, key), digest),
        _locked_on_sqlite(slug, key),
        transaction(actor, use_case.name) as session,
    ):
        _lock_on_postgres(session, slug, key)
        _delete_expired_keys(session, actor.at)
        engagement = use_case.open(session, slug, use_case.action)
        this_key = {"in_engagement": engagement.id, "named": key}
        connection = session.connection()
        stored = _SELECT_KEY.row(connection, **this_key)
        if stored is not None:
            stored_at, body_digest, status, content = stored
            if actor.at - stored_at < KEY_LIFETIME:
                return _replayed(body_digest, status, content, digest)
            _DELETE_KEY.run(connection, this_key)
        answer = process(session, engagement)
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


def _replayed(body_digest: str, status: int, answer: str, digest: str) -> StoredAnswer:
    if body_digest != digest:
        raise _key_reused()
    return StoredAnswer(status, json.loads(answer), replayed=True)


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
