from services.parsing.odd_layout import (
    FOOTER_ROWS,
    TOTAL_ROWS,
    Layout,
    Range,
    column_letters,
    column_number,
    fill_merged,
    hidden,
    merged_reason,
    range_of,
    totals_and_footers,
)

HEADERS = ["name", "owner", "criticality", "technology"]


def layout(*elements):
    of_sheet = Layout()
    for tag, attributes, *line in elements:
        of_sheet.see(tag, attributes, *line)
    return of_sheet


def test_ranges_are_read_and_written():
    assert range_of("B2:B5") == Range(2, 2, 5, 2)
    assert range_of("$AB$7") == Range(7, 28, 7, 28)
    assert range_of("nonsense") is None
    assert str(Range(2, 28, 5, 28)) == "AB2:AB5"
    assert all(column_number(column_letters(n)) == n for n in (1, 26, 27, 702, 703, 16384))


def test_a_layout_takes_note_of_what_is_merged_hidden_and_a_total():
    of_sheet = layout(
        ("mergeCell", {"ref": "B2:B5"}), ("row", {"hidden": "1"}, 3), ("row", {}, 4),
        ("col", {"min": "2", "max": "3", "hidden": "1"}), ("col", {"min": "4", "max": "4"}),
        ("table", {"ref": "A1:C9", "totalsRowCount": "1"}), ("table", {"ref": "A20:C29"}),
    )  # fmt: skip
    assert (of_sheet.merged, of_sheet.hidden_rows, of_sheet.hidden_columns, of_sheet.total_rows) == (
        [Range(2, 2, 5, 2)],
        {3},
        {2, 3},
        {9},
    )


def test_merged_cells_are_filled_down_and_told():
    rows = [["a", "Dana", "high"], ["b"], ["c", None, "low"]]
    filled = fill_merged(rows, [2, 3, 4], layout(("mergeCell", {"ref": "B2:B4"})), HEADERS)
    assert filled.rows == [["a", "Dana", "high"], ["b", "Dana"], ["c", "Dana", "low"]]
    assert rows[1] == ["b"]
    assert [doubt.full_sentence() for doubt in filled.doubts] == [
        "Lines 2 to 4, owner: B2:B4 is one merged cell; “Dana” was read in each of its 3 rows."
    ]


def test_a_merged_cell_over_several_columns_is_to_be_refused():
    filled = fill_merged([["a", "Dana"], ["b"]], [2, 3], layout(("mergeCell", {"ref": "A2:B3"})), HEADERS)
    assert (filled.refused, filled.doubts, filled.rows[1]) == ([Range(2, 1, 3, 2)], [], ["b"])
    assert (
        merged_reason(filled.refused[0])
        == "A2:B3 is one merged cell over several columns, which leaves cells empty; unmerge it"
    )


def test_merged_cells_outside_of_the_table_or_without_a_value_change_nothing():
    rows = [["a", None], ["b"]]
    merged = layout(
        *(("mergeCell", {"ref": ref}) for ref in ("B2:B3", "F2:F3", "A50:A60", "A1:C1", "B2:B1048576"))
    )
    filled = fill_merged(rows, [2, 3], merged, HEADERS)
    assert ([list(row) for row in filled.rows], filled.doubts, filled.refused) == (rows, [], [])


def test_hidden_rows_columns_and_sheets_are_told():
    of_sheet = layout(
        ("row", {"hidden": "1"}, 3),
        ("row", {"hidden": "1"}, 99),
        ("col", {"min": "2", "max": "2", "hidden": "1"}),
    )
    of_sheet.hidden_sheets.append("Old")
    assert [doubt.full_sentence() for doubt in hidden(of_sheet, [2, 3], HEADERS)] == [
        "Line 3: 1 hidden row was read like the others; a filter may have left them out.",
        "“owner” is a hidden column, and read.",
        "The hidden sheet was not read: “Old”.",
    ]
    assert hidden(Layout(), [2, 3], HEADERS) == []


def kinds(rows, of_sheet=None):
    return {doubt.kind: doubt.rows for doubt in totals_and_footers(rows, range(2, len(rows) + 2), of_sheet)}


def test_totals_and_remarks_at_the_end_are_told():
    rows = [["Claims desk", "Dana", "high"], ["Policy store", "Dana", "low"], ["Total: 2", "", ""]]
    rows += [
        ["Applied filters:\nRegion is EMEA", "", ""],
        ["Generated 2026-11-20 08:00 by portal", None, None],
    ]
    assert kinds(rows) == {TOTAL_ROWS: (4,), FOOTER_ROWS: (5, 6)}


def test_a_table_of_names_alone_has_no_footer_but_words_of_an_export():
    assert kinds([["Claims desk"], ["Policy store"]]) == {}
    assert kinds([["Claims desk"], ["Exported by Dana"]]) == {FOOTER_ROWS: (3,)}


def test_the_totals_that_excel_declares_are_told_whatever_they_are_called():
    assert kinds(
        [["a", 1], ["b", 2], ["All", 3]], layout(("table", {"ref": "A1:B4", "totalsRowCount": "1"}))
    ) == {TOTAL_ROWS: (4,)}


def test_words_for_a_total_in_many_languages():
    words = [
        "Total",
        "Grand Total",
        "Summe",
        "Gesamtergebnis",
        "Total général",
        "Итого",
        "合計",
        "Totale",
        "TOTAL (12)",
        "Sum:",
    ]
    assert kinds([[word, 1] for word in words]) == {TOTAL_ROWS: tuple(range(2, 12))}
    assert (
        kinds([["Total Energies", 1], ["Summer portal", 1], ["Countess", 1], ["Average speed camera", 1]])
        == {}
    )
