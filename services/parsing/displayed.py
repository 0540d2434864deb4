"""A number as a person sees it in a cell, and the words around it; what the words mean is another question."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from services.parsing.number_format import number_format

MAX_CHARACTERS = 120  # of a cell that is to be a number

SPACES = re.compile("[\\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff]"
)
ALIKE = str.maketrans(
    {**dict.fromkeys("\u2019\u02bc\u2018\u00b4`", "'"), **dict.fromkeys("\u2212\u2012\ufe63\uff0d", "-")}
    | {
        "\uff05": "%",
        "\uff04": "$",
        "\uffe5": "¥",
        "\uffe1": "£",
        "\uff08": "(",
        "\uff09": ")",
        "\u066a": "%",
    }
)
DASH_BEFORE = re.compile("(?:^|(?<=[ €$£¥₹(]))[\u2010\u2011\u2013\u2014](?= ?[0-9.,$€£¥₹(])")
OTHER_DIGITS = re.compile(r"(?![0-9])\d")
NUMERAL = r"(?:[0-9]|[.,](?=[0-9]))(?:[0-9.,' ]*[0-9])?[.,]?(?:[eE][+-]?[0-9]{1,3}(?![0-9]))?"
BARE_FRACTION = re.compile(r" ?/ ?[0-9][0-9.,]*[^\w]*(?:/.*)?")
PARTS = re.compile(rf"(?P<before>[^0-9]*?)(?P<numeral>{NUMERAL})(?P<after>.*)")


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A number of a workbook and its number format, such as 0.62 and `0.0%`."""

    number: float
    code: str

    @property
    def text(self) -> str:
        """What a person sees: "62.0%"."""
        return number_format(self.code).show(self.number).text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Displayed:
    """One number and what stands `before` and `after` it: ("", "12,500", " h") of "12,500 h".

    `numeral` is unsigned and as it is written. A cell with a number format also has `behind`, the exact number in
    the scale that is seen (62 of 0.62 shown as 62%), `shown`, the same as far as its digits go, and `divided`, by
    what its format divides (1000 for `0,`). `unit` is "s" for a clock such as 36:30. Where there is no number,
    `numeral` is empty and `problem` says why.
    """

    text: str
    before: str = ""
    numeral: str = ""
    after: str = ""
    negative: bool = False
    behind: Fraction | None = None
    shown: Fraction | None = None
    divided: int = 1
    unit: str = ""
    problem: str = ""


def tidy(text: str) -> str:
    """Return `text` with one kind of space, minus, apostrophe and digits, without what can't be seen, and stripped."""
    if text.isascii():
        return " ".join(text.split())
    text = SPACES.sub(" ", UNSEEN.sub("", text).translate(ALIKE)).strip()
    text = OTHER_DIGITS.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    return DASH_BEFORE.sub("-", text)


def displayed(cell: str | float | NumberCell) -> Displayed:
    """Return the number that a person sees in `cell`."""
    if isinstance(cell, NumberCell):
        return displayed_with_format(cell)
    return displayed_text(cell) if isinstance(cell, str) else displayed_number(cell)


def displayed_number(number: float) -> Displayed:
    """Return a number without a format of its own."""
    if not math.isfinite(number):
        return Displayed(str(number), problem="holds no number")
    text, behind = plain_text(number), exact(number)
    return Displayed(text, numeral=text.removeprefix("-"), negative=number < 0, behind=behind, shown=behind)


def displayed_text(text: str) -> Displayed:
    """Return the one number in `text`, with what stands around it."""
    tidied = tidy(text[: MAX_CHARACTERS + 1])
    if len(tidied) > MAX_CHARACTERS:
        return Displayed(text, problem="is too long for a number")
    match = PARTS.fullmatch(tidied)
    if match is None:
        return Displayed(tidied, problem="holds no number")
    if BARE_FRACTION.fullmatch(match["after"]):
        return Displayed(tidied, problem="could be a fraction, a day or a share of something")
    return signed(Displayed(tidied, match["before"], match["numeral"].strip(), match["after"]))


def displayed_with_format(cell: NumberCell) -> Displayed:
    """Return what a workbook shows of a number. Its sign has to be seen, or there is a `problem`."""
    seen = number_format(cell.code).show(cell.number)
    if seen.problem:
        return Displayed(seen.text, problem=seen.problem)
    parts = signed(Displayed(tidy(seen.text), tidy(seen.before), seen.numeral, seen.after.rstrip()))
    if parts.problem:
        return parts
    if seen.shown and parts.negative != (seen.shown < 0):
        return Displayed(parts.text, problem=f"holds {plain_text(cell.number)}, so its sign isn't seen")
    return Displayed(
        parts.text, parts.before, parts.numeral, parts.after, parts.negative,
        seen.behind, seen.shown, seen.divided, seen.unit,
    )  # fmt: skip


def signed(parts: Displayed) -> Displayed:
    """Return `parts` with the signs around its number taken off: -5, € -5, 5-, (5), ($5). 5,- is 5."""
    before, numeral, after = parts.before.strip(), parts.numeral, parts.after.rstrip()
    if numeral[-1:] in (".", ",") and after[:1] in ("-", "\u2013", "\u2014"):
        numeral, after = numeral[:-1], after[1:]  # prices without cents
    before, after, bracketed = without_brackets(before, after)
    in_front = before.startswith("-") or before.endswith("-")
    before = before.removeprefix("-").removesuffix("-").removeprefix("+").removesuffix("+").strip()
    behind = TRAILING_MINUS.search(after)
    after = TRAILING_MINUS.sub("", after)
    if in_front + bool(behind) + bracketed > 1 or TWO_SIGNS.search(parts.before):
        return Displayed(parts.text, problem="has more than one sign")
    return Displayed(parts.text, before, numeral, after.rstrip(), in_front or bool(behind) or bracketed)


def without_brackets(before: str, after: str) -> tuple[str, str, bool]:
    """Take off brackets around a number, as accountants write one below zero; say whether there were any."""
    if before.startswith("(") and after.endswith(")"):
        return before[1:].strip(), after[:-1].rstrip(), True
    if before.endswith("(") and after.startswith(")"):
        return before[:-1].strip(), after[1:].lstrip(), True
    return before, after, False


TWO_SIGNS = re.compile("[+-] *[+-]")
TRAILING_MINUS = re.compile("^-(?=$| ?[€$£¥₹%]| [A-Z]{3}$)|(?<=[€$£¥₹%])-$")


def exact(number: float) -> Fraction:
    """Return the decimal number that is meant by a double: 62/100 of 0.62."""
    return Fraction(repr(number))


def plain_text(number: float) -> str:
    """Return the shortest spelling that reads back as `number`: 4, 0.62, 1e+22."""
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))
