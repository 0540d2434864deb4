"""What bringing in a file of measurements costs, against the least that the same rows could cost."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from models.people import operator
from services.engagement import engagements
from services.imports.applying import File, import_file
from services.metrics import definitions
from tests.bench import Measured, Stage, bench, ratio

ROWS = 100_000
SEED = 90
WHO = operator(datetime(2026, 11, 20, 12, tzinfo=UTC))
BATCH = """
    INSERT INTO measurement_batch (created_at, version, engagement_id, source, count, digest, withdrawn)
    SELECT created_at, 1, id, 'raw', 0, '', false FROM engagement RETURNING id
"""
COLUMNS = "metric_id, at, batch_id, value"


def an_engagement(url: str) -> None:
    """An engagement whose metrics are defined as they are needed."""
    day_1 = date(2026, 10, 5)
    engagements.create_engagement(WHO, "acme", name="Lending platform", client="Acme Lending", day_1=day_1)


def a_series(slug: str) -> bytes:
    """A file with one value a minute, as monitoring systems export them."""
    chance, first, rows = Random(SEED), datetime(2026, 7, 1), io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["metric", "at", "value"])
    for minute in range(ROWS):
        at = first + timedelta(minutes=minute)
        writer.writerow([slug, at.isoformat(timespec="minutes"), round(chance.lognormvariate(3, 0.5), 3)])
    return rows.getvalue().encode()


@bench("import of 100,000 measurements", limit=1.5, fill=an_engagement)
def import_of_measurements(stage: Stage) -> Measured:
    """against csv.reader and executemany or COPY, unchecked"""
    numbers = count(1)

    def a_file() -> tuple[int, bytes]:
        """A metric that nobody measured yet, and its file."""
        slug = f"metric-{next(numbers)}"
        definition = {"slug": slug, "name": slug, "unit": "s", "direction": "lower"}
        return definitions.define(WHO, "acme", definition), a_series(slug)

    def ours(given: tuple[int, bytes]) -> None:
        assert import_file(WHO, "acme", File("measurements", given[1], "series.csv")).plan.added == ROWS

    raw = _executemany if stage.kind == "sqlite" else _copy
    return ratio(ours, lambda given: raw(stage.url, *given), stage.runs, fresh=a_file)


def _rows(metric_id: int, content: bytes, batch_id: int) -> Iterator[tuple[Any, ...]]:
    reader = csv.reader(io.StringIO(content.decode(), newline=""))
    next(reader)
    return ((metric_id, f"{at[:10]} {at[11:]}:00.000000", batch_id, float(value)) for _, at, value in reader)


def _executemany(url: str, metric_id: int, content: bytes) -> None:
    with closing(sqlite3.connect(make_url(url).database)) as connection, connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        (batch_id,) = connection.execute(BATCH).fetchone()
        insert = f"INSERT INTO measurement ({COLUMNS}) VALUES (?, ?, ?, ?)"
        connection.executemany(insert, _rows(metric_id, content, batch_id))


def _copy(url: str, metric_id: int, content: bytes) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        (batch_id,) = cursor.execute(BATCH).fetchone()
        with cursor.copy(f"COPY measurement ({COLUMNS}) FROM STDIN") as copy:
            for row in _rows(metric_id, content, batch_id):
                copy.write_row(row)
