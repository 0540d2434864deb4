"""What a receipt holds: the record of a signing as it was signed, what led to it, and where the journal stood after it.

All of it follows from the record: what happens later changes no receipt.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from models.errors import Invalid
from models.journal import ADDED, JournalEntry, as_json, canonical
from models.metrics import SignOff
from models.sign_off import SignOffEvent, SignOffRecord, SignOffRequest

SCHEMA = 1
RECORD, REST = "record.json", "receipt.json"
LARGEST_PART = 2_000_000


@dataclass(frozen=True)
class Receipt:
    """`record` is the JSON that was signed, byte for byte; `rest` is what the receipt adds to it.

    `rest` names the record's id and its SHA-256, the journal's `revision` and `head` when the signing was written, the
    signatures' own entries, and the requests and events up to then.
    """

    record: bytes
    rest: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over the record: the address under which it is kept, and which the journal names."""
        return hashlib.sha256(self.record).hexdigest()

    @property
    def says(self) -> dict[str, Any]:
        """The record, as models/sign_offs.record made it."""
        return json.loads(self.record)

    def files(self) -> dict[str, bytes]:
        """What is embedded in the PDF, by name."""
        return {RECORD: self.record, REST: canonical(self.rest).encode()}

    @staticmethod
    def of_files(files: dict[str, bytes]) -> Receipt:
        """What was embedded in a file. Raises Invalid where that is no receipt, or none whose parts can be read."""
        try:
            record, rest = json.loads(files[RECORD]), json.loads(files[REST])
            revision, head, slug = (
                rest["journal"]["revision"],
                rest["journal"]["head"],
                record["engagement"]["slug"],
            )
            known = rest["schema"] == SCHEMA and isinstance(record["items"], list)
        except (KeyError, TypeError, ValueError, RecursionError):
            known = False
        if not known or not (isinstance(revision, int) and isinstance(head, str) and isinstance(slug, str)):
            raise Invalid(
                "This file holds no record of a sign-off that could be read: it was altered, or is no receipt."
            )
        return Receipt(files[RECORD], rest)


def receipt_of(connection: Connection, record_id: int) -> Receipt | None:
    """The receipt of a record that is kept; None where the journal doesn't hold its signatures (any more)."""
    row = connection.execute(select(SignOffRecord.__table__).where(SignOffRecord.id == record_id)).one()
    of_engagement = JournalEntry.engagement_id == row.engagement_id
    entry = JournalEntry.__table__.c
    signatures = select(SignOff.id).where(SignOff.record_id == record_id)
    own = connection.execute(
        select(entry.sequence, entry.act)
        .where(of_engagement, entry.kind == SignOff.__tablename__, entry.change == ADDED)
        .where(entry.row_id.in_(signatures))
        .order_by(entry.sequence)
    ).all()
    if not own:
        return None
    last = connection.execute(
        select(entry.sequence, entry.hash)
        .where(of_engagement, entry.act == own[0].act)
        .order_by(entry.sequence.desc())
        .limit(1)
    ).one()
    rest = {
        "schema": SCHEMA,
        "record": {"id": record_id, "sha256": row.digest},
        "journal": {
            "revision": last.sequence,
            "head": last.hash,
            "signatures": [sequence for sequence, _ in own],
        },
        "requests": _requests(connection, record_id, last.sequence),
    }
    return Receipt(row.content.encode(), rest)


def _requests(connection: Connection, record_id: int, revision: int) -> list[dict[str, Any]]:
    """The requests that the record answers, with what had happened to each by that revision."""
    answered = select(SignOffEvent.request_id).where(SignOffEvent.record_id == record_id)
    asked = connection.execute(
        select(SignOffRequest.__table__).where(SignOffRequest.id.in_(answered)).order_by(SignOffRequest.id)
    ).all()
    return [
        {
            "id": row.id,
            "asked_by": row.asked_by,
            "note": row.note,
            "events": _events(connection, row.engagement_id, row.id, revision),
        }
        for row in asked
    ]


def _events(
    connection: Connection, engagement_id: int, request_id: int, revision: int
) -> list[dict[str, Any]]:
    event = SignOffEvent.__table__.c
    rows = connection.execute(
        select(event.kind, event.by, event.created_at, event.detail, event.link_id)
        .join(JournalEntry, JournalEntry.row_id == event.id)
        .where(
            JournalEntry.engagement_id == engagement_id,
            JournalEntry.kind == SignOffEvent.__tablename__,
            JournalEntry.change == ADDED,
            JournalEntry.sequence <= revision,
            event.request_id == request_id,
        )
        .order_by(event.id)
    )
    return [
        {
            "kind": row.kind,
            "by": row.by,
            "at": as_json(row.created_at),
            "detail": row.detail,
            "link": row.link_id,
        }
        for row in rows
    ]
