"""Prepared statements: small queries of every request, at the speed of the database driver.

For a small statement SQLAlchemy's own work costs several times as much as the database's. So a prepared statement is
compiled once for each kind of database, and the driver's cursor runs it within the connection's transaction. Values are
converted by the types of their columns, in both directions. Errors of the driver are raised as SQLAlchemy's DBAPIError.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Dialect,
    SelectBase,
    UpdateBase,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import iterate

from models.base import UtcDateTime
from models.database_errors import translate
from models.telemetry import query_span

MAX_COMPILED = 64
"""Compiled forms kept of one statement: each length of a list parameter needs one."""
_Convert = Callable[[Any], Any]
_Shape = tuple[int | tuple[Any, ...], ...]


class Prepared:
    """A statement that is compiled once. An INSERT or UPDATE sets `columns`, with parameters of the same names."""

    def __init__(self, statement: UpdateBase | SelectBase, *columns: str) -> None:
        self.statement, self.columns = statement, list(columns) or None
        binds = [element for element in iterate(statement) if isinstance(element, BindParameter)]
        self._lists = {bind.key: bind.literal_execute for bind in binds if bind.expanding}
        self._cached = lru_cache(MAX_COMPILED)(self._compile)

    def rows(self, connection: Connection, **parameters: Any) -> list[Sequence[Any]]:
        """Return all rows of a query."""
        compiled, cursor = self._execute(connection, parameters)
        # PEP 249 promises a sequence; both drivers return a list.
        rows = cast("list[Sequence[Any]]", cursor.fetchall())
        cursor.close()
        return [compiled.read(row) for row in rows] if compiled.from_database else rows

    def row(self, connection: Connection, **parameters: Any) -> Sequence[Any] | None:
        """Return the first row of a query, or None."""
        return next(iter(self.rows(connection, **parameters)), None)

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> int:
        """Execute an INSERT, UPDATE or DELETE with each of `rows` as parameters. Returns the number of affected rows."""
        cursor = self._execute(connection, *rows)[1]
        count: int = cursor.rowcount
        cursor.close()
        return count

    def _execute(
        self, connection: Connection, *rows: Mapping[str, Any]
    ) -> tuple[CompiledStatement, DBAPICursor]:
        compiled = self._cached(connection.dialect, self._shape(rows[0]) if self._lists else ())
        if not connection.in_transaction():
            connection.begin()
        cursor = connection.connection.cursor()
        with DriverErrors(connection, compiled.sql, cursor), query_span(compiled.sql):
            if len(rows) == 1:
                cursor.execute(compiled.sql, compiled.parameters(rows[0]))
            else:
                cursor.executemany(compiled.sql, [compiled.parameters(row) for row in rows])
        return compiled, cursor

    def _shape(self, parameters: Mapping[str, Any]) -> _Shape:
        """The length of each list parameter; the values of one that is written into the SQL."""
        return tuple(
            tuple(parameters[name]) if is_literal else len(parameters[name])
            for name, is_literal in self._lists.items()
        )

    def _compile(self, dialect: Dialect, shape: _Shape) -> CompiledStatement:
        compiled = self.statement.compile(dialect=dialect, column_keys=self.columns)
        sizes = dict(zip(self._lists, shape, strict=True))
        lists = {name: size if isinstance(size, tuple) else range(size) for name, size in sizes.items()}
        expanded = compiled.construct_expanded_state(dict.fromkeys(compiled.binds) | lists)
        spread = {name: expanded.parameter_expansion[name] for name in sizes if isinstance(sizes[name], int)}
        return CompiledStatement(
            sql=expanded.statement,
            order=expanded.positiontup,
            constants={name: bind.value for name, bind in compiled.binds.items() if not bind.required},
            lists=spread,
            to_database=_parameter_converters(dialect, compiled.binds, spread, sizes.keys() - spread.keys()),
            from_database=result_converters(dialect, _selected_columns(self.statement)),
        )


class DriverErrors:
    """Inside, an error of the driver is raised as Unavailable or SQLAlchemy's, without parameters, and closes the cursor.

    A class, as entering a generator's context takes longer than an embedded database takes for a small query.
    """

    __slots__ = ("connection", "cursor", "sql")

    def __init__(self, connection: Connection, sql: str, cursor: DBAPICursor) -> None:
        self.connection, self.sql, self.cursor = connection, sql, cursor

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        dialect = self.connection.dialect
        base = dialect.loaded_dbapi.Error
        if not isinstance(error, base):
            return
        self.cursor.close()
        if (unavailable := translate(error)) is not None:
            raise unavailable from error
        raise DBAPIError.instance(self.sql, None, error, base, dialect=dialect) from error


def _parameter_converters(
    dialect: Dialect,
    binds: Mapping[str, BindParameter[Any]],
    spread: Mapping[str, Sequence[str]],
    literal: Collection[str],
) -> dict[str, _Convert]:
    """Return the converters of parameters by name. `spread` has the names of each list's elements; `literal` lists are
    part of the SQL."""
    converters: dict[str, _Convert] = {}
    for name, bind in binds.items():
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None and name not in literal:
            converters |= dict.fromkeys(spread.get(name, [name]), convert)
    return converters


def _selected_columns(statement: UpdateBase | SelectBase) -> Iterable[ColumnElement[Any]]:
    return statement.selected_columns if isinstance(statement, SelectBase) else ()


@dataclass(frozen=True)
class CompiledStatement:
    """A statement for one kind of database.

    `order` has the names of its parameters if the driver takes them by position, `constants` the values of those that
    never change, and `lists` the names of the parameters that each list is spread over.
    """

    sql: str
    order: Sequence[str] | None
    constants: Mapping[str, Any]
    lists: Mapping[str, Sequence[str]]
    to_database: Mapping[str, _Convert]
    from_database: Sequence[tuple[int, _Convert]]

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """Return parameters as the driver takes them, by name or by position."""
        values = {**self.constants, **given}
        for name, elements in self.lists.items():
            values.update(zip(elements, values.pop(name), strict=True))
        for name, convert in self.to_database.items():
            values[name] = convert(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """Return a row of the driver with each value in the type of its column."""
        cells = list(row)
        for index, convert in self.from_database:
            if (cell := cells[index]) is not None:
                cells[index] = convert(cell)
        return cells


def result_converters(dialect: Dialect, columns: Iterable[ColumnElement[Any]]) -> list[tuple[int, _Convert]]:
    """Return the index and the converter of each column whose values the driver returns in another type."""
    converters = _FROM_SQLITE if dialect.name == "sqlite" else _FROM_POSTGRES
    return [
        (index, converter)
        for index, column in enumerate(columns)
        for kind, converter in converters
        if isinstance(column.type, kind)
    ]


def _from_naive_utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


_FROM_SQLITE: list[tuple[type, _Convert]] = [
    (UtcDateTime, _from_naive_utc),
    (Date, date.fromisoformat),
    (Boolean, bool),
]
_FROM_POSTGRES: list[tuple[type, _Convert]] = [(UtcDateTime, _to_utc)]
