"""Which mark is the decimal one in a file, by all that the file tells.

Numbers that can be meant one way only decide: they are `certain`. Without any, hints do: semicolons between the
columns, days such as 05.10.2026, apostrophes between thousands. Hints may be wrong, so whatever they decide is shown
with both readings. Where nothing tells, or hints contradict each other, the mark is the point, likewise with both
readings. Where the numbers themselves contradict each other, a doubtful number is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.parsing.displayed import displayed_text
from services.parsing.numerals import COMMA, POINT, UNGROUPED, is_doubtful, marks_of

DOTTED_DAY = re.compile(r"[0-3]?[0-9]\.[01]?[0-9]\.(?:[0-9]{4}|[0-9]{2})(?:[ ,T].*)?")
MONTH_FIRST_DAY = re.compile(r"[01]?[0-9]/(?:1[3-9]|2[0-9]|3[01])/(?:[0-9]{4}|[0-9]{2})(?:[ ,T].*)?")
CURRENCY_OR_NOTHING = re.compile(r"(?:[A-Z]{1,4}|[^\w\s]|[A-Z]{0,2}[€$£¥₹])?")
SAMPLE = 500  # texts of a column that are looked at


@dataclass(frozen=True)
class Hint:
    """Something in a file that speaks for one decimal mark: `reason` names it, in the plural."""

    mark: str
    reason: str
    weight: int = 1


@dataclass(frozen=True)
class NumberLocale:
    """The decimal mark of a column: POINT, COMMA, or None where its numbers contradict each other.

    `certain` where its numbers tell; otherwise `reasons` are the hints, perhaps none.
    """

    mark: str | None = POINT
    certain: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def other(self) -> str:
        """The mark that it isn't."""
        return COMMA if self.mark == POINT else POINT

    @property
    def why(self) -> str:
        """Why doubtful numbers are read as they are, as the end of a sentence."""
        name = "decimal comma" if self.mark == COMMA else "decimal point"
        if not self.reasons:
            return "nothing else tells which mark is the decimal one"
        return f"{listed(self.reasons)} speak for a {name}"


PLAIN = NumberLocale(POINT, certain=True)
"""Of numbers that a program wrote."""


def listed(reasons: tuple[str, ...]) -> str:
    """Return "a, b and c"."""
    return " and ".join(filter(None, [", ".join(reasons[:-1]), reasons[-1]]))


def locale_of(numerals: Iterable[str], hints: Iterable[Hint] = ()) -> NumberLocale:
    """Return the locale of a column, given its numerals (unsigned, without units) and the hints of the file."""
    clear: set[str] = set()
    doubtful: set[str] = set()
    ungrouped = False
    for numeral in numerals:
        marks = marks_of(numeral)
        if len(marks) == 1:
            clear.update(marks)
        elif is_doubtful(numeral):
            doubtful.add(POINT if POINT in numeral else COMMA)
        elif UNGROUPED.fullmatch(numeral):
            ungrouped = True
    if clear:
        return NumberLocale(clear.pop() if len(clear) == 1 else None, certain=True)
    if len(doubtful) == 2:
        return NumberLocale(None)  # 8.500 beside 8,500
    own = [Hint(mark, "thousands without a mark") for mark in doubtful if ungrouped]
    return by_hints([*hints, *own])


def by_hints(hints: Iterable[Hint]) -> NumberLocale:
    """Return the locale that the hints speak for; the point where they are balanced or there are none."""
    weights: Counter[str] = Counter()
    given = tuple(hints)
    for hint in given:
        weights[hint.mark] += hint.weight
    mark = COMMA if weights[COMMA] > weights[POINT] else POINT
    return NumberLocale(mark, False, tuple(dict.fromkeys(hint.reason for hint in given if hint.mark == mark)))


def hints_of_file(separator: str | None, columns: Iterable[Iterable[object]]) -> list[Hint]:
    """Return the hints of a whole file: `separator` of its columns, None in a workbook; `columns` are their cells."""
    hints = []
    if separator == ";":
        hints.append(Hint(COMMA, "semicolons between the columns"))
    elif separator == ",":
        hints.append(Hint(POINT, "commas between the columns"))
    for column in columns:
        texts = [cell for cell in _some(column) if isinstance(cell, str)]
        hints += hints_of_texts(texts)
    return one_of_each(hints)


def one_of_each(hints: Iterable[Hint]) -> list[Hint]:
    """Return the first hint of each kind: a hundred numbers such as 1.5 are one hint."""
    first: dict[tuple[str, str], Hint] = {}
    for hint in hints:
        first.setdefault((hint.mark, hint.reason.partition(" such as ")[0]), hint)
    return list(first.values())


def hints_of_texts(texts: Iterable[str]) -> list[Hint]:
    """Return what the texts of one column tell: its days and its clear numbers."""
    hints = []
    for text in texts:
        if DOTTED_DAY.fullmatch(text):
            hints.append(Hint(COMMA, "days such as 05.10.2026"))
        elif MONTH_FIRST_DAY.fullmatch(text):
            hints.append(Hint(POINT, "days such as 10/31/2026"))
        elif text and text[-1] in "0123456789%€$£)" or text[:1] in "0123456789-+€$£(":
            hints += hints_of_number(text)
    return one_of_each(hints)


def hints_of_number(text: str) -> list[Hint]:
    """Return what a number of another column tells; both marks in one, as in 12.500,00, tell more than one."""
    parts = displayed_text(text)
    if "'" in parts.numeral:
        return [Hint(POINT, "apostrophes between thousands")]
    marks = marks_of(parts.numeral)
    if len(marks) != 1 or not CURRENCY_OR_NOTHING.fullmatch(parts.before):
        return []
    both = POINT in parts.numeral and COMMA in parts.numeral
    return [Hint(marks[0], f"numbers such as {parts.numeral}", 2 if both else 1)]


def _some(column: Iterable[object]) -> list[object]:
    cells = []
    for cell in column:
        cells.append(cell)
        if len(cells) == SAMPLE:
            break
    return cells
