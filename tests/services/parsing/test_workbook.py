import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from openpyxl.styles import numbers
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from models.errors import Invalid
from services.imports.kinds import KINDS
from services.imports.rows import parse
from services.parsing import xml_stream
from services.parsing.cell import BadCell
from services.parsing.displayed import NumberCell
from services.parsing.reading import read
from services.parsing.sheet import MAX_ROWS
from tests.services.parsing.sheets import SHEET_PART, with_part, worksheet, xlsx


def test_values_come_as_they_are_and_lines_are_row_numbers():
    data = xlsx(["name", "n", "ok"], [], ["a", 1, True], ["b", 2.5, None], [None, None, None], ["c"])
    sheet = read(data, "x.xlsx")
    assert sheet.headers == ["name", "n", "ok"]
    assert sheet.rows == [["a", 1, True], ["b", 2.5], ["c"]]
    assert sheet.lines == [3, 4, 6]


def test_dates_durations_and_percentages_come_as_a_person_sees_them():
    def style(book):
        book.active["C2"].number_format = "0.0%"
        book.active["D2"].number_format = numbers.FORMAT_DATE_TIMEDELTA

    data = xlsx(
        ["at", "on", "share", "took"],
        [datetime(2026, 11, 20, 14, 30), date(2026, 11, 20), 0.125, 0.25],
        prepare=style,
    )
    (row,) = read(data, "x.xlsx").rows
    share, took = NumberCell(0.125, "0.0%"), NumberCell(0.25, "[hh]:mm:ss")
    assert row == [datetime(2026, 11, 20, 14, 30), datetime(2026, 11, 20), share, took]
    assert (str(share), str(took)) == ("12.5%", "06:00:00")


def test_a_workbook_of_1904_tells_its_epoch_for_plain_serials():
    def since_1904(book):
        book.epoch = CALENDAR_MAC_1904

    days_since_1904 = (date(2026, 11, 20) - date(1904, 1, 1)).days
    data = xlsx(
        ["name", "reviewed_on"], ["a", days_since_1904], ["b", date(2026, 11, 20)], prepare=since_1904
    )
    rows = parse(read(data, "x.xlsx"), KINDS["systems"]).rows
    assert [row["reviewed_on"] for _, row in rows] == [date(2026, 11, 20)] * 2


def test_a_formula_gives_its_result_and_one_without_is_a_bad_cell():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "note"])
        sheet.write_formula(1, 0, '="led"&"ger"', None, "ledger")
    assert read(file.getvalue(), "x.xlsx").rows == [["ledger"]]
    cells = b'<row><c t="str"><v>name</v></c></row><row r="3"><c t="str"><f>""</f><v></v></c></row>'
    assert read(with_part(xlsx(["x"]), SHEET_PART, worksheet(cells)), "x.xlsx").rows == []
    sheet = read(xlsx(["name", "note"], ["a", "=1+1"]), "x.xlsx")
    assert isinstance(sheet.rows[0][1], BadCell)
    (problem,) = parse(sheet, KINDS["systems"]).problems
    assert "Line 2, note" in problem.sentence
    assert "without its result" in problem.sentence


def test_errors_of_the_spreadsheet_are_bad_cells():
    cell = b'<row><c t="str"><v>name</v></c></row><row><c t="e"><v>#REF!</v></c></row>'
    sheet = read(with_part(xlsx(["x"]), SHEET_PART, worksheet(cell)), "x.xlsx")
    (problem,) = parse(sheet, KINDS["systems"]).problems
    assert "#REF!" in problem.sentence


def test_rich_text_phonetics_and_escapes():
    cells = (
        b'<row><c t="inlineStr"><is><r><t>na</t></r><r><t>me</t></r><rPh><t>zzz</t></rPh></is></c></row>'
        b'<row><c t="inlineStr"><is><t>a_x000D_b &amp; c</t></is></c></row>'
    )
    sheet = read(with_part(xlsx(["x"]), SHEET_PART, worksheet(cells)), "x.xlsx")
    assert (sheet.headers, sheet.rows) == (["name"], [["a\rb & c"]])


def test_prefixes_of_other_producers_are_understood():
    xml = (
        b'<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>'
        b'<x:row r="1"><x:c r="A1" t="str"><x:v>name</x:v></x:c></x:row>'
        b'<x:row r="4"><x:c r="A4"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    sheet = read(with_part(xlsx(["x"]), SHEET_PART, xml), "x.xlsx")
    assert (sheet.headers, sheet.rows, sheet.lines) == (["name"], [[7]], [4])


def test_the_sheet_called_like_the_kind_is_read_else_the_first_visible_one():
    def more(book):
        book.active.title = "Notes"
        book.create_sheet("Systems").append(["name"])
        book.create_sheet("Old", 0).sheet_state = "hidden"

    data = xlsx(["title"], prepare=more)
    assert read(data, "x.xlsx", prefer="systems").headers == ["name"]
    sheet = read(data, "x.xlsx", prefer="metrics")
    assert (sheet.headers, sheet.unread) == (["title"], ["Systems"])
    notes = parse(sheet, KINDS["systems"]).notes
    assert "Other sheets of the workbook were not read: Systems." in notes


def test_files_that_only_look_like_workbooks_are_refused():
    def zipped(**parts):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name.replace("__", "/").replace("_", "."), content)
        return file.getvalue()

    for data, sentence in [
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
        (zipped(word__document_xml="<a/>"), "a zip archive"),
        (zipped(xl__workbook_bin="x"), "binary workbook"),
        (xlsx(["name"])[:-300], "damaged"),
        (with_part(xlsx(["name"]), SHEET_PART, b"<worksheet><sheetData><row>"), "damaged"),
        (with_part(xlsx(["name"]), "xl/workbook.xml", b"<a/>"), "no visible worksheet"),
        (xlsx(), "is empty"),
    ]:
        with pytest.raises(Invalid, match=sentence):
            read(data, "x.xlsx")


def test_an_encrypted_zip_is_refused():
    data = bytearray(xlsx(["name"]))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(Invalid, match="password"):
        read(bytes(data), "x.xlsx")


def test_too_many_rows_are_refused():
    rows = b'<row><c t="str"><v>a</v></c></row>' * (MAX_ROWS + 2)
    with pytest.raises(Invalid, match="more than 200,000 rows"):
        read(with_part(xlsx(["x"]), SHEET_PART, worksheet(rows)), "x.xlsx")


def test_everything_inside_counts(monkeypatch):
    monkeypatch.setattr(xml_stream, "MAX_ELEMENTS", 1_000)
    row = b'<row><c t="str"><v>a</v></c><x/></row>'
    assert len(read(with_part(xlsx(["x"]), SHEET_PART, worksheet(row * 100)), "x.xlsx").rows) == 99
    with pytest.raises(Invalid, match="more than 1,000 parts of cells"):
        read(with_part(xlsx(["x"]), SHEET_PART, worksheet(row * 300)), "x.xlsx")
