"""Units of metrics, and quantities in them: "4 h", "90 s", "8,500 / min", "93 %", "$2B", "12 touches".

    hours = unit("h")                    the unit that a metric's definition declares
    hours.parse("90 s")      -> 0.025    text as a number in the declared unit
    hours.parse("4")         -> 4.0      a bare number is in the declared unit
    hours.format(0.025)      -> "90 s"   a number as text, in a unit that suits it
    hours.convert(4, unit("s")) -> 14400.0
    unit("%").bounds         -> (0.0, 100.0), or None
    hours.times_better(4, 0.025, "lower") -> 160.0, format_factor(160.0) -> "160x"

A measurement is stored as its number in the metric's declared unit, with the text exactly as it was given. The table of
units and its conventions are in `models.unit_table`. Every error is a `models.errors.Invalid` that names both units.
"""

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import SupportsFloat

from analysis.progress import Direction, progress, times_better
from models import number_text
from models.errors import Invalid
from models.quantity_text import format_duration, format_factor, format_money, format_percent
from models.unit_table import (
    COUNTS,
    CURRENCIES,
    CURRENCY_SIGNS,
    DURATIONS,
    MULTIPLIERS,
    PERCENT,
    SHARES,
    SHORTHAND,
    UNBOUNDED_PERCENTAGES,
    Measure,
)

__all__ = ["Unit", "progress", "format_factor", "times_better", "unit"]

MAX_LENGTH = 80  # characters of a unit, or of a quantity
ONE = Measure("", "", Fraction(1))


