"""JSON as it was meant: UTF-8, no number that isn't one, no key twice, no depth without end."""

from __future__ import annotations

import json
from typing import Any

from models.errors import Invalid


class Unreadable(Invalid):
    """The text isn't JSON that can be taken."""


class Written(str):
    """A number as it was written; `float` says which. A text is a `str` and not this."""

    __slots__ = ()


def _no_number(text: str) -> Any:
    raise Unreadable(f"{text} is no number in JSON. Nothing was saved.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("An object names the same field twice. Nothing was saved.")
    return found


_AS_WRITTEN: Any = {"parse_float": Written, "parse_int": Written, "parse_constant": _no_number}
_QUICK, _STRICT = json.JSONDecoder(**_AS_WRITTEN), json.JSONDecoder(**_AS_WRITTEN, object_pairs_hook=_once)
_WHITESPACE = b" \t\n\r"


def parsed(body: bytes) -> Any:
    """What `body` says; every number is `Written`. Raises Unreadable, with a sentence, for everything else."""
    try:
        text = body.decode("utf-8")
        content = _QUICK.decode(text)
        # Asking every object whether it names a field twice takes longer than reading it.
        return content if _names_each_once(body, content) else _STRICT.decode(text)
    except UnicodeDecodeError:
        raise Unreadable("The body isn't UTF-8. Nothing was saved.") from None
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise Unreadable(f"The body isn't JSON: {wrong.msg} at {where}. Nothing was saved.") from None
    except RecursionError:
        raise Unreadable("The body is nested too deeply. Nothing was saved.") from None


def _names_each_once(body: bytes, content: Any) -> bool:
    """Whether no object of `body` names a field twice, for certain; False where only each object can tell.

    Each time a field is named, there is a quotation mark with a colon, perhaps elsewhere too: never are there fewer of
    them than names, and of fields never more than names.
    """
    return body.translate(None, _WHITESPACE).count(b'":') == _fields(content)


def _fields(content: Any) -> int:
    """How many fields there are in an object and in its lists of objects. Those of deeper ones don't count."""
    if type(content) is not dict:
        return 0
    lists = [each for each in content.values() if type(each) is list]
    return len(content) + sum(sum(map(len, each)) for each in lists if {*map(type, each)} == {dict})
