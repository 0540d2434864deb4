"""A week's files begin with what a reader came for; weeks of the layout before keep their bytes."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pypdf
import pytest
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from models.snapshot import SnapshotDocument
from reports.exports import week_facts
from reports.exports.pack import pack
from reports.exports.week_files import FORMATS, export
from tests.builders import an_engagement
from tests.reports.exports.test_exports import a_frozen_story, frozen_once, made
from tests.stories import METRICS, naughty

pytestmark = pytest.mark.usefixtures("sqlite_database")
FROZEN = Path(__file__).parents[2] / "fixtures" / "frozen"


@pytest.fixture(params=["story", "hard", "empty"])
def week(request) -> SnapshotDocument:
    """The sample's kind of week; 40 metrics of whatever people type; a first week in which nothing is recorded."""
    if request.param == "story":
        return a_frozen_story()
    if request.param == "hard":
        return frozen_once("naughty", 40, naughty)
    return frozen_once("empty", 2, lambda: an_engagement("empty"))


def test_a_week_of_the_layout_before_keeps_its_bytes():
    document = SnapshotDocument.from_bytes((FROZEN / "week-layout-2.json").read_bytes())
    kept = json.loads((FROZEN / "week-layout-2.sums.json").read_text())
    assert {format: hashlib.sha256(export(document, format)).hexdigest() for format in FORMATS} == {
        format: kept[format] for format in FORMATS
    }


def test_the_first_page_is_the_week(week):
    reader = pypdf.PdfReader(io.BytesIO(made(week, "pdf")))
    first = reader.pages[0].extract_text().replace("\u200b", "")
    for heading in ("Decisions needed", "The plan:", "Outcomes:", "Exceptions", "Next two weeks"):
        assert heading in first
    assert "Appendix" not in first
    assert "Appendix" in reader.pages[1].extract_text()
    for row in week.content["plan"]:
        assert row["name"] in first
    assert f"journal {week.content['head']['journal'][:16]}" not in first.replace("\n", " ")
    assert "Proof" in reader.pages[-1].extract_text()


def test_the_first_page_shows_each_outcome_with_its_proof():
    first = (
        pypdf.PdfReader(io.BytesIO(made(a_frozen_story(), "pdf")))
        .pages[0]
        .extract_text()
        .replace("\u200b", "")
    )
    first = re.sub(r"\s+", " ", first)
    for name, *_ in METRICS:
        assert name in first
    assert "Confirmed better, 22x" in first


def flat(shapes) -> Iterator:
    """Every shape, those within groups too."""
    for shape in shapes:
        yield shape
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from flat(shape.shapes)


def test_four_slides_have_sentences_as_titles_and_notes_with_sources(week):
    deck = Presentation(io.BytesIO(made(week, "pptx")))
    four = list(deck.slides)[:4]
    titles = [slide.shapes.title.text_frame.text for slide in four]
    assert titles[1] == week_facts.plan_title(week)
    assert titles[2] == week_facts.outcomes_title(week)
    assert all(len(title.split()) > 4 for title in titles)
    assert all(
        slide.has_notes_slide and week.digest[:16] in slide.notes_slide.notes_text_frame.text
        for slide in four
    )
    assert any(shape.has_chart for shape in flat(four[2].shapes)) is bool(week.content["metrics"])
    names = {shape.text_frame.text for shape in flat(four[1].shapes) if shape.has_text_frame}
    assert {row["name"] for row in week.content["plan"]} <= names


def test_no_shape_leaves_its_slide_and_no_slide_is_under_a_third_full(week):
    deck = Presentation(io.BytesIO(made(week, "pptx")))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert min(shape.left, shape.top) >= 0
            assert shape.left + shape.width <= deck.slide_width + 10
            assert shape.top + shape.height <= deck.slide_height + 10
        lowest = max(
            shape.top + shape.height for shape in slide.shapes if shape.top < deck.slide_height * 0.9
        )
        assert lowest > deck.slide_height / 3


def test_pictures_and_tables_on_slides_have_alternative_texts(week):
    deck = Presentation(io.BytesIO(made(week, "pptx")))
    for slide in list(deck.slides)[:4]:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")