@dataclass(frozen=True)
class Unit:
    """A metric's unit. `kind` is time, share, money or count; `per` is the unit that a rate is divided by.

    `size` is how many seconds, ones or currency units one of it is; `noun` is what a count counts.
    """

    name: str
    kind: str
    measure: Measure
    size: Fraction
    noun: str = ""
    per: "Unit | None" = None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The lowest and highest possible value of a percentage of a whole, else None."""
        of_a_whole = self.measure == PERCENT and not self.noun.startswith(UNBOUNDED_PERCENTAGES)
        return (0.0, 100.0) if of_a_whole and self.per is None else None

    @property
    def bounded(self) -> bool:
        return self.bounds is not None

    def parse(self, quantity: str | float) -> float:
        """Return a quantity as a number in this unit.

        Raises Invalid for text without a number, a unit of another kind, or a value outside `bounds`.
        """
        number = self._number(quantity if isinstance(quantity, str) else _number_text(quantity))
        if self.bounds and not self.bounds[0] <= number <= self.bounds[1]:
            raise Invalid(
                f"“{_short(quantity)}” is outside 0 to 100 %, and {self.name} is a percentage of a whole. "
                "Check the value, or declare the unit as “% change”."
            )
        return number

    def convert(self, number: float, to: "Unit") -> float:
        """Return a number of this unit in another unit. Raises Invalid if they are of different kinds."""
        return _double(Fraction(number) * self.factor(to), str(number))

    def factor(self, to: "Unit") -> Fraction:
        """Return exactly how many of `to` one of this unit is. Raises Invalid if they are of different kinds."""
        if not self.is_compatible_with(to):
            raise Invalid(
                f"{self.name} and {to.name} are different things, and one can't be converted into the other. "
                f"Give the value in {to.name}."
            )
        return self._base / to._base

    def is_compatible_with(self, other: "Unit") -> bool:
        """Return whether both are of one kind: h and s are; h and invoices aren't, nor EUR and USD."""
        if self.kind != other.kind or (self.per is None) != (other.per is None):
            return False
        if self.per and other.per and not self.per.is_compatible_with(other.per):
            return False
        if self.kind == "time":
            return {self.measure.family, other.measure.family} != {"calendar", "working"}
        if self.kind == "money":
            return self.measure.family == other.measure.family
        return self.kind == "share" or not self.noun or not other.noun or _same(self.noun, other.noun)

    def format(self, number: float | None) -> str:
        """Return a number of this unit as text, with three significant digits unless it is whole."""
        if number is None or not math.isfinite(number):
            return "not known"
        return self._format_amount(float(number)) + (f" / {_denominator(self.per)}" if self.per else "")

    def format_exactly(self, number: float | None) -> str:
        """Return `format(number)` if that is the exact number, else every digit with the unit's name: "12345.67 EUR"."""
        text = self.format(number)
        if number is None or not math.isfinite(number):
            return text
        try:
            is_exact = math.isclose(self.parse(text), number, rel_tol=1e-12)
        except Invalid:
            is_exact = False
        return text if is_exact else f"{_number_text(number)} {self.name}"

    def times_better(
        self, baseline: float | None, current: float | None, direction: Direction
    ) -> float | None:
        """Return current against baseline as a factor, above 1 when better; None if a factor has no meaning."""
        return times_better(baseline, current, direction, bounded=self.bounded)

    @property
    def _base(self) -> Fraction:
        return self.size / self.per.size if self.per else self.size

    def _format_amount(self, number: float) -> str:
        """Return the number without the unit that it is divided by."""
        if self.kind == "time":
            return format_duration(number, self.measure)
        if self.kind == "money":
            return format_money(number * float(self.size), self.measure.family)
        if self.measure == PERCENT:
            return format_percent(number)
        if self.kind == "share":
            return number_text.format_number(number) + (
                "x" if self.measure.one == "x" else f" {self.measure.many}"
            )
        digits = number_text.format_number(number * float(self.size))
        is_bare = self.per is not None or not self.noun
        return digits if is_bare else f"{digits} {_agree(self.noun, number * float(self.size))}"

    def _number(self, quantity: str) -> float:
        text = number_text.clean(quantity)
        if len(text) > MAX_LENGTH:
            raise Invalid(f"“{_short(text)}” is too long for a value in {self.name}.")
        if self.kind == "time" and not self.per and (total := _compound(text)):
            return _double(total[0] * total[1].factor(self), text)
        amount, rest = _amount(text, self)
        if not rest:
            return _double(amount, text)
        given = _as_declared(rest, self)
        if not given.is_compatible_with(self):
            raise Invalid(
                f"“{_short(text)}” is in {given.name}, but the metric is measured in {self.name}, and one "
                f"can't be converted into the other. Give the value in {self.name}."
            )
        return _double(amount * given.factor(self), text)


def _denominator(per: Unit) -> str:
    """Return the text after the stroke: "min", "10,000 bed days"."""
    times = per.size / per.measure.size
    if times == 1:
        return per.measure.one or per.noun or "1"
    return f"{number_text.format_number(float(times))} {per.measure.many or per.noun}"


@lru_cache(maxsize=4096)
def unit(text: str) -> Unit:
    """Parse a unit such as "h", "/ min", "applications a minute", "% of orders" or "USD". Raises Invalid."""
    name = number_text.clean(text)
    if not name or len(name) > MAX_LENGTH or not name.isprintable():
        raise Invalid("A metric needs a unit of up to 80 characters, such as h, %, USD, invoices or / min.")
    top, stroke, bottom = _split(SHORTHAND.get(name.lower(), name))
    if stroke and not bottom:
        raise Invalid(f"“{name}” doesn't say per what. Write it such as “/ min” or “invoices / day”.")
    per = _per(bottom) if stroke else None
    if per and top.lower() == "times":
        return Unit(name, "count", ONE, ONE.size, "times", per)
    kind, measure, size, noun = _top(top, needs_noun=per is None)
    return Unit(name, kind, measure, size, noun, per)


