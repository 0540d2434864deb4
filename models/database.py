"""The database: one engine per URL, SQLite configured to lose nothing, and the list of all tables."""

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

# Importing a table's module adds it to Base.metadata.
from models import (  # noqa: F401
    adoption,
    api_tokens,
    checkpoints,
    contracts,
    decisions,
    endpoints,
    engagement,
    imports,
    interviews,
    inventory,
    journal,
    mail,
    measurements,
    metrics,
    notes,
    notices,
    people,
    pipelines,
    pitfall_checks,
    plan,
    privacy,
    replacements,
    review,
    runbooks,
    security_log,
    sessions,
    sign_off,
    surveys,
    trials,
    workflows,
)
from models.database_errors import Pool, translate_errors
from models.embedded import EmbeddedFile
from models.settings import DEFAULT_URL, settings

BUSY_SECONDS = 30


def database_url() -> str:
    """Return `DATABASE_URL`, or the embedded SQLite file. `postgres://` and `postgresql://` mean psycopg 3."""
    url = os.environ.get("DATABASE_URL") or DEFAULT_URL
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def embedded_file(url: str) -> Path | None:
    """Return the file of an embedded database; None for one on a server or in memory."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(parsed.database or "") if is_file else None


def engine() -> Engine:
    """Return the engine of the current `DATABASE_URL`."""
    return engine_of(database_url())


def pool_in_use() -> int:
    """Return how many connections of the program's own pool are in use."""
    pool = engine().pool
    return pool.checkedout() if isinstance(pool, Pool) else 0


@cache
def engine_of(url: str) -> Engine:
    """Return the engine of a URL. Its errors hide the parameters, which may be names or password hashes."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        most = settings().HEADWAY_DATABASE_CONNECTIONS
        size = min(10, most)
        postgres = create_engine(
            parsed,
            poolclass=Pool,
            pool_size=size,
            max_overflow=most - size,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        translate_errors(postgres)
        return postgres
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    pool = None if parsed.database in (None, "", ":memory:") else Pool
    sqlite = create_engine(parsed, connect_args=arguments, poolclass=pool, hide_parameters=True)
    translate_errors(sqlite)
    if (file := embedded_file(url)) is not None:
        EmbeddedFile(file).guard(sqlite)
    event.listen(sqlite, "connect", _set_up_sqlite)
    event.listen(sqlite, "begin", _begin_sqlite)
    return sqlite


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE: switch it off, `_begin_sqlite` does it.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader fails at its first write, instead of waiting, if another wrote meanwhile.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_shared: ContextVar[Connection | None] = ContextVar("shared", default=None)


def write_bind() -> Engine | Connection:
    """Return what a writing session binds to: the engine, or the connection of `single_transaction`."""
    return _shared.get() or _writing_to(engine())


@cache
def _writing_to(base: Engine) -> Engine:
    return base.execution_options(writes=True)


@contextmanager
def single_transaction() -> Iterator[None]:
    """Run everything inside on one connection, and commit it as a whole or not at all.

    Other writers wait meanwhile: this is for filling a database, not for serving requests.
    """
    with engine().execution_options(writes=True).connect() as connection, connection.begin():
        token = _shared.set(connection)
        try:
            yield
        finally:
            _shared.reset(token)


@contextmanager
def read_connection() -> Iterator[Connection]:
    """Yield a connection that reads one consistent state of the database."""
    if (shared := _shared.get()) is not None:
        yield shared
        return
    with engine().connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        yield connection if is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")


@contextmanager
def query_connection() -> Iterator[Connection]:
    """Yield a connection for a single query. Without a transaction it saves two round trips on Postgres."""
    with engine().connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        yield connection if is_sqlite else connection.execution_options(isolation_level="AUTOCOMMIT")
