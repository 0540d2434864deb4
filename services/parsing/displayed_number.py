"""One reader of a number for files, grids, pasted text and the API: its value in the unit of its metric.

What a person sees decides: the number with the words around it. What could be meant in two ways comes with both
values, and what isn't understood is refused with what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from models.unit_table import DAY, HOUR, WORKING_DAY
from models.units import Unit, unit
from services.parsing.decimal_mark import Hint, NumberLocale, locale_of
from services.parsing.displayed import Displayed, NumberCell, displayed, displayed_text, plain_text, tidy
from services.parsing.duration_text import Duration, duration_in
from services.parsing.number_format import number_format
from services.parsing.number_rendering import CLOCK, LAST_DAY
from services.parsing.number_result import (
    DASH,
    DECIMAL_MARK,
    MORE_DIGITS,
    SCALE_WORD,
    WORKING_TIME,
    Number,
    Refusal,
    example,
    is_within,
    outside,
)
from services.parsing.number_words import Meaning, meaning
from services.parsing.numerals import COMMA, LARGEST, POINT, SHAPES, marks_of, readings, times
from services.parsing.scale_words import groups_of

CLEAR = re.compile(r"([+-]?[0-9]{1,18})(?:([.,])([0-9]{1,2}|[0-9]{4,15}))?(?![0-9.,' \u00a0\u202f]*[0-9])")
"""A number at the start of a text that can be meant in one way only."""
GROUPED = re.compile(r"([+-]?)([0-9](?:[0-9.,' \u00a0\u202f]{0,38}[0-9])?)")
SIMPLE_WORDS = re.compile(r"[^\W\d_.,()-][^\d()-]*| [^\d()-]*|[%€$£¥₹/][^\d()-]*|")
MIXED_NUMBER = re.compile(
    r"(?P<sign>-?)(?P<whole>[0-9]{1,6}) (?P<top>[0-9]{1,3})/(?P<bottom>[1-9][0-9]{0,2})(?P<after>[^0-9/]*)"
)
VISIBLE = Fraction(1, 200)
"""By how much of itself a number may differ from its shown digits: Headway itself shows three of them."""
VISIBLE_FROM = Fraction(1, 2) / VISIBLE
"""From so many of its last shown place on, no number differs so much from its digits."""


@dataclass
class NumberReader:
    """Reads the cells of one column, as `locale`, the `groups` of its scale words and its durations tell.

    `working_days`: some cell has hours beside days, such as 1d 4h, so that 3d is working time as well.
    """

    locale: NumberLocale = NumberLocale()
    groups: frozenset[str] = frozenset()
    working_days: bool = False
    _quick: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def read(self, cell: Any, declared: Unit) -> Number | Refusal:
        """Return the number in `cell`, a text, a number or a NumberCell, in the unit `declared`."""
        if isinstance(cell, str) and (number := self._plain(cell, declared)):
            return number
        if isinstance(cell, NumberCell) and (number := self._linear(cell, declared)):
            return number
        if isinstance(cell, timedelta):
            cell = f"{plain_text(cell.total_seconds())} s"
        if isinstance(cell, bool) or not isinstance(cell, str | int | float | NumberCell):
            return Refusal(str(cell), f"it is no number; write one such as {example(declared)}")
        if isinstance(cell, str) and (number := self._special(cell, declared)):
            return number
        return self._shown(displayed(cell), declared)

    def _plain(self, text: str, declared: Unit) -> Number | Refusal | None:
        """Return the number at the start of a text with words that are known behind it: most of them by far."""
        match = CLEAR.match(text) or GROUPED.match(text)
        if match is None:
            return None
        key = text[match.end() :], declared.name
        factor = self._quick.get(key)
        if factor is None:
            factor = self._quick[key] = self._plain_factor(key[0], declared)
        if not factor[0]:
            return None
        if match.re is CLEAR:
            whole, _, decimals = match.groups("")
            value = int(whole + decimals) * factor[0] / (10 ** len(decimals) * factor[1])
            return Number(value, text) if is_within(value, declared) else None
        numeral = match[2] if match[2].isascii() else tidy(match[2])
        numerator, denominator = -factor[0] if match[1] == "-" else factor[0], factor[1]
        only = self.locale.mark if self.locale.certain else None
        marks = [only] if only and SHAPES[only].fullmatch(numeral) else marks_of(numeral)
        values = {mark: times(numeral, mark, numerator, denominator) for mark in marks}
        return self._chosen(text, values, declared) if values else None

    def _linear(self, cell: NumberCell, declared: Unit) -> Number | None:
        """The number of a format with one section, which only multiplies; far enough from zero for its digits to tell."""
        rule = linear_rule(cell.code, declared.name, self.groups)
        if rule is None or not rule.holds_for(cell.number):
            return None
        spelled = repr(cell.number)
        if "e" in spelled:
            return None
        whole, _, decimals = spelled.partition(".")
        value = int(whole + decimals) * rule.numerator / (10 ** len(decimals) * rule.denominator)
        return Number(value, cell) if is_within(value, declared) else None

    def _plain_factor(self, after: str, declared: Unit) -> tuple[int, int]:
        """Return what words behind a number multiply it by; 0 where they have to be looked at together with it."""
        working = declared.kind == "time" and self.working_days
        if working or not SIMPLE_WORDS.fullmatch(after) or tidy(after) != after.strip():
            return 0, 1
        words = meaning("", after.rstrip(), declared.name, self.groups)
        return (0, 1) if words.problem or words.others else words.factor.as_integer_ratio()

    def _special(self, text: str, declared: Unit) -> Number | Refusal | None:
        """Durations of several parts, clocks, and 1 1/2."""
        if declared.kind == "time" and declared.per is None and (duration := duration_in(text)):
            return self._duration(text, duration, declared)
        if match := MIXED_NUMBER.fullmatch(tidy(text)):
            value = int(match["whole"]) + Fraction(int(match["top"]), int(match["bottom"]))
            value = -value if match["sign"] else value
            parts = Displayed(text, numeral=text, after=match["after"].rstrip(), behind=value, shown=value)
            return self._shown(parts, declared)
        return None

    def _duration(self, text: str, duration: Duration, declared: Unit) -> Number | Refusal | None:
        if duration.problem:
            return Refusal(text, f"it {duration.problem}; write it such as 1 h 30 min or 0:01:30")
        if duration.parts == 1 and not (self.working_days and duration.working is not None):
            return None
        calendar, working = (_in_unit(seconds, declared) for seconds in (duration.seconds, duration.working))
        if working is None or calendar is None:
            return None if calendar is None else Number(calendar, text)
        if not (duration.mixed or self.working_days):
            return Number(working if declared.measure.family == "working" else calendar, text)
        if declared.measure.family == "calendar":
            reason = "with days of 24 h, as the metric is in calendar time"
            return Number(calendar, text, WORKING_TIME, reason)
        reason = f"with a working day of {WORKING_DAY // HOUR} h"
        others = () if declared.measure.family == "working" else (calendar,)
        return Number(working, text, WORKING_TIME, reason, others)

    def _shown(self, parts: Displayed, declared: Unit) -> Number | Refusal:
        """Return the number in what is displayed, with what its words mean."""
        if parts.problem:
            return Refusal(parts.text, f"it {parts.problem}; write a number such as {example(declared)}")
        if parts.unit:
            return self._clock(parts, declared)
        words = meaning(parts.before, parts.after, declared.name, self.groups)
        if words.problem:
            return Refusal(parts.text, f"{words.problem}; {understood(parts, words, declared, self.locale)}")
        if parts.divided > 1 and not _says_its_scale(parts, words, declared):
            reason = f"its number format divides what it holds by {parts.divided:,} and doesn't say so"
            return Refusal(parts.text, f"{reason}; show the whole number, or a word such as k or M behind it")
        if parts.behind is None:
            return self._of_text(parts, words, declared)
        return self._of_format(parts, parts.behind, words, declared)

    def _clock(self, parts: Displayed, declared: Unit) -> Number | Refusal:
        if declared.kind != "time" or declared.per or not _says_hours(parts) or parts.behind is None:
            return Refusal(parts.text, f"it is a duration; write a number such as {example(declared)}")
        value = _in_unit(parts.behind, declared)
        if value is None:
            return Refusal(
                parts.text, f"a clock's hours aren't {declared.name}; write one such as {example(declared)}"
            )
        return _with_digits(Number(value, parts.text), parts, parts.behind)

    def _of_format(
        self, parts: Displayed, behind: Fraction, words: Meaning, declared: Unit
    ) -> Number | Refusal:
        number = _finite(parts.text, behind * words.factor)
        if isinstance(number, Refusal):
            return number
        if not is_within(number.value, declared):
            return outside(parts.text, declared)
        if not re.search("[0-9]", parts.numeral):
            return Number(number.value, parts.text, DASH, "as its number format shows zero so")
        if words.others:
            return _of_scale(number, words, behind)
        return _with_digits(number, parts, behind)

    def _of_text(self, parts: Displayed, words: Meaning, declared: Unit) -> Number | Refusal:
        exact = {mark: value * words.factor for mark, value in readings(parts.numeral).items()}
        values = {mark: float(-v if parts.negative else v) for mark, v in exact.items() if v < LARGEST}
        if not values:
            return Refusal(parts.text, f"it is no number; write one such as {example(declared)}")
        number = self._chosen(parts.text, values, declared)
        if isinstance(number, Refusal) or number.doubt or not words.others:
            return number
        return _of_scale(number, words, Fraction(number.value) / words.factor)

    def _chosen(self, seen: str, values: dict[str, float], declared: Unit) -> Number | Refusal:
        """One of the values that a text has by the decimal mark: the one its metric can have, else the column's."""
        if self.locale.certain and self.locale.mark in values:
            values = {self.locale.mark: values[self.locale.mark]}
        within = {mark: value for mark, value in values.items() if is_within(value, declared)}
        if not within:
            return outside(seen, declared)
        mark = self.locale.mark if self.locale.mark in within else next(iter(within))
        value = within[mark] + 0.0
        others = tuple(other for other in within.values() if other != value)
        if not others:
            return Number(value, seen)
        if self.locale.mark is None:
            both = " or ".join(f"{each:,.10g}" for each in within.values())
            reason = f"it can be {both}, and the column has decimal points and commas; write one kind"
            return Refusal(seen, reason)
        if declared.kind == "money" and not self.locale.reasons and abs(others[0]) > abs(value):
            return Number(
                others[0], seen, DECIMAL_MARK, "hardly any money is written with three decimals", (value,)
            )
        return Number(value, seen, DECIMAL_MARK, self.locale.why, others)


