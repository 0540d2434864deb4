from pathlib import Path

import pytest

from services.imports.kinds import KINDS
from services.imports.rows import parse
from services.imports.templates import csv_template, describe_kind, xlsx_template
from services.parsing.reading import read

DOCUMENTS = Path(__file__).parents[3] / "docs" / "templates"
COLUMNS = {
    "systems": "name, kind, owner, criticality, technology, lifecycle, standalone, reviewed_on, note, code",
    "dependencies": "from, to, kind, note",
    "pain_points": "system, title, severity, frequency, note",
    "interviews": "date, interviewee, role, team, end_user, interviewer, summary",
    "frictions": "date, interviewee, theme, observed, severity, frequency, system, workflow",
    "workflows": "name, state, live_on, fallback, rehearsed_on, systems, metric",
    "metrics": "slug, name, unit, direction, cadence_days, owner, source, baseline, target, target_day, "
    "step_30, step_60, baseline_until, counted, left_out, statistic, scale, calendar, query, kind, rules",
    "measurements": "metric, at, value, n, note",
}


def test_the_kinds_have_the_columns_that_were_promised():
    assert {name: ", ".join(kind.names) for name, kind in KINDS.items()} == COLUMNS


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_template_can_be_imported_as_it_is_in_both_formats(kind):
    from_csv = parse(read(csv_template(kind), f"{kind.name}.csv"), kind)
    from_xlsx = parse(read(xlsx_template(kind), f"{kind.name}.xlsx", prefer=kind.name), kind)
    assert from_csv.problems.sentences() == from_xlsx.problems.sentences() == []
    csv_row, xlsx_row = (
        {name: str(value) for name, value in read.rows[0][1].items()} for read in (from_csv, from_xlsx)
    )
    assert csv_row == xlsx_row
    ((_, row),) = from_csv.rows
    assert list(row) == kind.names
    assert None not in row.values()
    assert kind.lacking(row) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_templates_and_the_description_in_the_documentation_are_those_of_the_program(kind):
    assert (DOCUMENTS / "imports" / f"{kind.name}.csv").read_bytes() == csv_template(kind)
    assert describe_kind(kind) in (DOCUMENTS / "README.md").read_text()


def test_the_workbook_explains_every_column():
    sheet = read(xlsx_template(KINDS["metrics"]), "metrics.xlsx", prefer="columns")
    assert [row[0] for row in sheet.rows][: len(KINDS["metrics"].names)] == KINDS["metrics"].names


def test_the_same_kind_makes_the_same_workbook():
    assert xlsx_template(KINDS["systems"]) == xlsx_template(KINDS["systems"])
