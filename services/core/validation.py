"""Checks of what a use case is given. Each refusal is a sentence that says what was expected.

Text is normalised here, on its way in (models/names.py), whether it comes from a page, a file or a program.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TypeVar

from models.errors import Invalid, RuleBroken
from models.names import clean_email, clean_name, clean_text
from models.wording import day_month

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+$")
MAX_NAME, MAX_ADDRESS, MAX_TEXT = 300, 2_000, 10_000
Choice = TypeVar("Choice", bound=str)


@contextmanager
def blame_field(field: str) -> Iterator[None]:
    """Note the column in any refusal within, so that an import can point at the cell."""
    try:
        yield
    except RuleBroken as refused:
        refused.field = refused.field or field
        raise


def required_text(what: str, value: str | None, max_length: int = MAX_NAME) -> str:
    """Return `value` as it is stored, like `optional_text`. Raises Invalid where nothing is left of it."""
    text = optional_text(what, value, max_length)
    if text is None:
        raise Invalid(f"Give the {what}: it can't be empty. Nothing was saved.")
    return text


def email_address(value: str | None) -> str:
    """Return `value` as an e-mail address, as it is stored and looked up. Raises Invalid where it isn't one."""
    text = clean_email(required_text("e-mail", value))
    if not _EMAIL.match(text):
        raise Invalid(f"“{text}” isn't an e-mail address such as mei@example.org. Nothing was saved.")
    return text


def optional_text(what: str, value: str | None, max_length: int = MAX_TEXT) -> str | None:
    """Return `value` as it is stored (`clean`), or None where nothing is left of it.

    Raises Invalid where it is longer than `max_length` characters, or holds what no text can: a name, a line break.
    """
    text = _readable(what, value)
    if max_length <= MAX_NAME:
        _refuse_several_cells(what, text)
    return _short_enough(what, clean(text, max_length), max_length) or None if text else None


def _refuse_several_cells(what: str, text: str) -> None:
    """Raise Invalid if a name holds a line break or a tab."""
    if any(mark in text for mark in "\n\r\t"):
        raise Invalid(
            f"The {what} holds a line break or a tab, as if several cells were pasted into it. Nothing was saved."
        )


def clean(text: str, max_length: int) -> str:
    """Return `text` as a field of at most `max_length` characters stores it.

    A field of at most MAX_NAME characters holds a name, or what is read on one line like one; others hold texts.
    """
    return clean_name(text) if max_length <= MAX_NAME else clean_text(text).strip()


def verbatim_text(what: str, value: str | None, max_length: int = MAX_TEXT) -> str | None:
    """Return `value` to the character, without the spaces around it, or None where nothing is left.

    For what a program reads, such as an address or a query. Raises Invalid as `optional_text` does.
    """
    return _short_enough(what, _readable(what, value), max_length) or None


def _short_enough(what: str, text: str, max_length: int) -> str:
    if len(text) > max_length:
        raise Invalid(
            f"The {what} has {len(text):,} characters; {max_length:,} is the most. Nothing was saved."
        )
    return text


def _readable(what: str, value: str | None) -> str:
    text = (value or "").strip()
    if any(ord(character) < 32 and character not in "\n\t" for character in text):
        raise Invalid(f"The {what} holds a control character. Nothing was saved.")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise Invalid(f"The {what} holds a broken character. Nothing was saved.")
    return text


def one_of(what: str, value: str | None, choices: Collection[Choice], example: str = "") -> Choice:
    """Return `value`. Raises Invalid if it is none of `choices`."""
    known = f"such as {example}" if example else f"it can be {', '.join(choices)}"
    if not value:
        raise Invalid(f"Give the {what}: {known}. Nothing was saved.")
    for choice in choices:
        if choice == value:
            return choice
    raise Invalid(f"There is no {what} “{value}”: {known}. Nothing was saved.")


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
    """Return `value` as an http(s) address: anything else could run where it is clicked. Raises Invalid otherwise."""
    text = verbatim_text(what, value, MAX_ADDRESS)
    if text is None:
        raise Invalid(f"Give the {what}: it can't be empty. Nothing was saved.")
    if not text.startswith(("https://", "http://")) or any(character.isspace() for character in text):
        raise Invalid(f"The {what} has to begin with https:// or http://. Nothing was saved.")
    return text
