"""Statements that are asked with every request, at the speed of the driver.

What SQLAlchemy does around a small statement costs several times as much as the statement. So it is compiled once for
each kind of database, and the driver's own cursor runs it within the connection's transaction. Values are converted by
the types of their columns, in both directions, and the driver's errors are raised as SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import iterate

from models.base import UtcDateTime

KEPT_FORMS = 64
"""Of one statement: it has another form for each length of a list that it is given."""
_Convert = Callable[[Any], Any]


class Prepared:
    """A statement that is ready to be run. An INSERT or UPDATE sets `columns`, whose values are given by their names."""

    def __init__(self, statement: Any, *columns: str) -> None:
        self.statement, self.columns = statement, list(columns) or None
        binds = [each for each in iterate(statement) if each.__visit_name__ == "bindparam"]
        self._lists = {each.key: each.literal_execute for each in binds if each.expanding}
        self._form = lru_cache(KEPT_FORMS)(self._compiled)

    def rows(self, connection: Connection, **given: Any) -> list[Sequence[Any]]:
        """The rows that a query finds."""
        form, cursor = self._executed(connection, given)
        found = cursor.fetchall()
        cursor.close()
        return [form.read(row) for row in found] if form.from_database else found

    def row(self, connection: Connection, **given: Any) -> Sequence[Any] | None:
        """The first row that a query finds, if there is one."""
        return next(iter(self.rows(connection, **given)), None)

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> int:
        """Carry it out with each of `rows`; how many rows of the database that was about."""
        cursor = self._executed(connection, *rows)[1]
        count = cursor.rowcount
        cursor.close()
        return count

    def _executed(self, connection: Connection, *rows: Mapping[str, Any]) -> tuple[Form, Any]:
        form = self._form(connection.dialect, self._shape(rows[0]) if self._lists else ())
        if not connection.in_transaction():
            connection.begin()
        cursor = connection.connection.cursor()
        try:
            if len(rows) == 1:
                cursor.execute(form.sql, form.parameters(rows[0]))
            else:
                cursor.executemany(form.sql, [form.parameters(row) for row in rows])
        except connection.dialect.loaded_dbapi.Error as wrong:
            cursor.close()
            base = connection.dialect.loaded_dbapi.Error
            raise DBAPIError.instance(form.sql, None, wrong, base, dialect=connection.dialect) from wrong
        return form, cursor

    def _shape(self, given: Mapping[str, Any]) -> tuple[int | tuple[Any, ...], ...]:
        """Of each list how long it is; of one that is written out in the SQL, its values."""
        return tuple(
            tuple(given[name]) if written_out else len(given[name])
            for name, written_out in self._lists.items()
        )

    def _compiled(self, dialect: Dialect, shape: tuple[int | tuple[Any, ...], ...]) -> Form:
        compiled = self.statement.compile(dialect=dialect, column_keys=self.columns)
        sizes = dict(zip(self._lists, shape, strict=True))
        lists = {name: size if isinstance(size, tuple) else range(size) for name, size in sizes.items()}
        state = compiled.construct_expanded_state(dict.fromkeys(compiled.binds) | lists)
        places = {name: state.parameter_expansion[name] for name in sizes if isinstance(sizes[name], int)}
        to_database = {}
        for name, bind in compiled.binds.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None and name not in sizes.keys() - places.keys():
                to_database |= dict.fromkeys(places.get(name, [name]), convert)
        columns = self.statement.selected_columns if isinstance(self.statement, Select) else ()
        return Form(
            sql=state.statement,
            order=state.positiontup,
            constant={name: bind.value for name, bind in compiled.binds.items() if not bind.required},
            lists=places,
            to_database=to_database,
            from_database=readers(dialect, columns),
        )


@dataclass(frozen=True)
class Form:
    """A statement for one kind of database. `order` has the names of its parameters, where the driver counts them,
    `constant` the values of those that aren't given, `lists` the names of those that a list is spread over."""

    sql: str
    order: Sequence[str] | None
    constant: Mapping[str, Any]
    lists: Mapping[str, Sequence[str]]
    to_database: Mapping[str, _Convert]
    from_database: Sequence[tuple[int, _Convert]]

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """What is given, as the driver takes it."""
        values = {**self.constant, **given}
        for name, places in self.lists.items():
            values.update(zip(places, values.pop(name), strict=True))
        for name, convert in self.to_database.items():
            values[name] = convert(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """A row as its columns mean it."""
        cells = list(row)
        for place, convert in self.from_database:
            if (cell := cells[place]) is not None:
                cells[place] = convert(cell)
        return cells


def readers(dialect: Dialect, columns: Iterable[Column[Any]]) -> list[tuple[int, _Convert]]:
    """The positions of those columns whose values the driver doesn't return as they are meant, and what makes them so."""
    converters = _FROM_SQLITE if dialect.name == "sqlite" else _FROM_POSTGRES
    return [
        (place, converter)
        for place, column in enumerate(columns)
        for kind, converter in converters
        if isinstance(column.type, kind)
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


_FROM_SQLITE = [(UtcDateTime, _moment), (Date, date.fromisoformat), (Boolean, bool)]
_FROM_POSTGRES = [(UtcDateTime, _in_utc)]
