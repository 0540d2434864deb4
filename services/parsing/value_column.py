"""A column of values: plain ones by whole columns, the others one by one as soon as their metrics are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.units import Unit
from services.parsing.cell import BadCell, is_blank
from services.parsing.decimal_mark import Hint
from services.parsing.displayed_number import NumberReader, reader_for
from services.parsing.doubts import Doubt, doubts_of_numbers
from services.parsing.number_result import Number, Refusal
from services.parsing.numerals import POINT
from services.parsing.odd_numbers import PercentColumn, is_percentage, odd_percentages
from services.parsing.vectors import DOUBTFUL_NUMBER, PLAIN_NUMBER, clean_numbers

UNKNOWN = -1
"""The metric of a row that has none."""


@dataclass
class ReadValues:
    """Values in the units of their metrics, NaN where a cell is blank or refused; and what is odd about them."""

    value: NDArray[np.float64]
    refused: dict[int, Refusal] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class ValueColumn:
    """A column of values. `value` holds the plain ones; `to_read` are the rows that need their unit."""

    cells: Sequence[Any]
    lines: NDArray[np.int64]
    value: NDArray[np.float64]
    to_read: NDArray[np.int64]
    reader: NumberReader

    def read(
        self,
        units: Sequence[Unit],
        metric: NDArray[np.int64],
        usual: Mapping[int, Sequence[float]] | None = None,
        name: str = "value",
    ) -> ReadValues:
        """Return all values in their units: row i is of `units[metric[i]]`, or of no metric where that is UNKNOWN.

        `usual` are values that a metric has already, by its place in `units`.
        """
        read = ReadValues(self.value.copy())
        in_percent = [is_percentage(unit) for unit in units]
        with_sign = np.zeros(len(self.value), bool)
        numbers: list[tuple[int, Number, str]] = []
        for i in self.to_read.tolist():
            if metric[i] == UNKNOWN:
                continue
            unit = units[metric[i]]
            number = self.reader.read(self.cells[i], unit)
            if isinstance(number, Refusal):
                read.refused[i] = number
                read.value[i] = np.nan
                continue
            read.value[i] = number.value
            with_sign[i] = in_percent[metric[i]] and number.has_percent_sign
            if number.doubt:
                numbers.append((int(self.lines[i]), number, unit.name))
        read.doubts = doubts_of_numbers(numbers, name) + self._percentages(
            read, units, metric, with_sign, usual or {}
        )
        return read

    def _percentages(
        self,
        read: ReadValues,
        units: Sequence[Unit],
        metric: NDArray[np.int64],
        with_sign: NDArray[np.bool_],
        usual: Mapping[int, Sequence[float]],
    ) -> list[Doubt]:
        doubts: list[Doubt] = []
        for code, unit in enumerate(units):
            if is_percentage(unit):
                own = metric == code
                seen = [self.cells[i] for i in np.flatnonzero(own).tolist()]
                column = PercentColumn(
                    self.lines[own], read.value[own], with_sign[own], usual.get(code, ()), seen
                )
                doubts += odd_percentages(column)
        return doubts


def value_column(cells: Sequence[Any], lines: Sequence[int], hints: Iterable[Hint] = ()) -> ValueColumn:
    """Return the column of `cells` on these `lines` of a file with these hints of its decimal mark."""
    value, clean, doubtful = clean_numbers(cells)
    to_read = ~clean
    for i in np.flatnonzero(to_read).tolist():
        to_read[i] = not (is_blank(cells[i]) or isinstance(cells[i], BadCell))
    telling = [cells[i] for i in np.flatnonzero(to_read).tolist()]
    reader = reader_for([*telling, *(_one_of_each(cells) if doubtful or telling else ())], hints)
    if doubtful and not (reader.locale.certain and reader.locale.mark == POINT):
        to_read |= np.array(
            [isinstance(cell, str) and bool(DOUBTFUL_NUMBER.search(cell)) for cell in cells], bool
        )
        value[to_read] = np.nan
    return ValueColumn(cells, np.asarray(lines), value, np.flatnonzero(to_read), reader)


def _one_of_each(cells: Sequence[Any]) -> Iterable[str]:
    """Return one plain cell of each sort: 8.500, whose mark is open, and 8.5, whose mark isn't."""
    sorts: dict[bool, str] = {}
    for cell in cells:
        if isinstance(cell, str) and POINT in cell and PLAIN_NUMBER.fullmatch(cell):
            sorts.setdefault(bool(DOUBTFUL_NUMBER.search(cell)), cell)
            if len(sorts) == 2:
                break
    return sorts.values()
