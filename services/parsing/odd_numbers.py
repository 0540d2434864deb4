"""Percentages that may be shares of one: 0.62 where 62 is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.unit_table import PERCENT
from models.units import Unit
from services.parsing.doubts import Doubt, doubt, value_text

FRACTIONS, MIXED_PERCENT = "fractions in a percentage", "percent cells among plain ones"


@dataclass(frozen=True)
class PercentColumn:
    """The values of one metric in percent: `with_sign` where its cell has a %; `lines` are those of the file.

    `usual` are values that the metric has already: its baseline, its target, its latest.
    """

    lines: NDArray[np.int64]
    value: NDArray[np.float64]
    with_sign: NDArray[np.bool_]
    usual: Sequence[float] = ()


def is_percentage(declared: Unit) -> bool:
    """Whether a metric is in percent, so that 0.62 and 62 may be the same."""
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
    seen, other = value_text(float(values[0])), value_text(float(values[0]) * 100)
    if column.with_sign.any():
        sentence = (
            f"{_cells(int(column.with_sign.sum()), 'has', 'have')} a % and {_cells(len(at), 'has', 'have')} none. "
            f"“{seen}” was read as {seen} %; as a share of one it is {other} %."
        )
        return [doubt(MIXED_PERCENT, column.lines[at], seen, f"{seen} %", sentence, name)]
    if not _looks_like_shares(values) or any(0 < abs(value) <= 1 for value in column.usual):
        return []
    first = next(float(value) for value in values if 0 < abs(value) < 1)
    sentence = (
        f"all values of this metric lie within 0 and 1. “{value_text(first)}” was read as {value_text(first)} %; "
        f"as a share of one it is {value_text(first * 100)} %."
    )
    return [doubt(FRACTIONS, column.lines[at], value_text(first), f"{value_text(first)} %", sentence, name)]


def _looks_like_shares(values: NDArray[np.float64]) -> bool:
    size = np.abs(values)
    return bool((size <= 1).all() and ((size > 0) & (size < 1)).any())


def _cells(count: int, one: str, many: str) -> str:
    return f"{count:,} cell {one}" if count == 1 else f"{count:,} cells {many}"
