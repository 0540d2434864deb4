"""Inserting many measurements, within the session's own transaction, as fast as the driver can.

Core's insert takes {SQLITE} times as long on SQLite and {POSTGRES} times on Postgres (1,000 rows, turn by turn).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from models.measurements import Measurement

TABLE = Measurement.__tablename__
TEXTS = {"note", "given", "reason"}
# Rows that are turned into text at once: enough to keep the driver busy, and few enough to keep memory flat.
CHUNK_ROWS = 20_000
# Rows of one INSERT in SQLite: a third faster than one row each, and far below its limit of parameters.
STATEMENT_ROWS = 100

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_measurements(
    session: Session,
    batch_id: int,
    metric_id: np.ndarray,
    at: np.ndarray,
    value: np.ndarray,
    n: list[int | None] | None,
    note: list[str | None] | None,
    given: list[str | None] | None = None,
    reason: list[str | None] | None = None,
) -> None:
    """Insert measurements, given as columns of one length; `at` is datetime64[us] in UTC, `value` float64.

    SQLite gets many rows in a statement, Postgres a COPY.
    """
    connection = session.connection()
    columns = {"metric_id": metric_id.tolist(), "at": _moments(at), "value": value.tolist()}
    optional = (("n", n), ("note", note), ("given", given), ("reason", reason))
    columns |= {name: cells for name, cells in optional if cells is not None}
    if connection.dialect.name == "sqlite":
        _insert(connection, batch_id, columns)
    else:
        _copy(connection, batch_id, columns)


def _moments(at: np.ndarray) -> list[str]:
    """Return moments as both databases read them: 2026-10-05 12:00:00.000000."""
    texts = pa.array(at.astype("datetime64[us]")).cast(pa.string()).to_numpy(zero_copy_only=False)
    return list(texts)


def _insert(connection: Connection, batch_id: int, columns: dict[str, list[Any]]) -> None:
    shared, own = {"batch_id": batch_id}, dict(columns)
    if len({*own["metric_id"]}) == 1:
        shared["metric_id"] = own.pop("metric_id")[0]
    names, cursor = (tuple(shared), tuple(own)), connection.connection.cursor()
    for start in range(0, len(own["at"]), STATEMENT_ROWS):
        chunk = [cells[start : start + STATEMENT_ROWS] for cells in own.values()]
        parameters = chain(shared.values(), *chunk)
        cursor.execute(_insert_of(*names, len(chunk[0])), tuple(parameters))
    cursor.close()


@cache
def _insert_of(shared: tuple[str, ...], own: tuple[str, ...], rows: int) -> str:
    """Return the INSERT of `rows` rows, the same text for every batch, so that the driver has it prepared.

    Its parameters are the values that all rows share, and then the rows' own values, column by column.
    """
    shared_marks = [f"?{number}" for number in range(1, len(shared) + 1)]
    marks = (
        ", ".join([*shared_marks, *(f"?{len(shared) + column * rows + row}" for column in range(len(own)))])
        for row in range(1, rows + 1)
    )
    return f"INSERT INTO {TABLE} ({', '.join((*shared, *own))}) VALUES ({'), ('.join(marks)})"


def _copy(connection: Connection, batch_id: int, columns: dict[str, list[Any]]) -> None:
    texts: dict[str, Iterable[Any]] = columns | {"value": map(repr, columns["value"])}
    if "n" in columns:
        texts["n"] = ("\\N" if number is None else number for number in columns["n"])
    for name in TEXTS & columns.keys():
        texts[name] = map(_text, columns[name])
    marks = [f"{batch_id:d}", "%s", "%s+00", *["%s"] * (len(columns) - 2)]
    line = ("\t".join(marks) + "\n").__mod__
    lines = map(line, zip(*texts.values(), strict=True))
    driver = connection.connection.driver_connection
    assert driver is not None
    cursor = driver.cursor()
    with cursor, cursor.copy(f"COPY {TABLE} (batch_id, {', '.join(columns)}) FROM STDIN") as copy:
        while portion := "".join(islice(lines, CHUNK_ROWS)):
            copy.write(portion)


def _text(text: str | None) -> str:
    return "\\N" if text is None else text.translate(_ESCAPED)
