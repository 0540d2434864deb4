"""What Excel shows of a number of zero or more under one section of a number format, and what stands behind it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

CLOCK, DATE = "clock", "date"
DAY_SECONDS = 86_400
LAST_DAY = 2_958_466  # of any Excel date, 31 December 9999, and one more
GENERAL_CHARACTERS = 11
NOT_EXCEL = "has a number format that isn't Excel's"
GROUP_MARKS = (",", " ", "\u00a0", "\u202f")
GROUPED_BY_LITERALS = re.compile(
    r"(?:[0-9]|[1-9][0-9]+|[1-9][0-9]*(?:[ \u00a0\u202f][0-9]{3})+|[1-9][0-9]*(?:,[0-9]{2,3})+,[0-9]{3})(?:\.[0-9]*)?"
)
"""1 234 567 and 12,34,567, as formats with literals group them. One comma alone could be the decimal mark of a format
that divides by a thousand."""
SECONDS = {"h": 3600, "m": 60, "s": 1}
LAPS = {"h": 24, "m": 60, "s": 60}


@dataclass(frozen=True, slots=True)
class Token:
    """One part of a section. `kind`: literal, digit, point, comma, percent, exponent, slash, date, elapsed, half,
    general or text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Section:
    """A section of a number format. `kind`: general, number, clock, date or text."""

    kind: str
    tokens: tuple[Token, ...]
    condition: tuple[str, Fraction] | None = None
    problem: str = ""

    @cached_property
    def places(self) -> Places:
        """Where the digits of a number go."""
        return places_of(self.tokens)


@dataclass(frozen=True)
class Shown:
    """What is seen: `text`, and its one number with what stands `before` and `after` it.

    `behind` is the exact number in the scale that is seen (62 of 0.62 under 0%), `shown` what the digits say,
    `divided` by how much the format divides what the cell holds. `unit` is "s" of a clock. `problem` completes
    "a cell that ...".
    """

    text: str
    before: str = ""
    numeral: str = ""
    after: str = ""
    behind: Fraction | None = None
    shown: Fraction | None = None
    divided: int = 1
    unit: str = ""
    problem: str = ""


@dataclass
class Places:
    """The digits of a number section by what they are for, as `0`, `#` and `?`, and what stands around them."""

    before: str = ""
    whole: str = ""
    decimals: str = ""
    exponent: str = ""
    after: str = ""
    exponent_sign: str = ""
    point: bool = False
    grouped: bool = False
    divided: int = 1
    percents: int = 0
    between: list[tuple[int, str]] = field(default_factory=list)
    """Literals inside the whole part, by how many of its places follow them."""
    torn: bool = False
    """Whether literals that group no digits stand between them."""


def show_section(section: Section, size: Fraction) -> Shown:
    """Return what is seen of `size`, a number of zero or more."""
    if section.kind == CLOCK:
        seen = show_clock(section.tokens, size)
    elif section.kind == DATE:
        seen = Shown(general(float(size)), problem="is a date")
    elif section.kind in ("general", "text"):
        seen = show_general(section.tokens, size)
    elif any(token.kind == "slash" for token in section.tokens):
        seen = show_fraction(section.tokens, size)
    else:
        seen = show_number(section.places, size)
    return replace(seen, problem=section.problem) if section.problem and not seen.problem else seen


def show_general(tokens: tuple[Token, ...], size: Fraction) -> Shown:
    """Return a number as Excel's General or @ shows it, among literals."""
    at = next(i for i, token in enumerate(tokens) if token.kind in ("general", "text"))
    behind = size * 100 ** sum(token.kind == "percent" for token in tokens)
    before, numeral, after = joined(tokens[:at]), general(float(behind)), joined(tokens[at + 1 :])
    return Shown(f"{before}{numeral}{after}", before, numeral, after, behind, Fraction(numeral))


def joined(tokens: tuple[Token, ...]) -> str:
    """Return the tokens as they are spelled."""
    return "".join(token.text for token in tokens)


def places_of(tokens: tuple[Token, ...]) -> Places:
    """Return the places of a number section."""
    places = Places()
    digits = [i for i, token in enumerate(tokens) if token.kind in ("digit", "point")]
    first, last = (digits[0], digits[-1]) if digits else (len(tokens), len(tokens))
    for i, token in enumerate(tokens):
        if token.kind == "percent":
            places.percents += 1
        if token.kind == "comma" and first < i:
            add_comma(places, followed=i < last and any(t.kind == "digit" for t in tokens[i:last + 1]),
                      at_point=next((t.kind for t in tokens[i:] if t.kind != "comma"), "") == "point")  # fmt: skip
        elif token.kind == "digit":
            add_digit(places, token.text)
        elif token.kind == "point" and not places.point:
            places.point = True
        elif token.kind == "exponent" and i < last:
            places.exponent_sign = token.text
        elif i < first:
            places.before += token.text
        elif i > last:
            places.after += token.text
        else:
            places.torn = places.torn or token.text not in GROUP_MARKS
            places.between.append((len(places.whole), token.text))
    places.between = [(len(places.whole) - passed, text) for passed, text in places.between]
    return places


