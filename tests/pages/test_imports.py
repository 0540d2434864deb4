"""Imports as a person sees them: what a file would change, every bad row, and the way back."""

import pytest
from streamlit.testing.v1 import AppTest

from models.people import Role
from services.inventory import systems
from tests.builders import the_state
from tests.pages.markup import tables
from tests.pages.pages import open_page, words
from tests.pages.test_overview import me, my_engagement
from tests.pages.work import the_person_is

pytestmark = pytest.mark.usefixtures("sqlite_database")


def chosen(*lines: str, kind: str = "Systems") -> AppTest:
    """The page after a person chose a file of these lines."""
    test = open_page("imports", engagement="acme")
    test.selectbox[0].select(kind).run()
    test.file_uploader[0].set_value((f"{kind.lower()}.csv", "\n".join(lines).encode(), "text/csv")).run()
    assert not test.exception, test.exception
    return test


def button(test: AppTest, label: str):
    return next(each for each in test.button if each.label == label)


def test_a_file_is_told_as_counts_and_rows_and_imported_with_one_button():
    my_engagement()
    systems.save(me(), "acme", added=[{"name": "Kafka", "owner": "Ada"}, {"name": "Ledger"}])
    test = chosen("name,owner", "Kafka,Grace", "Ledger,", "Portal,Bo")
    assert "**1 added, 1 changed, 1 unchanged** in systems" in words(test)
    table = test.dataframe[0].value
    assert list(table["Fields"]) == ["owner: Ada → Grace", "owner: Bo; standalone: no"]
    assert [row.name for row in the_state().systems] == ["Kafka", "Ledger"]
    button(test, "Import 2 systems").click().run()
    assert [(row.name, row.owner) for row in the_state().systems] == [
        ("Kafka", "Grace"),
        ("Ledger", None),
        ("Portal", "Bo"),
    ]
    assert "2 systems from systems" in words(test).replace("\\", "")
    assert "What it would change" not in words(test)


def test_every_bad_row_is_in_a_table_and_nothing_can_be_imported():
    my_engagement()
    test = chosen("name,criticality", "Kafka,huge", "Ledger,tiny")
    assert "**2 problems in systems" in words(test)
    table = test.dataframe[0].value
    assert list(table["Line"]) == [2, 3]
    assert list(table["Value"]) == ["huge", "tiny"]
    assert set(table["Expected"]) == {"one of low, medium, high, critical"}
    assert not [each for each in test.button if each.label.startswith("Import ")]


def test_what_is_no_table_gets_its_sentence():
    my_engagement()
    assert "is a PDF document" in words(chosen("%PDF-1.7"))


def test_what_is_stored_already_has_nothing_to_import():
    my_engagement()
    systems.save(me(), "acme", added=[{"name": "Kafka"}])
    test = chosen("name", "kafka")
    assert "Nothing to change" in words(test)
    assert not [each for each in test.button if each.label.startswith("Import ")]


def test_an_import_is_undone_with_a_button_and_told_as_undone():
    my_engagement()
    button(chosen("name", "Kafka"), "Import 1 system").click().run()
    test = open_page("imports", engagement="acme")
    button(test, "Undo the import of 1 system").click().run()
    assert the_state().systems == []
    assert "Undone by" in words(test)
    assert not [each for each in test.button if each.label.startswith("Undo")]


def test_an_undo_that_something_stands_in_the_way_of_says_what():
    my_engagement()
    button(chosen("name,owner", "Kafka,Ada"), "Import 1 system").click().run()
    kafka = the_state().systems[0]
    systems.save(me(), "acme", changed=[(kafka.id, kafka.version, {"owner": "Grace"})])
    test = open_page("imports", engagement="acme")
    button(test, "Undo the import of 1 system").click().run()
    assert "“Kafka” was changed by" in words(test).replace("\\", "")
    assert the_state().systems[0].owner == "Grace"