def _split(name: str) -> tuple[str, str, str]:
    """Split a rate: "applications a minute" -> ("applications", "a", "minute")."""
    if name.lower().startswith("% of ") or name.lower() in SHARES:
        return name, "", ""
    for stroke in re.finditer(r"\s*/\s*|(?:^|\s+)(per|an?|each)(?:\s+|$)", name, re.IGNORECASE):
        top, bottom = name[: stroke.start()].strip(), name[stroke.end() :].strip()
        if stroke[1] is None or stroke[1].lower() in ("per", "each") or bottom.lower() in DURATIONS:
            return top, stroke[0], bottom
    return name, "", ""


def _per(bottom: str) -> Unit:
    """Return the unit that a rate is divided by: "minute", "10,000 bed days"."""
    number = number_text.NUMERAL.match(bottom)
    times = number_text.parse_number(number[0]) if number else Fraction(1)
    thing = bottom[number.end() :].strip() if number else bottom
    if times <= 0:
        raise Invalid(f"“per {bottom}” has no meaning: count by a number above zero.")
    kind, measure, size, noun = _top(thing, needs_noun=times == 1)
    return Unit(bottom, kind, measure, size * times, noun)


def _top(text: str, needs_noun: bool) -> tuple[str, Measure, Fraction, str]:
    """Return the kind, measure, size and noun of a unit without a stroke."""
    word = text.lower().rstrip(".")
    if word in DURATIONS:
        return "time", DURATIONS[word], DURATIONS[word].size, ""
    if word in SHARES:
        return "share", SHARES[word], SHARES[word].size, ""
    if match := re.fullmatch(r"(?:%|percent|per cent|pct) (.+)", word):
        return "share", PERCENT, PERCENT.size, match[1]
    times, bare = _multiplied(text)
    if currency := _currency(bare):
        return "money", Measure(currency, currency, Fraction(1), currency), Fraction(times), ""
    if bare.lower() in COUNTS or (not bare and (times > 1 or not needs_noun)):
        return "count", ONE, Fraction(times), ""
    if not any(letter.isalpha() for letter in bare):
        raise Invalid(f"“{_short(text)}” is not a unit. Write one such as h, %, USD, invoices or / min.")
    return "count", ONE, Fraction(times), bare


def _multiplied(text: str) -> tuple[int, str]:
    """ "USD million" -> (10**6, "USD"), "$M" and "k€" likewise, "thousand invoices" -> (1000, "invoices")."""
    first, *others = text.split(" ") if text else [""]
    last = others[-1] if others else ""
    if others and first in MULTIPLIERS:
        return MULTIPLIERS[first], " ".join(others)
    if last in MULTIPLIERS and _currency(" ".join([first, *others[:-1]])):
        return MULTIPLIERS[last], " ".join([first, *others[:-1]])
    for letter in ("k", "K", "m", "M", "bn", "b", "B"):
        for bare in (text.removeprefix(letter), text.removesuffix(letter)):
            if bare != text and _currency(bare):
                return MULTIPLIERS[letter], bare
    return 1, text


def _currency(text: str) -> str | None:
    if text.upper() in CURRENCIES:
        return text.upper()
    signs = CURRENCY_SIGNS.get(text) or CURRENCY_SIGNS.get(text.lower())
    return signs[0] if signs else None


def _amount(text: str, declared: Unit) -> tuple[Fraction, str]:
    """Split a quantity into its number and its unit: "$2B" -> (2 * 10**9, "$"), "8.5k / min" -> (8500, "/ min")."""
    sign, front, text = _currency_in_front(text)
    number = number_text.NUMERAL.match(text)
    if not number:
        raise Invalid(f"“{_short(text)}” has no number. Write it such as “{declared.format(4)}”.")
    amount, rest = number_text.parse_number(sign + number[0]), text[number.end() :].strip()
    word = re.match(r"([A-Za-z]+)(?![A-Za-z])\s*", rest)
    if word and word[1] in MULTIPLIERS:
        if declared.kind == "time" and word[1] in ("m", "M"):
            raise Invalid(f"“{_short(text)}” could mean minutes or months. Write “min” or “months”.")
        amount, rest = amount * MULTIPLIERS[word[1]], rest[word.end() :]
        rest = rest or ("" if front or declared.size == 1 else _bare_ones(declared))
    return amount, f"{front}{' ' if front and rest else ''}{rest}"