def add_comma(places: Places, followed: bool, at_point: bool) -> None:
    """A comma between digits groups thousands; one behind the last digit, or before the point, divides by 1000."""
    if at_point or (followed and places.point):
        places.torn = True  # 0,.0 and 0.0,0: spreadsheet programs differ on them
    elif followed:
        places.grouped = True
    elif places.after:
        places.after += ","
    else:
        places.divided *= 1000


def add_digit(places: Places, place: str) -> None:
    """Add one of 0, # and ? to the part that is being spelled."""
    if places.exponent_sign:
        places.exponent += place
    elif places.point:
        places.decimals += place
    else:
        places.whole += place


def show_number(places: Places, size: Fraction) -> Shown:
    """Return what the places of a section show of `size`."""
    behind = size * 100**places.percents / places.divided
    if not places.whole and not places.decimals:
        return without_digits(places.before + places.after, size)
    if places.exponent_sign:
        numeral, shown = scientific(places, behind)
    else:
        numeral, shown = decimal(places, behind)
    text = f"{places.before}{numeral}{places.after}"
    if places.torn or (places.between and not GROUPED_BY_LITERALS.fullmatch(numeral.strip())):
        return Shown(text, problem="is shown with other characters between its digits")
    if not re.search("[0-9]", numeral):
        return without_digits(text, size)
    return Shown(text, places.before, numeral.strip(), places.after, behind, shown, places.divided)


def without_digits(text: str, size: Fraction) -> Shown:
    """Return a zero that accountants see as a dash as a zero; any other number that is hidden is none."""
    if size == 0 and text.strip() in ("-", "–", "—"):
        return Shown(text, "", text.strip(), "", Fraction(0), Fraction(0))
    return Shown(text, problem=f"holds {general(float(size))}, but shows no number")


def decimal(places: Places, number: Fraction) -> tuple[str, Fraction]:
    """Return the digits of `number` in its places, and the number that they say."""
    width = len(places.decimals)
    scaled = rounded(number * 10**width)
    whole, part = divmod(scaled, 10**width)
    decimals = decimals_kept(places.decimals, str(part).zfill(width) if width else "")
    point = "." if places.point else ""
    return f"{whole_part(places, whole)}{point}{decimals}", Fraction(scaled, 10**width)


def whole_part(places: Places, whole: int) -> str:
    """Return the digits before the point, at least one for each 0, grouped and with their literals."""
    text = (str(whole) if whole else "").zfill(least(places.whole, "0"))
    text = grouped(text) if places.grouped else text
    text = text.rjust(least(places.whole, "0?"))
    for behind, literal in places.between:
        text = f"{text[: max(len(text) - behind, 0)]}{literal}{text[max(len(text) - behind, 0) :]}"
    return text


def decimals_kept(places: str, digits: str) -> str:
    """Return the decimals without the zeros at their end that # leaves out and ? leaves blank."""
    length = len(digits)
    while length and digits[length - 1] == "0" and places[length - 1] in "#?":
        length -= 1
    return digits[:length] + " " * places[length:].count("?")


def least(places: str, of: str) -> int:
    """Return how many characters the places show at least: all from the first that is one of `of`."""
    return next((len(places) - i for i, place in enumerate(places) if place in of), 0)


def scientific(places: Places, number: Fraction) -> tuple[str, Fraction]:
    """Return 1.2E+3 of 0.0E+0; the exponent of ##0.0E+0 goes in threes."""
    width = max(len(places.whole), 1)
    exponent = exponent_of(number) // width * width
    if rounded(number / Fraction(10) ** exponent * 10 ** len(places.decimals)) >= 10 ** (
        width + len(places.decimals)
    ):
        exponent += width
    mantissa, shown = decimal(places, number / Fraction(10) ** exponent)
    sign = "-" if exponent < 0 else places.exponent_sign[1:].replace("-", "")
    power = str(abs(exponent)).zfill(least(places.exponent, "0"))
    return f"{mantissa}E{sign}{power}", shown * Fraction(10) ** exponent


def exponent_of(number: Fraction) -> int:
    """Return the power of ten of the first digit; 0 of zero."""
    if number == 0:
        return 0
    guess = len(str(number.numerator)) - len(str(number.denominator))
    return guess if number >= Fraction(10) ** guess else guess - 1


