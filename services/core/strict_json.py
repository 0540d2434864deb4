"""Strict JSON: UTF-8, no NaN or infinity, no key twice, no endless nesting."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Raw

from models.errors import Invalid


class Unreadable(Invalid):
    """The text isn't JSON that is accepted."""


# The bytes of a number as it was written. Where rows are decoded at once (`intake_body`), it may hold any JSON value,
# until the numbers of all rows are decoded.
RawNumber = Raw


def _refuse_constant(text: str) -> Any:
    raise Unreadable(f"{text} is no number in JSON. Nothing was saved.")


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Unreadable("An object names the same field twice. Nothing was saved.")
    return fields


_STRICT = json.JSONDecoder(
    parse_float=RawNumber,
    parse_int=RawNumber,
    parse_constant=_refuse_constant,
    object_pairs_hook=_unique_fields,
)


def parse(body: bytes) -> Any:
    """Return the decoded `body`; every number is a `RawNumber`. Raises Unreadable with a sentence."""
    try:
        return _STRICT.decode(body.decode())
    except UnicodeDecodeError:
        raise Unreadable("The body isn't UTF-8. Nothing was saved.") from None
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise Unreadable(f"The body isn't JSON: {wrong.msg} at {where}. Nothing was saved.") from None
    except RecursionError:
        raise Unreadable("The body is nested too deeply. Nothing was saved.") from None
