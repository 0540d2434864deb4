"""The database: one engine a URL, SQLite set up to lose nothing, and the list of all tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

# Importing a table's module is what makes it known to Base.metadata.
from models import (  # noqa: F401
    adoption,
    api_tokens,
    decisions,
    engagement,
    imports,
    interviews,
    inventory,
    journal,
    metrics,
    people,
    pipelines,
    pitfall_checks,
    plan,
    privacy,
    review,
    security_log,
    sessions,
    sign_off,
    workflows,
)

DEFAULT_URL = "sqlite:///data/headway.db"
BUSY_SECONDS = 30


def database_url() -> str:
    """`DATABASE_URL`, or the embedded SQLite file; `postgres://` and `postgresql://` mean psycopg 3."""
    url = os.environ.get("DATABASE_URL") or DEFAULT_URL
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def engine() -> Engine:
    """The engine of `DATABASE_URL` as it is now."""
    return engine_of(database_url())


@cache
def engine_of(url: str) -> Engine:
    """The engine of that URL. What fails there is told without its values, which may be names, or hashes of passwords."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    to_file = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    made = create_engine(parsed, connect_args=to_file, hide_parameters=True)
    event.listen(made, "connect", _set_up_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE: it is switched off, and `begin` below says it.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader fails at its first write if another wrote meanwhile, instead of waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_whole: ContextVar[Connection | None] = ContextVar("whole", default=None)


def for_writing() -> Engine | Connection:
    """What a session that writes is bound to: the engine, or what `one_connection` opened."""
    return _whole.get() or _writing_to(engine())


@cache
def _writing_to(made: Engine) -> Engine:
    return made.execution_options(writes=True)


@contextmanager
def one_connection() -> Iterator[None]:
    """All that is read and written within is on one connection, and is kept at the end, or nothing of it is.

    Other writers wait meanwhile: this is for filling a database, not for serving people.
    """
    with engine().execution_options(writes=True).connect() as connection, connection.begin():
        token = _whole.set(connection)
        try:
            yield
        finally:
            _whole.reset(token)


@contextmanager
def read_connection() -> Iterator[Connection]:
    """Yield a connection that sees one moment of the database and changes nothing."""
    if (whole := _whole.get()) is not None:
        yield whole
        return
    made = engine()
    options = {} if made.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with made.connect() as connection:
        yield connection.execution_options(**options)


@contextmanager
def query_connection() -> Iterator[Connection]:
    """A connection for one question. It needs no transaction, which on Postgres is two more ways there and back."""
    made = engine()
    with made.connect() as connection:
        yield (
            connection
            if made.dialect.name == "sqlite"
            else connection.execution_options(isolation_level="AUTOCOMMIT")
        )
