"""Parse numbers as people and spreadsheets write them, and format them: "8,500" <-> 8500.

A comma before exactly three digits groups thousands, a point only if it occurs more than once: "8,500" is eight thousand
five hundred, "8.500" is eight and a half, "0,500" and "1,5" have a decimal comma.
"""

import math
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from models.errors import Invalid

NUMERAL = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:[ '][0-9]{3})+(?![0-9])(?:[.,][0-9]+)?|[0-9][0-9.,]*|[.,][0-9]+)"
    r"(?:[eE][+-]?[0-9]+)?"
)
MAX_LENGTH = 60  # characters of a numeral
MAX_EXPONENT = 300  # powers of ten, positive or negative: about the range of a double
SIGNIFICANT_DIGITS = 3

_GROUPED_BY_COMMA = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
_GROUPED_BY_POINT = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]*|[1-9][0-9]{0,2}(\.[0-9]{3}){2,}")


def clean(text: str) -> str:
    """Return `text` with one kind of space, minus and apostrophe, and no space around it."""
    for character, plain in (
        ("\u00a0", " "),
        ("\u202f", " "),
        ("\u2009", " "),
        ("\u2212", "-"),
        ("\u2019", "'"),
    ):
        text = text.replace(character, plain)
    return " ".join(text.split())


def parse_number(text: str) -> Fraction:
    """Return the exact value of a numeral. Raises Invalid for anything that isn't one finite number."""
    numeral = clean(text)
    if len(numeral) > MAX_LENGTH or not NUMERAL.fullmatch(numeral):
        raise Invalid(f"“{numeral[:MAX_LENGTH]}” is not a number. Write one such as 8,500 or 1.5.")
    mantissa, *exponent = re.split("[eE]", numeral)
    sign = "-" if mantissa.startswith("-") else ""
    try:
        value = Decimal(
            sign + _with_decimal_point(mantissa.lstrip("+-")) + "".join(f"e{e}" for e in exponent)
        )
    except InvalidOperation:
        raise Invalid(f"“{numeral}” is not a number. Write one such as 8,500 or 1.5.") from None
    if value and abs(value.adjusted()) > MAX_EXPONENT:
        raise Invalid(f"“{numeral}” is too large or too small to be measured. Check its exponent.")
    return Fraction(value)


def _with_decimal_point(mantissa: str) -> str:
    mantissa = mantissa.replace(" ", "").replace("'", "")
    if _GROUPED_BY_COMMA.fullmatch(mantissa):
        return mantissa.replace(",", "")
    if _GROUPED_BY_POINT.fullmatch(mantissa):
        return mantissa.replace(".", "").replace(",", ".")
    return mantissa.replace(",", ".")


def is_whole(number: float) -> bool:
    """Return whether a number is whole, apart from rounding errors of the double."""
    return math.isfinite(number) and abs(number - round(number)) <= 1e-9 * max(1.0, abs(number))


def format_number(number: float, significant: int = SIGNIFICANT_DIGITS) -> str:
    """Return a whole number in full with thousands separators, any other with so many significant digits."""
    if is_whole(number) and abs(number) < 1e15:
        return f"{round(number):,}"
    if abs(number) >= 1e15 or abs(number) < 1e-9:
        return f"{number:.{significant}g}"
    decimals = significant - 1 - math.floor(math.log10(abs(number)))
    rounded = round(number, decimals)
    text = f"{rounded:,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
