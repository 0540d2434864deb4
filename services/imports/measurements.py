"""
Measurements come by the hundred thousand: the same checks as in rows.py, a column at a time.

Clean cells (ISO dates, plain numbers) are read by whole columns; only the others go through the cell parsers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from services.imports.headers import add_overlong_rows, columns_in
from services.imports.kinds import MEASUREMENTS
from services.imports.problems import Problem, Problems
from services.imports.rows import cell_value, notes_about, repeated
from services.parsing.cell import BadCell, Cell, is_blank, shown
from services.parsing.cells import PARAGRAPH
from services.parsing.clock_changes import in_utc, never_reason, twice_reason
from services.parsing.decimal_mark import Hint, hints_of_file
from services.parsing.displayed import NumberCell
from services.parsing.doubts import Doubt
from services.parsing.odd_dates import half_swapped
from services.parsing.sheet import Sheet
from services.parsing.value_column import ValueColumn, value_column
from services.parsing.vectors import (
    all_texts,
    clean_moments,
    clean_texts,
    clean_whole_numbers,
)

UNKNOWN = -1


@dataclass
class Measured:
    """
    Columns of equal length, to be used only if there are no `problems`.

    `metrics[metric[i]]` is row i's slug; `at` is UTC, datetime64[us]; `values` are read as soon as the units of the
    metrics are known, and None where the file has no such column; `n` and `note` are None as a whole where the file
    doesn't have that column, so that what is stored stays; `lines` are 1-based. `written` holds the values as a person
    sees them in the file, where those are more than numbers.
    """

    lines: np.ndarray
    metrics: list[str]
    metric: np.ndarray
    at: np.ndarray
    values: ValueColumn | None
    n: list[int | None] | None = None
    note: list[str | None] | None = None
    written: list[str | None] | None = None
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)


def parse_measurements(sheet: Sheet, zone: tzinfo = UTC, given: Mapping[str, str] | None = None) -> Measured:
    """Return the sheet's measurements by columns, and all that is wrong with them in the order of the lines.

    `zone` is the engagement's, in which times without an offset are meant (a day alone is its midnight there); `given`
    is {"metric": slug} where the file has no such column.
    """
    problems = Problems()
    given = dict(given or {})
    positions = columns_in(sheet, MEASUREMENTS, given, problems)
    add_overlong_rows(sheet, problems)
    table = _Table(sheet, positions, problems)
    metrics, metric = _metrics(table, given)
    at = _moments(table, zone)
    measured = Measured(np.asarray(sheet.lines), metrics, metric, at, _values(table))
    measured.n, measured.note = _whole_numbers(table), _notes(table)
    cells = table.cells("value")
    if cells is not None:
        texts = all_texts(cells)
        measured.written = [written(cell) for cell in cells] if texts is None else [*texts]
    measured.problems, measured.notes, measured.doubts = problems, notes_about(sheet), [*sheet.doubts]
    measured.doubts += half_swapped(table.cells("at") or [None] * table.size, sheet.lines)
    _add_repeated(measured, table.cells("at"))
    problems.sort()
    return measured


class _Table:
    """The sheet by columns, and one way to read the cells that aren't clean."""

    def __init__(self, sheet: Sheet, positions: dict[str, int], problems: Problems):
        self.sheet, self.positions, self.problems = sheet, positions, problems
        self.size = len(sheet.rows)

    def cells(self, name: str) -> Sequence[Cell] | None:
        """Return the column; None where the file doesn't have it."""
        if name not in self.positions:
            return None
        return self.sheet.column(self.positions[name])

    def hints(self, without: str) -> list[Hint]:
        """Return what the file's other columns, and the marks between them, tell of its decimal mark."""
        others = (self.sheet.column(i) for i in range(self.sheet.widest) if i != self.positions[without])
        return hints_of_file(self.sheet.separator, others)

    def read(self, name: str, cells: Sequence[Cell], rows: Iterable[int]) -> dict[int, Any]:
        """Return row -> value of the cells in these rows.

        A bad cell becomes a problem, and None.
        """
        column, rows = MEASUREMENTS.column(name), [int(row) for row in rows]
        sample = [cells[i] for i in rows if not is_blank(cells[i]) and not isinstance(cells[i], BadCell)]
        read = column.parser.for_column(sample, self.sheet.epoch)
        values: dict[int, Any] = {}
        for i in rows:
            value = cell_value(column, cells[i], read)
            if isinstance(value, BadCell):
                self.problems.add_cell(int(self.sheet.lines[i]), name, cells[i], value)
                value = None
            values[i] = value
        return values


