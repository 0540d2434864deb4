"""Postgres databases that one worker's tests use one after the other, emptied in between.

Making a database and dropping it costs as much as a test, and a new one's first connections learn its schema anew. So
a database is kept with its connections, and given on as long as its schema is as it was made.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, Pool

MAX_BYTES = 4_000_000
"""Of tables, whose files keep the room of deleted rows until it takes longer to pass over than to make them anew."""
_NOT_EMPTIED = "alembic_version"
_TABLES = (
    "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
_SEQUENCES = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
# Whatever changes the schema, or its number, writes rows of these anew, in a transaction with a number of its own.
_CATALOGS = (
    "pg_class",
    "pg_attribute",
    "pg_attrdef",
    "pg_constraint",
    "pg_trigger",
    "pg_proc",
    "pg_namespace",
)
_SCHEMA = "SELECT " + ", ".join(
    f"(SELECT (count(*), sum(xmin::text::bigint))::text FROM {name})" for name in (*_CATALOGS, _NOT_EMPTIED)
)
_BYTES = """SELECT sum(pg_relation_size(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
_CUT_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class ReusedDatabase:
    """A database of the newest schema, with the connections to it that outlive a test.

    `made_as` identifies its schema, `emptying` deletes the rows of every table.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.pool: Pool | None = None
        self.made_as: Any = None
        self.emptying = ""

    def lend(self, engine: Engine) -> None:
        """Let `engine` use the connections that the tests before have left."""
        if self.pool is None:
            self.pool = engine.pool
            with cursor_of(self.pool) as cursor:
                self.made_as = cursor.execute(_SCHEMA).fetchone()
                names = [name for (name,) in cursor.execute(_TABLES) if name != _NOT_EMPTIED]
            self.emptying = ";".join(f"DELETE FROM {name}" for name in sorted(names))
        engine.pool = self.pool

    def take_back(self, engine: Engine) -> bool:
        """Empty it, and return whether another test may have it: nobody is connected, its schema is unchanged and its
        files are small."""
        assert self.pool is not None
        if engine.pool is not self.pool:  # the test has disposed of its engine
            engine.dispose()
        with cursor_of(self.pool) as cursor:
            if cursor.execute(_CONNECTIONS).fetchone()[0] != self.pool.checkedin() + 1:
                cursor.execute(_CUT_OTHERS)
                return False
            if cursor.execute(_SCHEMA).fetchone() != self.made_as:
                return False
            if cursor.execute(_BYTES).fetchone()[0] > MAX_BYTES:
                return False
            cursor.execute(f"SET LOCAL session_replication_role = replica; {self.emptying}; {_SEQUENCES}")
        return True


@contextmanager
def cursor_of(pool: Pool) -> Iterator[Any]:
    """Yield a cursor of the driver's own, whose work is committed at the end."""
    connection = pool.connect()
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    finally:
        connection.close()


_numbers = itertools.count(1)


def address_of_use(url: str) -> str:
    """Return the URL as one that no test before had, since what the program keeps in memory it keeps by URL."""
    return f"{url}{'&' if '?' in url else '?'}application_name=use_{next(_numbers)}"