def _currency_in_front(text: str) -> tuple[str, str, str]:
    for mark in sorted((*CURRENCY_SIGNS, *CURRENCIES), key=len, reverse=True):
        if match := re.match(rf"([+-]?)\s*({re.escape(mark)})\s*(?=[+-]?[0-9.,])", text, re.IGNORECASE):
            return match[1], match[2], text[match.end() :]
    return "", "", text


def _bare_ones(declared: Unit) -> str:
    """Return the unit of a number with a multiplier: "2B" for a metric in USD million is two billion USD."""
    return declared.measure.family if declared.kind == "money" and not declared.per else ""


def _as_declared(rest: str, declared: Unit) -> Unit:
    """Parse the unit after a number, given the metric's: a sign that several currencies share means the metric's."""
    word = rest.lower().rstrip(".")
    if declared.kind == "time" and word == "m":
        raise Invalid("“m” could mean minutes or months. Write “min” or “months”.")
    given = unit(rest)
    if given.per and given.kind == "count" and not given.noun:  # "2B a year" for a metric in USD / year
        return replace(given, kind=declared.kind, measure=declared.measure, size=declared.size)
    if given.kind == "money" and not given.per and declared.per and declared.per.kind == "count":
        given = replace(given, per=declared.per)  # "$12.50" for a metric in USD per invoice
    own = declared.measure.family
    for sign, currencies in CURRENCY_SIGNS.items():
        if given.kind == declared.kind == "money" and rest.startswith(sign) and own in currencies:
            return replace(given, measure=declared.measure)
    return given


def _compound(text: str) -> tuple[Fraction, Unit] | None:
    """Parse "1 h 30 min", "1h30m" or "2 weeks 3 days" as a number of the largest unit; None for any other text.

    Raises Invalid if the parts aren't in order from larger to smaller.
    """
    parts = re.findall(r"([0-9]+(?:[.,][0-9]+)?)\s*([A-Za-z]+)(?:\s+(?:and\s+)?|$|(?=[0-9]))", text)
    if len(parts) < 2 or re.sub(r"\s|and", "", text) != "".join(number + word for number, word in parts):
        return None
    words = ["min" if word == "m" and i else word.lower() for i, (_, word) in enumerate(parts)]
    if not all(word in DURATIONS for word in words):
        return None
    sizes = [DURATIONS[word].size for word in words]
    if sorted(set(sizes), reverse=True) != sizes:
        raise Invalid(f"“{_short(text)}” is not one duration. Write it from larger to smaller: “1 h 30 min”.")
    largest = unit(words[0])
    total = sum(
        number_text.parse_number(number) * size for (number, _), size in zip(parts, sizes, strict=True)
    )
    return total / largest.size, largest


def _number_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, SupportsFloat) or not math.isfinite(float(value)):
        raise Invalid(f"“{_short(value)}” is not a number that can be measured.")
    return repr(float(value)) if not isinstance(value, int) else str(value)


def _double(exact: Fraction, text: str) -> float:
    try:
        return float(exact)
    except OverflowError:
        raise Invalid(f"“{_short(text)}” is too large to be measured. Check its exponent.") from None


def _same(noun: str, other: str) -> bool:
    return _singular(noun.lower()) == _singular(other.lower())


def _singular(noun: str) -> str:
    for plural, singular in (
        ("ies", "y"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("sses", "ss"),
        ("xes", "x"),
        ("s", ""),
    ):
        if noun.endswith(plural) and len(noun) > len(plural) + 1 and not noun.endswith(("ss", "us", "is")):
            return noun.removesuffix(plural) + singular
    return noun


def _agree(noun: str, number: float) -> str:
    return _singular(noun) if number == 1 else noun


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"
