"""Receipts of sign-offs, read from the records and the journal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from models.journal import ADDED, JournalEntry, as_json
from models.metrics import SignOff
from models.receipt import SCHEMA, Receipt
from models.sign_off import SignOffEvent, SignOffRecord, SignOffRequest


def receipt_of(connection: Connection, record_id: int) -> Receipt | None:
    """Return the receipt of a stored record; None if the journal doesn't hold its signatures (any more)."""
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
    """Return the requests that the record answers, each with its events up to `revision`."""
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
