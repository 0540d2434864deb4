"""The size of a change in words: one factor or one difference, with its 95 % interval, smaller numbers first."""

from collections.abc import Callable

from analysis.estimate import Estimate, Interval
from analysis.plain_numbers import format_plain
from analysis.progress import Direction
from analysis.scales import Bounds

FormatValue = Callable[[float], str]
# A factor nearer to 1 is said as a percentage.
SMALL_FACTOR = 1.1
# A factor further from 1 says nothing more.
MAX_FACTOR = 1_000.0
SAME = "the same"
PERCENT, POINTS = " %", " percentage points"


def size_text(
    estimate: Estimate, direction: Direction, format_value: FormatValue, bounds: Bounds | None
) -> str:
    """Return the change with its interval: "8.4x better (5x to 14x)", "12.7 percentage points lower (10.5 to 15)"."""
    interval = interval_text(estimate, direction, format_value, bounds)
    return change_text(estimate, direction, format_value, bounds) + (f" ({interval})" if interval else "")


def change_text(
    estimate: Estimate, direction: Direction, format_value: FormatValue, bounds: Bounds | None
) -> str:
    """Return the change alone: "8.4x better", "2.6% higher", "12.7 percentage points lower", "about the same"."""
    if _is_difference(estimate, format_value):
        return _difference(estimate.difference, format_value, bounds)
    assert estimate.factor is not None, "what has no factor is a difference"
    if _is_small(estimate):
        return _percent(estimate.factor, direction)
    return _factor(estimate.factor)


def interval_text(
    estimate: Estimate, direction: Direction, format_value: FormatValue, bounds: Bounds | None
) -> str:
    """Return the interval, without what the change says already; "" where the points don't vary."""
    if _is_difference(estimate, format_value) or estimate.factor_interval is None:
        return _differences(estimate.difference_interval, estimate.difference, format_value, bounds)
    assert estimate.factor is not None, "what has no factor is a difference"
    if _is_small(estimate):
        return _percents(estimate.factor_interval, estimate.factor, direction)
    return _factors(estimate.factor_interval, estimate.factor)


def _is_difference(estimate: Estimate, format_value: FormatValue) -> bool:
    """Return whether the change is said as a difference: 2.6% more of a percentage could be taken for its points."""
    return estimate.factor is None or (_is_small(estimate) and _in_percent(format_value))


def _in_percent(format_value: FormatValue) -> bool:
    return PERCENT in format_value(1.0)


def _is_small(estimate: Estimate) -> bool:
    return estimate.factor is not None and 1 / SMALL_FACTOR < estimate.factor < SMALL_FACTOR


def _factor(factor: float) -> str:
    times, word = _times(factor)
    return word if word == SAME else f"{times} {word}"


def _times(factor: float) -> tuple[str, str]:
    """Return a factor as how many times better or worse: ("2.6x", "better")."""
    times, word = (factor, "better") if factor >= 1 else (1 / factor if factor else MAX_FACTOR, "worse")
    if times >= MAX_FACTOR:
        return f"over {MAX_FACTOR:,g}x", word
    rounded = float(f"{times:.2g}") if times < 100 else float(round(times))
    return f"{rounded:,g}x", SAME if rounded == 1 else word


def _factors(interval: Interval, factor: float) -> str:
    """Return the interval of a factor. An end that is None, or zero, isn't bounded by the points."""
    low, high = (end or None for end in interval)
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return _open(low, high)
    ends = [_times(low), _times(high)]
    if ends[0][1] != ends[1][1]:
        return f"from {_factor(low)} to {_factor(high)}"
    smaller, larger = ends if ends[0][1] == "better" else ends[::-1]
    plain = f"{smaller[0]} to {larger[0]}"
    return plain if (factor >= 1) == (smaller[1] == "better") else f"{plain} {smaller[1]}"


def _open(low: float | None, high: float | None) -> str:
    """Return an interval with one end: at least 4x better, or at least 2.3x worse where all of it is worse."""
    if low is not None:
        return f"at least {_factor(low)}" if low >= 1 else f"at most {_factor(low)}, or any better"
    assert high is not None, "one end is known"
    return f"at least {_factor(high)}" if high < 1 else f"at most {_factor(high)}, or any worse"


def _percent(factor: float, direction: Direction) -> str:
    """Return a small factor as by how much the value is higher or lower."""
    higher = _higher(factor, direction)
    text = f"{format_plain(round(abs(higher), 1))}%"
    return "about the same" if text == "0%" else f"{text} {'higher' if higher > 0 else 'lower'}"


def _percents(interval: Interval, factor: float, direction: Direction) -> str:
    low, high = interval
    if not low or high is None:
        return _open(low or None, high) if low or high else ""
    ends = _higher(low, direction), _higher(high, direction)
    return _between(*ends, _rounded_percent, _higher(factor, direction))


def _rounded_percent(part: float) -> str:
    return f"{format_plain(round(part, 1))}%"


def _higher(factor: float, direction: Direction) -> float:
    """Return by how many per cent the value rose."""
    return 100 * ((factor if direction == "higher" else 1 / factor) - 1)


def _difference(difference: float, format_value: FormatValue, bounds: Bounds | None) -> str:
    if difference == 0:
        return SAME
    return f"{_amount(format_value, bounds)(abs(difference))} {'higher' if difference > 0 else 'lower'}"


def _differences(
    interval: Interval | None, difference: float, format_value: FormatValue, bounds: Bounds | None
) -> str:
    low, high = interval or (None, None)
    if low is None or high is None:
        return ""
    plain = format_plain if bounds else lambda number: format_value(number).replace(PERCENT, "")
    return _between(low, high, plain, difference)


def _amount(format_value: FormatValue, bounds: Bounds | None) -> FormatValue:
    """Return how a difference is written: percentages, of a whole or not, differ by percentage points."""

    def amount(number: float) -> str:
        text = f"{format_plain(number)}{POINTS}" if bounds else format_value(number).replace(PERCENT, POINTS)
        return text.replace("points", "point", 1) if text.startswith(f"1{POINTS}") else text

    return amount


def _between(one: float, other: float, format_value: FormatValue, change: float) -> str:
    """Return "10.5 to 15", or "from 3 lower to 2 higher" where the ends differ in direction."""
    low, high = sorted((one, other))
    if low < 0 < high:
        return f"from {format_value(-low)} lower to {format_value(high)} higher"
    smaller, larger = sorted((abs(low), abs(high)))
    plain, higher = f"{format_value(smaller)} to {format_value(larger)}", low >= 0
    return plain if higher == (change > 0) else f"{plain} {'higher' if higher else 'lower'}"