def test_the_outcomes_chart_holds_how_many_times_better_each_metric_is():
    slide = list(Presentation(io.BytesIO(made(a_frozen_story(), "pptx"))).slides)[2]
    times, linear = (shape.chart for shape in slide.shapes if shape.has_chart)
    series = {each.name: list(each.values) for each in times.plots[0].series}
    assert list(times.plots[0].categories) == [
        "Applications at peak",
        "Loan decision time",
        "Developer onboarding",
    ]
    assert series["Target"] == pytest.approx([8500 / 120, 160, 90 / 14])
    assert series["Now"] == pytest.approx([2638.455 / 120, 4 / 0.3756, 90 / 32.0203], rel=0.001)
    assert list(linear.plots[0].series[1].values) == pytest.approx([94.4505], rel=0.001)


def test_the_workbook_opens_on_a_summary_that_prints_within_its_width(week):
    data = made(week, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.active.title == "Review"
    assert len(book["Review"]._charts) == 1 + any(
        bar.kind == "times" for bar in week_facts.outcome_bars(week)
    )
    for sheet in book:
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.freeze_panes
    footers = [
        zipfile.ZipFile(io.BytesIO(data)).read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2, 3)
    ]
    assert all("<oddFooter>&amp;L&amp;8Snapshot" in sheet for sheet in footers)
    if "Measurements" in book.sheetnames:
        assert book["Measurements"].auto_filter.ref


@pytest.mark.parametrize("week", ["story", "empty"], indirect=True)
def test_a_workbook_has_sheets_of_measurements_only_where_something_is_measured(week):
    sheets = openpyxl.load_workbook(io.BytesIO(made(week, "xlsx"))).sheetnames
    measured = ["Measurements", "Charts"] if any(week.body["measurements"].values()) else []
    assert sheets == ["Review", "Metrics", "Milestones", "Lists", *measured]


def test_a_week_of_the_layout_before_keeps_its_sheets_without_a_measurement():
    week = frozen_once("empty", 2, lambda: an_engagement("empty"))
    head = week.content["head"] | {"layout": 3}
    before = replace(week, body=week.body | {"content": week.content | {"head": head}})
    sheets = openpyxl.load_workbook(io.BytesIO(export(before, "xlsx"))).sheetnames
    assert sheets[-2:] == ["Measurements", "Charts"]


def test_markdown_has_under_25_lines(week):
    assert len(made(week, "md").decode().splitlines()) < 25


def test_a_week_says_what_is_late_and_what_is_asked_for():
    document = a_frozen_story()
    assert week_facts.plan_title(document) == "6 of 9 milestones are done; Systems inventoried is late."
    assert week_facts.outcomes_title(document) == "4 of 4 outcomes are confirmed better."
    assert week_facts.next_title(document).startswith("1 decision is needed, by 5 Dec; ")
    assert week_facts.today(document) == pytest.approx(60 / 90, abs=1e-4)
    assert week_facts.place_of(document, date(2026, 10, 4)) == 0


def test_the_pack_has_the_page_of_each_week_however_much_it_has():
    weeks = [
        a_frozen_story(),
        frozen_once("naughty", 40, naughty),
        frozen_once("empty", 2, lambda: an_engagement("empty")),
    ]
    pages = [
        page.extract_text().replace("\u200b", "") for page in pypdf.PdfReader(io.BytesIO(pack(weeks))).pages
    ]
    assert len(pages) == 1 + len(weeks)
    for page in pages[1:]:
        assert "Decisions needed" in page
        assert "The plan:" in page


def test_a_target_has_its_day_in_the_head_only_where_all_have_the_same():
    assert week_facts.target_day(["90 s by 12 Dec", "3 by 12 Dec, not signed"]) == " by 12 Dec"
    assert week_facts.target_day(["90 s by 12 Dec", "3 by 13 Dec"]) == ""
    assert week_facts.target_day(["90 s by 12 Dec", "3"]) == ""
    assert week_facts.target_day([]) == ""


def test_the_pack_still_opens_and_names_each_engagement():
    front = pypdf.PdfReader(io.BytesIO(pack([a_frozen_story()]))).pages[0].extract_text()
    assert "Lending platform" in front.replace("\u200b", "")
