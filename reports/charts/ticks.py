"""Round numbers for axes, and how they are written."""

import math
from collections.abc import Sequence

INTERVALS = 5
"""Steps on an axis at most, before its ends are rounded."""
MAX_LOG_TICKS = 12
"""Above this many, only powers of ten and the ends are kept, and of too many of those every second, third ..."""
MIN_RATIO = 2
"""A log axis of durations covers at least so many times its lowest one."""
ROUNDING = 1e-9
"""Of a step: what rounding may have added to a number that is on it."""
DECIMALS = 12
"""Of a tick, behind the first digit of its step."""
SMALLEST, LARGEST = 1e-9, 1e15
"""Numbers within these are written out."""
CLOCK = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200]
CLOCK_STEPS += [86_400 * days for days in (1, 2, 5, 10, 20, 50, 100, 200)]
"""Seconds from one tick to the next that people have words for."""
LOG_CLOCK_STEPS = [float(step) for step in CLOCK_STEPS if step not in (15, 900, 10_800)]
"""Those that are at least twice the one before."""


def round_step(minimum: float, steps: Sequence[int] = ()) -> float:
    """Return the smallest round step from `minimum` (above 0) on: one of `steps` where it lies among them, else 1, 2, 5
    or 10 times a power of ten."""
    if steps and steps[0] <= minimum <= steps[-1]:
        return next(step for step in steps if step >= minimum)
    power = 10.0 ** math.floor(math.log10(minimum))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= minimum * 0.999)


def steps_around(low: float, high: float, step: float, decimals: int | None = None) -> list[float]:
    """Return the multiples of `step` from at or below `low` to at or above `high`, rounded to `decimals`, or to as many
    as tell steps apart."""
    numbers = range(math.floor(low / step + ROUNDING), math.ceil(high / step - ROUNDING) + 1)
    if decimals is None:
        decimals = max(DECIMALS, DECIMALS - math.floor(math.log10(step)))
    return [round(number * step, decimals) for number in numbers]


def round_ticks(low: float, high: float) -> list[float]:
    """Return round numbers from at or below `low` to at or above `high`; these two where none lie between."""
    ticks = steps_around(low, high, round_step((high - low) / INTERVALS)) if high > low else []
    return ticks if len({*ticks}) == len(ticks) > 1 else [low, high]


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2, 5, 10 ... from at or below `low` to at or above `high` (both above 0): the ends of the axis too."""
    # One power more at each end: the logarithm of a number just below a power of ten is rounded up to it.
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    ticks = _around([float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)], low, high)
    if len(ticks) <= MAX_LOG_TICKS:
        return ticks
    tens = {float(f"1e{power}") for power in powers}
    return _thinned([tick for tick in ticks if tick in (ticks[0], ticks[-1]) or tick in tens])


def log_clock_ticks(low: float, high: float) -> list[float]:
    """Return seconds, minutes, hours and days that people have words for, around `low` and `high` (seconds, above 0).

    Beyond the shortest and the longest of them: as `log_ticks`.
    """
    if low < LOG_CLOCK_STEPS[0] or max(low * MIN_RATIO, high) > LOG_CLOCK_STEPS[-1]:
        return log_ticks(low, high)
    return _thinned(_around(LOG_CLOCK_STEPS, low, high))


def _thinned(ticks: Sequence[float]) -> list[float]:
    """Return all ticks, or every second, third ... and the last one, where there are too many."""
    every = math.ceil(len(ticks) / MAX_LOG_TICKS)
    return sorted({*ticks[::every], ticks[-1]})


def _around(steps: Sequence[float], low: float, high: float) -> list[float]:
    """Return the part of `steps` from the last one up to `low` to the first from `high` on; two of them at least."""
    first = max(position for position, step in enumerate(steps) if step <= low)
    last = min(position for position, step in enumerate(steps) if step >= high)
    return list(steps[first : max(last, first + 1) + 1])


def format_clock(seconds: float, step: float) -> str:
    """Return a number of seconds in the largest unit that `step` is a whole number of: 30 min, 60 min, 90 min."""
    name, size = next((unit for unit in CLOCK.items() if step % unit[1] == 0), ("s", 1))
    return f"{round(seconds / size, 9):,.10g} {name}"


def format_number(value: float, digits: int = 6) -> str:
    """Return a number with so many digits at most: "8,500", "0.25"; with an exponent only what nobody writes out."""
    rounded = float(f"{value:.{digits}g}")
    if rounded and not SMALLEST <= abs(rounded) < LARGEST:
        return f"{rounded:.{digits}g}"
    decimals = max(digits - 1 - math.floor(math.log10(abs(rounded))), 0) if rounded else 0
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
