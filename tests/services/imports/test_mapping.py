"""Files with columns, words and layouts of their own: each is read as what it means, and remembered."""

import io
from datetime import date

import pytest
import xlsxwriter

from models.errors import Invalid
from services.imports.applying import File, ImportRefused, import_file, preview
from services.imports.choices import Choices, parse_columns, parse_words
from services.imports.undoing import undo
from services.metrics import definitions
from store.measurements import measurements
from tests.builders import an_engagement, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

DAY = 47
TITLED = (
    "Application inventory, as of November\n"
    "\n"
    "Application Name\tBusiness Owner\tTier\tHosting\tLast reviewed\n"
    "Core Ledger\tDana Whitfield\tTier 1\tAWS\t2026-01-15\n"
    "Portal\tSam Okafor\tTier 3\tOn premises\t2026-02-03\n"
)
GUESSED = Choices(guess=True)


def a_file(kind: str, content, choices: Choices = GUESSED, metric: str | None = None) -> File:
    return File(kind, content, "theirs", metric, choices=choices)


def imported(kind: str, content, choices: Choices = GUESSED, metric: str | None = None):
    return import_file(the_operator(DAY), "acme", a_file(kind, content, choices, metric))


def previewed(kind: str, content, choices: Choices = GUESSED, metric: str | None = None):
    return preview(the_operator(DAY), "acme", a_file(kind, content, choices, metric))


def mapped(*texts: str, **more) -> Choices:
    columns, spelled = parse_columns(texts)
    return Choices(columns, spelled=spelled, **more)


def a_metric(slug: str, name: str, unit: str = "h") -> None:
    definitions.define(
        the_operator(DAY), "acme", {"slug": slug, "name": name, "unit": unit, "direction": "lower"}
    )


def workbook(**sheets: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title.replace("_", " "))
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return file.getvalue()


def values() -> list[tuple[str, str, float]]:
    slugs = {metric.id: metric.slug for metric in the_state().metrics}
    rows = measurements(the_operator(DAY), "acme")
    return sorted((slugs[row.metric_id], f"{row.at:%Y-%m-%d}", row.value) for row in rows.itertuples())


# Columns


def test_a_clients_own_inventory_below_a_title_comes_in_as_it_is():
    an_engagement()
    result = imported("systems", TITLED)
    assert result.text == "Imported systems: 2 added, 0 changed, 0 unchanged."
    ledger, portal = sorted(the_state().systems, key=lambda row: row.name)
    assert (ledger.owner, ledger.criticality, ledger.reviewed_on) == (
        "Dana Whitfield",
        "critical",
        date(2026, 1, 15),
    )
    assert (portal.criticality, portal.is_reviewed) == ("medium", True)


def test_the_plan_tells_how_each_column_was_read_what_was_left_out_and_what_stands_above():
    an_engagement()
    plan = previewed("systems", TITLED)
    assert plan.table.meanings == ["name", "owner", "criticality", "", "reviewed_on"]
    notes = " ".join(plan.notes)
    assert "“Application Name” as name" in notes
    assert "Left out: Hosting." in notes
    assert "The names of the columns are on line 3; 1 line above it was passed over" in notes
    assert "In criticality, read “Tier 1” as critical, “Tier 3” as medium." in notes


def test_without_a_person_who_looks_an_unknown_column_is_refused_and_a_mapping_leaves_it_out():
    an_engagement()
    lines = "Application Name,Hosting\nPortal,AWS\n"
    with pytest.raises(ImportRefused, match="systems have no such column"):
        imported("systems", lines, Choices())
    assert imported("systems", lines, mapped("Application Name=name", "Hosting=")).plan.added == 1


