"""The axis of a metric's values: round levels around what is drawn, in the metric's unit, and how they are written.

Page, paper and the explored chart share it. A frozen week's files depend on every number here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.units import Unit
from reports.charts.scales import Scale
from reports.charts.ticks import (
    CLOCK_STEPS,
    DECIMALS,
    INTERVALS,
    format_clock,
    log_clock_ticks,
    log_ticks,
    round_step,
    steps_around,
)

MARGIN, FLAT_MARGIN = 0.06, 0.5
"""Free above and below the values: part of their span; where they don't vary, part of the value."""
MARGINS_TO_ZERO = 4
"""The axis begins at 0 where that is less than so many margins below values that are never negative."""
ROUNDING = 1e-9
"""Part of the largest value: what arithmetic may have added to equal values, such as a constant series and its mean."""
MAX_VALUE, MIN_VALUE = 1e290, 1e-290
"""Values beyond the one are drawn there; those within the other are drawn as 0."""


@dataclass(frozen=True)
class ValueAxis:
    """The levels that have a grid line, in the metric's unit, how one is written, and the scale between their ends."""

    scale: Scale
    levels: Sequence[float]
    text: Callable[[float], str]

    def top(self, value: float) -> float:
        """Return where a value lies, in percent from the top."""
        return 100 - self.scale.place(value)


def in_seconds(measure: Unit) -> bool:
    """Return whether values of that unit are durations on a clock: "90 s", "4 h"."""
    return measure.kind == "time" and measure.per is None and measure.measure.family != "working"


def unit_above(measure: Unit) -> str:
    """Return the unit to write above a chart whose axis has bare numbers; "" where its numbers name their unit."""
    return "" if _names_itself(measure) else measure.name.removeprefix("/ ")


def _names_itself(measure: Unit) -> bool:
    return measure.per is None and measure.kind in ("time", "share", "money")


def value_axis(values: Sequence[float], measure: Unit, rounding: float = ROUNDING) -> ValueAxis:
    """Return the linear axis around `values` (in the metric's unit; at least one is a number, NaN is ignored).

    Values that are no further apart than `rounding`, a part of the largest, are drawn as one.
    """
    known = np.clip(np.asarray(values, dtype=float), -MAX_VALUE, MAX_VALUE)
    known = np.where(np.abs(known) < MIN_VALUE, 0.0, known)
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    margin = (high - low) * MARGIN if high - low > rounding * max(abs(low), abs(high)) else 0.0
    step, levels = _levels(low, high, margin, measure, DECIMALS)
    if levels[0] == levels[-1]:
        step, levels = _levels(low, high, 0.0, measure)
    return ValueAxis(Scale(levels[0], levels[-1]), levels, _text_of(measure, levels, step))


def log_value_axis(values: Sequence[float], measure: Unit) -> ValueAxis:
    """Return the log axis around `values` (in the metric's unit, at least one above 0; others are left out)."""
    known = np.asarray(values, dtype=float)
    known = np.clip(known[known > 0], MIN_VALUE, MAX_VALUE)
    scale, ticks = (_seconds(measure), log_clock_ticks) if in_seconds(measure) else (1.0, log_ticks)
    levels = [level / scale for level in ticks(float(known.min()) * scale, float(known.max()) * scale)]
    return ValueAxis(Scale(levels[0], levels[-1], log=True), levels, _own_text(measure, levels))


def _levels(
    low: float, high: float, margin: float, measure: Unit, decimals: int | None = None
) -> tuple[float, list[float]]:
    """Return the step in seconds or in the unit, and the levels around all values, in the unit."""
    margin = margin or abs(high) * FLAT_MARGIN or 1.0
    low, high = (0.0 if 0 <= low < margin * MARGINS_TO_ZERO else low - margin), high + margin
    scale, steps = (_seconds(measure), CLOCK_STEPS) if in_seconds(measure) else (1.0, [])
    step = round_step((high - low) * scale / INTERVALS, steps)
    return step, steps_around(low, high, step / scale, decimals)


def _seconds(measure: Unit) -> float:
    return float(measure.size)


def _text_of(measure: Unit, levels: Sequence[float], step: float) -> Callable[[float], str]:
    if in_seconds(measure):
        return lambda level: format_clock(level * _seconds(measure), step)
    return _own_text(measure, levels)


def _own_text(measure: Unit, levels: Sequence[float]) -> Callable[[float], str]:
    """As people write such a quantity, where that keeps the levels apart (it has three digits); else bare numbers."""
    distinct = len({measure.format(level) for level in levels}) == len(levels)
    return measure.format if _names_itself(measure) and distinct else "{:,.10g}".format
