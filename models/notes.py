"""Notes: what members write to each other beside a record, and whom they mention in it."""

from __future__ import annotations

import re

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part
from models.names import normalize_name

ABOUT = ("decision", "milestone", "metric", "interview", "review", "replacement")
"""The tables whose rows can have notes. The review is the week."""
_MENTION = re.compile(r"(?<!\w)@")


class Note(Part):
    """A note on the row `row_id` of the table `kind`, written by the user `by_id`, whose name was `by`."""

    __tablename__ = "note"

    kind: Mapped[str]
    row_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str]
    by: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class NoteMention(Part):
    """That a note mentions a member."""

    __tablename__ = "note_mention"

    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)


def mentioned(text: str, names: dict[int, str]) -> list[int]:
    """Return the ids of the people whose name follows an "@" in the text, of `names` by user id.

    The longest name that fits is meant, however it is spelled: "@dana ruiz" mentions Dana Ruiz and not Dana.
    """
    user_ids: dict[int, None] = {}
    for match in _MENTION.finditer(text):
        rest = text[match.end() :]
        fits = [
            (len(name), user_id)
            for user_id, name in names.items()
            if normalize_name(rest[: len(name)]) == normalize_name(name)
            and not rest[len(name) :][:1].isalnum()
        ]
        longest = max((length for length, _ in fits), default=0)
        # Two members of the same name are both meant.
        user_ids |= dict.fromkeys(user_id for length, user_id in fits if length == longest)
    return list(user_ids)
