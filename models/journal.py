"""The journal: every change of an engagement, each entry chained to the previous one by its hash.

An entry's hash is SHA-256 over the canonical JSON (RFC 8785) of its fields, the previous hash and the digest of its
payload. That digest is salted: payload and salt can be erased without breaking the chain, and nobody can test guesses of
the erased text against the digest that remains.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import rfc8785
from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
# The table of erasures (models/privacy.py). Its rows hold the digests of the entries that were redacted.
ERASURE = "erasure"


class JournalEntry(Base):
    """One changed row: its fields before and after, who changed it, when, through what and in which use case.

    `act` is the sequence of the first entry of the same transaction. `before` and `after` hold the changed fields only;
    a new row has no before, a removed one no after. `redacted` replaces a payload after an erasure (models/privacy.py);
    the hash doesn't cover it.
    """

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("engagement_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    sequence: Mapped[int]
    act: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    user_id: Mapped[int | None]
    via: Mapped[str]
    use_case: Mapped[str]
    change: Mapped[str]
    kind: Mapped[str]
    row_id: Mapped[int]
    payload: Mapped[str | None]
    salt: Mapped[str | None]
    redacted: Mapped[str | None]
    digest: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """`{"before": {...}, "after": {...}}`, redacted if the payload was erased."""
        return entry_fields(self.payload, self.redacted)


def entry_fields(payload: str | None, redacted: str | None) -> dict[str, dict[str, Any]]:
    """Like `JournalEntry.fields`, given the two columns that it needs."""
    text = payload or redacted
    fields: dict[str, dict[str, Any]] = json.loads(text) if text else {"before": {}, "after": {}}
    return fields


def canonical(value: Any) -> str:
    """Return a value as canonical JSON (RFC 8785)."""
    return rfc8785.dumps(value).decode()


def payload_digest(payload: str, salt: str) -> str:
    """Return the salted SHA-256 of a payload, in hex."""
    return hashlib.sha256(f"{salt}\n{payload}".encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


class Submission(Base):
    """The name of a form submission that was carried out, so that it can't be done twice."""

    __tablename__ = "submission"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


HASHED_COLUMNS = [
    "engagement_id",
    "sequence",
    "act",
    "actor",
    "user_id",
    "via",
    "use_case",
    "change",
    "kind",
    "row_id",
]


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of an entry given as the values of its columns."""
    chained: dict[str, Any] = {name: entry[name] for name in HASHED_COLUMNS}
    # In UTC, as it is read back, in whatever time zone it was given.
    at = entry["at"].astimezone(UTC).isoformat()
    chained |= {"at": at, "digest": entry["digest"], "previous": entry["previous"]}
    return hashlib.sha256(rfc8785.dumps(chained)).hexdigest()


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(value: Any) -> Any:
    """Return a column's value for JSON: dates and datetimes become ISO 8601 text."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def from_json(value: Any, column: Column[Any]) -> Any:
    """Return the value that `as_json` converted, given its column."""
    if value is None:
        return None
    python_type = column.type.python_type
    if python_type is datetime:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if python_type is date else value
