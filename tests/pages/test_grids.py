"""What a grid makes of what was typed or pasted into it: every cell is a value, or refused by its name."""

import pandas as pd
import pytest
import streamlit as st

from models.errors import Invalid
from ui import grids
from ui.grid_columns import parse_cell, text_columns, text_frame
from ui.grid_header import as_pasted, header_in, is_in_our_order

config = st.column_config
COLUMNS = {
    "name": config.TextColumn("Name", max_chars=10),
    "owner": config.TextColumn("Owner"),
    "criticality": config.SelectboxColumn("Criticality", options=["low", "high"]),
    "severity": config.NumberColumn("Severity", min_value=1, max_value=5),
    "standalone": config.CheckboxColumn("Standalone"),
    "system": config.SelectboxColumn(
        "System", options=["Order desk", "Kafka", *(f"System {n}" for n in range(9))]
    ),
    "note": config.TextColumn("Note"),
    "missing": config.TextColumn("Missing", disabled=True),
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("criticality", "High ", "high"),
        ("system", "order-desk ", "Order desk"),
        ("system", "kaf", "Kafka"),
        ("severity", "4", 4),
        ("standalone", "Yes", True),
        ("standalone", "n", False),
        ("note", "two\nlines", "two\nlines"),
        ("name", None, None),
    ],
)
def test_a_cell_is_read_in_whatever_spelling(name, text, value):
    assert parse_cell(name, text, COLUMNS[name]) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("criticality", "urgent", "There is no criticality “urgent”: it can be low, high"),
        ("system", "Kafak", "There is no system “Kafak”: did you mean “Kafka”\\? Nothing"),
        ("system", "System", "There is no system “System”"),
        ("severity", "bad", "The severity is “bad”: give a number from 1 to 5"),
        ("standalone", "perhaps", "neither yes nor no"),
        ("name", "Portal\nLedger", "“Name” holds a line break: it looks as if 2 rows"),
        ("note", "a\tb", "“Note” holds a tab"),
    ],
)
def test_a_cell_that_stands_for_nothing_is_named(name, text, sentence):
    with pytest.raises(Invalid, match=sentence):
        parse_cell(name, text, COLUMNS[name])


def test_in_the_browser_every_column_that_is_edited_is_text_without_a_limit():
    shown = text_columns(COLUMNS)
    assert {each["type_config"]["type"] for each in shown.values()} == {"text"}
    assert shown["name"]["type_config"]["max_chars"] is None
    assert "One of low, high." in shown["criticality"]["help"]


def test_values_are_shown_as_they_are_typed_and_blank_rows_follow():
    frame = pd.DataFrame(
        {"severity": [4.0, None], "standalone": [True, False], "version": [1, 1]}, index=[7, 9]
    )
    shown = text_frame(frame, COLUMNS)
    assert [*shown["standalone"], shown["severity"][7]] == ["yes", "no", "4"]
    assert len(grids.with_blank_rows(shown)) == 2 + grids.BLANK_ROWS
    assert len(grids.with_blank_rows(shown.head(0))) == grids.BLANK_ROWS_AT_FIRST


def test_what_stands_in_a_blank_row_is_added_in_order_and_an_emptied_one_is_not():
    state = {
        "edited_rows": {
            "0": {"name": "Batch"},
            "3": {"name": "Second"},
            "2": {"name": "First"},
            "4": {"name": " "},
        },
        "added_rows": [{"name": "Third"}],
        "deleted_rows": [1, 5],
    }
    edits = grids.edits_of(state, [7, 9], [1, 1])
    assert [row["name"] for row in edits.filled] == ["First", "Second", "Third"]
    assert ([row.id for row in edits.changed], edits.removed) == ([7], [(9, 1)])


def test_a_new_row_is_numbered_as_on_the_screen():
    state = {
        "edited_rows": {"3": {"name": "Ledger", "owner": "TBD"}, "4": {"name": "Mail", "severity": "many"}}
    }
    edits = grids.edits_of(state, [7], [1])
    assert edits.added == [{}, {}, {"name": "Ledger", "owner": "TBD"}, {"name": "Mail", "severity": "many"}]
    assert edits.text("system") == "Added 2 systems"
    assert grids.doubts_of("systems", edits, SYSTEMS) == [
        "New row 3, owner: “TBD” was read as nothing, as it stands for none."
    ]
    with pytest.raises(Invalid, match="New row 4, “Mail”: "):
        grids.read_cells(edits, COLUMNS)
    assert edits.without_first().added == [{}, {}, {}, {"name": "Mail", "severity": "many"}]
    assert not grids.edits_of({"edited_rows": {"2": {"name": " "}}}, [7], [1])


