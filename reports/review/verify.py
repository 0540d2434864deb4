"""What a file of a frozen week is worth: whether it says what was frozen, and whether the journal agrees."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pypdf
from sqlalchemy import select

from models.database import reading
from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.journal import JournalEntry
from models.people import Actor
from models.permissions import Action
from models.review import Review
from models.snapshot import Document, sha256
from reports import states
from reports.access import access
from reports.exports import FORMATS, export
from reports.frames import reviews as read
from reports.review.kept import Finding, found, kept_and_erased

_ADDRESS = re.compile(rb"\b[0-9a-f]{64}\b")
_SHORT = re.compile(r"Snapshot ([0-9a-f]{16})")
# What an erasure of personal data may have changed in the journal since.
_MAY_BE_ERASED = ("interview", "friction", "member")
LARGEST = 50_000_000


@dataclass(frozen=True)
class Proof:
    """What was found: the week, whether all holds, and each finding as a sentence."""

    engagement: str
    week: int
    digest: str
    holds: bool
    findings: list[str]


def verify(actor: Actor, data: bytes) -> Proof:
    """Check an exported file against what was frozen, and the snapshot against the journal.

    Raises Invalid where the file isn't an export, or of no week that is frozen here in an engagement of the actor's.
    """
    carried = carried_in(data)
    row, slug = _review(actor, carried.digest if carried else _address(data))
    kept = read.document(actor, slug, row.digest)
    findings = _against_what_was_frozen(data, carried, kept)
    findings += kept_and_erased(row.engagement_id, row.digest)
    findings += _against_the_journal(actor, slug, row, kept)
    return Proof(
        slug, row.week, row.digest, all(good for good, _ in findings), [said for _, said in findings]
    )


def _against_what_was_frozen(data: bytes, carried: Document | None, kept: Document) -> list[Finding]:
    findings: list[Finding] = []
    if carried is not None and carried.erased is None:
        findings.append((True, "The snapshot in this file has the address that was frozen."))
    elif carried is not None:
        same = carried.fingerprint == kept.fingerprint
        findings.append(
            found(same, "The snapshot in this file is what an erasure left of the one that was frozen.")
        )
    if carried is not None and data[:2] not in (b"PK", b"%P"):
        return findings
    whole = [carried] if carried is not None and carried.erased is None else []
    same = any(
        export(each, format) == data
        for document in [kept, *whole]
        for each in (document, document.without_interviews())
        for format in _formats(data)
    )
    if same:
        findings.append((True, "The file is, byte for byte, the export of that snapshot."))
    elif carried is None:
        since = ", or personal data was erased from the week since" if kept.erased else ""
        why = f"it was altered, or another version made it{since}"
        findings.append((False, f"The file names that snapshot but isn't its export: {why}."))
    return findings


def carried_in(data: bytes) -> Document | None:
    """The snapshot within a file: the file itself, a PDF's attachment or a member of a zip; None where there is none.

    Raises Invalid where the file is damaged, or larger than any review.
    """
    if len(data) > LARGEST:
        raise Invalid("This file is too large to be a weekly review.")
    try:
        if data[:4] == b"%PDF":
            attached = pypdf.PdfReader(io.BytesIO(data)).attachments.get("snapshot.json")
            return Document.from_bytes(attached[0]) if attached else None
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if "snapshot.json" not in archive.namelist():
                    return None
                return Document.from_bytes(archive.read("snapshot.json"))
        return Document.from_bytes(data) if data[:1] == b"{" else None
    except (zipfile.BadZipFile, pypdf.errors.PyPdfError):
        raise Invalid("This file is damaged: it can't be read.") from None


def _address(data: bytes) -> str:
    """The address, or the beginning of it, that a file without a snapshot names."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "docProps/core.xml" in archive.namelist() and (
                found := _ADDRESS.search(archive.read("docProps/core.xml"))
            ):
                return found[0].decode()
    elif named := _SHORT.search(data.decode(errors="replace")):
        return named[1]
    raise Invalid("This isn't an export of a weekly review: it names no snapshot.")


def _formats(data: bytes) -> list[str]:
    """The formats that a file can be of, by how it begins."""
    if data[:4] == b"%PDF":
        return ["pdf"]
    return ["pptx", "xlsx", "csv"] if data[:2] == b"PK" else [key for key in FORMATS if key == "md"]


def _review(actor: Actor, address: str) -> tuple[Any, str]:
    query = (
        select(Review.__table__, Engagement.slug)
        .join(Engagement, Engagement.id == Review.engagement_id)
        .where(Review.digest.startswith(address))
    )
    with reading() as connection:
        for row in connection.execute(query).all():
            # To who isn't a member, another engagement's week is no different from one that was never frozen.
            with suppress(NotFound):
                access(connection, actor, row.slug, Action.READ)
                return row, row.slug
    raise Invalid(
        f"No week that is frozen here has the address {address[:16]}: the file was altered, or is of elsewhere."
    )


def _against_the_journal(actor: Actor, slug: str, row: Any, kept: Document) -> list[Finding]:
    with reading() as connection:
        head = connection.execute(
            select(JournalEntry.__table__.c.hash).where(
                JournalEntry.engagement_id == row.engagement_id, JournalEntry.sequence == row.revision
            )
        ).scalar_one_or_none()
    named = f"The journal's entry {row.revision} has the hash that the snapshot names."
    rebuilt = states.as_rows(states.state(actor, slug, row.revision))
    then = {kind: some for kind, some in kept.body["state"].items() if kind not in _MAY_BE_ERASED}
    same = all(sha256(rebuilt.get(kind)) == sha256(some) for kind, some in then.items())
    return [
        found(head == kept.body["head"], named),
        found(same, "The state rebuilt from the journal is the one in the snapshot."),
    ]
