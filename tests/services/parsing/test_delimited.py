import csv
import io
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.errors import Invalid, NotFound
from services.parsing import sheet as limits
from services.parsing.reading import read, read_path, read_text, refuse_too_large
from tests.services.parsing.sheets import SYSTEMS, table

EXPECTED = (["name", "kind", "owner"], [["ledger", "store", "Ann"], ["crm", "service", "Bob"]])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_separator_line_end_and_encoding_reads_the_same(separator, line_end, encoding):
    text = SYSTEMS.replace(",", separator).replace("\n", line_end)
    assert table(text.encode(encoding)) == EXPECTED


def test_windows_1252_keeps_its_letters():
    assert table("name,note\nCafé,“10 €” – ok\n".encode("cp1252"))[1] == [["Café", "“10 €” – ok"]]


def test_a_sep_line_decides_and_counts_as_a_line():
    sheet = read(b"sep=;\r\nname;note\r\na, b;c\r\n", "x.csv")
    assert (sheet.headers, [list(r) for r in sheet.rows]) == (["name", "note"], [["a, b", "c"]])
    assert (sheet.header_line, list(sheet.lines)) == (2, [3])


def test_a_separator_inside_a_quoted_header_does_not_mislead():
    assert table('"name;of;it",kind\na,b\n')[0] == ["name;of;it", "kind"]


def test_quoted_newlines_stay_and_lines_are_those_of_the_file():
    sheet = read(b'name,note\na,"one\ntwo\nthree"\n\n"b ""quoted""",x\n', "x.csv")
    assert sheet.rows == [["a", "one\ntwo\nthree"], ['b "quoted"', "x"]]
    assert list(sheet.lines) == [2, 6]


def test_empty_rows_and_trailing_empty_columns_are_passed_over():
    sheet = read(b"\n,,\nname,kind,,\na,b,,\n,,,\n   ,\nc,d,,\n,,,\n\n\n", "x.csv")
    assert sheet.headers == ["name", "kind"]
    assert [list(row[:2]) for row in sheet.rows] == [["a", "b"], ["c", "d"]]
    assert list(sheet.lines) == [4, 7]


def test_pasted_cells_are_read_like_a_file():
    sheet = read_text("name\tkind\nledger\tstore")
    assert (sheet.headers, [list(row) for row in sheet.rows]) == (["name", "kind"], [["ledger", "store"]])


def test_a_lonely_quotation_mark_is_found():
    with pytest.raises(Invalid, match="never closed, in the row that starts on line 3"):
        table('name,note\na,b\nc,"d\ne,f\n')
    with pytest.raises(Invalid, match="quotation mark"):
        table('name,note\na,"' + "b,c\n" * 40_000)


def test_a_damaged_utf8_file_is_refused_and_not_turned_into_gibberish():
    data = "name\nÄrger\nÖl\nÜbung\n".encode().replace("Ö".encode(), b"\xc3")
    with pytest.raises(Invalid, match="damaged on line 3"):
        table(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\n\n,,\n", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel format"),
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"<html><table><tr><td>name", "a web page"),
        (b'<?xml version="1.0"?><Workbook/>', "a web page or XML"),
        (bytes(range(256)) * 20, "not a text"),
        (b"\xff\xfen\x00a\x00m\x00e\x00\x00\xd8", "not a text"),
    ],
)
def test_other_files_get_a_sentence_that_says_what_to_do(data, sentence):
    with pytest.raises(Invalid, match=sentence) as refused:
        read(data, "upload.xls")
    assert "Nothing was changed." in str(refused.value)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path):
    with pytest.raises(Invalid, match="300 MB; an import takes at most 25 MB"):
        refuse_too_large(300 * limits.MEGABYTE, "big.csv")
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(300 * limits.MEGABYTE)
    path.chmod(0o000)
    with pytest.raises(Invalid, match=r"big\.csv has 300 MB"):
        read_path(path)


def test_a_path_is_read_and_a_missing_one_is_named(tmp_path):
    path = tmp_path / "systems.csv"
    path.write_text(SYSTEMS)
    assert read_path(path).headers == EXPECTED[0]
    with pytest.raises(NotFound, match=r"no file .*nowhere\.csv"):
        read_path(tmp_path / "nowhere.csv")


def test_rows_and_columns_are_capped():
    rows = b"a\n" * (limits.MAX_ROWS - 1)
    assert len(read(b"name\n" + rows + b"b\n" + b"\n" * 1000, "x.csv").rows) == limits.MAX_ROWS
    for extra in (b"b\nc\n", b'b\n"c"\n'):
        with pytest.raises(Invalid, match="more than 200,000 rows"):
            read(b"name\n" + rows + extra, "x.csv")
    with pytest.raises(Invalid, match="reaches to column 101"):
        read(",".join(f"c{i}" for i in range(101)).encode(), "x.csv")
    with pytest.raises(Invalid, match="more than 4,000,000 cells"):
        read((",".join("c" * 100) + "\n").encode() * 40_001, "x.csv")


def test_a_file_of_line_ends_alone_is_no_bomb():
    with pytest.raises(Invalid):
        read(b"\n" * (20 * limits.MEGABYTE), "x.csv")


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), max_size=20)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6)


@given(
    TABLES,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_any_text_survives_any_dialect(rows, separator, line_end, encoding, quoting):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, lineterminator=line_end, quoting=quoting)
    writer.writerows([["name", "kind", "note"], *rows])
    try:
        data = file.getvalue().encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    # Two letters of Windows-1252 that happen to be one of UTF-8 can't be told apart by anybody.
    assume(encoding != "cp1252" or not re.search(b"[\xc2-\xf4][\x80-\xbf]", data))
    headers, read_rows = table(data)
    assert headers == ["name", "kind", "note"]
    full = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    assert [[cell.strip() for cell in row] for row in read_rows] == full


@given(st.lists(st.text('ab \n\r,;"').map(lambda text: f"x{text}y"), max_size=6), st.booleans())
def test_a_row_is_on_the_line_where_it_starts(cells, blank_between):
    text, starts = "name\r\n", []
    for cell in cells:
        text += "\r\n" * blank_between
        starts.append(len(re.findall("\r\n|\r|\n", text)) + 1)
        text += '"' + cell.replace('"', '""') + '"\r\n'
    sheet = read_text(text)
    assert list(sheet.lines) == starts
    assert [row[0] for row in sheet.rows] == cells
