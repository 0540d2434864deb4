"""The journal: every change of an engagement, each entry chained to the one before it by its hash.

An entry's hash is SHA-256 over the canonical JSON (RFC 8785) of its fields, the previous hash and the digest of its
payload. The payload's own digest is salted: a payload can be erased, and its salt with it, without breaking the chain
and without leaving something to guess against.
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
# The table whose rows say what an erasure left of which entries (models/privacy.py).
ERASURE = "erasure"


class JournalEntry(Base):
    """One changed row: its fields before and after, who changed it, when, through what and in which use case.

    `act` is the sequence of the first entry of the same transaction. `before` and `after` hold only what changed;
    a new row has no before, a removed one no after. `redacted` is what an erasure left of the payload
    (models/privacy.py), outside of the chain.
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
        """`{"before": {...}, "after": {...}}`; where the payload was erased, what was left of it."""
        return entry_fields(self.payload, self.redacted)


def entry_fields(payload: str | None, redacted: str | None) -> dict[str, dict[str, Any]]:
    """What an entry says, given those two columns."""
    text = payload or redacted
    return json.loads(text) if text else {"before": {}, "after": {}}


def canonical(value: Any) -> str:
    """Canonical JSON (RFC 8785) as text."""
    return rfc8785.dumps(value).decode()


def payload_digest(payload: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{payload}".encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


class Submission(Base):
    """The name of a submission that was carried out; it can't be a second time."""

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
    """The hash of an entry given as its columns' values."""
    chained: dict[str, Any] = {name: entry[name] for name in HASHED_COLUMNS}
    # In UTC, as it is read back, whatever zone the actor's clock is in.
    at = entry["at"].astimezone(UTC).isoformat()
    chained |= {"at": at, "digest": entry["digest"], "previous": entry["previous"]}
    return hashlib.sha256(rfc8785.dumps(chained)).hexdigest()


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(value: Any) -> Any:
    """A column's value as JSON holds it: dates and moments as ISO text."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def from_json(value: Any, column: Column[Any]) -> Any:
    """The value that `as_json` was given, by the type of its column."""
    if value is None:
        return None
    python_type = column.type.python_type
    return python_type.fromisoformat(value) if python_type in (date, datetime) else value
