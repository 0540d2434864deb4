"""Units as people say them: "4 h", "90 s", "8,500 / min", "93 %", "$2B", "12 touches".

    hours = unit("h")                    what a metric's definition declares
    hours.parse("90 s")      -> 0.025    what a person wrote, as a number in the declared unit
    hours.parse("4")         -> 4.0      a bare number is in the declared unit
    hours.say(0.025)         -> "90 s"   a stored number, as people say it
    hours.convert(4, unit("s")) -> 14400.0
    unit("%").bounds         -> (0.0, 100.0), or None
    hours.times_better(4, 0.025, "lower") -> 160.0, say_factor(160.0) -> "160x"

A measurement is stored as its number in the metric's declared unit, beside the text exactly as it was given.
The table of units and its conventions is `models.unit_table`; every refusal is a `models.errors.Invalid`
whose sentence names both units.
"""

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

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
    """A metric's unit. `kind` is time, share, money or count; `per` is what a rate is counted by.

    `size` is how many seconds, ones or currency units one of it holds; `noun` is what a count counts.
    """

    name: str
    kind: str
    measure: Measure
    size: Fraction
    noun: str = ""
    per: "Unit | None" = None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The least and greatest number that make sense for a percentage of a whole, else None."""
        of_a_whole = self.measure == PERCENT and not self.noun.startswith(UNBOUNDED_PERCENTAGES)
        return (0.0, 100.0) if of_a_whole and self.per is None else None

    @property
    def bounded(self) -> bool:
        return self.bounds is not None

    def parse(self, written: str | float) -> float:
        """The number, in this unit, of a quantity as a person wrote it. Raises `Invalid` with a sentence."""
        number = self._number(written if isinstance(written, str) else _plain_number(written))
        if self.bounds and not self.bounds[0] <= number <= self.bounds[1]:
            raise Invalid(
                f"“{_short(written)}” is outside 0 to 100 %, and {self.name} is a part of a whole. "
                "Check the value, or declare the unit as “% change”."
            )
        return number

    def convert(self, number: float, to: "Unit") -> float:
        """The same quantity in another unit of the same kind; `Invalid`, naming both, if there is none."""
        return _double(Fraction(number) * self.factor(to), str(number))

    def factor(self, to: "Unit") -> Fraction:
        """How many of `to` one of this unit is, exactly."""
        if not self.mixes_with(to):
            raise Invalid(
                f"{self.name} and {to.name} are different things, and one can't be converted into the other. "
                f"Give the value in {to.name}."
            )
        return self._base / to._base

    def mixes_with(self, other: "Unit") -> bool:
        """Whether both measure the same dimension: 4 h and 90 s do, h and invoices don't, nor EUR and USD."""
        if self.kind != other.kind or (self.per is None) != (other.per is None):
            return False
        if self.per and other.per and not self.per.mixes_with(other.per):
            return False
        if self.kind == "time":
            return {self.measure.family, other.measure.family} != {"calendar", "working"}
        if self.kind == "money":
            return self.measure.family == other.measure.family
        return self.kind == "share" or not self.noun or not other.noun or _same(self.noun, other.noun)

    def say(self, number: float | None) -> str:
        """A number of this unit as people say it; three significant digits unless it is whole."""
        if number is None or not math.isfinite(number):
            return "not known"
        return self._said(float(number)) + (f" / {self._by}" if self.per else "")

    def format_exactly(self, number: float | None) -> str:
        """As `say` says it where that is the very number; else every digit, in the unit's own name: "12345.67 EUR"."""
        said = self.say(number)
        if number is None or not math.isfinite(number):
            return said
        try:
            same = math.isclose(self.parse(said), number, rel_tol=1e-12)
        except Invalid:
            same = False
        return said if same else f"{_plain_number(number)} {self.name}"

    def times_better(
        self, baseline: float | None, current: float | None, direction: Direction
    ) -> float | None:
        """Current against baseline as a factor above 1 when better; None where a factor has no meaning."""
        return times_better(baseline, current, direction, bounded=self.bounded)

    @property
    def _base(self) -> Fraction:
        return self.size / self.per.size if self.per else self.size

    @property
    def _by(self) -> str:
        """What follows the stroke: "min", "10,000 bed days"."""
        one = self.per.measure.one or self.per.noun or "1"
        times = self.per.size / self.per.measure.size
        return (
            one
            if times == 1
            else f"{number_text.format_number(float(times))} {self.per.measure.many or self.per.noun}"
        )

    def _said(self, number: float) -> str:
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
        said = number_text.format_number(number * float(self.size))
        return said if self.per or not self.noun else f"{said} {_agree(self.noun, number * self.size)}"

    def _number(self, written: str) -> float:
        text = number_text.clean(written)
        if len(text) > MAX_LENGTH:
            raise Invalid(f"“{_short(text)}” is too long for a value in {self.name}.")
        if self.kind == "time" and not self.per and (total := _compound(text)):
            return _double(total[0] * total[1].factor(self), text)
        amount, rest = _amount(text, self)
        if not rest:
            return _double(amount, text)
        given = _as_declared(rest, self)
        if not given.mixes_with(self):
            raise Invalid(
                f"“{_short(text)}” is in {given.name}, but the metric is measured in {self.name}, and one "
                f"can't be converted into the other. Give the value in {self.name}."
            )
        return _double(amount * given.factor(self), text)


