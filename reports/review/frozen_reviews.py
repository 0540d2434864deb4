"""What is kept of a frozen week: whole, or without what an erasure took, as the journal accounts for it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from models.database import reading
from models.engagement import Engagement
from models.journal import ADDED, ERASURE, JournalEntry
from models.review import Snapshot
from models.snapshot import SnapshotDocument, sha256
from models.wording import day_month, lower_first

# Whether it holds, and the sentence that says so.
Finding = tuple[bool, str]


def finding(holds: bool, said: str) -> Finding:
    """A finding in words that fit whether it holds or not."""
    return holds, said if holds else f"Doesn't hold: {lower_first(said)}"


def check_snapshot(engagement_id: int, digest: str) -> list[Finding]:
    """Whether the snapshot that is kept is the one that was frozen, but for what erasures took out of it, and when."""
    with reading() as connection:
        row = connection.execute(select(Snapshot.__table__).filter_by(digest=digest)).one()
        interviews_gone, left = _erasures(connection, engagement_id, digest)
    body = json.loads(row.content or row.redacted)
    findings = []
    if row.content is not None:
        findings.append(finding(sha256(body) == digest, "The snapshot that is kept has its address."))
    else:
        mark = SnapshotDocument(body, None).erased
        same = left is not None and mark is not None and left == (mark["address"] == digest and sha256(body))
        when = f" on {_said(date.fromisoformat(mark['on']))}" if mark else ""
        said = f"Personal data was erased from this week{when}; what is left is what the journal says of it"
        findings.append(finding(same, f"{said}, and its address can't be worked out from that any more."))
    if row.interviews is not None:
        same = sha256(json.loads(row.interviews)) == body["interviews"]
        findings.append(finding(same, "The interview part has the digest that the snapshot names."))
    elif interviews_gone is not None:
        findings.append((True, f"The interview part was erased on {_said(interviews_gone)}."))
    else:
        findings.append(
            (
                False,
                "Doesn't hold: the interview part is missing, and no erasure in the journal accounts for it.",
            )
        )
    return findings


def _erasures(connection: Connection, engagement_id: int, digest: str) -> tuple[date | None, str | None]:
    """When an erasure first reached a snapshot, and the digest of what the last one left of it, if it left less."""
    query = (
        select(JournalEntry.at, JournalEntry.payload, JournalEntry.redacted, Engagement.zone)
        .join(Engagement, Engagement.id == JournalEntry.engagement_id)
        .where(
            JournalEntry.engagement_id == engagement_id,
            JournalEntry.kind == ERASURE,
            JournalEntry.change == ADDED,
        )
        .order_by(JournalEntry.sequence)
    )
    first, left = None, None
    for at, payload, redacted, zone in connection.execute(query):
        reached: dict[str, Any] = json.loads(
            json.loads(payload or redacted)["after"].get("snapshots") or "{}"
        )
        if digest in reached:
            first = first or Engagement(zone=zone).date_of(at)
            left = reached[digest] or left
    return first, left


def _said(when: date) -> str:
    return f"{day_month(when)} {when.year}"
