"""A person's data in frozen weeks: collecting it, and erasing it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.append_only import IMMUTABLE_TABLES
from models.journal import canonical
from models.names import NameFinder
from models.privacy import find_texts, replace_name
from models.review import Review, Snapshot
from models.snapshot import SnapshotDocument
from store.table_rows import table_of

_SNAPSHOT = table_of(Snapshot)
_ERASED: dict[str, Any] = {"state": {"interview": [], "friction": []}, "voice": None}


def held_in_weeks(
    session: Session, engagement_id: int, ids: Set[int], finder: NameFinder
) -> Iterator[dict[str, Any]]:
    """Yield what each frozen week holds of the person whose interviews these are, the oldest first.

    A week that holds nothing of them is left out. Interviewees are numbered there, so their rows are found by the
    interview; `named_elsewhere` is by the name.
    """
    query = select(Review.cycle, Review.week, Review.reviewed_on, Snapshot).join(
        Snapshot, Review.digest == Snapshot.digest
    )
    weeks = session.execute(query.where(Review.engagement_id == engagement_id).order_by(Review.id))
    for cycle, week, on, row in weeks:
        held = _of_interviews(json.loads(row.interviews) if row.interviews else _ERASED, ids)
        elsewhere = find_texts(json.loads(row.content or row.redacted or ""), finder)
        held["named_elsewhere"] = [{"where": where, "said": text} for where, text in elsewhere]
        if any(held.values()):
            yield {"cycle": cycle, "week": week, "on": on.isoformat(), "address": row.digest, **held}


def _of_interviews(private: dict[str, Any], ids: Set[int]) -> dict[str, Any]:
    frictions = [row for row in private["state"]["friction"] if row["interview_id"] in ids]
    voice = private["voice"]
    return {
        "interviews": [row for row in private["state"]["interview"] if row["id"] in ids],
        "frictions": frictions,
        "quoted": voice if voice and voice["said"] in {row["observed"] for row in frictions} else None,
    }


def forget(
    session: Session, engagement_id: int, ids: Set[int], finder: NameFinder, instead: str, on: date
) -> dict[str, str | None]:
    """Delete the interviews of every snapshot that holds one of these, and replace the name in the rest of it.

    Returns the changed snapshots by digest, with the SHA-256 of what is left if the body changed.
    """
    query = select(Snapshot).join(Review, Review.digest == Snapshot.digest)
    changed: dict[str, str | None] = {}
    for row in session.scalars(query.where(Review.engagement_id == engagement_id).order_by(Snapshot.digest)):
        private = json.loads(row.interviews) if row.interviews else None
        body = json.loads(row.content or row.redacted or "")
        values: dict[str, str | None] = {}
        if private is not None and _concerns(private, ids, finder):
            values["interviews"] = None
            changed[row.digest] = None
        if any(find_texts(_erasable(body), finder)):
            left = SnapshotDocument(body, None).after_erasure(
                on, lambda body: _without(body, finder, instead)
            )
            values |= {"content": None, "redacted": canonical(left.body)}
            changed[row.digest] = left.fingerprint
        if values:
            session.execute(update(_SNAPSHOT).where(_SNAPSHOT.c.digest == row.digest).values(values))
    return changed


def _concerns(private: dict[str, Any], ids: Set[int], finder: NameFinder) -> bool:
    held = {row["id"] for row in private["state"]["interview"]}
    return bool(held & ids) or any(find_texts(private, finder))


def _erasable(body: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot's body without the rows that no erasure changes."""
    state = {kind: rows for kind, rows in body["state"].items() if kind not in IMMUTABLE_TABLES}
    return body | {"state": state}


def _without(body: dict[str, Any], finder: NameFinder, instead: str) -> dict[str, Any]:
    cleared: dict[str, Any] = replace_name(_erasable(body), finder, instead)
    immutable = {kind: rows for kind, rows in body["state"].items() if kind in IMMUTABLE_TABLES}
    return cleared | {"state": cleared["state"] | immutable}
