"""The axis of a metric's values: how its unit is said there, and round levels around what is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.units import Unit
from reports.charts.components import Scale
from reports.charts.ticks import duration_ticks, format_duration, format_number, round_ticks

LONGEST_ON_AXIS = 9
"""Letters of a unit that stand behind every number of an axis; a longer one stands above the chart, once."""
ROOM = 0.06
"""Part of the values' span that is free above and below them."""
NEAR_ZERO = 4
"""Rooms from nothing within which the axis begins there: what is never negative has no room below it."""
NO_SPAN = 1e-9
"""Part of the largest value: what is no further apart is rounding, and drawn as one value."""
FURTHEST, LEAST = 1e300, 1e-300
"""Values beyond the one are drawn there; those within the other are drawn as nothing."""


@dataclass(frozen=True)
class ValueAxis:
    """The levels that are named, what each is called, and where a value lies between the first and the last."""

    scale: Scale
    levels: Sequence[float]
    say: Callable[[float], str]

    def top(self, value: float) -> float:
        """Where a value lies, in percent from the top."""
        return 100 - self.scale.place(value)


def in_seconds(measure: Unit) -> bool:
    """Whether values of that unit are told as durations: "90 s", "4 h"."""
    return measure.kind == "time" and measure.per is None and measure.measure.family != "working"


def unit_on_axis(measure: Unit) -> str:
    """What follows the numbers of the axis; "" where they say it themselves, or where it is too long for that."""
    said = _short(measure)
    return "" if in_seconds(measure) or len(said) > LONGEST_ON_AXIS else said


def unit_above(measure: Unit) -> str:
    """The unit that is said above the chart, since its axis has no room for it; "" where it has."""
    return "" if in_seconds(measure) or len(_short(measure)) <= LONGEST_ON_AXIS else measure.name


def _short(measure: Unit) -> str:
    return "%" if measure.kind == "share" else measure.name.removeprefix("/ ")


def value_axis(values: Sequence[float], unit: str, as_durations: bool) -> ValueAxis:
    """The axis around `values`, NaN among them or not, in the metric's unit, or in seconds `as_durations`."""
    known = np.clip(np.asarray(values, dtype=float), -FURTHEST, FURTHEST)
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    size = max(abs(low), abs(high))
    if high - low <= size * NO_SPAN or size < LEAST:
        room = size * ROOM if size >= LEAST else 1.0
        low, high = max(low - room, 0.0) if low >= 0 else low - room, high + room
        levels = round_ticks(low, high)
    else:
        room = (high - low) * ROOM
        levels = round_ticks(0.0 if 0 <= low < room * NEAR_ZERO else low - room, high + room)
    if as_durations:
        levels = duration_ticks(low, high)
    ending = f" {unit}".rstrip()
    say = format_duration if as_durations else lambda level: f"{format_number(level)}{ending}"
    return ValueAxis(Scale(levels[0], levels[-1]), levels, say)
