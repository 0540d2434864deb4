"""Whether the program can do its work at this moment, for load balancers and for whoever is called at night."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, text
from sqlalchemy.orm import Session

from models import append_only
from models.database import database_url, embedded_file, engine, read_connection
from models.database_errors import last_write_failure
from models.engagement import Engagement
from models.errors import HeadwayError, Unavailable
from models.journal import JournalEntry
from models.settings import settings
from services.operations.schema import newest_revision, schema_revision
from store.table_rows import table_of

OK = "ok"
CACHE_SECONDS = 1.0
"""Anybody may ask: the database is asked at most so often."""
PROBE = b"\0" * 65_536


@dataclass(frozen=True)
class Readiness:
    """What each check came to: "ok", or a sentence."""

    checks: dict[str, str]

    @property
    def is_ready(self) -> bool:
        return all(result == OK for result in self.checks.values())


def readiness() -> Readiness:
    """Return what the checks of writing, disk, migration and journal come to."""
    with _lock:
        at, known_url, known = _last[0] if _last else (0.0, "", None)
        if known is not None and known_url == database_url() and time.monotonic() - at < CACHE_SECONDS:
            return known
        checks = {"writing": _writing, "disk": _disk, "migration": _migration, "journal": _journal}
        made = Readiness({name: _result(check) for name, check in checks.items()})
        _last[:] = [(time.monotonic(), database_url(), made)]
        return made


_last: list[tuple[float, str, Readiness]] = []
_lock = threading.Lock()


def is_reachable() -> bool:
    """Return whether the database answers."""
    try:
        return schema_revision(database_url()) is not None
    except Unavailable:
        return False


def _result(check: Callable[[], str]) -> str:
    try:
        return check()
    except HeadwayError as failed:
        return str(failed)


def _writing() -> str:
    """Begin to write, and take it back; after a write that failed for the disk, write for good, which changes nothing."""
    with Session(engine().execution_options(writes=True)) as session:
        query = "SELECT current_setting('transaction_read_only')"
        is_postgres = session.connection().dialect.name == "postgresql"
        if is_postgres and session.execute(text(query)).scalar_one() == "on":
            return "The database takes no changes: it may only be read."
        if last_write_failure() is not None:
            session.execute(text("UPDATE alembic_version SET version_num = version_num"))
            session.commit()
    return OK


def _disk() -> str:
    """Write a file beside an embedded database, and look at what is free. Postgres looks after its own disk."""
    file = embedded_file(database_url())
    if file is None:
        return OK
    probe = file.with_name(f".{file.name}-probe-{os.getpid()}")
    try:
        probe.write_bytes(PROBE)
        free = shutil.disk_usage(file.parent).free // 1_000_000
    except OSError as failed:
        return f"Nothing can be written beside the database: {failed.strerror}."
    finally:
        probe.unlink(missing_ok=True)
    least = settings().HEADWAY_MIN_FREE_MB
    return OK if free >= least else f"Only {free:,} MB are free beside the database, fewer than {least:,}."


def _migration() -> str:
    has, needs = schema_revision(database_url()), newest_revision()
    return (
        OK
        if has == needs
        else f"The database is at migration {has or 'nothing'}, this program needs {needs}."
    )


def _journal() -> str:
    """Compare each engagement's head with its journal's last entry, and look for the guards of what is append-only."""
    with read_connection() as connection:
        unlike = _first_with_another_head(connection)
        if unlike is not None:
            return f"The journal of {unlike} doesn't end in its head. Run: python manage.py journal verify"
        unguarded = append_only.tables_without_triggers(connection)
    return f"Tables have lost their guards: {', '.join(unguarded)}." if unguarded else OK


def _first_with_another_head(connection: Connection) -> str | None:
    engagement, entry = table_of(Engagement), table_of(JournalEntry)
    is_last = and_(entry.c.engagement_id == engagement.c.id, entry.c.sequence == engagement.c.revision)
    query = (
        select(engagement.c.slug)
        .outerjoin(entry, is_last)
        .where(engagement.c.revision > 0, entry.c.hash.is_distinct_from(engagement.c.head))
        .limit(1)
    )
    slug: str | None = connection.execute(query).scalar()
    return slug
