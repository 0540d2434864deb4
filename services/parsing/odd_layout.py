"""What a worksheet shows or hides around its cells: merged cells, hidden rows, columns and sheets, totals and footers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.parsing.cell import is_blank, shown
from services.parsing.doubts import MAX_NAMED, Doubt, doubt

MERGED, HIDDEN_ROWS, HIDDEN_COLUMNS, HIDDEN_SHEETS = (
    "merged cells",
    "hidden rows",
    "hidden columns",
    "hidden sheets",
)
TOTAL_ROWS, FOOTER_ROWS = "total rows", "footer rows"
MAX_RANGES = 20_000
MAX_FOOTER = 12  # rows at the end that are looked at
MAX_SAMPLE = 200  # rows at the start that tell how many cells a row has

RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_TOTAL_WORDS = """
total totals grand_total sub-total subtotal sum average avg mean count
summe gesamt gesamtsumme gesamtergebnis zwischensumme teilergebnis insgesamt ergebnis anzahl mittelwert durchschnitt
somme total_général sous-total moyenne suma total_general promedio soma média totale totale_complessivo somma media
totaal eindtotaal gemiddelde summa razem suma_końcowa celkem összesen toplam итого всего 合計 小計 合计 小计 总计 總計
합계
"""
_FOOTER_WORDS = """
applied_filters filters_applied filter_applied generated exported created_on created_by printed downloaded report
data_as_of as_of source page confidential copyright © no_filters row_count rows erstellt exportiert gedruckt stand quelle
seite vertraulich angewendete_filter généré exporté imprimé filtres source généré_le generado exportado gerado generato
"""


def _one_of(words: str) -> str:
    longest_first = sorted(words.split(), key=len, reverse=True)
    return "|".join(re.escape(word.replace("_", " ")) for word in longest_first)


TOTAL = re.compile(
    rf"(?:{_one_of(_TOTAL_WORDS)})(?!\w)[^\w]*[0-9.,' ]*(?:rows|records|items)?[^\w]*", re.IGNORECASE
)
FOOTER = re.compile(rf"(?:{_one_of(_FOOTER_WORDS)})(?!\w)|[0-9]+ (?:rows|records|results)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Range:
    """A range of cells, 1-based, both ends in it."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letters(self.left)}{self.top}:{column_letters(self.right)}{self.bottom}"


@dataclass
class Layout:
    """What a worksheet says of its rows and columns, 1-based, and the workbook of its hidden sheets."""

    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    hidden_sheets: list[str] = field(default_factory=list)
    total_rows: set[int] = field(default_factory=set)

    def see(self, tag: str, attributes: Mapping[str, str], line: int = 0) -> None:
        """Take note of an element of the worksheet: mergeCell, col, row (of number `line`), or a table."""
        if (
            tag == "mergeCell"
            and len(self.merged) < MAX_RANGES
            and (area := range_of(attributes.get("ref", "")))
        ):
            self.merged.append(area)
        elif tag == "row" and attributes.get("hidden") in ("1", "true"):
            self.hidden_rows.add(line)
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), min(int(attributes["max"]), 16_384)
            self.hidden_columns.update(range(first, last + 1))
        elif tag == "table" and (area := range_of(attributes.get("ref", ""))):
            totals = int(attributes.get("totalsRowCount", "0"))
            self.total_rows.update(range(max(area.bottom - min(totals, 1) + 1, 1), area.bottom + 1))


def range_of(reference: str) -> Range | None:
    """Return the range of B2:B5, or of B2 alone; None where it isn't one."""
    match = RANGE.fullmatch(reference)
    if match is None:
        return None
    left, top = column_number(match[1]), int(match[2])
    return Range(top, left, int(match[4] or top), column_number(match[3] or match[1]))


def column_number(letters: str) -> int:
    """Return 28 of AB."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return AB of 28."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True)
class Filled:
    """Rows with their merged cells filled down. `refused` are ranges over several columns, which can't be."""

    rows: Sequence[Sequence[Any]]
    doubts: list[Doubt]
    refused: list[Range]


def fill_merged(
    rows: Sequence[Sequence[Any]], lines: Sequence[int], layout: Layout, headers: Sequence[str]
) -> Filled:
    """Return `rows` (of these `lines`) with the value of each merged cell in every row that it spans.

    A range over several columns leaves the cells to its right empty, and what is stored there would be cleared: it is
    for the caller to refuse, by its name.
    """
    place = {int(line): i for i, line in enumerate(lines)}
    filled = [list(row) for row in rows] if layout.merged else rows
    doubts, refused = [], []
    for merged in layout.merged:
        within = [
            place[line]
            for line in range(merged.top, min(merged.bottom, max(place, default=0)) + 1)
            if line in place
        ]
        if not within or merged.left > len(headers):
            continue
        if merged.left != merged.right:
            refused.append(merged)
        elif merged.top in place and len(within) > 1:
            doubts.append(_filled_down(filled, within, merged, lines, headers))
    return Filled(filled, [each for each in doubts if each], refused)