def _metrics(table: _Table, given: Mapping[str, str]) -> tuple[list[str], np.ndarray]:
    cells = table.cells("metric")
    if cells is None:
        return [given.get("metric", "")], np.full(table.size, 0 if "metric" in given else UNKNOWN)
    read = MEASUREMENTS.column("metric").parser.for_column(cells)
    codes: dict[str, int] = {}
    code_of: dict[Cell, int] = {}
    for cell in set(cells):
        value = cell_value(MEASUREMENTS.column("metric"), cell, read)
        code_of[cell] = UNKNOWN if isinstance(value, BadCell) else codes.setdefault(value, len(codes))
    metric = np.array(list(map(code_of.__getitem__, cells)), np.int64)
    table.read("metric", cells, np.flatnonzero(metric == UNKNOWN))
    return list(codes), metric


def _moments(table: _Table, zone: tzinfo) -> np.ndarray:
    cells = table.cells("at")
    if cells is None:
        return np.full(table.size, np.datetime64("NaT", "us"))
    at, clean, utc = clean_moments(cells)
    for i, moment in table.read("at", cells, np.flatnonzero(~clean)).items():
        utc[i] = moment is not None and moment.tzinfo is not None
        at[i] = np.datetime64("NaT") if moment is None else _without_offset(moment)
    if isinstance(zone, ZoneInfo):
        _to_utc(table, at, np.flatnonzero(~utc), zone)
    return at


def _to_utc(table: _Table, at: np.ndarray, rows: np.ndarray, zone: ZoneInfo) -> None:
    """Make UTC of the wall-clock times in these rows; a time that the clock shows twice or never is a problem."""
    local = at[rows]
    converted = in_utc(local, zone)
    at[rows] = converted.at
    for i in np.flatnonzero(converted.twice | converted.never).tolist():
        reason = twice_reason if converted.twice[i] else never_reason
        line, cell = int(table.sheet.lines[rows[i]]), table.cells("at")
        written = shown(cell[int(rows[i])]) if cell else ""
        text = f"“{written}” is not one moment: {reason(local[i].item(), zone)}"
        table.problems.add(Problem(line, "at", written, "a time with its offset", text))
    # Two rows of such an hour may be two moments: nobody is asked to delete one as repeated.
    at[rows[converted.twice | converted.never]] = np.datetime64("NaT")


def _without_offset(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _values(table: _Table) -> ValueColumn | None:
    cells = table.cells("value")
    if cells is None:
        return None
    column = value_column(cells, table.sheet.lines, table.hints(without="value"))
    unread = np.isnan(column.value)
    unread[column.to_read] = False
    table.read("value", cells, np.flatnonzero(unread))  # blank ones, and errors of the spreadsheet
    return column


def written(cell: Cell) -> str | None:
    """Return a value as a person saw it, where that isn't just the number."""
    return str(cell) if isinstance(cell, str | NumberCell) else None


def _whole_numbers(table: _Table) -> list[int | None] | None:
    cells = table.cells("n")
    if cells is None:
        return None
    numbers = clean_whole_numbers(cells)
    return list(table.read("n", cells, range(table.size)).values()) if numbers is None else numbers


def _notes(table: _Table) -> list[str | None] | None:
    cells = table.cells("note")
    if cells is None:
        return None
    notes = clean_texts(cells, PARAGRAPH)
    return list(table.read("note", cells, range(table.size)).values()) if notes is None else notes


def _add_repeated(measured: Measured, written: Sequence[Cell] | None) -> None:
    """Add a problem for each second value of a metric at one moment.

    `written` are the moments as the file has them, since a person looks for those.
    """
    frame = pd.DataFrame({"metric": measured.metric, "at": measured.at})
    known = (measured.metric != UNKNOWN) & ~np.isnat(measured.at)
    again = np.flatnonzero(frame.duplicated().to_numpy() & known)
    if not again.size or written is None:
        return
    first = frame.reset_index().groupby(["metric", "at"])["index"].transform("min").to_numpy()
    for i in map(int, again):
        values = [measured.metrics[measured.metric[i]], written[i]]
        earlier = int(measured.lines[int(first[i])])
        measured.problems.add(repeated(MEASUREMENTS, int(measured.lines[i]), earlier, values))
