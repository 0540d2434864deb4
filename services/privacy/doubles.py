"""Rows that would become alike once a name is taken out of them: two spellings of one name become one text.

The database refuses two rows of one key, such as two interviews with one person planned for one day.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, UniqueConstraint, select
from sqlalchemy.orm import Session

from models.base import Part
from models.interviews import Interview
from store.table_rows import table_of


def distinct_texts(session: Session, row: Part, left: dict[str, Any]) -> dict[str, Any]:
    """Return `left`, the texts that an erasure leaves of a row, changed where they would make it another row's double.

    Texts get a number, such as "Erased person 7’s list (2)". The person of an interview stays the same one, so there it
    is a second space that tells them apart.
    """
    for columns in _keys_of(type(row), left):
        others = _keys_of_others(session, row, columns)
        column, number = columns[-1], 1
        text = left[column]
        while tuple(left.get(name, getattr(row, name)) for name in columns) in others:
            number += 1
            left = left | {column: _variant(row, text, number)}
    return left


def _keys_of(kind: type[Part], left: dict[str, Any]) -> list[list[str]]:
    """Return the columns of each key of a table that has one of these texts in it, a text last."""
    keys = []
    for constraint in table_of(kind).constraints:
        if isinstance(constraint, UniqueConstraint):
            texts = [
                each.name for each in constraint.columns if isinstance(each.type, Text) and each.name in left
            ]
            rest = [each.name for each in constraint.columns if each.name not in texts]
            if texts:
                keys.append([*rest, *texts])
    return keys


def _keys_of_others(session: Session, row: Part, columns: list[str]) -> set[tuple[Any, ...]]:
    kind = type(row)
    with session.no_autoflush:
        others = session.scalars(select(kind).where(kind.engagement_id == row.engagement_id))
        return {tuple(getattr(other, name) for name in columns) for other in others if other is not row}


def _variant(row: Part, text: str, number: int) -> str:
    return text.replace(" ", " " * number, 1) if isinstance(row, Interview) else f"{text} ({number})"