FRACTION = re.compile("(?P<before>L*)(?:(?P<whole>D+)L+)?(?P<top>D+)S(?P<bottom>[DN]+)(?P<after>L*)")


def show_fraction(tokens: tuple[Token, ...], size: Fraction) -> Shown:
    """Return a number as a fraction: 1 1/2 under # ?/?, 1 8/16 under # ??/16."""
    form = FRACTION.fullmatch("".join(letter(token) for token in tokens))
    if form is None:
        return Shown(general(float(size)), problem=NOT_EXCEL)
    bottom = joined(tokens[form.start("bottom") : form.end("bottom")])
    fixed = int(bottom) if bottom.isdigit() and int(bottom) else 0
    shown = Fraction(rounded(size * fixed), fixed) if fixed else nearest(size, bottom)
    whole, part = divmod(shown, 1) if form["whole"] else (0, shown)
    top, under = (int(part * fixed), fixed) if fixed else (part.numerator, part.denominator)
    written = [str(whole)] * bool(whole or (form["whole"] and not part))
    written += [f"{top}/{under}"] * bool(part or not form["whole"])
    numeral = " ".join(written)
    before, after = joined(tokens[: form.end("before")]), joined(tokens[form.start("after") :])
    return Shown(f"{before}{numeral}{after}", before, numeral, after, size, shown)


def letter(token: Token) -> str:
    """Return one letter a token, so that the form of a fraction is an expression."""
    if token.kind == "literal" and token.text.isdigit():
        return "N"
    return {"digit": "D", "slash": "S", "literal": "L"}.get(token.kind, "X")


def nearest(size: Fraction, places: str) -> Fraction:
    """Return the fraction next to `size` with a denominator of so many digits."""
    return size.limit_denominator(10 ** min(len(places), 7) - 1)


def show_clock(tokens: tuple[Token, ...], days: Fraction) -> Shown:
    """Return a duration as a clock shows it: 36:30 of 1.52 days under [h]:mm."""
    marks = [token.text[0].lower() for token in tokens if token.kind in ("date", "elapsed")]
    unit = min(SECONDS[mark] for mark in marks)
    decimals = sum(token.kind == "digit" for token in tokens)
    seconds = days * DAY_SECONDS
    to_the_second = Fraction(rounded(seconds * 10**decimals), 10**decimals)
    shown = to_the_second if unit == 1 else Fraction(to_the_second // unit * unit)
    longest = max(marks, key=SECONDS.__getitem__)
    elapsed = {token.text[0] for token in tokens if token.kind == "elapsed"}
    text = clock_text(tokens, shown, decimals)
    if days >= LAST_DAY:
        return Shown("#" * 8, problem="holds more time than Excel shows")
    if longest not in elapsed and shown >= SECONDS[longest] * LAPS[longest]:
        return Shown(text, problem="holds more time than its format shows")
    parts = re.fullmatch(r"([^0-9]*)([0-9](?:.*[0-9])?)([^0-9]*)", text, re.DOTALL)
    before, numeral, after = parts.groups() if parts else ("", text, "")
    return Shown(text, before, numeral, after, seconds, shown, 1, "s")


def clock_text(tokens: tuple[Token, ...], seconds: Fraction, decimals: int) -> str:
    """Return `seconds` as the tokens of a clock spell them."""
    fraction = iter(str(rounded(seconds % 1 * 10**decimals)).zfill(decimals))
    spelled = []
    for token in tokens:
        if token.kind in ("date", "elapsed"):
            mark = token.text[0].lower()
            number = math.floor(seconds / SECONDS[mark])
            number = number if token.kind == "elapsed" else number % LAPS[mark]
            spelled.append(str(number).zfill(len(token.text)))
        else:
            spelled.append(next(fraction) if token.kind == "digit" else token.text)
    return "".join(spelled)


def rounded(number: Fraction) -> int:
    """Return the whole number next to one of zero or more, halves up, as Excel rounds."""
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)


def grouped(digits: str) -> str:
    """Return digits with a comma before each group of three."""
    start = len(digits) % 3
    return ",".join(
        filter(None, [digits[:start], *(digits[i : i + 3] for i in range(start, len(digits), 3))])
    )


def general(number: float) -> str:
    """Return a number as Excel's General shows it: in 11 characters at most, very small and large ones in powers."""
    size, sign = abs(number), "-" if number < 0 else ""
    if size == 0:
        return "0"
    if 1e-4 <= size < 1e11:
        decimals = max(GENERAL_CHARACTERS - 1 - len(str(int(size))), 0)
        text = f"{size:.{decimals}f}"
        return sign + (text.rstrip("0").rstrip(".") if decimals else text)
    mantissa, _, power = f"{size:.5E}".partition("E")
    return f"{sign}{mantissa.rstrip('0').rstrip('.')}E{power}"
