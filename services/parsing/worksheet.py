"""The cells of one XLSX worksheet, as a person sees them: values, never formulas."""

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from openpyxl.utils.datetime import from_excel, from_ISO8601

from services.parsing.cell import BadCell, Cell
from services.parsing.displayed import NumberCell
from services.parsing.number_format import number_format
from services.parsing.number_rendering import DATE
from services.parsing.odd_layout import Layout
from services.parsing.sheet import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    refuse_too_long,
    refuse_too_many_cells,
    refuse_too_wide,
)
from services.parsing.xml_stream import MAX_TEXT, NOT_SHOWN, Budget, feed, local, parser_of

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of any XLSX
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
WHOLE = re.compile(r"-?[0-9]{1,15}")
WITHOUT_RESULT = BadCell(
    "a value: the file holds this formula without its result "
    "(open it in a spreadsheet program and save it again)",
    "a formula",
)


class WorksheetReader:
    """Reads one worksheet. `formats` are the number formats of the cell styles, by their index."""

    def __init__(
        self,
        name: str,
        strings: Sequence[str],
        formats: Sequence[str],
        epoch: date,
        budget: Budget,
    ):
        self.name, self.strings = name, strings
        self.formats = formats
        self.layout = Layout()
        self.epoch = datetime.combine(epoch, time())
        self.budget = budget
        self.rows: list[list[Cell]] = []
        self.lines: list[int] = []
        self.path: list[str] = []
        self.line = self.column = self.cells = 0
        self.row: dict[int, Cell] = {}
        self.text: list[str] = []

    def read(self, archive: zipfile.ZipFile, part: str) -> tuple[list[list[Cell]], list[int]]:
        """Return the rows that hold anything, and their row numbers; `layout` is what stands around them by then."""
        parser = parser_of(self.budget)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for _ in feed(archive, part, parser):
            pass
        return self.rows, self.lines

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.budget.spend()
        tag = local(name)
        self.path.append(tag)
        if len(self.path) > 64:
            raise ValueError("nested too deeply")
        if tag == "c":
            self.column = _column_of(attributes["r"]) if "r" in attributes else self.column + 1
            if self.column > LAST_COLUMN:
                raise ValueError(f"no spreadsheet has a column {self.column}")
            self.kind = attributes.get("t", "n")
            self.style = int(attributes.get("s", 0))
            self.text, self.length, self.is_formula, self.has_value = [], 0, False, False
        elif tag == "row":
            self.line = int(attributes.get("r", self.line + 1))
            self.column, self.row = 0, {}
            if self.line > LAST_ROW:
                raise ValueError(f"no spreadsheet has a row {self.line}")
            self.layout.see(tag, attributes, self.line)
        elif tag == "f":
            self.is_formula = True
        elif tag == "v":
            self.has_value = True
        elif tag in ("mergeCell", "col"):
            self.layout.see(tag, attributes)

    def _characters(self, text: str) -> None:
        if (
            self.path[-1] in ("v", "t")
            and "c" in self.path
            and not any(tag in NOT_SHOWN for tag in self.path)
        ):
            self.length += len(text)
            if self.length > MAX_TEXT:
                self.budget.refuse_text()
            self.text.append(text)

    def _end(self, _: str) -> None:
        tag = self.path.pop()
        if tag == "c":
            self._keep(self._value("".join(self.text)))
        elif tag == "row" and self.row:
            width = max(self.row)
            self.cells += width
            self.rows.append([self.row.get(column) for column in range(1, width + 1)])
            self.lines.append(self.line)
            if len(self.rows) > MAX_ROWS + 1:
                refuse_too_long(self.name)
            if self.cells > MAX_CELLS:
                refuse_too_many_cells(self.name)

    def _keep(self, value: Cell) -> None:
        if value is None or value == "":
            return
        if self.column > MAX_COLUMNS:
            refuse_too_wide(self.name, self.column)
        self.row[self.column] = value

    def _value(self, text: str) -> Cell:
        if self.is_formula and not text and not (self.kind == "str" and self.has_value):
            return WITHOUT_RESULT
        if text == "":
            return None
        match self.kind:
            case "n":
                return self._number(text)
            case "s":
                return _unescaped(self.strings[int(text)])
            case "b":
                return text.strip() == "1"
            case "d":
                moment: datetime | date | time | timedelta = from_ISO8601(text)
                return moment
            case "e":
                return BadCell("a value but an error of the spreadsheet", text)
        return _unescaped(text)

    def _number(self, text: str) -> Cell:
        number = int(text) if WHOLE.fullmatch(text) else float(text)
        code = self.formats[self.style] if self.style < len(self.formats) else ""
        if not code or (form := number_format(code)).is_plain:
            return number
        if form.kind != DATE:
            return NumberCell(number, code)
        try:
            moment: datetime | date | time | timedelta = from_excel(number, self.epoch)
            return moment
        except (OverflowError, ValueError):
            return number  # no date at all; whoever reads the column will say so


@lru_cache(maxsize=4096)
def _letters(letters: str) -> int:
    column = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(f"no column {letters}")
        column = column * 26 + ord(letter) - 64
    return column


def _column_of(reference: str) -> int:
    return _letters(reference.rstrip("0123456789").upper()[:4])


def _unescaped(text: str) -> str:
    """Characters that XML can't hold are written _x000D_; an underscore that would look so as _x005F_."""
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
