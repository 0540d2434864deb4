"""What a frozen week costs as files."""

from datetime import UTC, datetime, timedelta

from models.people import operator
from models.snapshot import SnapshotDocument
from reports.exports.week_files import FORMATS, export
from reports.frames.portfolio import portfolio
from reports.review.draft import draft
from services.engagement import engagements
from services.measurements import batches
from services.measurements.batches import Rows
from services.metrics import definitions
from services.review import packs, reviews
from store import reviews as stored_reviews
from store.states import state
from tests.bench import Measured, Stage, bench
from tests.bench.queries import an_overview
from tests.bench.timing import ratio

# Milliseconds that six formats of one week and a pack of 40 may take on two cores.
SIX_FORMATS, PACK, ENGAGEMENTS = 1_200, 10_000, 40
WORKBOOK, MEASUREMENTS = 300, 1_000
"""Milliseconds that a workbook of so many measurements may take."""


def _week() -> SnapshotDocument:
    who = operator(datetime.now(UTC))
    today = who.today(state(who, "larkspur-lending").zone)
    return reviews.snapshot_of(draft(who, "larkspur-lending", today), who)


@bench("a week in six formats", limit=1.0, fill=an_overview, kinds=("sqlite",))
def six_formats(stage: Stage) -> Measured:
    """against the 1.2 s that it may take"""
    week = _week()
    measured = ratio(lambda: [export(week, format) for format in FORMATS], lambda: None, 3)
    return Measured(measured.ours, SIX_FORMATS)


@bench("a workbook of 1,000 measurements", limit=1.0, fill=an_overview, kinds=("sqlite",))
def large_workbook(stage: Stage) -> Measured:
    """against the 0.3 s that it may take"""
    week = _week()
    measured = week.body["measurements"]
    each = -(-MEASUREMENTS // len(measured))
    begin = datetime(2026, 9, 1, tzinfo=UTC)
    points = [
        [f"{begin + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}", 4.0 + hour % 7, None, None]
        for hour in range(each)
    ]
    many = SnapshotDocument(week.body | {"measurements": dict.fromkeys(measured, points)}, None)
    taken = ratio(lambda: export(many, "xlsx"), lambda: None, 5)
    return Measured(taken.ours, WORKBOOK)


def forty_frozen_weeks(url: str) -> None:
    """The sample, whose first two engagements have frozen weeks, and engagements besides until 40 have one."""
    an_overview(url)
    today = operator(datetime.now(UTC))
    have = sum(bool(stored_reviews.weeks(today, slug)) for slug in portfolio(today)["slug"])
    for number in range(ENGAGEMENTS - have):
        slug, began = f"client-{number}", operator(today.at - timedelta(days=20 + number))
        given = {
            "name": f"Platform {number}",
            "client": f"Client {number}",
            "day_1": began.at.date(),
            "zone": "UTC",
        }
        engagements.create_engagement(began, slug, **given, lead="Mei Tan", sponsor="Dana Ruiz, COO")
        for place in range(1 + number % 5):
            definitions.define(began, slug, {
                "name": f"Metric {place}", "unit": "h", "direction": "lower", "baseline": 4.0 + number, "target": 1.0,
                "owner": "Omar Aziz", "source": "warehouse",
            })  # fmt: skip
        ids = [row.id for row in state(began, slug).metrics]
        at = [began.at + timedelta(days=day) for day in range(1, 15)]
        values = [4.0 + number + (7 * day % 5) / 10 for day in range(14)]
        rows = Rows([one for one in ids for _ in at], at * len(ids), values * len(ids))
        batches.record(today, slug, rows, "warehouse")
        reviews.freeze(today, slug)


@bench("a portfolio pack of 40", limit=1.0, fill=forty_frozen_weeks, kinds=("sqlite",))
def portfolio_pack(stage: Stage) -> Measured:
    """of 40 engagements, each with a frozen week of its own, made and taken away, against the 10 s that it may take"""
    who = operator(datetime.now(UTC))
    progress: list[int] = []

    def made_and_taken() -> None:
        packs.download(who, packs.build(who, lambda done, all: progress.append(done)).key)

    measured = ratio(made_and_taken, lambda: None, 1)
    assert len(packs.build(who).weeks) == ENGAGEMENTS
    assert progress[-1] == len(portfolio(who))
    return Measured(measured.ours, PACK)
