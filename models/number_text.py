"""Numbers as people and spreadsheets write them: `read("8,500")`, and back: `digits(8500.0)`.

A comma or point before exactly three digits groups thousands only if it is a comma, or occurs more than once;
"8,500" is eight thousand five hundred, "8.500" is eight and a half, "0,500" and "1,5" have a decimal comma.
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
WIDEST = 300  # powers of ten either way: a double holds no more
SIGNIFICANT = 3

_GROUPED_BY_COMMA = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
_GROUPED_BY_POINT = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]*|[1-9][0-9]{0,2}(\.[0-9]{3}){2,}")


def clean(text: str) -> str:
    """One kind of space, minus and apostrophe, nothing around."""
    for seen, meant in (("\u00a0", " "), ("\u202f", " "), ("\u2009", " "), ("\u2212", "-"), ("\u2019", "'")):
        text = text.replace(seen, meant)
    return " ".join(text.split())


def parse_number(text: str) -> Fraction:
    """The exact value of a numeral; raises `Invalid` for anything that isn't one finite number."""
    written = clean(text)
    if len(written) > MAX_LENGTH or not NUMERAL.fullmatch(written):
        raise Invalid(f"“{written[:MAX_LENGTH]}” is not a number. Write one such as 8,500 or 1.5.")
    mantissa, *exponent = re.split("[eE]", written)
    sign = "-" if mantissa.startswith("-") else ""
    try:
        value = Decimal(
            sign + _with_decimal_point(mantissa.lstrip("+-")) + "".join(f"e{e}" for e in exponent)
        )
    except InvalidOperation:
        raise Invalid(f"“{written}” is not a number. Write one such as 8,500 or 1.5.") from None
    if value and abs(value.adjusted()) > WIDEST:
        raise Invalid(f"“{written}” is too large or too small to be measured. Check its exponent.")
    return Fraction(value)


def _with_decimal_point(mantissa: str) -> str:
    mantissa = mantissa.replace(" ", "").replace("'", "")
    if _GROUPED_BY_COMMA.fullmatch(mantissa):
        return mantissa.replace(",", "")
    if _GROUPED_BY_POINT.fullmatch(mantissa):
        return mantissa.replace(".", "").replace(",", ".")
    return mantissa.replace(",", ".")


def is_whole(number: float) -> bool:
    """Whether a person would call it a whole number, whatever the last bits of the double say."""
    return math.isfinite(number) and abs(number - round(number)) <= 1e-9 * max(1.0, abs(number))


def format_number(number: float, significant: int = SIGNIFICANT) -> str:
    """Whole numbers in full with thousands separators, others to so many significant digits."""
    if is_whole(number) and abs(number) < 1e15:
        return f"{round(number):,}"
    if abs(number) >= 1e15 or abs(number) < 1e-9:
        return f"{number:.{significant}g}"
    decimals = significant - 1 - math.floor(math.log10(abs(number)))
    rounded = round(number, decimals)
    said = f"{rounded:,.{max(decimals, 0)}f}"
    return said.rstrip("0").rstrip(".") if "." in said else said
