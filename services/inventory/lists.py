"""Saving a list of rows as it was edited: what was removed, changed and added, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from models.base import Part
from models.engagement import Engagement
from models.errors import HeadwayError
from services.core.transaction import expect_version, get_part

P = TypeVar("P", bound=Part)
Fields = Mapping[str, Any]
RowVersion = tuple[int, int]
"""A row's id, and the version of it that was on screen."""
ChangedRow = tuple[int, int, Fields]
"""A row's id, the version of it that was on screen, and the fields that were changed."""


@dataclass(frozen=True)
class ListOf(Generic[P]):
    """How rows of one kind are set (or added, where there is no row), removed, and named in a refusal."""

    kind: type[P]
    put: Callable[[Session, Engagement, Fields, P | None, date], P]
    remove: Callable[[Session, P], None]
    label: Callable[[Session, P], str]


def save_list(
    session: Session,
    engagement: Engagement,
    rows: ListOf[P],
    today: date,
    changed: Iterable[ChangedRow],
    added: Iterable[Fields],
    removed: Iterable[RowVersion],
) -> None:
    """Save the edits of a list, the removals first, so that a row can take a removed one's place. Added rows without any
    field are blank ones between others, and are passed over.

    Raises Invalid, Conflict or NotFound with a sentence that names the row.
    """
    for row_id, seen in removed:
        row = get_part(session, engagement, rows.kind, row_id)
        with _name_row(rows.label(session, row)):
            expect_version(session, row, seen)
            rows.remove(session, row)
    session.flush()
    for row_id, seen, fields in changed:
        row = get_part(session, engagement, rows.kind, row_id)
        with _name_row(rows.label(session, row)):
            expect_version(session, row, seen)
            rows.put(session, engagement, fields, row, today)
    for number, fields in enumerate(added, start=1):
        if fields:
            with _name_row(_label_of_new_row(number, fields)):
                rows.put(session, engagement, fields, None, today)


def store(session: Session, row: Part) -> None:
    """Add the row to the session, if it isn't in it, and flush."""
    session.add(row)
    session.flush()


@contextmanager
def _name_row(label: str) -> Iterator[None]:
    """Put the row's label before the sentence of any refusal within."""
    try:
        yield
    except HeadwayError as refused:
        raise type(refused)(f"{label}: {refused}") from refused


def _label_of_new_row(number: int, fields: Fields) -> str:
    name = next((fields[column] for column in ("name", "title", "from") if fields.get(column)), None)
    return f"New row {number}, “{name}”" if name else f"New row {number}"