def reader_for(cells: Iterable[Any], hints: Iterable[Hint] = ()) -> NumberReader:
    """Return the reader of a column: `cells` are all of it that isn't plain, `hints` those of its file."""
    numerals, around, others = set[str](), set[str](), []
    for cell in cells:
        if isinstance(cell, str):
            if match := GROUPED.match(cell):
                numerals.add(shape_of(match[2]))
                around.add(cell[match.end() :])
            else:
                others.append(displayed_text(cell))
    numerals.update(shape_of(each.numeral) for each in others if each.numeral)
    around.update(text for each in others for text in (each.after, each.before))
    locale = locale_of(numerals, hints)
    words = {word for text in around for word in WORDS.findall(text)}
    working = any(HOURS_BESIDE_DAYS.match(text) for text in around)
    return NumberReader(locale, groups_of(words, locale.mark == COMMA), working)


def shape_of(numeral: str) -> str:
    """Return a numeral that has the same decimal marks; few of them stand for a whole column."""
    return numeral[0].translate(DIGITS_TO_ONES) + numeral[1:].translate(DIGITS_TO_ZEROS)


DIGITS_TO_ONES = str.maketrans("123456789", "1" * 9)
DIGITS_TO_ZEROS = str.maketrans("123456789\u00a0\u202f", "0" * 9 + "  ")

