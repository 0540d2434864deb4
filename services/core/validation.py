"""Checks of what a use case is given. Each refusal is a sentence that says what was expected."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date

from models.errors import HeadwayError, Invalid
from models.wording import day_month

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+$")
MAX_NAME, MAX_TEXT = 300, 10_000


@contextmanager
def blame_field(field: str) -> Iterator[None]:
    """Note the column in any refusal within, so that an import can point at the cell."""
    try:
        yield
    except HeadwayError as refused:
        refused.field = refused.field or field
        raise


def required_text(what: str, value: str | None, max_length: int = MAX_NAME) -> str:
    """Return `value` without the spaces around it. Raises Invalid if nothing is left, or it is too long."""
    text = optional_text(what, value, max_length)
    if text is None:
        raise Invalid(f"Give the {what}: it can't be empty. Nothing was saved.")
    return text


def required_name(what: str, value: str | None, max_length: int = MAX_NAME) -> str:
    """Return `value` with single spaces, so that two spellings of a name differ in case at most.

    Raises Invalid where it is empty or too long.
    """
    return " ".join(required_text(what, value, max_length).split())


def email_address(value: str | None) -> str:
    """Return `value` in small letters. Raises Invalid if it isn't an e-mail address."""
    text = required_text("e-mail", value).lower()
    if not _EMAIL.match(text):
        raise Invalid(f"“{text}” isn't an e-mail address such as mei@example.org. Nothing was saved.")
    return text


def optional_text(what: str, value: str | None, max_length: int = MAX_TEXT) -> str | None:
    """Return `value` without the spaces around it, or None if nothing is left.

    Raises Invalid if it is longer than `max_length`, or has control characters or lone surrogates.
    """
    text = (value or "").strip()
    if len(text) > max_length:
        raise Invalid(
            f"The {what} has {len(text):,} characters; {max_length:,} is the most. Nothing was saved."
        )
    if any(ord(character) < 32 and character not in "\n\t" for character in text):
        raise Invalid(f"The {what} holds a control character. Nothing was saved.")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise Invalid(f"The {what} holds a broken character. Nothing was saved.")
    return text or None


def one_of(what: str, value: str | None, choices: Collection[str], example: str = "") -> str:
    """Return `value`. Raises Invalid if it is none of `choices`."""
    known = f"such as {example}" if example else f"it can be {', '.join(choices)}"
    if not value:
        raise Invalid(f"Give the {what}: {known}. Nothing was saved.")
    if value not in choices:
        raise Invalid(f"There is no {what} “{value}”: {known}. Nothing was saved.")
    return str(value)


def date_between(what: str, value: date | None, first: date, last: date) -> date:
    """Return `value`. Raises Invalid if it isn't from `first` to `last`, with those dates as what was expected."""
    if value is None:
        raise Invalid(f"Give the date of {what}. Nothing was saved.")
    if not first <= value <= last:
        span = f"from {day_month(first)} {first.year} to {day_month(last)} {last.year}"
        refused = Invalid(
            f"{what[:1].upper()}{what[1:]} can't be on {value.isoformat()}: it has to be {span}. Nothing was saved."
        )
        refused.expected = f"a date {span}"
        raise refused
    return value


def whole_number(what: str, value: int | float | None, minimum: int, maximum: int) -> int:
    """Return `value` as an int. Raises Invalid if it isn't a whole number from `minimum` to `maximum`."""
    number = finite_number(what, value)
    if number != int(number) or not minimum <= number <= maximum:
        raise Invalid(
            f"The {what} has to be a whole number from {minimum:,} to {maximum:,}. Nothing was saved."
        )
    return int(number)


def finite_number(what: str, value: float | None) -> float:
    """Return `value`. Raises Invalid if it is missing, NaN or infinite."""
    if value is None or not math.isfinite(value):
        raise Invalid(f"The {what} has to be a number. Nothing was saved.")
    return float(value)


def web_address(what: str, value: str | None) -> str:
    """Return `value`. Raises Invalid if it isn't an http(s) address: anything else could run where it is clicked."""
    text = required_text(what, value, max_length=2_000)
    if not text.startswith(("https://", "http://")) or any(character.isspace() for character in text):
        raise Invalid(f"The {what} has to begin with https:// or http://. Nothing was saved.")
    return text
