"""Files show the engagement's own day, with UTC beside it; weeks that were frozen before keep their bytes."""

import csv
import io
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest

from models.health import health
from models.review_text import verdict
from models.snapshot import SnapshotDocument
from reports.exports import tables
from reports.exports.week_files import FORMATS, export
from services.measurements import batches
from services.measurements.batches import Rows
from services.review import reviews
from store import reviews as stored_reviews
from tests.builders import a_measure, a_metric, a_summary, an_engagement, on_day, the_operator

pytestmark = pytest.mark.usefixtures("sqlite_database")
MIDNIGHT = "2026-10-31T23:00:00Z"  # 1 Nov in Berlin


@pytest.fixture
def week() -> SnapshotDocument:
    an_engagement(zone="Europe/Berlin")
    metric_id = a_metric(name="Decision time")
    at = datetime.fromisoformat(MIDNIGHT).astimezone(UTC)
    batches.record(the_operator(30), "acme", Rows([metric_id], [at], [4.0]), "Log")
    made = reviews.freeze(the_operator(30), "acme", on_day(30))
    return stored_reviews.document(the_operator(30), "acme", made.digest)


def as_frozen_before(week: SnapshotDocument) -> SnapshotDocument:
    head = {k: v for k, v in week.content["head"].items() if k not in ("layout", "week_text", "day_text")}
    return SnapshotDocument(week.body | {"content": week.content | {"head": head}}, week.interviews)


def in_workbook(week: SnapshotDocument) -> tuple[list[object], list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(export(week, "xlsx")))["Measurements"]
    head, row = [[cell.value for cell in line] for line in sheet.iter_rows(max_row=2)]
    return head, row


def in_csv(week: SnapshotDocument) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(export(week, "csv"))) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("measurements.csv").decode("utf-8-sig"))))


def test_the_first_of_november_in_berlin_is_that_day_in_every_file(week):
    head, row = in_workbook(week)
    shown = dict(zip(head, row, strict=True))
    assert shown["At (Europe/Berlin)"] == datetime(2026, 11, 1)
    assert shown["At (UTC)"] == datetime(2026, 10, 31, 23)
    assert [(row["at"], row["at_utc"]) for row in in_csv(week)] == [("2026-11-01T00:00:00+01:00", MIDNIGHT)]
    (metric,) = week.content["metrics"]
    assert tables.localised(week, metric)["chart"]["points"][0][0] == "2026-11-01T00:00:00Z"


def test_a_week_that_was_frozen_before_shows_what_it_showed(week):
    before = as_frozen_before(week)
    head, row = in_workbook(before)
    assert head[:3] == ["Metric", "At (UTC)", "Value"]
    assert row[1] == datetime(2026, 10, 31, 23)
    assert [list(row) for row in in_csv(before)] == [["metric", "at", "value", "n", "note"]]
    assert tables.title(before) == "Lending platform: week 5 of 13"
    for format in FORMATS:
        assert export(before, format) == export(before, format)


@pytest.mark.parametrize(
    ("confirmed", "unclaimed", "headline"),
    [
        ([], 3, "3 improvements are confirmed but can't be claimed yet"),
        (
            ["Time (2x)"],
            1,
            "confirmed better: Time (2x); 1 more improvement is confirmed but can't be claimed yet",
        ),
        ([], 0, "no improvement is confirmed yet"),
    ],
)
def test_the_headline_doesnt_contradict_its_rows(confirmed, unclaimed, headline):
    summary = a_summary(metrics=[a_measure()])
    text = verdict(summary, health(summary, on_day(30)), "day 30 of 90", confirmed, 0, unclaimed)
    assert headline in text
    assert ("no improvement is confirmed" in text) is (not confirmed and not unclaimed)