def test_a_pasted_header_is_recognised_by_our_names_and_by_those_of_others():
    assert header_in([{"name": "Name", "owner": "Owner"}], COLUMNS, "systems")
    assert header_in(
        [{"name": "Application Name", "owner": "Business owner", "note": "Hosting"}], COLUMNS, "systems"
    )
    assert not header_in([{"name": "Portal", "owner": "Dana"}], COLUMNS, "systems")
    assert not header_in([], COLUMNS, "systems")


def test_whether_a_header_fits_the_grid_and_its_rows_as_a_paste():
    ours = {"name": "Application", "owner": "Owner"}
    assert is_in_our_order(ours, COLUMNS, "systems")
    assert not is_in_our_order({"name": "Application", "owner": "Tier"}, COLUMNS, "systems")
    assert (
        as_pasted([ours, {"name": "Portal", "criticality": "low"}], COLUMNS)
        == "Application\tOwner\nPortal\t\tlow\n"
    )


SYSTEMS = pd.DataFrame({"name": ["Portal", "Ledger"], "owner": ["Sam Okafor", None]}, index=[7, 8])


@pytest.mark.parametrize(
    ("added", "doubts"),
    [
        ([{"name": "Batch", "owner": "Ann Lee"}], []),
        (
            [{"name": "Batch", "owner": "TBD"}, {"name": "Mail"}, {"name": "Desk", "owner": "#NV"}],
            ["New rows 1 and 3, owner: “TBD” was read as nothing, as it stands for none."],
        ),
        (
            [{"name": "Batch", "owner": "Okafor, Sam"}],
            ["New row 1, owner: “Sam Okafor” and “Okafor, Sam” may be the same person; they were read as 2."],
        ),
        (
            [{"name": "APP-0012, APP-0013"}],
            [
                "New row 1, name: “APP-0012, APP-0013” holds several codes and was read as one name; give each a row of "
                "its own, if they are several."
            ],
        ),
        (
            [{"name": "Pоrtal"}],
            [
                "New row 1, name: “Pоrtal” looks like “Portal”, but one has the character cyrillic small letter o; they "
                "are two names."
            ],
        ),
        (
            [{"name": "Batch", "owner": "Ann Lee"}, {"name": "Total: 2"}],
            [
                "New row 2: “Total: 2” may be a total; it was read as a row like the others. Delete it if it is none."
            ],
        ),
        (
            [{"name": '="00123"'}],
            ['New row 1, name: “="00123"” was read as “00123”, the text that it keeps.'],
        ),
    ],
)
def test_what_looks_odd_in_pasted_rows_is_said_with_its_rows(added, doubts):
    assert grids.doubts_of("systems", grids.Edits([], added, []), SYSTEMS) == doubts


def test_what_looks_odd_in_a_changed_cell_is_said():
    edits = grids.Edits([grids.ChangedRow(8, 1, {"owner": "n/a"})], [], [])
    assert grids.doubts_of("systems", edits, SYSTEMS) == [
        "Owner: “n/a” was read as nothing, as it stands for none."
    ]


def test_a_text_that_a_spreadsheet_forced_to_be_one_is_read_as_it():
    assert parse_cell("name", '="00123"', COLUMNS["name"]) == "00123"


def test_a_grid_without_an_offer_leaves_a_header_in_our_order_out_and_refuses_another():
    columns = {name: COLUMNS[name] for name in ("name", "owner", "severity")}
    header = {"name": ["Name"], "owner": "Owner", "severity": "Severity"}
    row = {"name": ["Portal"], "owner": "Ann", "severity": "4"}
    edits = grids.Edits([], [header, row], [])
    assert grids.without_header(edits, columns, "frictions").added == [{}, row]
    assert grids.without_header(grids.Edits([], [row], []), columns, "frictions").added == [row]
    with pytest.raises(Invalid, match="which are Name, Owner, Severity"):
        grids.without_header(
            grids.Edits([], [{"name": "Owner", "owner": "Name"}, row], []), columns, "frictions"
        )
