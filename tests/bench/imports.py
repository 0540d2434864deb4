"""What bringing in a file of measurements costs, against the least that the same rows could cost."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url

from models.database import engine_of
from models.people import operator
from services import engagements, metrics
from services.imports.applying import File, bring_in
from tests.bench import Measured, Stage, bench, ratio

ROWS = 100_000
SEED = 90
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
INSERT = "INSERT INTO measurement (metric_id, at, batch_id, value, n, note) VALUES (?, ?, ?, ?, ?, ?)"
COPY = "COPY measurement (metric_id, at, batch_id, value, n, note) FROM STDIN"


def an_engagement(url: str) -> None:
    """An engagement without a metric: each run of a line defines its own, which nobody measured yet."""
    engagements.found(operator(NOW), "acme", name="Lending platform", client="Acme", day_1=date(2026, 10, 5))


def series(slug: str) -> bytes:
    """One value a minute, as an export of a monitoring system has them."""
    chance, first = Random(SEED), datetime(2026, 7, 1)
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(["metric", "at", "value"])
    for minute in range(ROWS):
        at = first + timedelta(minutes=minute)
        writer.writerow([slug, at.isoformat(timespec="minutes"), round(chance.lognormvariate(3, 0.5), 3)])
    return rows.getvalue().encode()


@bench("import of 100,000 measurements", limit=1.5, fill=an_engagement)
def import_of_measurements(stage: Stage) -> Measured:
    "against csv.reader and the driver's bulk insert"
    number = count(1)
    theirs = _execute_many if stage.kind == "sqlite" else _copy
    raw = series("theirs")
    raw_ids = _theirs_ids(stage)

    def a_file() -> tuple[bytes, str, int]:
        slug = f"metric-{next(number)}"
        metrics.define(operator(NOW), "acme", {"slug": slug, "name": slug, "unit": "s", "direction": "lower"})
        return series(slug), slug, next(raw_ids)

    def ours(given: tuple[bytes, str, int]) -> None:
        brought = bring_in(operator(NOW), "acme", File("measurements", given[0], "series.csv"))
        assert brought.plan.added == ROWS

    return ratio(ours, lambda given: theirs(stage.url, raw, given[2]), stage.runs, fresh=a_file)


def _theirs_ids(stage: Stage):
    """A metric a run of their side, whose rows nobody has written yet."""
    for number in count(1):
        yield metrics.define(
            operator(NOW), "acme", {"name": f"Theirs {number}", "unit": "s", "direction": "lower"}
        )
