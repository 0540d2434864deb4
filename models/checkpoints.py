"""Checkpoints: what the journal says up to an entry, so that an earlier state needs only the entries since."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.journal import REMOVED, entry_fields
from models.measurements import MeasurementBatch

_BATCH = MeasurementBatch.__tablename__


class StateCheckpoint(Base):
    """What the journal's entries up to `sequence`, whose hash is `head`, come to.

    `content` is compressed JSON, and `digest` its SHA-256 before that. `erasures` is how many there had been: one more,
    and it holds what was to be forgotten. `form` names the kinds of rows in it.
    """

    __tablename__ = "state_checkpoint"
    __table_args__ = (UniqueConstraint("engagement_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    sequence: Mapped[int]
    head: Mapped[str]
    erasures: Mapped[int]
    form: Mapped[str]
    digest: Mapped[str]
    content: Mapped[bytes]


def form_of(kinds: Collection[str]) -> str:
    """Return the name of checkpoints that hold rows of these kinds."""
    return hashlib.sha256(" ".join(sorted(kinds)).encode()).hexdigest()[:16]


@dataclass
class Replay:
    """The rows that entries leave, by kind and id, as JSON values; and the newest entry's number and hash.

    Programs add measurement batches without end. Of them it holds what is asked of earlier ones: the ids of those that
    are withdrawn, and the newest id.
    """

    rows: dict[str, dict[int, dict[str, Any]]]
    withdrawn: set[int] = field(default_factory=set)
    newest_batch: int = 0
    sequence: int = 0
    head: str = ""

    @classmethod
    def from_content(cls, content: bytes, digest: str, sequence: int, head: str) -> Replay | None:
        """Return the replay that a checkpoint holds; None if its content isn't the one that was digested."""
        try:
            text = zlib.decompress(content)
        except zlib.error:
            return None
        if hashlib.sha256(text).hexdigest() != digest:
            return None
        given = json.loads(text)
        rows = {
            kind: {int(row_id): row for row_id, row in some.items()} for kind, some in given["rows"].items()
        }
        return cls(rows, set(given["withdrawn"]), given["newest_batch"], sequence, head)

    def as_content(self) -> tuple[bytes, str]:
        """Return the content of a checkpoint, and its digest."""
        value = {"rows": self.rows, "withdrawn": sorted(self.withdrawn), "newest_batch": self.newest_batch}
        # Keys of one kind are all numbers here, and all texts once read: sorted as texts, both come out alike.
        text = json.dumps(json.loads(json.dumps(value)), sort_keys=True, separators=(",", ":")).encode()
        return zlib.compress(text, 6), hashlib.sha256(text).hexdigest()

    def apply(self, entry: Mapping[str, Any]) -> None:
        """Take the next entry in, given as the values of its columns. Kinds that aren't in `rows` are passed over."""
        self.sequence, self.head = entry["sequence"], entry["hash"]
        kind, row_id = entry["kind"], entry["row_id"]
        if kind == _BATCH:
            self._apply_batch(row_id, entry)
        elif kind in self.rows:
            if entry["change"] == REMOVED:
                del self.rows[kind][row_id]
            else:
                after = entry_fields(entry["payload"], entry["redacted"])["after"]
                self.rows[kind].setdefault(row_id, {}).update(after)

    def _apply_batch(self, row_id: int, entry: Mapping[str, Any]) -> None:
        self.newest_batch = max(self.newest_batch, row_id)
        after = entry_fields(entry["payload"], entry["redacted"])["after"]
        if after.get("withdrawn", row_id in self.withdrawn) and entry["change"] != REMOVED:
            self.withdrawn.add(row_id)
        else:
            self.withdrawn.discard(row_id)