def test_pasted_cells_are_looked_at_like_a_file():
    my_engagement()
    test = open_page("imports", engagement="acme")
    test.segmented_control[0].set_value("Paste cells").run()
    test.text_area[0].set_value("name\towner\nKafka\tAda").run()
    assert "**1 added, 0 changed, 0 unchanged**" in words(test)


def test_who_may_import_nothing_sees_what_was_imported_and_no_form():
    my_engagement()
    button(chosen("name", "Kafka"), "Import 1 system").click().run()
    the_person_is(Role.VIEWER)
    test = open_page("imports", engagement="acme")
    assert "1 system from" in words(test)
    assert (len(test.file_uploader), len(test.button)) == (0, 0)


def test_what_looks_odd_is_shown_with_its_rows_and_imports_all_the_same():
    my_engagement()
    lines = ("name,owner", "Kafka,TBD", "Ledger,Ada", "Portal,n/a", "Total,")
    test = chosen(*lines)
    assert "**2 things to check.** Nothing here stops the import." in words(test)
    odd = tables(test)[0]
    assert odd["Where"] == ["line 5", "lines 2 and 4"]
    assert odd["In the file"] == ["Total", "TBD"]
    assert odd["Read as"] == ["a row like the others", "nothing"]
    button(test, "Import 4 systems").click().run()
    assert [(row.name, row.owner) for row in the_state().systems] == [
        ("Kafka", None),
        ("Ledger", "Ada"),
        ("Portal", None),
        ("Total", None),
    ]


def test_notes_and_doubts_show_beside_problems():
    my_engagement()
    test = chosen("name,owner,criticality", "Kafka,TBD,huge")
    assert "**1 problem in systems" in words(test)
    assert "**1 thing to check.**" in words(test)


def test_any_file_is_taken_and_refused_in_a_sentence():
    my_engagement()
    test = open_page("imports", engagement="acme")
    test.file_uploader[0].set_value(("systems.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "application/x")).run()
    assert "old Excel format" in words(test)


THEIRS = (
    "Inventory,,,",
    "Application Name,Business Owner,Tier,Hosting",
    "Kafka,Ada,Tier 1,AWS",
    "Portal,Bo,Purple,AWS",
)


def labelled(test: AppTest, label: str):
    return next(each for each in test.selectbox if each.label == label)


def test_a_file_with_its_own_columns_shows_what_each_is_and_a_word_is_mapped_once():
    my_engagement()
    test = chosen(*THEIRS)
    assert [labelled(test, header).value for header in ("Application Name", "Business Owner", "Tier", "Hosting")] == [
        "name", "owner", "criticality", "",
    ]  # fmt: skip
    assert "**1 problem in systems" in words(test)
    labelled(test, "Purple").select("low").run()
    labelled(test, "Hosting").select("note").run()
    assert "**2 added, 0 changed, 0 unchanged**" in words(test)
    button(test, "Import 2 systems").click().run()
    assert [(row.name, row.owner, row.criticality, row.note) for row in the_state().systems] == [
        ("Kafka", "Ada", "critical", "AWS"),
        ("Portal", "Bo", "low", "AWS"),
    ]


def test_rows_with_problems_can_be_left_out_and_taken_back():
    my_engagement()
    test = chosen("name,criticality", "Kafka,high", "Ledger,tiny")
    button(test, "Leave out this row").click().run()
    assert "**1 added, 0 changed, 0 unchanged**" in words(test)
    button(test, "Take back 1 row left out").click().run()
    assert "**1 problem in systems" in words(test)


def test_a_refused_file_takes_the_place_of_the_one_before():
    my_engagement()
    test = chosen("name", "Kafka")
    assert button(test, "Import 1 system")
    test.file_uploader[0].set_value(("broken.xlsx", b"PK\x03\x04 no workbook", "application/x")).run()
    assert not [each for each in test.button if each.label.startswith("Import ")]
