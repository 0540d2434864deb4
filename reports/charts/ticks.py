"""Round numbers for axes, and how they are said."""

import math

MOST_LOG_TICKS = 12
"""Above this many, only the powers of ten and the ends are kept."""
ABOUT_TICKS = 5
MOST_DURATION_TICKS = 6
ROUND_UP = {1: 2**0.5, 2: 10**0.5, 5: 50**0.5}
"""Up to how many times a power of ten a step of that many times it is the nearest (on a log scale)."""
SLIGHTLY = 1e-9
"""Of a step: what rounding may have added to a number that is on it."""
SMALLEST, LARGEST = 1e-9, 1e15
"""Numbers within these are written out."""
MINUTE, HOUR, DAY = 60, 3_600, 86_400
DURATION_STEPS = [
    *(1e-3, 1e-2, 0.1, 1, 2, 5, 10, 15, 30),
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 7, 14, 30, 90, 180, 365, 3_650, 36_500)),
]
"""Seconds from one tick to the next that people have words for."""


def duration_ticks(low: float, high: float) -> list[float]:
    """From at or below `low` to at or above `high`, seconds both, in steps that people have words for.

    Equal ends get room on both sides.
    """
    if low == high:
        room = abs(low) / 2 or 1.0
        low, high = low - room, high + room
    fits = (
        step
        for step in DURATION_STEPS
        if math.ceil(high / step) - math.floor(low / step) < MOST_DURATION_TICKS
    )
    step = next(fits, (high - low) / (MOST_DURATION_TICKS - 2))
    return [step * n for n in range(math.floor(low / step), math.ceil(high / step) + 1)]


def format_duration(seconds: float) -> str:
    """A number of seconds in the largest of s, min, h and d that isn't above it: "30 s", "4 h", "30 d"."""
    if seconds < MINUTE:
        return f"{format_number(seconds)} s"
    size, name = next(unit for unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")) if seconds >= unit[0])
    return f"{format_number(seconds / size, digits=3)} {name}"


def round_ticks(low: float, high: float, about: int = ABOUT_TICKS) -> list[float]:
    """From at or below `low` to at or above `high` in steps of 1, 2 or 5 times a power of ten, `about` so many.

    Ends that are too far apart, or too close, for round numbers between them are the only ticks.
    """
    least = (high - low) / about
    if not math.isfinite(least) or least <= 0:
        return [low, high]
    power = 10.0 ** math.floor(math.log10(least))
    step = power * next((times for times, most in ROUND_UP.items() if least < most * power), 10)
    first, last = math.floor(low / step + SLIGHTLY), math.ceil(high / step - SLIGHTLY)
    ticks = [float(f"{step * number:.12g}") for number in range(first, last + 1)]
    return ticks if len({*ticks}) == len(ticks) > 1 else [low, high]


def format_number(value: float, digits: int = 6) -> str:
    """A number with so many digits at most: "8,500", "0.25"; with an exponent only what nobody would write out."""
    rounded = float(f"{value:.{digits}g}")
    if rounded and not SMALLEST <= abs(rounded) < LARGEST:
        return f"{rounded:.{digits}g}"
    decimals = max(digits - 1 - math.floor(math.log10(abs(rounded))), 0) if rounded else 0
    said = f"{rounded:,.{decimals}f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2, 5, 10 ... from at or below `low` to at or above `high` (both above 0): the ends of a log axis too."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    first = max(i for i, step in enumerate(steps) if step <= low)
    last = min(i for i, step in enumerate(steps) if step >= high)
    kept = steps[first : max(last, first + 1) + 1]
    if len(kept) <= MOST_LOG_TICKS:
        return kept
    return [step for step in kept if step in (kept[0], *steps[::3], kept[-1])]
