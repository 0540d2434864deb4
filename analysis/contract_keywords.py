"""What a change of one keyword means, by itself: limits, format, pattern, default and the list of values.

Each change has a rule for requests and one for responses, so it is looked for once. Two leaves of one type, which
differ in nothing but such keywords, are judged by this alone: most of what changes in a document is of this kind.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from analysis.contract_document import is_meaningful
from analysis.contract_view import LOWER, UPPER, is_number

_WIDER_FORMATS = [("int32", "int64"), ("float", "double")]
# An exclusive limit may be a flag of another keyword, so it isn't read by itself.
_LIMITS = frozenset((*UPPER, *LOWER)) - {"exclusiveMaximum", "exclusiveMinimum"}
_COUNTED = frozenset(("minLength", "minItems", "minProperties"))
_BY_THEMSELVES = _LIMITS | {"uniqueItems", "format", "pattern", "default", "enum"}
# A leaf with one of these is looked at whole.
_INTRICATE = frozenset(("exclusiveMaximum", "exclusiveMinimum", "const", "items", "allOf", "oneOf", "anyOf"))
_TYPES = frozenset(("string", "integer", "number", "boolean", "object", "array"))
_MISSING: Any = object()


class Change(NamedTuple):
    """What changed, with the rule for either direction; `part` is the place within the schema, "" for itself."""

    request: str
    response: str
    part: str = ""
    old: Any = None
    new: Any = None


def leaf_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change] | None:
    """Return what changed between two leaves; None if the two have to be looked at whole."""
    kind = old.get("type")
    if type(kind) is not str or kind not in _TYPES or new.get("type") != kind:
        return None
    if not (_INTRICATE.isdisjoint(old) and _INTRICATE.isdisjoint(new)):
        return None
    changes: list[Change] = []
    for keyword in old if old.keys() == new.keys() else old.keys() | new.keys():
        before, after = old.get(keyword, _MISSING), new.get(keyword, _MISSING)
        kind = type(before)
        # 1, 1.0 and true are three values
        if before == after and kind is type(after) and (kind is not list or repr(before) == repr(after)):
            continue
        if not is_meaningful(keyword):
            continue
        if keyword not in _BY_THEMSELVES or not (_is_plain(keyword, before) and _is_plain(keyword, after)):
            return None
        before, after = None if before is _MISSING else before, None if after is _MISSING else after
        changes += keyword_changes(keyword, before, after)
    return changes


def _is_plain(keyword: str, value: Any) -> bool:
    """Return whether a keyword is missing or holds what it should, so that its rule can read it."""
    if keyword in _LIMITS:
        return value is _MISSING or value is None or is_number(value)
    if keyword == "enum":
        return value is _MISSING or (type(value) is list and all(type(each) is str for each in value))
    return True


def keyword_changes(keyword: str, old: Any, new: Any) -> Iterator[Change]:
    """Yield what changed where a keyword held `old` and holds `new`, None for a schema without it."""
    if keyword == "enum":
        yield from enum_changes(*(None if each is None else by_text(each) for each in (old, new)))
    elif keyword in _LIMITS:
        yield from limit_changes(keyword, limit(keyword, old), limit(keyword, new))
    elif keyword == "uniqueItems":
        yield from unique_changes(bool(old), bool(new))
    elif keyword == "format":
        yield from format_changes(old, new)
    elif old != new:
        yield pattern_change(old, new) if keyword == "pattern" else default_change(old, new)


def by_text(values: list[Any]) -> dict[str, Any]:
    """Return the values by how JSON writes them, null apart."""
    return {json.dumps(each, sort_keys=True): each for each in values if each is not None}


def enum_changes(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Change]:
    """Yield the values, by how JSON writes them, that came or went; None for no list."""
    if old is None or new is None:
        if old is not new:
            yield Change(*(("request-enum-set", "response-enum-set") if old is None else _DROPPED))
        return
    for value in old.keys() - new.keys():
        yield Change("request-value-removed", "response-value-removed", value)
    for value in new.keys() - old.keys():
        yield Change("request-value-added", "response-value-added", value)


_DROPPED = ("request-enum-dropped", "response-enum-dropped")


def limit(keyword: str, value: Any) -> Any:
    """Return what a limit comes to: at least 0 letters, items or properties is none."""
    return value or None if keyword in _COUNTED else value


def limit_changes(keyword: str, old: Any, new: Any) -> Iterator[Change]:
    """Yield what changed where a limit was `old` and is `new`: numbers, or None for no limit."""
    if old is None and new is not None:
        yield Change("request-limit-set", "response-limit-tightened", keyword, "none", new)
    elif old is not None and new is None:
        yield Change("request-limit-loosened", "response-limit-loosened", keyword, old, "none")
    elif old != new:
        yield _limit_moved(keyword, (new < old) == (keyword in UPPER), old, new)


def unique_changes(old: bool, new: bool) -> Iterator[Change]:
    """Yield what changed where all items had to differ before or have to now."""
    if old != new:
        yield _limit_moved("uniqueItems", new, old, new)


def _limit_moved(part: str, tighter: bool, old: Any, new: Any) -> Change:
    how = "tightened" if tighter else "loosened"
    return Change(f"request-limit-{how}", f"response-limit-{how}", part, old, new)


def format_changes(old: Any, new: Any) -> Iterator[Change]:
    """Yield what changed where the format was `old` and is `new`, None for none."""
    if old != new:
        widened = new is None or (old, new) in _WIDER_FORMATS
        narrowed = (new, old) in _WIDER_FORMATS
        yield Change(
            "request-format-widened" if widened else "request-format-changed",
            "response-format-narrowed" if narrowed else "response-format-changed",
            "",
            old,
            new,
        )


def pattern_change(old: Any, new: Any) -> Change:
    """Return the change of a pattern, None for none."""
    return Change(
        "request-pattern-dropped" if new is None else "request-pattern-changed",
        "response-pattern-set" if old is None else "response-pattern-changed",
        "",
        old,
        new,
    )


def default_change(old: Any, new: Any) -> Change:
    """Return the change of the value that is taken where none is given."""
    return Change("request-default-changed", "response-default-changed", "", old, new)
