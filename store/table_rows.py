"""Whole tables of one engagement, at the speed of the driver.

A state reads two dozen small tables. Asked through SQLAlchemy's execution, what happens around each query costs
several times as much as the query; so its SQL is compiled once, the driver's own cursor runs it within the
connection's transaction, and only what SQLite can't say (dates, moments, yes and no) is converted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Dialect, Table, bindparam, select
from sqlalchemy.engine.interfaces import DBAPICursor

from models.base import Base
from models.prepared import DriverErrors, result_converters
from models.telemetry import query_span


@dataclass(frozen=True)
class Query:
    """The SQL of a table's rows, ready for a driver, and how to read its columns."""

    sql: str
    names: list[str]
    convert: list[tuple[str, Callable[[Any], Any]]]
    positional: bool

    def given(self, value: int) -> tuple[int] | dict[str, int]:
        """Return the query's one parameter, as its driver takes it."""
        return (value,) if self.positional else {"value": value}


def table_of(cls: type[Base]) -> Table:
    """Return the table of a model."""
    return cast("Table", cls.__table__)


def rows_of(connection: Connection, table: Table, key: str, value: int) -> list[dict[str, Any]]:
    """Return the rows of `table` whose column `key` is `value`, by column name, in order of the primary key."""
    return rows_of_each(connection, [table], key, value)[table.name]


def rows_of_each(
    connection: Connection, tables: Sequence[Table], key: str, value: int
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each of `tables`, by its name, whose column `key` is `value`, as `rows_of` does.

    Postgres is asked for all of them at once: a database on another machine answers a state's forty tables in the time
    of one.
    """
    if not connection.in_transaction():
        connection.begin()
    queries = [query_of(connection.dialect, table, key) for table in tables]
    with _at_once(connection, queries):
        cursors = [_asked(connection, query, value) for query in queries]
        return {
            table.name: _answered(connection, query, cursor)
            for table, query, cursor in zip(tables, queries, cursors, strict=True)
        }


def _at_once(connection: Connection, queries: Sequence[Query]) -> AbstractContextManager[object]:
    driver = connection.connection.driver_connection
    return driver.pipeline() if isinstance(driver, psycopg.Connection) and len(queries) > 1 else nullcontext()


def _asked(connection: Connection, query: Query, value: int) -> DBAPICursor:
    cursor = connection.connection.cursor()
    with DriverErrors(connection, query.sql, cursor), query_span(query.sql):
        cursor.execute(query.sql, query.given(value))
    return cursor


def _answered(connection: Connection, query: Query, cursor: DBAPICursor) -> list[dict[str, Any]]:
    with DriverErrors(connection, query.sql, cursor):
        rows = cursor.fetchall()
    cursor.close()
    if not rows:
        return []
    made = [dict(zip(query.names, row)) for row in rows]  # noqa: B905 (checking the lengths costs more than the rest)
    for name, convert in query.convert:
        for fields in made:
            if (cell := fields[name]) is not None:
                fields[name] = convert(cell)
    return made


_queries: dict[tuple[str, str, str], Query] = {}


def query_of(dialect: Dialect, table: Table, key: str) -> Query:
    """Return the query for the rows of `table` by `key`, compiled once."""
    query = _queries.get((dialect.name, table.name, key))
    if query is None:
        statement = (
            select(table).where(table.c[key] == bindparam("value")).order_by(*table.primary_key.columns)
        )
        compiled = statement.compile(dialect=dialect)
        names = [column.name for column in table.columns]
        convert = [(names[place], reader) for place, reader in result_converters(dialect, table.columns)]
        query = Query(str(compiled), names, convert, compiled.positional)
        _queries[dialect.name, table.name, key] = query
    return query