WORDS = re.compile(r"[^\W\d_]+(?:\.)?")
HOURS_BESIDE_DAYS = re.compile(
    r" ?(?:d|w|days?|weeks?|wk|Tage?|jours?|días?),? ?(?:and )?[0-9]+ ?[^\W\d_]", re.IGNORECASE
)


class LinearRule(NamedTuple):
    """By which fraction a number under a format is multiplied; `least` is the size from which its digits tell it."""

    numerator: int
    denominator: int
    least: float
    is_clock: bool = False

    def holds_for(self, number: float) -> bool:
        """Return whether `number` is shown, and no further from its digits than can be seen."""
        if self.is_clock:
            return self.least <= number < LAST_DAY
        return self.least <= abs(number) < MAX_PLAIN


@lru_cache(maxsize=4096)
def linear_rule(code: str, unit_name: str, groups: frozenset[str]) -> LinearRule | None:
    """Return the rule of a format for values in a unit; None where it has sections, or its numbers mean no such value."""
    form, declared = number_format(code), unit(unit_name)
    if len(form.sections) != 1 or form.kind not in ("number", CLOCK) or form.sections[0].condition:
        return None
    parts, places = displayed(NumberCell(PROBE, code)), form.sections[0].places
    if (
        parts.problem
        or parts.behind is None
        or places.exponent_sign
        or places.between
        or "/" in parts.numeral
    ):
        return None
    if parts.unit:
        is_time = declared.kind == "time" and not declared.per and _says_hours(parts)
        ratio = (DAY / declared.size).as_integer_ratio()
        return LinearRule(*ratio, float(HOUR / VISIBLE / DAY), is_clock=True) if is_time else None
    words = meaning(parts.before, parts.after, unit_name, groups)
    if words.problem or words.others or (parts.divided > 1 and not _says_its_scale(parts, words, declared)):
        return None
    seen = parts.behind / PROBE
    least = VISIBLE_FROM / Fraction(10) ** len(places.decimals) / seen
    return LinearRule(*(seen * words.factor).as_integer_ratio(), float(least))


