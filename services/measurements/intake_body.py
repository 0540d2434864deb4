"""The body of a request, field by field: read at once where every row is as it should be, else piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from msgspec import UNSET, MsgspecError, Struct, UnsetType
from msgspec.json import Decoder

from services.core.strict_json import Unreadable, Written, parse
from services.core.validation import MAX_NAME, required_text
from services.parsing.sheet import shown

MAX_ROWS = 1_000
DEFAULT_SOURCE = "API"
NEEDED, NOT_NEEDED = ("metric", "at", "value"), ("n", "note", "reason")
FIELDS = NEEDED + NOT_NEEDED


@dataclass(frozen=True)
class BadRow:
    """`row` counts from 1."""

    row: int
    field: str
    problem: str


@dataclass(frozen=True)
class Request:
    """What a body says. `numbers` are those of the rows that are objects, `cells` what these have, a list a field: None
    where a row hasn't that field, and no list where none has it. `bad` are rows that are no objects, or have unknown
    fields."""

    source: str
    numbers: Sequence[int]
    cells: dict[str, list[Any]]
    bad: list[BadRow] = field(default_factory=list)


def request(body: bytes) -> Request:
    """What `body` says. Raises Unreadable where it isn't JSON, or no request."""
    return _at_once(body) or _piece_by_piece(parse(body))


class _Row(Struct, gc=False, forbid_unknown_fields=True):
    metric: str
    at: str
    value: Written
    n: int | UnsetType | None = UNSET
    note: str | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET


class _Body(Struct, forbid_unknown_fields=True):
    measurements: list[_Row]
    source: str | UnsetType = UNSET


_BODY = Decoder(_Body)
# A name has two quotation marks, and a text has two.
_MARKS = {UnsetType: 0, NoneType: 2, int: 2, str: 4}
_MARKS_OF_A_ROW = 10


def _at_once(body: bytes) -> Request | None:
    """What a body says whose rows have all that they need and nothing unknown, and no text as a value; else None.

    Whether an object names a field twice shows in the number of quotation marks: never are there fewer of them than
    what was read has, and with a name that was passed over there are more.
    """
    try:
        said = _BODY.decode(body.decode())
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    rows = said.measurements
    cells: dict[str, list[Any]] = {
        "metric": [row.metric for row in rows],
        "at": [row.at for row in rows],
        "value": [row.value for row in rows],
    }
    more = body.count(b'"') - 2 - _MARKS[type(said.source)] - _MARKS_OF_A_ROW * len(rows)
    for name in NOT_NEEDED if more else ():
        column = [getattr(row, name) for row in rows]
        more -= sum(_MARKS[type(cell)] for cell in column)
        cells[name] = [None if cell is UNSET else cell for cell in column]
    if more:
        return None
    source = DEFAULT_SOURCE if said.source is UNSET else said.source
    return Request(_source(source, len(rows)), range(1, len(rows) + 1), cells)


def _piece_by_piece(content: Any) -> Request:
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
    present = set().union(*objects.values(), NEEDED)
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
