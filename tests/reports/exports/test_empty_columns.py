"""A column that says nothing for any metric isn't shown, on the page of the week or in its files."""

import io

import openpyxl
import pytest
from pptx import Presentation

from models.snapshot import SnapshotDocument
from reports.exports import tables
from reports.exports.week_files import export
from services.measurements import batches
from services.measurements.batches import Rows
from services.review import reviews
from store import reviews as stored_reviews
from tests.builders import a_metric, an_engagement, noon, on_day, the_operator
from tests.reports.exports.test_exports import text_of

pytestmark = pytest.mark.usefixtures("sqlite_database")
FORECAST = "Forecast"


def a_week(points: int, day: int) -> SnapshotDocument:
    an_engagement()
    metric_id = a_metric(baseline=4, target=1, target_day=80)
    at = [noon(5 * n + 1) for n in range(points)]
    if points:
        values = [4.0 + n % 3 / 10 for n in range(points)]
        batches.record(the_operator(day), "acme", Rows([metric_id] * points, at, values), "Log")
    made = reviews.freeze(the_operator(day), "acme", on_day(day))
    return stored_reviews.document(the_operator(day), "acme", made.digest)


def heads(week: SnapshotDocument) -> dict[str, set[str]]:
    """The heads of the tables of metrics, by format."""
    sheet = openpyxl.load_workbook(io.BytesIO(export(week, "xlsx")))["Metrics"]
    slides = Presentation(io.BytesIO(export(week, "pptx"))).slides
    cells = [
        cell.text
        for slide in slides
        for shape in slide.shapes
        if shape.has_table
        for cell in shape.table.iter_cells()
    ]
    return {
        "xlsx": {str(cell.value) for cell in next(sheet.iter_rows())},
        "pptx": set(cells),
        "pdf": set(text_of(export(week, "pdf")).split("\n")),
    }


def test_a_week_without_a_forecast_has_no_column_for_it():
    week = a_week(0, 5)
    assert {row["forecast"] for row in week.content["metrics"]} == {tables.NONE}
    shown = heads(week)
    for name, words in shown.items():
        assert not {word for word in words if word.strip() in (FORECAST, "Last forecast")}, name
    assert "Baseline" in shown["xlsx"] & shown["pptx"]


def test_a_week_with_a_forecast_has_its_column():
    week = a_week(9, 46)
    assert {row["forecast"] for row in week.content["metrics"]} != {tables.NONE}
    for name, words in heads(week).items():
        assert any(FORECAST in word for word in words), name


def test_a_week_that_was_frozen_before_keeps_its_columns():
    week = a_week(0, 5)
    head = week.content["head"] | {"layout": 2}
    before = SnapshotDocument(week.body | {"content": week.content | {"head": head}}, week.interviews)
    (metrics,) = [table for table in tables.tables(before) if table.name == "Metrics"]
    assert FORECAST in metrics.columns
