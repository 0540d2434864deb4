"""CSV as spreadsheets write it: any of four separators and five encodings, quoted newlines, `sep=;`."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import NoReturn, Protocol

from models.errors import Invalid
from services.parsing.doubts import Doubt
from services.parsing.sheet import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    HeaderFinder,
    Sheet,
    refuse_too_long,
    refuse_too_many_cells,
    refuse_too_wide,
    sheet_of,
)
from services.parsing.text_encoding import Decoded, decode_unmarked
from services.parsing.uniform_rows import uniform_rows

SEPARATORS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's, so it is asked for first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 4096
SEPARATOR_LINES = 25
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MAX_CONTROL_CHARACTERS = 0.02  # of a text's beginning; with more of them it is no text
SEP_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[ \t]*(\r\n|\r|\n|$)', re.IGNORECASE)
MAX_HEADER = 200_000
CHUNK = 10_000
MAX_LINES = 2_000_000  # blank ones included; a spreadsheet has 1,048,576
BLANK: list[str] = []
END = "\x00end"  # added behind the last line: swallowed only by a quotation mark that nobody closed


class LineReader(Protocol):
    """What `csv.reader` returns, which has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def decode(data: bytes, name: str) -> Decoded:
    """Return the text in `data`: by its byte order mark, else UTF-8, else UTF-16, else what makes words of it.

    Raises Invalid for what is no text, or damaged.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Decoded(_decoded(data[len(mark) :], encoding, name), encoding)
    if known := _utf16_without_mark(data) or _utf8(data, name):
        decoded = Decoded(_decoded(data, known, name), known)
    else:
        decoded = decode_unmarked(data) or _refuse_as_no_text(name)
    start = decoded.text[:SAMPLE]
    if len(CONTROL.findall(start)) > MAX_CONTROL_CHARACTERS * len(start) + 1:
        _refuse_as_no_text(name)
    return decoded


def _decoded(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        _refuse_as_no_text(name)


def _refuse_as_no_text(name: str) -> NoReturn:
    raise Invalid(
        f"{name} is not a text that we can read. Nothing was changed. Save it as .xlsx or as CSV UTF-8."
    )


def _utf16_without_mark(data: bytes) -> str | None:
    """A header in UTF-16 shows by a zero in every other byte, since column names are plain letters."""
    start = data[:64]
    if len(data) % 2 or len(start) < 4:
        return None
    even, odd = start[::2].count(0), start[1::2].count(0)
    most = len(start) // 2 * 0.9
    return "utf-16-le" if odd >= most and not even else "utf-16-be" if even >= most and not odd else None


def _utf8(data: bytes, name: str) -> str | None:
    """UTF-8 where the bytes are; None where they are in an encoding of single or double bytes."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_damaged_utf8(data, error.start, name)
        return None
    return "utf-8"


def _refuse_damaged_utf8(data: bytes, at: int, name: str) -> None:
    """
    A few broken characters among many sound ones: Windows-1252 would turn the sound ones into gibberish.
    """
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    sound = sum(1 for c in text if c > "\x7f") - broken
    if sound > broken:
        line = data.count(b"\n", 0, at) + 1
        raise Invalid(
            f"{name} is UTF-8 text, but damaged on line {line}. Nothing was changed. Save it once more."
        )


def read_delimited(
    text: str, name: str, doubts: Sequence[Doubt] = (), find_header: HeaderFinder | None = None
) -> Sheet:
    """Return the table in `text`. A row's line is the physical line on which it starts.

    Raises Invalid for a cell that is too long, and for a table that `sheet_of` refuses.
    """
    separator, skipped = None, 0
    if given := SEP_LINE.match(text):
        separator, text, skipped = given[1], text[given.end() :], 1
    separator = separator or _separator_of(text[:MAX_HEADER])
    try:
        rows, lines = _records(text, separator, skipped + 1, name)
    except csv.Error as error:
        raise Invalid(
            f"{name} has a cell of more than {csv.field_size_limit():,} characters. Nothing was changed. "
            "Perhaps a quotation mark is never closed; look for a lonely one."
        ) from error
    return sheet_of(name, rows, lines, separator=separator, doubts=doubts, find_header=find_header)


def _reader(text: str, separator: str) -> LineReader:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)


def _separator_of(start: str) -> str:
    """The separator that splits the first line into the most columns, and the next one, too; else the one that splits
    most lines alike, since the first may be a title. A comma, if none does."""
    widths = {separator: _widths(start, separator) for separator in SEPARATORS}
    first = max(SEPARATORS, key=lambda separator: widths[separator][:1])
    if widths[first][:1] > [1] and (len(widths[first]) < 2 or widths[first][1] > 1):
        return first
    alike = {
        separator: Counter(width for width in of_lines if width > 1) for separator, of_lines in widths.items()
    }
    return max(SEPARATORS, key=lambda separator: max(alike[separator].values(), default=0))


def _widths(start: str, separator: str) -> list[int]:
    """Return the number of cells in each of the first lines that hold any."""
    widths: list[int] = []
    with suppress(csv.Error):
        widths.extend(len(row) for row in islice(_reader(start, separator), SEPARATOR_LINES) if row)
    return widths


def _records(
    text: str, separator: str, first: int, name: str
) -> tuple[Sequence[Sequence[str]], Sequence[int]]:
    """Return the rows and the line that each starts on."""
    if (uniform := uniform_rows(text, separator)) is not None:
        return uniform, range(first, first + len(uniform))
    if '"' not in text:
        reader = _reader(text, separator)
        rows = _capped(reader, name)
        return rows, range(first, first + len(rows))
    reader = _reader(text.rstrip("\r\n") + f"\n{END}", separator)
    starts: list[int] = []
    ends = [0]

    def noting_lines() -> Iterator[list[str]]:
        for row in reader:
            starts.append(ends[-1] + first)
            ends.append(reader.line_num)
            yield row

    rows = _capped(noting_lines(), name)
    if rows.pop() != [END]:
        raise Invalid(
            f"{name} has a quotation mark that is never closed, in the row that starts on line {starts[-1]}. "
            "Nothing was changed. Close it, or write it twice where it is meant as a character."
        )
    return rows, starts[:-1]


def _capped(records: Iterable[list[str]], name: str) -> list[list[str]]:
    """Return all of `records`, blank ones as one shared empty row, or a refusal as soon as there are too many."""
    rows: list[list[str]] = []
    full = cells = 0
    remaining = iter(records)
    while chunk := list(islice(remaining, CHUNK)):
        if not all(map(any, chunk)):
            chunk = [row if any(row) else BLANK for row in chunk]
        if max(map(len, chunk)) > MAX_COLUMNS:
            chunk = [_narrowed(row, name) for row in chunk]
        full += sum(map(bool, chunk))
        cells += sum(map(len, chunk))
        if cells > MAX_CELLS:
            refuse_too_many_cells(name)
        rows += chunk
        if full > MAX_ROWS + 2 or len(rows) > MAX_LINES:  # 2: the header and END
            refuse_too_long(name)
    return rows


def _narrowed(row: list[str], name: str) -> list[str]:
    while row and not row[-1].strip():
        row.pop()
    if len(row) > MAX_COLUMNS:
        refuse_too_wide(name, len(row))
    return row
