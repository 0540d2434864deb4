"""What the check of a file found: sentences about the stored snapshot, and what erasures took out of it."""

from __future__ import annotations

import json
from datetime import date

from models.snapshot import SnapshotDocument, sha256
from models.wording import day_month, lower_first
from store.reviews import StoredSnapshot, stored_snapshot

# Whether it holds, and the sentence that says so.
FileFinding = tuple[bool, str]


def finding(holds: bool, text: str) -> FileFinding:
    """Return a finding whose sentence says whether it holds."""
    return holds, text if holds else f"Doesn't hold: {lower_first(text)}"


def check_snapshot(engagement_id: int, digest: str) -> list[FileFinding]:
    """Return whether the stored snapshot is the one that was frozen, except for what erasures took out, and when."""
    stored = stored_snapshot(engagement_id, digest)
    return [_of_content(stored, digest), _of_interviews(stored)]


def _of_content(stored: StoredSnapshot, digest: str) -> FileFinding:
    body = json.loads(stored.text)
    if stored.content is not None:
        return finding(sha256(body) == digest, "The snapshot that is kept has its address.")
    mark, left = SnapshotDocument(body, None).erased, stored.digest_after_erasure
    same = left is not None and mark is not None and left == (mark["address"] == digest and sha256(body))
    when = f" on {_date_text(date.fromisoformat(mark['on']))}" if mark else ""
    text = f"Personal data was erased from this week{when}; what is left is what the journal says of it"
    return finding(same, f"{text}, and its address can't be worked out from that any more.")


def _of_interviews(stored: StoredSnapshot) -> FileFinding:
    if stored.interviews is not None:
        same = sha256(json.loads(stored.interviews)) == json.loads(stored.text)["interviews"]
        return finding(same, "The interview part has the digest that the snapshot names.")
    if stored.erased_on is not None:
        return True, f"The interview part was erased on {_date_text(stored.erased_on)}."
    return finding(False, "The interview part is missing, and no erasure in the journal accounts for it.")


def _date_text(day: date) -> str:
    return f"{day_month(day)} {day.year}"
