"""Points that sum up different numbers of observations have limits of their own on page, paper, slide and in workbooks;
a week that was frozen without them keeps its bytes."""

import io
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from pptx import Presentation

from analysis.sample_limits import sample_limits
from models.snapshot import SnapshotDocument
from reports.charts import theme
from reports.exports.svg_charts import EDGE, process_behaviour_svg
from reports.exports.week_files import export
from reports.review.charts import chart_of
from services.measurements import batches
from services.measurements.batches import Rows
from services.review import reviews
from store import reviews as stored_reviews
from tests.builders import a_metric, an_engagement, noon, on_day, the_operator
from tests.reports.charts.component_reader import Chart

pytestmark = pytest.mark.usefixtures("sqlite_database")
SHARES = [62.0, 66.0, 58.0, 64.0, 61.0, 65.0]
OBSERVATIONS = [400, 100, 400, 25, 400, 12]


@pytest.fixture
def week() -> SnapshotDocument:
    an_engagement()
    metric_id = a_metric(name="Paid in time", unit="%", direction="higher", baseline=60, target=90)
    days = [noon(7 * n + 1) for n in range(len(SHARES))]
    rows = Rows([metric_id] * len(days), days, SHARES, n=OBSERVATIONS)
    batches.record(the_operator(40), "acme", rows, "Log")
    made = reviews.freeze(the_operator(40), "acme", on_day(40))
    return stored_reviews.document(the_operator(40), "acme", made.digest)


def limits() -> list[tuple[float, float]]:
    """What each point's limits have to be, rounded."""
    own = sample_limits(np.array(SHARES), np.array(OBSERVATIONS, float), len(SHARES))
    assert own is not None
    lower, upper = own.lower.clip(0, 100), own.upper.clip(0, 100)
    return [(round(float(low), 6), round(float(high), 6)) for low, high in zip(lower, upper, strict=True)]


def test_every_format_shows_the_limits_of_each_point(week):
    (row,) = week.content["metrics"]
    assert [(round(low, 6), round(high, 6)) for low, high, _ in row["chart"]["limits"]] == limits()
    assert [small for *_, small in row["chart"]["limits"]] == [False] * 5 + [True]
    on_page = [mark.places for mark in Chart(chart_of(row)).marks if "hw-limits" in mark.looks]
    assert len(on_page) == len(SHARES)
    assert len({round(mark["height"], 3) for mark in on_page}) == 4

    picture = ElementTree.fromstring(process_behaviour_svg(row, "Source Sans Pro"))
    marks = {kind: picture.findall(f"{{http://www.w3.org/2000/svg}}{kind}") for kind in ("rect", "circle")}
    heights = [float(mark.get("height", 0)) for mark in marks["rect"]]
    assert heights == pytest.approx([mark["height"] / 100 * 83 for mark in on_page], abs=0.2)
    assert [mark.get("fill") for mark in marks["circle"]] == [theme.BLUE] * 5 + [EDGE]

    (chart,) = [
        shape.chart
        for slide in Presentation(io.BytesIO(export(week, "pptx"))).slides
        for shape in slide.shapes
        if shape.has_chart and any(series.name == "Limits" for series in shape.chart.plots[0].series)
    ]
    drawn = [list(series.values) for series in chart.plots[0].series if series.name == "Limits"]
    assert [drawn[0][::2], drawn[1][::2]] == [
        pytest.approx([limit[level] for limit in limits()]) for level in (0, 1)
    ]

    sheet = openpyxl.load_workbook(io.BytesIO(export(week, "xlsx")))["Measurements"]
    head, *lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    places = head.index("Lower limit"), head.index("Upper limit")
    assert [tuple(round(line[place], 6) for place in places) for line in lines] == limits()


def test_a_week_that_was_frozen_without_limits_of_each_point_shows_those_of_an_average_one(week):
    (row,) = week.content["metrics"]
    chart = {name: value for name, value in row["chart"].items() if name != "limits"}
    phases = [
        {name: value for name, value in phase.items() if name != "sampled"} for phase in chart["phases"]
    ]
    before = row | {"chart": chart | {"phases": phases}}
    assert len([mark for mark in Chart(chart_of(before)).marks if "hw-limits" in mark.looks]) == 1
    picture = ElementTree.fromstring(process_behaviour_svg(before, "Source Sans Pro"))
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 1
