"""Files in the shape of public complaints, brought in whole: stored as a person saw them, with a line for each doubt."""

from datetime import date

import pytest

from models.errors import Invalid
from services.imports.applying import File, ImportRefused, import_file, preview
from store.measurements import measurements
from tests.builders import an_engagement, the_operator, the_state
from tests.db_snapshots import once_a_run
from tests.services.parsing.field import FOLDER

pytestmark = pytest.mark.usefixtures("sqlite_database")
WHO = the_operator(47)


@pytest.fixture(autouse=True)
def field(sqlite_database):
    once_a_run("the field's metrics", import_the_metrics)


def import_the_metrics():
    an_engagement("field", day_1=date(2026, 10, 1), zone="Europe/Berlin")
    import_file(WHO, "field", a_file("metrics", "00"))


def a_file(kind, number, strict=False):
    (path,) = FOLDER.glob(f"{number}-*")
    return File(kind, path.read_bytes(), path.name, strict=strict)


def imported(kind, number):
    """The doubts that its preview tells, by kind, with the lines that each is about; the file is imported then."""
    plan = preview(WHO, "field", a_file(kind, number))
    assert not plan.problems.sentences()
    import_file(WHO, "field", a_file(kind, number))
    return {doubt.kind: doubt.rows for doubt in plan.doubts}


MEASURED = [
    ("01", [12.5, 11.25, 9.875], {"decimal mark": (2, 3, 4)}),
    ("03", [62, 64, 66, 65, 0.71, 0.74, 0.78], {"percent cells among plain ones": (6, 7, 8)}),
    ("04", [0.62, 0.64, 0.66, 0.65, 0.71, 0.74, 0.78], {"fractions in a percentage": (2, 3, 4, 5, 6, 7, 8)}),
    ("05", [1.2, 1.4, 2, 2.2, 2.6, 3.1, 3.4], {}),
    ("07", [120, 108, 90, 84, 72, 66, 60], {}),
    ("12", [1230, 1_310_000, 1.4e9], {"scale word": (3,)}),
    ("14", [200_000, 15_000_000, 3_000_000, 4000], {}),
    ("67", [1234.56, 1199, 998.1], {}),
    ("72", None, {"half-swapped dates": (2, 4)}),
    ("73", [2000], {"scale word": (2,)}),
    ("99", [40, 39, 38, 30], {}),
]


@pytest.mark.parametrize(("number", "values", "doubts"), MEASURED)
def test_measurements_are_stored_as_they_were_seen(number, values, doubts):
    assert imported("measurements", number) == doubts
    stored = measurements(WHO, "field", [metric.id for metric in the_state("field").metrics])["value"]
    assert values is None or sorted(stored) == pytest.approx(sorted(values))


@pytest.mark.parametrize(("number", "values", "doubts"), [row for row in MEASURED if row[2]])
def test_a_program_that_is_strict_is_refused_what_looks_odd(number, values, doubts):
    with pytest.raises(ImportRefused):
        import_file(WHO, "field", a_file("measurements", number, strict=True))
    assert measurements(WHO, "field", [metric.id for metric in the_state("field").metrics]).empty


@pytest.mark.parametrize(
    ("number", "doubts", "owners"),
    [
        ("29", {"encoding": ()}, {"Überweisung": "Jörg Müller"}),
        ("31", {"encoding": ()}, {"Биллинг": "Иванова"}),
        ("36", {"hidden rows": (3, 5, 6)}, {}),
        ("38", {"total rows": (4,), "footer rows": (5, 7)}, {}),
        ("41", {"number format": (2, 3)}, {"00123": ..., "04567": ...}),
        ("42", {"forced text": (2, 3)}, {"00123": ..., "04567": ...}),
        ("44", {}, {}),
    ],
)
def test_systems_are_stored_as_they_were_seen(number, doubts, owners):
    assert imported("systems", number) == doubts
    stored = {system.name: system.owner for system in the_state("field").systems}
    assert all(name in stored and owner in (..., stored[name]) for name, owner in owners.items())


@pytest.mark.parametrize(("number", "lines"), [("39", (2, 3, 4, 5, 6, 7)), ("40", (2, 3, 4))])
def test_placeholders_are_no_owners(number, lines):
    assert imported("systems", number) == {"placeholder": lines}
    assert {system.owner for system in the_state("field").systems} == {None}


def test_a_merged_owner_is_the_owner_of_each_row():
    assert imported("systems", "35") == {"merged cells": (2, 3, 4, 5)}
    assert {system.owner for system in the_state("field").systems} == {"Dana Whit"}


def test_one_person_in_three_spellings_is_asked_about_and_a_placeholder_is_nobody():
    assert imported("interviews", "54") == {"same person": (2, 3, 4, 5)}
    problems = preview(WHO, "field", a_file("interviews", "55")).problems.sentences()
    assert len(problems) == 4
    assert all("stands for nothing" in problem for problem in problems)


def test_an_hour_that_comes_twice_asks_for_offsets_and_not_for_less():
    problems = preview(WHO, "field", a_file("measurements", "21")).problems.sentences()
    assert [problem.partition(",")[0] for problem in problems] == ["Line 4", "Line 5"]
    assert all("2026-10-25T02:00+02:00 or 2026-10-25T02:00+01:00" in problem for problem in problems)
    assert "keep one of the two" not in "".join(problems)


@pytest.mark.parametrize(("number", "system"), [("47", "Alpha"), ("48", "Order desk")])
def test_the_sheet_that_is_called_so_is_read_and_the_other_ones_are_named(number, system):
    plan = preview(WHO, "field", a_file("pain_points", number))
    assert f"“{system}” is not a system in the inventory" in plan.problems.sentences()[0]
    assert "Other sheets of the workbook were not read" in plan.notes[0]


def test_a_web_page_is_called_one_whatever_its_name():
    with pytest.raises(Invalid, match="is a web page or XML, whatever its name says"):
        preview(WHO, "field", a_file("systems", "81"))
