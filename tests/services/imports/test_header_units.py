"""A unit in the name of a column is that of the numbers below it: nobody who reads “Lead time (min)” sees hours."""

import io
from datetime import date, datetime

import openpyxl
import pytest

from services.imports.applying import File, preview
from services.imports.choices import Choices
from services.imports.header_units import HEADER_UNIT, with_unit
from services.imports.plans import Plan
from services.parsing.displayed import NumberCell
from tests.builders import a_metric, an_engagement, the_operator
from tests.db_snapshots import once_a_run

pytestmark = pytest.mark.usefixtures("sqlite_database")
WHO = the_operator(47)


@pytest.fixture(autouse=True)
def metrics(sqlite_database):
    once_a_run("metrics of five units", metrics_of_five_units)


def metrics_of_five_units():
    an_engagement(day_1=date(2026, 10, 1))
    for slug, unit in (
        ("hours", "h"),
        ("euro", "EUR"),
        ("tickets", "tickets"),
        ("share", "%"),
        ("rate", "/ min"),
    ):
        a_metric(slug=slug, name=slug.capitalize(), unit=unit)


def planned(text: str | bytes, metric: str | None = None, strict: bool = False, **columns: str) -> Plan:
    content = text.encode() if isinstance(text, str) else text
    choices = Choices(columns={name.replace("_", " "): meaning for name, meaning in columns.items()})
    name = "series.csv" if isinstance(text, str) else "series.xlsx"
    return preview(WHO, "acme", File("measurements", content, name, metric, strict, choices))


def values(plan: Plan) -> list[str]:
    assert not plan.problems.sentences()
    return [field.after for row in plan.rows for field in row.differences if field.column == "value"]


def notes_of(plan: Plan) -> list[str]:
    return [doubt.full_sentence() for doubt in plan.doubts if doubt.kind == HEADER_UNIT]


@pytest.mark.parametrize(
    ("header", "cell", "value", "read_as"),
    [
        ("Hours (min)", "90", "1.5 h", "90 min"),
        ("Hours [in days]", "2", "48 h", "2 days"),
        ("Euro [k€]", "12", "12000 EUR", "12 k€"),
        ("Euro (Mio. €)", "3.5", "3500000 EUR", "3.5 Mio. €"),
        ("Rate (/ h)", "60", "1 / min", "60 / h"),
        ("Tickets (Tsd.)", "4", "4000 tickets", "4 Tsd."),
    ],
)
def test_a_number_is_in_the_unit_that_its_column_names(header, cell, value, read_as):
    plan = planned(f"at,{header}\n2026-10-05,{cell}\n")
    assert values(plan) == [value]
    assert notes_of(plan) == [
        f"Line 2, {header}: The column is called “{header}”, so “{cell}” was read as “{read_as}”."
    ]


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("Hours (h)", "90", "90 h"),
        ("Hours (Std.)", "90", "90 h"),
        ("Hours (median)", "90", "90 h"),
        ("Share (%)", "62", "62 %"),
        ("Tickets (tickets)", "7", "7 tickets"),
        ("Hours (min)", "2 h", "2 h"),
    ],
)
def test_a_unit_of_its_own_or_none_at_all_changes_nothing_and_says_nothing(header, cell, value):
    plan = planned(f"at,{header}\n2026-10-05,{cell}\n")
    assert values(plan) == [value]
    assert notes_of(plan) == []


@pytest.mark.parametrize(("header", "unit"), [("Hours (EUR)", "EUR"), ("Tickets (h)", "h")])
def test_a_unit_that_the_metric_cannot_have_refuses_the_number(header, unit):
    plan = planned(f"at,{header}\n2026-10-05,90\n")
    (sentence,) = plan.problems.sentences()
    assert f"“90 {unit}” is not read: it is in {unit}" in sentence


@pytest.mark.parametrize("header", ["Lead time (min)", "lead_time_minutes", "Minutes"])
def test_a_column_that_somebody_says_holds_the_values_is_in_its_own_unit(header):
    columns = {"day": "at", header.lower().replace("_", " ").replace(" ", "_"): "value"}
    plan = planned(f"day,{header}\n2026-10-05,90\n", "hours", **columns)
    assert values(plan) == ["1.5 h"]
    assert len(notes_of(plan)) == 1


def test_a_workbook_and_its_number_formats_are_read_likewise():
    book = openpyxl.Workbook()
    book.active.append(["at", "Hours (min)", "Euro (k€)"])
    book.active.append([datetime(2026, 10, 5), 90, -12.5])
    book.active["C2"].number_format = "#,##0.0_);(#,##0.0)"
    file = io.BytesIO()
    book.save(file)
    plan = planned(file.getvalue())
    assert values(plan) == ["1.5 h", "-12500 EUR"]
    assert [doubt.read for doubt in plan.doubts] == ["90 min", "(12.5) k€"]


def test_a_program_that_is_strict_is_refused_it():
    plan = planned("at,Hours (min)\n2026-10-05,90\n", strict=True)
    assert any("The column is called “Hours (min)”" in sentence for sentence in plan.problems.sentences())


def test_percentages_clocks_and_words_keep_what_they_say():
    assert [with_unit(cell, "min") for cell in ("2 h", "", None, "n/a", True, NumberCell(0.5, "0%"))] == [
        None
    ] * 6
    assert with_unit(NumberCell(0.0625, "[h]:mm"), "min") is None


def test_a_column_of_a_wide_table_that_nobody_knows_is_refused_as_in_a_long_one():
    for text in ("at,Hours,Foo\n2026-10-05,90,12\n", "metric,2026-10-05,2026-10-12,Foo\nhours,3,4,7\n"):
        (sentence,) = planned(text).problems.sentences()
        assert sentence.startswith("Line 1, Foo: measurements have no such column")


def test_a_column_that_a_wide_table_has_no_room_for_is_said_to_be_left_out():
    plan = planned("at,Hours,Note\n2026-10-05,90,holiday\n")
    assert "Left out: Note, as a table of this form has room for values only." in plan.notes
