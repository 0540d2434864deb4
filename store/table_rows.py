"""Whole tables of one engagement, at the speed of the driver.

A state reads forty small tables. Asked through SQLAlchemy's execution, what happens around each query costs
several times as much as the query; so its SQL is compiled once, the driver's own cursor runs it within the
connection's transaction, and only what SQLite can't say (dates, moments, yes and no) is converted. To ask a table that
has no row costs nearly as much as one that has, so one query first finds out which have any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import psycopg
from sqlalchemy import ClauseElement, Connection, Dialect, Table, bindparam, exists, literal_column, select
from sqlalchemy.engine.interfaces import DBAPICursor

from models.base import Base
from models.prepared import DriverErrors, result_converters
from models.telemetry import query_span

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


@dataclass(frozen=True)
class Query:
    """The SQL of rows, ready for a driver, and how to read its columns.

    `positions` is how often the SQL asks for its one value by position; 0 where it asks for it by name.
    """

    sql: str
    names: list[str]
    convert: list[tuple[str, Callable[[Any], Any]]]
    positions: int

    def given(self, value: int) -> tuple[int, ...] | dict[str, int]:
        """Return the query's one value, as its driver takes it."""
        return (value,) * self.positions or {"value": value}


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
    asked = tables if len(tables) == 1 else _with_rows(connection, tables, key, value)
    queries = [query_of(connection.dialect, table, key) for table in asked]
    with _at_once(connection, queries):
        cursors = [_asked(connection, query, value) for query in queries]
        rows = {
            table.name: _answered(connection, query, cursor)
            for table, query, cursor in zip(asked, queries, cursors, strict=True)
        }
    return {table.name: rows.get(table.name, []) for table in tables}


def _with_rows(connection: Connection, tables: Sequence[Table], key: str, value: int) -> list[Table]:
    """Return those of `tables` in which any row's column `key` is `value`."""
    query = _presence_of(connection.dialect, tables, key)
    [present] = _answered(connection, query, _asked(connection, query, value))
    return [table for table in tables if present[table.name]]


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


_queries: dict[tuple[str, str, tuple[str, ...]], Query] = {}


def query_of(dialect: Dialect, table: Table, key: str) -> Query:
    """Return the query for the rows of `table` by `key`, compiled once."""
    name = (dialect.name, key, (table.name,))
    if name not in _queries:
        columns = table.columns
        rows = select(table).where(table.c[key] == bindparam("value")).order_by(*table.primary_key.columns)
        names = [column.name for column in columns]
        convert = [(names[place], reader) for place, reader in result_converters(dialect, columns)]
        _queries[name] = _compiled(dialect, rows, names, convert)
    return _queries[name]


def _presence_of(dialect: Dialect, tables: Sequence[Table], key: str) -> Query:
    """Return the query that answers with one row: of each of `tables`, whether it has any row by `key`; compiled once."""
    name = (dialect.name, key, tuple(table.name for table in tables))
    if name not in _queries:
        any_of_each = select(
            *(
                exists(literal_column("1")).where(table.c[key] == bindparam("value")).label(table.name)
                for table in tables
            )
        )
        _queries[name] = _compiled(dialect, any_of_each, list(name[2]), [])
    return _queries[name]


def _compiled(
    dialect: Dialect,
    statement: ClauseElement,
    names: list[str],
    convert: list[tuple[str, Callable[[Any], Any]]],
) -> Query:
    compiled = statement.compile(dialect=dialect)
    return Query(str(compiled), names, convert, len(cast("SQLCompiler", compiled).positiontup or ()))
