"""
Measurements come by the hundred thousand: the same checks as in rows.py, a column at a time.

Clean cells (ISO dates, plain numbers) are read by whole columns; only the others go through the cell parsers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

import numpy as np
import pandas as pd

from services.imports.headers import add_overlong_rows, columns_in
from services.imports.kinds import MEASUREMENTS
from services.imports.problems import Problems
from services.imports.rows import cell_value, notes_about, repeated
from services.parsing.cells import PARAGRAPH
from services.parsing.numbers import POINT, decimal_mark, number_in
from services.parsing.quantities import note_on_doubt, numeral
from services.parsing.sheet import BadCell, Cell, Sheet, is_blank
from services.parsing.vectors import (
    DOUBTFUL_NUMBER,
    PLAIN_NUMBER,
    clean_moments,
    clean_numbers,
    clean_texts,
    clean_whole_numbers,
)

UNKNOWN = -1


@dataclass
class Measured:
    """
    Columns of equal length, to be used only if there are no `problems`.

    `metrics[metric[i]]` is row i's slug; `at` is UTC, datetime64[us]; `value` is float64 and NaN where
    `with_unit[i]` holds a text such as "4 h"; `n` and `note` are None as a whole where the file doesn't have
    that column, so that what is stored stays; `lines` are 1-based. `written` holds the values as the file has them,
    where those are texts.
    """

    lines: np.ndarray
    metrics: list[str]
    metric: np.ndarray
    at: np.ndarray
    value: np.ndarray
    with_unit: dict[int, str] = field(default_factory=dict)
    n: list[int | None] | None = None
    note: list[str | None] | None = None
    written: list[str | None] | None = None
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def value_or_text(self) -> np.ndarray:
        """`value`, with the text in its place where there is a unit."""
        if not self.with_unit:
            return self.value
        mixed = self.value.astype(object)
        mixed[list(self.with_unit)] = list(self.with_unit.values())
        return mixed


def parse_measurements(sheet: Sheet, zone: tzinfo = UTC, given: Mapping[str, str] | None = None) -> Measured:
    """
    `zone`: the engagement's, in which times without an offset are meant (a day alone is its midnight there).
    `given`: {"metric": slug} where the file has no such column.
    """
    problems = Problems()
    given = dict(given or {})
    positions = columns_in(sheet, MEASUREMENTS, given, problems)
    add_overlong_rows(sheet, problems)
    table = _Table(sheet, positions, problems)
    metrics, metric = _metrics(table, given)
    at = _moments(table, zone)
    value, with_unit, notes = _values(table)
    measured = Measured(np.asarray(sheet.lines), metrics, metric, at, value, with_unit)
    measured.n, measured.note = _whole_numbers(table), _notes(table)
    cells = table.cells("value")
    if cells is not None:
        measured.written = [cell if isinstance(cell, str) else None for cell in cells]
    measured.problems, measured.notes = problems, notes_about(sheet) + notes
    _add_repeated(measured, table.cells("at"))
    problems.sort()
    return measured


class _Table:
    """The sheet by columns, and one way to read the cells that aren't clean."""

    def __init__(self, sheet: Sheet, positions: dict[str, int], problems: Problems):
        self.sheet, self.positions, self.problems = sheet, positions, problems
        self.size = len(sheet.rows)

    def cells(self, name: str) -> Sequence[Cell] | None:
        """The column; None where the file doesn't have it."""
        if name not in self.positions:
            return None
        return self.sheet.column(self.positions[name])

    def read(
        self, name: str, cells: Sequence[Cell], rows: Iterable[int], sample: Sequence[Cell] | None = None
    ) -> dict[int, Any]:
        """Return row -> value of the cells in these rows, in the format that `sample` shows (None: these cells).

        A bad cell becomes a problem, and None.
        """
        column, rows = MEASUREMENTS.column(name), [int(row) for row in rows]
        if sample is None:
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
    if zone is not UTC:
        at[~utc] = _in_utc(at[~utc], zone)
    return at


def _without_offset(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _in_utc(at: np.ndarray, zone: tzinfo) -> np.ndarray:
    """
    Wall-clock times in `zone` as UTC. What a clock shows twice is the first, what it skips is the next that
    is.
    """
    local = pd.DatetimeIndex(at).tz_localize(
        zone, ambiguous=np.ones(len(at), bool), nonexistent="shift_forward"
    )
    moments: np.ndarray = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return moments


def _values(table: _Table) -> tuple[np.ndarray, dict[int, str], list[str]]:
    cells = table.cells("value")
    if cells is None:
        return np.full(table.size, np.nan), {}, []
    values, clean, doubtful = clean_numbers(cells)
    telling = _cells_that_tell_the_mark(cells, clean, doubtful)
    if doubtful and decimal_mark(numeral(cell) for cell in telling) != POINT:
        clean &= np.array([not isinstance(cell, str) or POINT not in cell for cell in cells])
        values[~clean] = np.nan
    with_unit: dict[int, str] = {}
    for i, text in table.read("value", cells, np.flatnonzero(~clean), telling).items():
        number = None if text is None else number_in(text, POINT)
        if number is not None:
            values[i] = number
        elif text is not None:
            with_unit[i] = text
    note = note_on_doubt(telling, "value")
    return values, with_unit, [note] if note else []


def _cells_that_tell_the_mark(cells: Sequence[Cell], clean: np.ndarray, doubtful: bool) -> list[str]:
    """
    Enough of the column for `decimal_mark`: all that isn't clean, and of the clean ones one of each sort.
    """
    telling = [cell for i in np.flatnonzero(~clean) if isinstance(cell := cells[int(i)], str)]
    if not doubtful and not telling:
        return []
    sorts: dict[bool, str] = {}
    for cell in cells:
        if isinstance(cell, str) and POINT in cell and PLAIN_NUMBER.fullmatch(cell):
            sorts.setdefault(bool(DOUBTFUL_NUMBER.search(cell)), cell)
            if len(sorts) == 2:
                break
    return [*telling, *sorts.values()]


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
    """`written`: the moments as the file has them, since a person looks for those."""
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
