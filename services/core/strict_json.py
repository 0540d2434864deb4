"""JSON as it was meant: UTF-8, no number that isn't one, no key twice, no depth without end."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Raw

from models.errors import Invalid


class Unreadable(Invalid):
    """The text isn't JSON that can be taken."""


# A number as it was written: its bytes, and `float` says which. Where rows are read at once (`intake_body`), anything may
# stand in its place, until the numbers of all rows are read as such.
Written = Raw


def _no_number(text: str) -> Any:
    raise Unreadable(f"{text} is no number in JSON. Nothing was saved.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("An object names the same field twice. Nothing was saved.")
    return found


_STRICT = json.JSONDecoder(
    parse_float=Written, parse_int=Written, parse_constant=_no_number, object_pairs_hook=_once
)


def parse(body: bytes) -> Any:
    """What `body` says; every number is `Written`. Raises Unreadable, with a sentence, for everything else."""
    try:
        return _STRICT.decode(body.decode())
    except UnicodeDecodeError:
        raise Unreadable("The body isn't UTF-8. Nothing was saved.") from None
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise Unreadable(f"The body isn't JSON: {wrong.msg} at {where}. Nothing was saved.") from None
    except RecursionError:
        raise Unreadable("The body is nested too deeply. Nothing was saved.") from None
