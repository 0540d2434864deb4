"""What a story leaves in a database, told through the services once a run and copied for every other test of it."""

import functools
import pickle
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, make_url

from models.base import Base
from models.database import database_url, engine, read_connection, write_bind
from tests import databases
from tests.postgres_reuse import cursor_of

_IDS_USED = """SELECT quote_ident(sequencename), last_value FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL"""


def once_a_run(story: str, fill: Callable[[], object]) -> None:
    """Leave in the program's own database what `fill` leaves there, which `story` names with all that it depends on.

    `fill` has to write the same each time. Where the database holds anything already, or is being filled within one
    transaction, `fill` writes to that, as ever.
    """
    if isinstance(write_bind(), Connection) or not _is_empty():
        fill()
        return
    url = make_url(database_url())
    kind = url.get_backend_name()
    kept = databases.run_folder() / f"kept-{sha256(story.encode()).hexdigest()[:16]}.{kind}"
    if not kept.exists():
        with databases.one_worker_at_a_time(kept.name):
            if not kept.exists():
                fill()
                _keep_file(Path(str(url.database)), kept) if kind == "sqlite" else _keep_rows(kept)
                return
    if kind == "sqlite":
        databases.copy_sqlite(kept, Path(str(url.database)))
    else:
        _copy_rows(kept)


def _keep_file(own: Path, kept: Path) -> None:
    unfinished = kept.with_suffix(".unfinished")
    databases.copy_sqlite(own, unfinished)
    unfinished.rename(kept)


def _keep_rows(kept: Path) -> None:
    with cursor_of(engine().pool) as cursor:
        rows = {table.name: _rows_of(cursor, table.name) for table in Base.metadata.sorted_tables}
        ids = cursor.execute(_IDS_USED).fetchall()
    unfinished = kept.with_suffix(".unfinished")
    unfinished.write_bytes(pickle.dumps(({name: data for name, data in rows.items() if data}, ids)))
    unfinished.rename(kept)


def _rows_of(cursor: Any, table: str) -> bytes:
    """Return a table's rows as Postgres copies them; nothing where it has none."""
    if cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")').fetchone() == (False,):
        return b""
    with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
        return b"".join(map(bytes, copy))


def _copy_rows(kept: Path) -> None:
    rows, ids = pickle.loads(kept.read_bytes())
    with cursor_of(engine().pool) as cursor:
        # Rows that refer to each other come in any order, and no trigger asks where they come from.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, data in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copy:
                copy.write(data)
        cursor.execute(";".join(f"SELECT setval('{name}', {last})" for name, last in ids))


def _is_empty() -> bool:
    with read_connection() as connection:
        return not connection.exec_driver_sql(_anything()).scalar()


@functools.cache
def _anything() -> str:
    return "SELECT " + " OR ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in Base.metadata.tables)