@lru_cache(maxsize=4096)
def unit(text: str) -> Unit:
    """The unit that a person means by "h", "/ min", "applications a minute", "% of orders", "USD"."""
    name = number_text.clean(text)
    if not name or len(name) > MAX_LENGTH or not name.isprintable():
        raise Invalid("A metric needs a unit of up to 80 characters, such as h, %, USD, invoices or / min.")
    top, stroke, bottom = _split(SHORTHAND.get(name.lower(), name))
    if stroke and not bottom:
        raise Invalid(f"“{name}” doesn't say per what. Write it such as “/ min” or “invoices / day”.")
    per = _per(bottom) if stroke else None
    if per and top.lower() == "times":
        return Unit(name, "count", ONE, ONE.size, "times", per)
    kind, measure, size, noun = _top(top, needs_a_word=per is None)
    return Unit(name, kind, measure, size, noun, per)


def _split(name: str) -> tuple[str, str, str]:
    """What is counted, and by what: "applications a minute" -> ("applications", "a", "minute")."""
    if name.lower().startswith("% of ") or name.lower() in SHARES:
        return name, "", ""
    for stroke in re.finditer(r"\s*/\s*|(?:^|\s+)(per|an?|each)(?:\s+|$)", name, re.IGNORECASE):
        top, bottom = name[: stroke.start()].strip(), name[stroke.end() :].strip()
        if stroke[1] is None or stroke[1].lower() in ("per", "each") or bottom.lower() in DURATIONS:
            return top, stroke[0], bottom
    return name, "", ""


def _per(bottom: str) -> Unit:
    number = number_text.NUMERAL.match(bottom)
    times = number_text.parse_number(number[0]) if number else Fraction(1)
    thing = bottom[number.end() :].strip() if number else bottom
    if times <= 0:
        raise Invalid(f"“per {bottom}” has no meaning: count by a number above zero.")
    kind, measure, size, noun = _top(thing, needs_a_word=times == 1)
    return Unit(bottom, kind, measure, size * times, noun)


def _top(text: str, needs_a_word: bool) -> tuple[str, Measure, Fraction, str]:
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
    if bare.lower() in COUNTS or (not bare and (times > 1 or not needs_a_word)):
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
    """The number and the unit as written: "$2B" -> (2 * 10**9, "$"), "8.5k / min" -> (8500, "/ min")."""
    sign, front, text = _currency_in_front(text)
    number = number_text.NUMERAL.match(text)
    if not number:
        raise Invalid(f"“{_short(text)}” has no number. Write it such as “{declared.say(4)}”.")
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
    """ "2B" for a metric in USD million is two billion USD, not two billion millions."""
    return declared.measure.family if declared.kind == "money" and not declared.per else ""


def _as_declared(rest: str, declared: Unit) -> Unit:
    """The unit written after a number; a sign that several currencies share is the metric's own currency."""
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
    """ "1 h 30 min", "1h30m", "2 weeks 3 days": parts from larger to smaller; None if it isn't written so."""
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


def _plain_number(value: object) -> str:
    if isinstance(value, bool) or not hasattr(value, "__float__") or not math.isfinite(float(value)):
        raise Invalid(f"“{_short(value)}” is not a number that can be measured.")
    return repr(float(value)) if not isinstance(value, int) else str(value)


def _double(exact: Fraction, written: str) -> float:
    try:
        return float(exact)
    except OverflowError:
        raise Invalid(f"“{_short(written)}” is too large to be measured. Check its exponent.") from None


def _same(one: str, other: str) -> bool:
    return _singular(one.lower()) == _singular(other.lower())


def _singular(noun: str) -> str:
    for many, one in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if noun.endswith(many) and len(noun) > len(many) + 1 and not noun.endswith(("ss", "us", "is")):
            return noun.removesuffix(many) + one
    return noun


def _agree(noun: str, number: float | Fraction) -> str:
    return _singular(noun) if number == 1 else noun


def _short(written: object) -> str:
    text = str(written)
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"
