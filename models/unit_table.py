"""The table of units behind `models.units`: every spelling of a unit, and its exact size.

Conventions of this program: a day is 24 h, a week 7 days, a month 30 days, a quarter 90 days, a year 365 days. A working
day is 8 h and a working week 5 working days; they can't be mixed with calendar days.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Measure:
    """A unit of one kind. `one` and `many` are its singular and plural, `size` is in seconds or ones."""

    one: str
    many: str
    size: Fraction
    family: str = ""  # "clock", "calendar" or "working" for durations; the currency for money


MINUTE, HOUR, DAY, WORKING_DAY = 60, 3600, 86400, 8 * 3600

_DURATIONS = (
    (Measure("ms", "ms", Fraction(1, 1000), "clock"), "ms msec millisecond milliseconds"),
    (Measure("s", "s", Fraction(1), "clock"), "s sec secs second seconds"),
    (Measure("min", "min", Fraction(MINUTE), "clock"), "min mins minute minutes"),
    (Measure("h", "h", Fraction(HOUR), "clock"), "h hr hrs hour hours"),
    (Measure("day", "days", Fraction(DAY), "calendar"), "d day days|calendar day|calendar days"),
    (Measure("week", "weeks", Fraction(7 * DAY), "calendar"), "w wk wks week weeks"),
    (Measure("month", "months", Fraction(30 * DAY), "calendar"), "mo mos month months"),
    (Measure("quarter", "quarters", Fraction(90 * DAY), "calendar"), "quarter quarters"),
    (Measure("year", "years", Fraction(365 * DAY), "calendar"), "y yr yrs year years annum"),
    (Measure("working h", "working h", Fraction(HOUR), "working"), "|working h|working hour|working hours"),
    (
        Measure("working day", "working days", Fraction(WORKING_DAY), "working"),
        "wd workday workdays|working day|working days|work day|work days|business day|business days",
    ),
    (
        Measure("working week", "working weeks", Fraction(5 * WORKING_DAY), "working"),
        "|working week|working weeks|business week|business weeks",
    ),
)


def _spellings(text: str) -> list[str]:
    """Split "d day days|calendar day" into single words and, after the first bar, phrases."""
    single, *phrases = text.split("|")
    return single.split() + phrases


DURATIONS: dict[str, Measure] = {word: measure for measure, text in _DURATIONS for word in _spellings(text)}

PERCENT = Measure("%", "%", Fraction(1, 100))
RATIO = Measure("x", "x", Fraction(1))
SHARES: dict[str, Measure] = {
    **dict.fromkeys(("%", "percent", "per cent", "pct", "percentage"), PERCENT),
    **dict.fromkeys(("x", "ratio", "times", "factor"), RATIO),
    **dict.fromkeys(("bp", "bps", "basis point", "basis points"), Measure("bp", "bps", Fraction(1, 10_000))),
    **dict.fromkeys(("‰", "per mille", "permille"), Measure("‰", "‰", Fraction(1, 1000))),
}
# A percentage is a part of a whole, 0 to 100, unless it is one of these.
UNBOUNDED_PERCENTAGES = ("change", "growth", "of plan", "of target", "of baseline")

COUNTS = ("count", "counts", "number", "#", "n")
SHORTHAND = {"tps": "transactions / s", "rps": "requests / s", "qps": "queries / s", "rpm": "requests / min"}

# A sign that several currencies share means the metric's currency, else the first one.
CURRENCY_SIGNS: dict[str, tuple[str, ...]] = {
    "US$": ("USD",),
    "C$": ("CAD",),
    "A$": ("AUD",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "R$": ("BRL",),
    "kr": ("SEK", "NOK", "DKK"),
}
CURRENCIES = frozenset(
    ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF")
    + ("INR", "CNY", "SGD", "HKD", "KRW", "BRL", "MXN", "ZAR", "AED")
)
CURRENCY_PREFIXES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CAD": "C$", "AUD": "A$"}

MULTIPLIERS: dict[str, int] = {
    **dict.fromkeys(("k", "K", "thousand", "thousands"), 10**3),
    **dict.fromkeys(("m", "M", "mn", "million", "millions"), 10**6),
    **dict.fromkeys(("b", "B", "bn", "billion", "billions"), 10**9),
    **dict.fromkeys(("T", "tn", "trillion", "trillions"), 10**12),
}
