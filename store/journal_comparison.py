"""Compare the tables with the journal: a row that was edited behind the program's back shows.

Both are read in the order of kind and row, a thousand at a time, and the database sorts: so a million entries need no
more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, select

from models.base import Base
from models.engagement import Engagement
from models.journal import REMOVED, JournalEntry, entry_fields
from models.metrics import SignOff
from models.prepared import Prepared
from models.sign_off import SignOffRecord
from models.wording import nouns
from store.states import KINDS, typed_row
from store.table_rows import table_of

ROWS_AT_ONCE = 1_000
# These change with every transaction, and the journal doesn't cover them.
_UNJOURNALLED = {"revision", "head"}
_KINDS: dict[str, tuple[type[Base], str]] = {"engagement": (Engagement, "id")}
_KINDS |= {kind: (cls, "engagement_id") for kind, cls in KINDS.items()}
_HAVE_ROWS = Prepared(
    select(
        *(
            exists().where(table_of(cls).c[key] == bindparam("engagement_id"))
            for _, (cls, key) in sorted(_KINDS.items())
        )
    )
)
_NONSENSE = "engagement: what the journal says makes no sense, so it was written by something else"

Row = dict[str, Any]
Compared = Callable[[int], None]
"""Is told, now and then, how many of the journal's entries were compared."""


def first_difference(
    connection: Connection, engagement_id: int, revision: int, compared: Compared | None = None
) -> str | None:
    """Return the first row that differs from the journal at its newest `revision`, as text; None if none does.

    Columns that were added after a row's entries aren't in them, and aren't compared.
    """
    entries = _counted(_entries(connection, engagement_id, revision), compared)
    seen = set()
    for kind, some in groupby(entries, key=itemgetter("kind")):
        if kind not in _KINDS:
            return _NONSENSE
        seen.add(kind)
        if difference := _difference_of_kind(connection, engagement_id, kind, some):
            return difference
    for kind in _kinds_with_rows(connection, engagement_id):
        if kind not in seen and (difference := _difference_of_kind(connection, engagement_id, kind, ())):
            return difference
    return _unlike_record(connection, engagement_id)


def _kinds_with_rows(connection: Connection, engagement_id: int) -> list[str]:
    """Return the kinds of which the tables hold a row, sorted: asked at once, since most tables of most engagements are
    empty."""
    (row,) = _HAVE_ROWS.rows(connection, engagement_id=engagement_id)
    return [kind for kind, has_rows in zip(sorted(_KINDS), row, strict=True) if has_rows]


def _entries(connection: Connection, engagement_id: int, revision: int) -> Iterator[Row]:
    """Yield the entries in order of kind and row, and the entries of one row in order of time."""
    table = table_of(JournalEntry).c
    query = (
        select(table.kind, table.row_id, table.change, table.payload, table.redacted)
        .where(table.engagement_id == engagement_id, table.sequence <= revision)
        .order_by(table.kind, table.row_id, table.sequence)
    )
    return _streamed(connection, query)


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Row]:
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).mappings():
        yield dict(row)


def _counted(entries: Iterator[Row], compared: Compared | None) -> Iterator[Row]:
    number = 0
    for number, entry in enumerate(entries, start=1):
        yield entry
        if compared is not None and number % ROWS_AT_ONCE == 0:
            compared(number)
    if compared is not None and number % ROWS_AT_ONCE != 0:
        compared(number)


def _difference_of_kind(
    connection: Connection, engagement_id: int, kind: str, entries: Iterable[Row]
) -> str | None:
    """Return the first row of a kind whose table and `entries` differ, as text; None if none does."""
    cls, key = _KINDS[kind]
    stored = _stored(connection, cls, key, engagement_id)
    try:
        for row_id, row, meant in _side_by_side(stored, _journalled(cls, entries)):
            if difference := _difference(row, meant):
                return f"{nouns(kind)[0]} {row_id} {difference}"
    except _Unreadable:
        return f"{nouns(kind)[0]}: its table holds a value that no row can have: somebody changed it there"
    except (KeyError, TypeError, ValueError):
        return _NONSENSE
    return None


class _Unreadable(Exception):
    """A table holds a value that isn't of its column's type."""


def _stored(
    connection: Connection, cls: type[Base], key: str, engagement_id: int
) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a table, by id. Raises _Unreadable."""
    table = table_of(cls)
    query = select(table).where(table.c[key] == engagement_id).order_by(table.c.id)
    try:
        for row in _streamed(connection, query):
            yield row["id"], row
    except (TypeError, ValueError):
        raise _Unreadable from None


def _journalled(cls: type[Base], entries: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """Yield the rows that entries leave, by id. Raises KeyError, TypeError or ValueError for entries that can't be."""
    for row_id, some in groupby(entries, key=itemgetter("row_id")):
        fields: Row | None = None
        for entry in some:
            if entry["change"] != REMOVED:
                fields = (fields or {}) | entry_fields(entry["payload"], entry["redacted"])["after"]
            elif fields is None:
                raise KeyError(row_id)
            else:
                fields = None
        if fields is not None:
            yield row_id, typed_row(cls, fields)


def _side_by_side(
    first: Iterator[tuple[int, Row]], second: Iterator[tuple[int, Row]]
) -> Iterator[tuple[int, Row | None, Row | None]]:
    """Yield the rows of two streams in order of id: those of the same id together, others alone."""
    one, other = next(first, None), next(second, None)
    while one is not None or other is not None:
        row_id = min(pair[0] for pair in (one, other) if pair is not None)
        here, there = (pair if pair is not None and pair[0] == row_id else None for pair in (one, other))
        yield row_id, here and here[1], there and there[1]
        one = next(first, None) if here else one
        other = next(second, None) if there else other


def _unlike_record(connection: Connection, engagement_id: int) -> str | None:
    """Return the first signature whose record isn't the one that it names by its digest, as text; None if there is none.

    Records aren't journalled, since they say from where somebody signed; the digest in each signature is.
    """
    sign, kept = SignOff.__table__.c, SignOffRecord.__table__.c
    rows = connection.execute(
        select(sign.id, sign.record_digest, kept.digest, kept.content)
        .outerjoin(SignOffRecord.__table__, kept.id == sign.record_id)
        .where(sign.engagement_id == engagement_id, sign.record_digest.is_not(None))
        .order_by(sign.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for sign_id, named, digest, content in rows:
        if content is None:
            return f"sign off {sign_id} has no record any more: somebody removed it"
        if named != digest or not SignOffRecord(digest=digest, content=content).is_intact:
            return f"sign off {sign_id} has another record than the one that was signed: somebody changed it there"
    return None


def _difference(there: Row | None, meant: Row | None) -> str | None:
    if there is None:
        return "is in the journal and not in its table: somebody removed it there"
    if meant is None:
        return "is in its table and not in the journal: somebody added it there"
    for column, value in meant.items():
        if column not in _UNJOURNALLED and there.get(column) != value:
            return f"has another {column.replace('_', ' ')} in its table than in the journal: somebody changed it there"
    return None