def test_a_mapping_wins_over_what_a_header_usually_means():
    an_engagement()
    imported("systems", "App,Team,Owner\nPortal,Payments,Dana\n", mapped("team=note", "owner="))
    (portal,) = the_state().systems
    assert (portal.owner, portal.note) == (None, "Payments")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Nonsense=name", "There is no column “Nonsense” in theirs; it has name"),
        ("name=colour", "There is no column “colour” of systems"),
        ("no mark", "isn't a mapping such as"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_by_a_sentence(text, sentence):
    an_engagement()
    with pytest.raises(Invalid, match=sentence):
        imported("systems", "name\nPortal\n", mapped(text))
    assert the_state().systems == []


def test_what_was_mapped_once_is_known_the_next_time_also_without_a_person_and_stays_after_an_undo():
    an_engagement()
    choices = Choices({"what we call it": "name", "hosting": ""}, {"criticality": {"gold plus": "critical"}})
    first = imported("systems", "What we call it,Hosting,Tier\nPortal,AWS,Gold plus\n", choices)
    imported("systems", "What we call it,Hosting,Tier\nLedger,AWS,gold plus\n", Choices())
    assert sorted((row.name, row.criticality) for row in the_state().systems) == [
        ("Ledger", "critical"),
        ("Portal", "critical"),
    ]
    undo(the_operator(DAY), "acme", first.import_id)
    assert (
        previewed("systems", "What we call it,Hosting,Tier\nLedger,AWS,gold plus\n", Choices()).unchanged == 1
    )


def test_several_columns_meant_as_the_note_are_one_note_with_their_headers():
    an_engagement()
    imported("systems", "name,RTO,Comment\nPortal,4 h,Old\n")
    assert the_state().systems[0].note == "RTO: 4 h; Comment: Old"


def test_our_own_template_needs_no_mapping_and_tells_none():
    an_engagement()
    plan = previewed("systems", "name,owner\nPortal,Dana\n", Choices())
    assert (plan.notes, plan.table.own) == ([], True)


# Words, rows, sheets


def test_a_word_that_is_not_ours_is_refused_unless_it_is_mapped():
    an_engagement()
    lines = "name,criticality\nPortal,Purple\n"
    assert previewed("systems", lines).table.words == {"criticality": ["Purple"]}
    with pytest.raises(ImportRefused, match="“Purple” is not one of low"):
        imported("systems", lines)
    imported("systems", lines, Choices(words=parse_words(["criticality:Purple=high"])))
    assert the_state().systems[0].criticality == "high"


def test_rows_can_be_left_out_by_their_lines():
    an_engagement()
    lines = "name,criticality\nPortal,high\nLedger,9000\n"
    imported("systems", lines, Choices(leave_out=frozenset({3})))
    assert [row.name for row in the_state().systems] == ["Portal"]


def test_the_sheet_that_fits_is_read_behind_a_cover_and_another_can_be_chosen():
    an_engagement()
    book = workbook(
        Cover=[["Acme Ltd"], ["Inventory 2026"]],
        Old_list=[["Application"], ["Mainframe"]],
        Applications=[["Application", "Owner"], ["Portal", "Dana"]],
    )
    plan = previewed("systems", book)
    assert (plan.table.title, plan.table.other_sheets) == ("Applications", ["Cover", "Old list"])
    assert "The sheet “Applications” was read, as “Cover” is no such table." in plan.notes
    assert previewed("systems", book, Choices(guess=True, sheet="Old list")).rows[0].label == "Mainframe"
    with pytest.raises(Invalid, match="has no visible sheet “Nope”"):
        previewed("systems", book, Choices(sheet="Nope"))


def test_the_line_of_the_header_can_be_chosen():
    an_engagement()
    lines = "x,y\nname,owner\nPortal,Dana\n"
    assert previewed("systems", lines, Choices(header_line=2)).added == 1
    with pytest.raises(Invalid, match="Line 9 holds no header"):
        previewed("systems", lines, Choices(header_line=9))


def test_a_header_that_is_one_by_its_first_row_is_not_looked_for_further_down():
    an_engagement()
    plan = previewed("systems", "name,owner\nservice,team\nOwner,App\n", Choices())
    assert (plan.added, plan.table.header_line) == (2, 1)


# Wide measurements


def test_a_wide_table_of_weeks_and_metrics_is_read_value_by_value():
    an_engagement()
    a_metric("loan-time", "Loan decision time")
    a_metric("touches", "Touches per loan", "count")
    wide = "Week,Loan decision time (h),Touches per loan\n2026-W45,4 h,12\n2026-W46,3.5,\n"
    result = imported("measurements", wide)
    assert result.plan.added == 3
    assert values() == [
        ("loan-time", "2026-11-02", 4.0),
        ("loan-time", "2026-11-09", 3.5),
        ("touches", "2026-11-02", 12.0),
    ]
    assert any(note.startswith("A wide table, a column a metric: its 3 values") for note in result.plan.notes)


def test_a_wide_table_of_metrics_and_weeks_is_turned():
    an_engagement()
    a_metric("loan-time", "Loan decision time")
    a_metric("touches", "Touches per loan", "count")
    imported("measurements", "KPI\t2 Nov 2026\t9 Nov 2026\nLoan decision time\t4 h\t90 min\ntouches\t12\t\n")
    assert values() == [
        ("loan-time", "2026-11-02", 4.0),
        ("loan-time", "2026-11-09", 1.5),
        ("touches", "2026-11-02", 12.0),
    ]


def test_days_of_a_wide_header_are_read_in_the_order_in_which_all_of_them_are_days():
    an_engagement()
    a_metric("loan-time", "Loan decision time")
    imported("measurements", "KPI,02/11/2026,16/11/2026\nloan-time,4,3\n")
    assert [day for _, day, _ in values()] == ["2026-11-02", "2026-11-16"]
    with pytest.raises(ImportRefused, match="2 Nov 2026"):
        imported("measurements", "KPI,02/11/2026,03/11/2026\nloan-time,4,3\n")


def test_gaps_are_counted_and_left_out_if_a_person_says_so():
    an_engagement()
    a_metric("loan-time", "Loan decision time")
    lines = "Week,loan-time\n2026-11-02,4\n2026-11-09,N/A\n"
    plan = previewed("measurements", lines)
    assert (plan.table.gaps, len(plan.problems)) == (1, 1)
    assert imported("measurements", lines, Choices(guess=True, leave_gaps=True)).plan.added == 1


def test_a_metric_may_be_called_by_its_name_in_a_long_table():
    an_engagement()
    a_metric("loan-time", "Loan decision time")
    imported("measurements", "KPI,Date,Actual\nLoan decision time,2026-11-02,4\n")
    assert values() == [("loan-time", "2026-11-02", 4.0)]


METRICS_OF_A_CLIENT = (
    "Metric\tUnit\tBetter\tBaseline\tTarget\nLoan time\th\tlower\t4 h\t90 s\nError rate\t%\tlower\t5 %\t1 %\n"
    "Error rate %\t%\tlower\t6 %\t2 %\n"
)


def test_metrics_without_short_names_get_those_of_their_names_and_keep_them():
    an_engagement()
    file = File("metrics", METRICS_OF_A_CLIENT, "The pasted text")
    assert import_file(the_operator(9), "acme", file).plan.changes == 3
    assert [metric.slug for metric in the_state().metrics] == ["loan-time", "error-rate", "error-rate-2"]
    again = import_file(the_operator(9), "acme", file).plan
    assert (again.changes, again.unchanged) == (0, 3)


def test_from_system_and_to_system_are_the_two_ends():
    an_engagement()
    import_file(the_operator(9), "acme", File("systems", "name\nPortal\nLedger", "x"))
    text = "From system\tTo system\tInterface type\nPortal\tledger\tcall\n"
    assert import_file(the_operator(9), "acme", File("dependencies", text, "x")).plan.changes == 1