PROBE, MAX_PLAIN = 1_234_567, 1e15


def read_number(cell: Any, unit_name: str, hints: Iterable[Hint] = ()) -> Number | Refusal:
    """Return the one number in `cell`, as a form and the API read it: without a column beside it."""
    return reader_for([cell], hints).read(cell, unit(unit_name))


def read_numbers(cells: Mapping[str, Any], unit_name: str) -> dict[str, Number | Refusal]:
    """Return the numbers of fields that somebody filled in together, by the fields' names; none for an empty one.

    A decimal mark that is clear in one field speaks for the others.
    """
    filled = {
        name: cell
        for name, cell in cells.items()
        if cell is not None and not (isinstance(cell, str) and not cell.strip())
    }
    locale = reader_for(filled.values()).locale
    hints = [Hint(locale.mark, "the numbers beside it")] if locale.certain and locale.mark else []
    return {name: read_number(cell, unit_name, hints) for name, cell in filled.items()}


def understood(parts: Displayed, words: Meaning, declared: Unit, locale: NumberLocale) -> str:
    """Return what to write instead, with the digits that were seen where the scale is what is open."""
    values = readings(parts.numeral) if parts.behind is None else {POINT: abs(parts.behind)}
    number = values.get(locale.mark or POINT) or next(iter(values.values()), None)
    if words.others and number is not None:
        written = " or ".join(f"{_plain(number * factor)}" for factor in words.others)
        return f"write the number out, such as {written}"
    return f"write the number in {declared.name}, such as {example(declared)}"


def _plain(number: Fraction) -> str:
    return f"{int(number):,}" if number.denominator == 1 else f"{float(number):,.10g}"


def _finite(seen: str, value: Fraction) -> Number | Refusal:
    if abs(value) >= LARGEST:
        return Refusal(seen, "it is too large to be measured; check its exponent")
    return Number(float(value) + 0.0, seen)


def _in_unit(seconds: Fraction | None, declared: Unit) -> float | None:
    """Seconds in a unit of time."""
    return None if seconds is None else float(seconds / declared.size)


def _of_scale(number: Number, words: Meaning, value: Fraction) -> Number:
    others = tuple(float(value * factor) for factor in words.others)
    return Number(
        number.value, number.cell, SCALE_WORD, f"“{words.word}” counted as {_plain(words.scale)}", others
    )


def _with_digits(number: Number, parts: Displayed, behind: Fraction) -> Number:
    """Tell where the digits that are seen are far from the number that the cell holds."""
    if parts.shown is None or abs(behind - parts.shown) <= VISIBLE * abs(behind):
        return number
    return Number(number.value, number.cell, MORE_DIGITS, "as the cell holds more digits than it shows")


def _says_hours(parts: Displayed) -> bool:
    """Return whether a clock stands alone or with the word for its hours: 36:30, 36:30 h."""
    words = f"{parts.before} {parts.after}".strip()
    meant = meaning("", words, "h")
    return not words or (not meant.problem and meant.factor == 1)


def _says_its_scale(parts: Displayed, words: Meaning, declared: Unit) -> bool:
    """Return whether what a format divides by is said by a word, or by the metric's own unit."""
    of_unit = declared.size / declared.measure.size if declared.kind in ("money", "count") else Fraction(1)
    return words.scale == parts.divided or (
        words.scale == 1 and words.factor == 1 and of_unit == parts.divided
    )
