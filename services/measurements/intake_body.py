"""Parsing a request's body: decoded at once if every row is well-formed, else field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from msgspec import UNSET, MsgspecError, Struct, UnsetType
from msgspec.json import Decoder

from services.core.strict_json import RawNumber, Unreadable, parse
from services.core.validation import MAX_NAME, required_text
from services.parsing.cell import shown

MAX_ROWS = 1_000
DEFAULT_SOURCE = "API"
REQUIRED_FIELDS, OPTIONAL_FIELDS = ("metric", "at", "value"), ("n", "note", "reason")
FIELDS = REQUIRED_FIELDS + OPTIONAL_FIELDS


@dataclass(frozen=True)
class BadRow:
    """A row that can't be accepted, and why; `row` counts from 1."""

    row: int
    field: str
    problem: str


@dataclass(frozen=True)
class Request:
    """A parsed body.

    `numbers` are the rows (from 1) that are objects; `cells` has a list for each field that any of them has, with None
    for rows without it. `bad` are rows that are no objects, or have unknown fields.
    """

    source: str
    numbers: Sequence[int]
    cells: dict[str, list[Any]]
    bad: list[BadRow] = field(default_factory=list)


def parse_request(body: bytes) -> Request:
    """Return the parsed body. Raises Unreadable if it isn't JSON, or no request."""
    return _decoded_at_once(body) or _by_field(parse(body))


class _Row(Struct, gc=False, forbid_unknown_fields=True):
    metric: str
    at: str
    value: RawNumber
    n: int | UnsetType | None = UNSET
    note: str | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET


class _Body(Struct, forbid_unknown_fields=True):
    measurements: list[_Row]
    source: str | UnsetType = UNSET


_BODY = Decoder(_Body)
# Quotation marks of a field, by the type of its value: two for its name, and two for a text.
_QUOTES = {UnsetType: 0, NoneType: 2, int: 2, str: 4}
_QUOTES_OF_A_ROW = 10


def _decoded_at_once(body: bytes) -> Request | None:
    """Return the parsed body if its rows have all required fields, no unknown one, and numbers as values; else None.

    The decoder passes over a field that an object names twice. The number of quotation marks shows it: the body has
    more of them than what was decoded.
    """
    try:
        decoded = _BODY.decode(body.decode())
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    rows = decoded.measurements
    cells: dict[str, list[Any]] = {
        "metric": [row.metric for row in rows],
        "at": [row.at for row in rows],
        "value": [row.value for row in rows],
    }
    surplus = body.count(b'"') - 2 - _QUOTES[type(decoded.source)] - _QUOTES_OF_A_ROW * len(rows)
    for name in OPTIONAL_FIELDS if surplus else ():
        column = [getattr(row, name) for row in rows]
        surplus -= sum(_QUOTES[type(cell)] for cell in column)
        cells[name] = [None if cell is UNSET else cell for cell in column]
    if surplus:
        return None
    source = DEFAULT_SOURCE if decoded.source is UNSET else decoded.source
    return Request(_source(source, len(rows)), range(1, len(rows) + 1), cells)


def _by_field(content: Any) -> Request:
    if not isinstance(content, dict) or not isinstance(content.get("measurements"), list):
        raise Unreadable("The body has to be an object with a list of measurements. Nothing was saved.")
    if content.keys() - {"measurements", "source"}:
        raise Unreadable("The body has measurements and perhaps source, and nothing else. Nothing was saved.")
    rows = list(enumerate(content["measurements"], start=1))
    source = _source(content.get("source", DEFAULT_SOURCE), len(rows))
    bad = [
        BadRow(number, "", "A measurement is an object with metric, at and value.")
        for number, row in rows
        if type(row) is not dict
    ]
    objects = {number: row for number, row in rows if type(row) is dict}
    bad += [
        BadRow(number, shown(name), f"There is no such field; a measurement has {', '.join(FIELDS)}.")
        for number, row in objects.items()
        for name in row.keys() - {*FIELDS}
    ]
    present = set().union(*objects.values(), REQUIRED_FIELDS)
    cells = {name: [row.get(name) for row in objects.values()] for name in FIELDS if name in present}
    return Request(source, [*objects], cells, bad)


def _source(source: Any, rows: int) -> str:
    if not 1 <= rows <= MAX_ROWS:
        raise Unreadable(
            f"A request has 1 to {MAX_ROWS:,} measurements; this one has {rows:,}. Nothing was saved."
        )
    if type(source) is not str:
        raise Unreadable("The source has to be a text. Nothing was saved.")
    return required_text("source", source, MAX_NAME)
