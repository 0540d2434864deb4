"""Tasks that one process at a time does, however many run: each has a row with a lease and the time it is due."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from models.database import query_connection
from models.endpoints import Lease
from services.events.cursors import writing
from store.table_rows import table_of

_LEASE = table_of(Lease)
MAX_MINUTES = 30
"""After so long a process that took a task and never came back counts as dead."""


@contextmanager
def lease(name: str, at: datetime, every: timedelta, first_after: timedelta = timedelta()) -> Iterator[bool]:
    """Yield whether the task is due and this process may do it now. Afterwards it is due again after `every`.

    A task that was never done is due `first_after` from now. If the clock jumped back, it is due at once.
    """
    token = _take(name, at, every, first_after)
    yield token is not None
    if token is not None:
        own = (_LEASE.c.name == name) & (_LEASE.c.token == token)
        with writing() as connection:
            connection.execute(
                update(_LEASE).where(own).values(token=None, lease_until=None, next_at=at + every)
            )


def _take(name: str, at: datetime, every: timedelta, first_after: timedelta) -> str | None:
    free = or_(_LEASE.c.lease_until.is_(None), _LEASE.c.lease_until <= at)
    due = or_(_LEASE.c.next_at <= at, _LEASE.c.next_at > at + max(every, first_after))
    with query_connection() as connection:
        row = connection.execute(
            select(_LEASE.c.next_at, free & due).where(_LEASE.c.name == name)
        ).one_or_none()
    if row is None:
        _add(name, at + first_after)
        if first_after:
            return None
    elif not row[1]:
        return None
    token = secrets.token_hex(16)
    with writing() as connection:
        taken = (
            update(_LEASE)
            .where(_LEASE.c.name == name, free, due)
            .values(token=token, lease_until=at + timedelta(minutes=MAX_MINUTES))
        )
        return token if connection.execute(taken).rowcount else None


def _add(name: str, next_at: datetime) -> None:
    try:
        with writing() as connection:
            connection.execute(insert(_LEASE).values(name=name, next_at=next_at))
    except IntegrityError:  # another process was first
        return
