"""How people say a number: durations in the unit that suits them, money with its sign, factors as "160x"."""

import math

from models.number_text import format_number, is_whole
from models.unit_table import DURATIONS, SAID_WITH_A_SIGN, Measure

# A duration is said in the largest unit of which there are at least so many ...
_LEAST = {"year": 2, "month": 4, "day": 2, "h": 2, "min": 2, "s": 1, "ms": 0}
# ... or in a larger one that it fills exactly, from so many on: 24 h stays "24 h", 7 days are "1 week".
_LEAST_EXACT = {"year": 1, "month": 2, "week": 1, "h": 1, "min": 1}
_LARGE_MONEY = ((10**12, "T"), (10**9, "B"), (10**6, "M"))
CENTS = (1, 100)  # currency units; between them a broken amount is said with two decimals


def format_duration(number: float, measure: Measure) -> str:
    """14400 s -> "4 h", 90 s -> "90 s", 14 days -> "2 weeks". Working time stays in the unit it is
    counted in, and so do whole weeks, months and years."""
    if (
        measure.family == "working"
        or not number
        or (measure.size >= DURATIONS["week"].size and is_whole(number))
    ):
        return _named(number, measure)
    seconds = abs(number) * float(measure.size)
    chosen = next(m for word, least in _LEAST.items() if _in(seconds, m := DURATIONS[word]) >= least)
    for word, least in _LEAST_EXACT.items():
        larger = DURATIONS[word]
        filled = _in(seconds, larger)
        if larger.size > chosen.size and filled >= least - 1e-9 and is_whole(filled):
            chosen = larger
            break
    return _named(math.copysign(_in(seconds, chosen), number), chosen)


def format_money(amount: float, currency: str) -> str:
    """2e9 USD -> "$2B", 1500 EUR -> "€1,500", 12.5 CHF -> "CHF 12.50"."""
    size, letter = next(((s, x) for s, x in _LARGE_MONEY if abs(amount) >= s * 0.9995), (1, ""))
    number = abs(amount) / size
    cents = size == 1 and CENTS[0] <= number < CENTS[1] and not is_whole(number)
    said = f"{number:,.2f}" if cents else format_number(number)
    minus = "-" if amount < 0 else ""
    return f"{minus}{SAID_WITH_A_SIGN.get(currency, currency + ' ')}{said}{letter}"


def format_percent(number: float) -> str:
    """93.0 -> "93 %"; close to 100 as many digits as tell it from 100: 99.95 stays "99.95 %"."""
    if 99 < number < 100 and not is_whole(number):
        return f"{100 - float(f'{100 - number:.2g}'):.12g} %"
    return f"{format_number(number)} %"


def format_factor(factor: float | None) -> str:
    """160.0 -> "160x", 6.43 -> "6.4x", 1.04 -> "1.04x": two significant digits, three near 1 and over 100."""
    if factor is None or not math.isfinite(factor):
        return "not known"
    significant = 3 if 1 < abs(factor) < 1.1 or abs(factor) >= 100 else 2
    return f"{format_number(float(f'{factor:.{significant}g}'))}x"


def _in(seconds: float, measure: Measure) -> float:
    return seconds / float(measure.size)


def _named(number: float, measure: Measure) -> str:
    said = format_number(number)
    return f"{said} {measure.one if said in ('1', '-1') else measure.many}"
