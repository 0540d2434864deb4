"""What a long history costs: a program that reports each minute makes 130,000 entries in 90 days.

`python -m tests.bench.long_journal [ENTRIES ...]` fills an embedded database for each number (1,000, 100,000 and
1,000,000 if none is given), and prints how long `manage.py journal verify` takes and the most memory that it has.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models.database import engine, engine_of, read_connection
from models.engagement import Engagement
from models.journal import ADDED, as_json
from models.measurements import MeasurementBatch
from models.people import Actor, operator
from reports.review import compare, draft
from services.core.changes import Change, Work, append_entries
from services.engagement import engagements
from services.operations import checkpoints
from services.operations.schema import upgrade
from services.review import reviews
from store import states
from tests.bench import Measured, Stage, bench
from tests.bench.timing import ratio

NOW = datetime.now(UTC).replace(microsecond=0)
DAYS = 60
# Where the newest checkpoint is as far from the head as it can be.
SHORT, LONG = 1_000, 100_000 + checkpoints.EVERY - 1
AT_ONCE = 1_000
ROOT = Path(__file__).parents[2]
VERIFY = """
import resource, runpy, sys
sys.argv[1:] = ["journal", "verify"]
try:
    runpy.run_path("manage.py", run_name="__main__")
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def a_long_journal(slug: str, entries: int) -> None:
    """An engagement of 60 days to which a program sent measurements, until its journal has so many entries."""
    began = NOW - timedelta(days=DAYS)
    who = operator(began)
    engagements.create_engagement(who, slug, name="Lending", client="Acme", day_1=began.date(), zone="UTC")
    with Session(engine()) as session:
        engagement_id, have = session.execute(
            select(Engagement.id, Engagement.revision).where(Engagement.slug == slug)
        ).one()
    for first in range(have, entries, AT_ONCE):
        at = began + (NOW - timedelta(hours=1) - began) * (first / entries)
        _add_batches(operator(at), engagement_id, min(AT_ONCE, entries - first))


def _add_batches(who: Actor, engagement_id: int, number: int) -> None:
    """Add measurement batches and their entries, as one act: what else a use case computes would take minutes."""
    fields = {
        "engagement_id": engagement_id,
        "created_at": who.at,
        "version": 1,
        "source": "bench",
        "count": 0,
    }
    fields |= {"digest": "0" * 64, "withdrawn": False}
    with Session(engine().execution_options(writes=True)) as session, session.begin():
        newest = session.scalar(select(func.coalesce(func.max(MeasurementBatch.id), 0)))
        rows = [{"id": row_id, **fields} for row_id in range(newest + 1, newest + number + 1)]
        session.execute(insert(MeasurementBatch.__table__), rows)
        work = Work(who, "record measurements", {engagement_id})
        for row in rows:
            after = {name: as_json(value) for name, value in row.items()}
            work.changes.append(Change(engagement_id, ADDED, "measurement_batch", row["id"], {}, after))
        append_entries(session, work, engagement_id)


def a_short_and_a_long_journal(url: str) -> None:
    """Two engagements that differ in the length of their journals only, with all checkpoints, a week of each frozen."""
    for slug, entries in (("short", SHORT), ("long", LONG)):
        a_long_journal(slug, entries)
        reviews.freeze(operator(NOW), slug)
    while checkpoints.add_checkpoints():
        pass


def _forget() -> None:
    states._cached.clear()
    states._from_writes.clear()
    draft._cache.clear()


@bench("as of near the head of 100,000 entries", limit=2.0, fill=a_short_and_a_long_journal)
def as_of_near_the_head(stage: Stage) -> Measured:
    """against the same of 1,000 entries"""
    who = operator(NOW)
    newest = {slug: states.state(who, slug).revision for slug in ("short", "long")}

    def look(slug: str) -> None:
        with read_connection() as connection:
            states.rebuild(connection, states.state(who, slug).id, newest[slug] - 5)

    return ratio(lambda: look("long"), lambda: look("short"), stage.runs)


@bench("comparing two days of 100,000 entries", limit=2.0, fill=a_short_and_a_long_journal)
def comparing(stage: Stage) -> Measured:
    """a week ago with today, against the same of 1,000 entries"""
    who = operator(NOW)

    def look(slug: str) -> None:
        _forget()
        compare.of_dates(who, slug, NOW.date() - timedelta(days=7), NOW.date())

    return ratio(lambda: look("long"), lambda: look("short"), stage.runs)


@bench("freezing a week at 100,000 entries", limit=2.0, fill=a_short_and_a_long_journal)
def freezing(stage: Stage) -> Measured:
    """a week once more, with a reason, against the same at 1,000 entries"""
    newest: dict[str, int] = {}
    for slug in ("short", "long"):
        (row,) = states.state(operator(NOW), slug).reviews[-1:]
        newest[slug] = row.id

    def freeze(slug: str) -> None:
        _forget()
        newest[slug] = reviews.supersede(operator(NOW), slug, newest[slug], "Once more").id

    return ratio(lambda: freeze("long"), lambda: freeze("short"), stage.runs)


@bench("memory of verifying 100,000 entries", limit=1.1)
def memory(stage: Stage) -> Measured:
    """the most that the process has, against the same of 1,000 entries"""
    taken = {}
    for entries in (LONG, SHORT):
        url = stage.new_database()
        with _as_database(url):
            a_long_journal("acme", entries)
        taken[entries] = verify(url)[1]
    return Measured(taken[LONG], taken[SHORT], "MB")


class _as_database:
    """Inside, DATABASE_URL is another database."""

    def __init__(self, url: str) -> None:
        self.url, self.before = url, os.environ.get("DATABASE_URL")

    def __enter__(self) -> None:
        os.environ["DATABASE_URL"] = self.url

    def __exit__(self, *_: object) -> None:
        del os.environ["DATABASE_URL"]
        if self.before is not None:
            os.environ["DATABASE_URL"] = self.before


def verify(url: str) -> tuple[float, float]:
    """Verify all journals in a process of its own, and return its seconds and its highest resident memory in MB."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", VERIFY],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unbroken" in done.stdout
    return time.perf_counter() - start, float(done.stdout.split()[-1])


def main(numbers: list[int]) -> None:
    for entries in numbers:
        with tempfile.TemporaryDirectory(prefix="headway-bench-") as folder:
            url = f"sqlite:///{folder}/headway.db"
            with _as_database(url):
                upgrade(url)
                a_long_journal("acme", entries)
                engine_of(url).dispose()
                seconds, megabytes = verify(url)
        print(f"{entries:>9,} entries: {seconds:6.1f} s, {megabytes:5.0f} MB", flush=True)


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or [1_000, 100_000, 1_000_000])
