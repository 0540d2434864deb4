"""Percentages that may be shares of one: 0.62 where 62 is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.unit_table import PERCENT
from models.units import Unit
from services.parsing.cell import shown
from services.parsing.displayed import NumberCell
from services.parsing.doubts import Doubt, doubt, value_text

FRACTIONS, MIXED_PERCENT = "fractions in a percentage", "percent cells among plain ones"


@dataclass(frozen=True)
class PercentColumn:
    """The values of one metric in percent: `with_sign` where its cell has a %; `lines` are those of the file.

    `usual` are values that the metric has already: its baseline, its target, its latest. `seen` is what a person sees of
    each value, if that is more than the number.
    """

    lines: NDArray[np.int64]
    value: NDArray[np.float64]
    with_sign: NDArray[np.bool_]
    usual: Sequence[float] = ()
    seen: Sequence[Any] = ()

    def text(self, at: int) -> str:
        """Return what a person sees of a value."""
        seen = self.seen[at] if self.seen else None
        return str(seen) if isinstance(seen, str | NumberCell) else value_text(float(self.value[at]))


def is_percentage(declared: Unit) -> bool:
    """Return whether a metric is in percent, so that 0.62 and 62 may be the same."""
    return declared.measure == PERCENT and declared.per is None


def odd_percentages(column: PercentColumn, name: str = "value") -> list[Doubt]:
    """Return the doubt about percentages that may be shares of one, if there is any.

    Plain numbers beside cells with a % are one; so are plain numbers that all lie in 0 to 1, unless the metric's own
    values do as well.
    """
    plain = ~column.with_sign & np.isfinite(column.value)
    if not plain.any():
        return []
    at = np.flatnonzero(plain)
    values = column.value[at]
    seen, read, other = column.text(int(at[0])), *_both(values[0])
    if column.with_sign.any():
        sentence = (
            f"{_cells(int(column.with_sign.sum()), 'has', 'have')} a % and {_cells(len(at), 'has', 'have')} none. "
            f"“{shown(seen)}” was read as {read} %; as a share of one it is {other} %."
        )
        return [doubt(MIXED_PERCENT, column.lines[at], seen, f"{read} %", sentence, name)]
    if not _looks_like_shares(values) or any(0 < abs(value) <= 1 for value in column.usual):
        return []
    first = next(int(i) for i in at if 0 < abs(column.value[i]) < 1)
    seen, read, other = column.text(first), *_both(column.value[first])
    sentence = (
        f"all values of this metric lie within 0 and 1. “{shown(seen)}” was read as {read} %; "
        f"as a share of one it is {other} %."
    )
    return [doubt(FRACTIONS, column.lines[at], seen, f"{read} %", sentence, name)]


def _both(value: float) -> tuple[str, str]:
    """Return a value as a percentage, and as a share of one in percent."""
    return value_text(float(value)), value_text(float(value) * 100)


def _looks_like_shares(values: NDArray[np.float64]) -> bool:
    size = np.abs(values)
    return bool((size <= 1).all() and ((size > 0) & (size < 1)).any())


def _cells(count: int, one: str, many: str) -> str:
    return f"{count:,} cell {one}" if count == 1 else f"{count:,} cells {many}"
