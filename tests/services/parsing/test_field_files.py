"""Files in the shape of public complaints (tests/fixtures/field/README.md), each with the value that a person saw."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.placeholders import is_placeholder, is_sheet_error
from models.units import unit
from services.parsing.clock_changes import in_utc, twice_reason
from services.parsing.decimal_mark import hints_of_file
from services.parsing.displayed_number import read_number
from services.parsing.header_text import header_keys, is_called, is_web_page
from services.parsing.number_result import Refusal
from services.parsing.odd_cells import forced_text, odd_encoding, placeholders, same_people, shown_by_format
from services.parsing.odd_dates import half_swapped
from services.parsing.odd_layout import FOOTER_ROWS, TOTAL_ROWS, fill_merged, hidden, totals_and_footers
from services.parsing.text_encoding import decode_unmarked
from services.parsing.value_column import value_column
from tests.services.parsing.field import content, layout, sheets

UNITS = {row["slug"]: row["unit"] for row in csv.DictReader(io.StringIO(content("00-metrics").decode()))}


def table(name, separator=","):
    """The header and the rows of a CSV file, as columns."""
    header, *rows = csv.reader(
        io.StringIO(content(name).decode("utf-8-sig"), newline=""), delimiter=separator
    )
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def values(columns, separator=None):
    """What the column `value` comes to, in the units of its metrics."""
    slugs = list(dict.fromkeys(columns["metric"]))
    hints = hints_of_file(separator, [cells for name, cells in columns.items() if name != "value"])
    lines = range(2, len(columns["value"]) + 2)
    column = value_column(columns["value"], lines, hints)
    return column.read(
        [unit(UNITS[slug]) for slug in slugs], np.array([slugs.index(slug) for slug in columns["metric"]])
    )


def workbook(name):
    header, rows, _ = next(iter(sheets(name).values()))
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def test_01_semicolons_and_dotted_days_tell_the_decimal_comma():
    read = values(table("01", ";"), ";")
    assert read.value.tolist() == [12.5, 11.25, 9.875]
    assert [doubt.full_sentence() for doubt in read.doubts] == [
        "Lines 2 to 4, value: “12,500” was read as 12.5 h, as semicolons between the columns and days such as 05.10.2026 "
        "speak for a decimal comma; the other way it is 12,500."
    ]


def test_03_percent_cells_among_plain_ones():
    read = values(workbook("03"))
    assert read.value.tolist() == [62, 64, 66, 65, 0.71, 0.74, 0.78]
    assert [(doubt.kind, doubt.rows) for doubt in read.doubts] == [
        ("percent cells among plain ones", (6, 7, 8))
    ]


def test_04_ratios_of_a_metric_in_percent():
    (doubt,) = values(table("04")).doubts
    assert (doubt.kind, doubt.rows, doubt.seen, doubt.read) == (
        "fractions in a percentage", (2, 3, 4, 5, 6, 7, 8), "0.62", "0.62 %",
    )  # fmt: skip


def test_05_a_quoted_percent_sign_does_not_scale():
    read = values(workbook("05"))
    assert (read.value.tolist(), read.doubts) == ([1.2, 1.4, 2, 2.2, 2.6, 3.1, 3.4], [])


def test_07_a_unit_in_the_number_format_is_the_unit():
    read = values(workbook("07"))
    assert (read.value.tolist(), read.doubts) == ([120, 108, 90, 84, 72, 66, 60], [])


def test_12_short_suffixes_of_dashboards():
    read = values(table("12"))
    assert read.value.tolist() == [1230, 1_310_000, 1.4e9]
    assert [(doubt.kind, doubt.rows, doubt.read) for doubt in read.doubts] == [
        ("scale word", (3,), "1,310,000")
    ]


def test_14_lakh_and_crore():
    assert values(table("14")).value.tolist() == [200_000, 15_000_000, 3_000_000, 4000]


def test_21_an_hour_that_the_clock_shows_twice_asks_for_an_offset():
    local = np.array([datetime.fromisoformat(at) for at in table("21")["at"]], "datetime64[us]")
    zone = ZoneInfo("Europe/Berlin")
    assert in_utc(local, zone).twice.tolist() == [False, False, True, True, False, False]
    assert "2026-10-25T02:00+02:00 or 2026-10-25T02:00+01:00" in twice_reason(local[2].astype(datetime), zone)


def test_29_a_mac_and_31_cyrillic():
    mac, cyrillic = decode_unmarked(content("29")), decode_unmarked(content("31"))
    assert "Jörg Müller" in mac.text
    assert "Биллинг;Иванова" in cyrillic.text
    assert [doubt.seen for decoded in (mac, cyrillic) for doubt in odd_encoding(decoded)] == [
        "†berweisung",
        "Áèëëèíã",
    ]


def test_35_a_merged_owner_is_the_owner_of_each_row():
    header, rows, lines = sheets("35")["Sheet1"]
    filled = fill_merged(rows, lines, layout("35"), header)
    assert [row[1] for row in filled.rows] == ["Dana Whit"] * 4
    assert [row[3] for row in filled.rows] == ["Java", "Java", "PHP", "Go"]
    assert [(doubt.column, doubt.rows) for doubt in filled.doubts] == [
        ("technology", (2, 3)),
        ("owner", (2, 3, 4, 5)),
    ]


def test_36_rows_that_are_filtered_out_are_told():
    header, _, lines = sheets("36")["Sheet1"]
    (doubt,) = hidden(layout("36"), lines, header)
    assert (
        doubt.full_sentence()
        == "Lines 3, 5 and 6: 3 hidden rows were read like the others; a filter may have left them out."
    )


def test_38_totals_and_footers_are_told():
    _, *rows = csv.reader(io.StringIO(content("38").decode()))
    assert {doubt.kind: doubt.rows for doubt in totals_and_footers(rows, [2, 3, 4, 5, 7])} == {
        TOTAL_ROWS: (4,),
        FOOTER_ROWS: (5, 7),
    }


def test_39_placeholders_are_no_owners_and_55_no_interviewees():
    assert all(map(is_placeholder, table("39")["owner"]))
    (doubt,) = placeholders(table("55")["interviewee"], range(2, 7), "interviewee")
    assert doubt.rows == (2, 3, 4, 6)


def test_40_german_errors_of_a_sheet():
    assert all(map(is_sheet_error, table("40", ";")["owner"]))


def test_41_leading_zeros_are_seen():
    cells = workbook("41")["name"]
    assert [str(cell) for cell in cells] == ["00123", "04567"]
    assert shown_by_format(cells, [2, 3], "name")[0].rows == (2, 3)


def test_42_a_text_that_a_formula_keeps():
    assert list(map(forced_text, table("42")["name"])) == ["00123", "04567"]


def test_44_headers_on_several_lines():
    header, _, _ = sheets("44")["Sheet1"]
    assert [header_keys(cell)[-1] for cell in header[:3]] == ["name", "owner", "criticality"]
    assert header_keys(header[3])[0] == "reviewed_on"


@pytest.mark.parametrize("name", ["47", "48"])
def test_47_and_48_sheets_that_are_called_as_their_kind(name):
    assert [title for title in sheets(name) if is_called(title, "pain_points")] == ["Pain points"]


def test_54_one_person_in_three_spellings():
    (doubt,) = same_people(table("54")["interviewee"], range(2, 6), "interviewee")
    assert (doubt.rows, doubt.read) == ((2, 3, 4, 5), "3 people")


def test_67_spaces_that_do_not_break_and_currencies_on_either_side():
    read = values(table("67", ";"), ";")
    assert (read.value.tolist(), read.doubts) == ([1234.56, 1199, 998.1], [])


def test_72_half_swapped_dates():
    columns = workbook("72")
    (doubt,) = half_swapped(columns["at"], range(2, 6))
    assert (doubt.rows, doubt.seen) == ((2, 4), "2026-06-10")
    assert doubt.sentence.endswith("It was read as 10 Jun 2026; it may be 6 Oct 2026.")


def test_73_a_thousand_euros():
    read = values(table("73", ";"), ";")
    assert read.value.tolist() == [2000]
    assert (
        read.doubts[0].sentence
        == "“2 T€” was read as 2,000 EUR, with “T” counted as 1,000; elsewhere it is 2,000,000,000,000."
    )


def test_81_a_web_page_that_is_called_a_workbook():
    assert is_web_page(content("81"))


def test_99_plain_files_have_no_doubts():
    read = values(table("99"))
    assert (read.value.tolist(), read.doubts) == ([40, 39, 38, 30], [])


@pytest.mark.parametrize(
    ("name", "value"),
    [("G1 12,500 h", 12500), ("G1 1.250 tickets", 1.25), ("A1 1.200 €", 1200), ("A1 0.62 %", 0.62)],
)
def test_one_value_by_hand_or_by_the_api_comes_with_its_doubt(name, value):
    _, text, unit_name = name.split()
    number = read_number(text, {"€": "EUR"}.get(unit_name, unit_name))
    assert number.value == value
    assert number.doubt == ("" if unit_name == "%" else "decimal mark")


@pytest.mark.parametrize("case", [("volume", "1.31 Mil"), ("lead-time", "1.5 T")])
def test_a1_words_that_nobody_knows_are_refused_by_the_api(case):
    slug, text = case
    assert isinstance(read_number(text, UNITS[slug]), Refusal)