def _filled_down(
    filled: Sequence[Any], within: list[int], merged: Range, lines: Sequence[int], headers: Sequence[str]
) -> Doubt | None:
    at = merged.left - 1
    first = filled[within[0]]
    value = first[at] if at < len(first) else None
    if is_blank(value):
        return None
    for i in within[1:]:
        row = filled[i]
        row += [None] * (at + 1 - len(row))
        row[at] = value
    sentence = f"{merged} is one merged cell; “{shown(value)}” was read in each of its {len(within)} rows."
    return doubt(MERGED, (lines[i] for i in within), value, value, sentence, headers[at])


def merged_reason(merged: Range) -> str:
    """Return why a range over several columns is refused."""
    return f"{merged} is one merged cell over several columns, which leaves cells empty; unmerge it"


def hidden(layout: Layout, lines: Sequence[int], headers: Sequence[str], sheet_lines: int = 0) -> list[Doubt]:
    """Return the doubts about rows, columns and sheets that a person doesn't see, such as rows filtered out."""
    doubts = []
    rows = [int(line) for line in lines if int(line) in layout.hidden_rows]
    if rows:
        few = "1 hidden row was" if len(rows) == 1 else f"{len(rows):,} hidden rows were"
        sentence = f"{few} read like the others; a filter may have left them out."
        doubts.append(doubt(HIDDEN_ROWS, rows, "hidden", "rows like the others", sentence))
    columns = [header for i, header in enumerate(headers, 1) if header and i in layout.hidden_columns]
    if columns:
        sentence = f"{_listed(columns)} {'is a hidden column' if len(columns) == 1 else 'are hidden columns'}, and read."
        doubts.append(doubt(HIDDEN_COLUMNS, (), ", ".join(columns), "columns like the others", sentence))
    if layout.hidden_sheets:
        few = "sheet was" if len(layout.hidden_sheets) == 1 else "sheets were"
        sentence = f"The hidden {few} not read: {_listed(layout.hidden_sheets)}."
        doubts.append(doubt(HIDDEN_SHEETS, (), ", ".join(layout.hidden_sheets), "nothing", sentence))
    return doubts


def totals_and_footers(
    rows: Sequence[Sequence[Any]],
    lines: Sequence[int],
    layout: Layout | None = None,
    first: Sequence[Any] | None = None,
) -> list[Doubt]:
    """Return the doubts about rows that are a table's totals, or say where it comes from, rather than being of it.

    Totals are what Excel declares so, and rows that begin with a word for it. Footers stand at the end, with one cell
    each where most rows have more, or with the words of an export. `first` is the first column, if it is at hand.
    """
    totals = _totals(
        rows, lines, layout, [row[0] if row else None for row in rows] if first is None else first
    )
    footers = _footers(rows, totals)
    doubts = []
    for kind, positions, what in (
        (TOTAL_ROWS, totals, "a total"),
        (FOOTER_ROWS, footers, "a remark below the table"),
    ):
        if positions:
            at = min(positions)
            seen = next(iter(_filled(rows[at])), "")
            sentence = f"“{shown(seen)}” may be {what}; it was read as a row like the others. Delete it if it is none."
            doubts.append(doubt(kind, (lines[i] for i in positions), seen, "a row like the others", sentence))
    return doubts


def _totals(
    rows: Sequence[Sequence[Any]], lines: Sequence[int], layout: Layout | None, first: Sequence[Any]
) -> set[int]:
    """Return the rows that begin with a word for a total, or that a table declares as its totals."""
    declared = layout.total_rows if layout else set()
    words = {cell for cell in set(first) if is_blank(cell) or _is_total(cell)}
    totals = {i for i, line in enumerate(lines) if int(line) in declared} if declared else set()
    if words:
        for i, cell in enumerate(first):
            if cell in words and _is_total(next(iter(_filled(rows[i])), None)):
                totals.add(i)
    return totals


def _filled(row: Sequence[Any]) -> list[Any]:
    return [cell for cell in row if not is_blank(cell)]


def _is_total(cell: Any) -> bool:
    return isinstance(cell, str) and len(cell) <= 60 and TOTAL.fullmatch(cell.strip()) is not None


def _footers(rows: Sequence[Sequence[Any]], totals: set[int]) -> set[int]:
    """Return the rows at the end that hold one cell each, or the words of an export, where most rows hold more."""
    widths = sorted(len(_filled(row)) for row in rows[:MAX_SAMPLE])
    usual = widths[len(widths) // 2] if widths else 0
    footers: set[int] = set()
    for i in range(len(rows) - 1, max(len(rows) - 1 - MAX_FOOTER, -1), -1):
        row = _filled(rows[i])
        if i in totals:
            continue
        alone = len(row) == 1 and isinstance(row[0], str)
        if not (alone and (usual > 1 or FOOTER.match(row[0].strip()))):
            break
        footers.add(i)
    return footers


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{shown(name)}”" for name in names[:MAX_NAMED]]
    more = len(names) - MAX_NAMED
    if more > 0:
        return f"{', '.join(quoted)} and {more} more"
    return " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
