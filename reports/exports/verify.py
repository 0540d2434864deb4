"""Verify an exported file: whether it says what was frozen, and whether the journal agrees."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf

from models.errors import Invalid
from models.people import Actor
from models.snapshot import SnapshotDocument
from models.wording import day_month
from reports.exports.findings import FileFinding, check_snapshot, finding
from reports.exports.paper import typesetter
from reports.exports.week_files import FORMATS, export
from reports.review.content import LAYOUT
from store import states
from store.reviews import FrozenReview, document, find_review, first_download, journal_hash

_ADDRESS = re.compile(rb"\b[0-9a-f]{64}\b")
_SHORT = re.compile(r"Snapshot ([0-9a-f]{16})")
# What an erasure of personal data may have changed in the journal since.
_MAY_BE_ERASED = ("interview", "friction", "member")
MAX_BYTES = 50_000_000
HOLDS, OTHER_LAYOUT, DOES_NOT_HOLD = "holds", "another version's layout", "does not hold"
SUMMARIES = {
    HOLDS: "It holds: the file is what was frozen.",
    OTHER_LAYOUT: "The snapshot holds, but another version laid the file out. Rely on the snapshot, not on the pages.",
    DOES_NOT_HOLD: "It does not hold.",
}


@dataclass(frozen=True)
class Proof:
    """What was found: the week and how it is called, which of three `outcome` says, and each finding as a sentence.

    `outcome` is HOLDS; OTHER_LAYOUT, if the snapshot holds and another version laid the file out; or DOES_NOT_HOLD.
    """

    engagement: str
    week: int
    name: str
    digest: str
    outcome: str
    findings: list[str]

    @property
    def holds(self) -> bool:
        """Whether the file is what was frozen, pages and snapshot."""
        return self.outcome == HOLDS

    @property
    def summary(self) -> str:
        """The outcome as a sentence."""
        return SUMMARIES[self.outcome]


def verify(actor: Actor, data: bytes, template: Path | None = None) -> Proof:
    """Check an exported file against what was frozen, and the snapshot against the journal.

    `template` is the firm's own .pptx that slides were made with, where their making isn't in the journal. Raises
    Invalid where the file isn't an export, or of no week that is frozen here in an engagement of the actor's.
    """
    carried = snapshot_in(data)
    row = find_review(actor, carried.digest if carried else _address(data))
    frozen = document(actor, row.slug, row.digest)
    findings = _of_what_it_carries(carried, frozen)
    findings += check_snapshot(row.engagement_id, row.digest)
    findings += _against_the_journal(actor, row, frozen)
    outcome = HOLDS if all(good for good, _ in findings) else DOES_NOT_HOLD
    if carried is None or data[:1] != b"{":
        of_the_file = _of_the_file(data, row, frozen, carried, template)
        findings.append(of_the_file)
        if not of_the_file[0]:
            outcome = OTHER_LAYOUT if outcome == HOLDS and _other_version(data, frozen) else DOES_NOT_HOLD
    return Proof(row.slug, row.week, row.name, row.digest, outcome, [text for _, text in findings])


def _other_version(data: bytes, frozen: SnapshotDocument) -> str:
    """Return which other version laid a file out, as far as it or its week says so: "layout 2", "Typst 0.13.1".

    "" where nothing says so: the week is of this version's layout and the file names the same typesetter.
    """
    layout = int(frozen.content["head"].get("layout", 1))
    if layout < LAYOUT:
        return f"layout {layout}; this version lays out new weeks by layout {LAYOUT}"
    if data[:4] == b"%PDF":
        with suppress(pypdf.errors.PyPdfError):
            metadata: dict[str, Any] = dict(pypdf.PdfReader(io.BytesIO(data)).metadata or {})
            made_by = str(metadata.get("/Creator", ""))
            ours = typesetter()
            return (
                f"{made_by}; this version uses {ours}"
                if made_by.startswith("Typst") and made_by != ours
                else ""
            )
    return ""


def _of_what_it_carries(carried: SnapshotDocument | None, frozen: SnapshotDocument) -> list[FileFinding]:
    """About the snapshot within the file; nothing where there is none."""
    if carried is None:
        return []
    if carried.erased is None:
        return [(True, "The snapshot in this file has the address that was frozen.")]
    same = carried.fingerprint == frozen.fingerprint
    return [finding(same, "The snapshot in this file is what an erasure left of the one that was frozen.")]


def _of_the_file(
    data: bytes,
    row: FrozenReview,
    frozen: SnapshotDocument,
    carried: SnapshotDocument | None,
    template: Path | None,
) -> FileFinding:
    """About what the file shows: whether it is its snapshot's export, or else what somebody took away earlier."""
    whole = [carried] if carried is not None and carried.erased is None else []
    same = any(
        export(each, format, style) == data
        for document in [frozen, *whole]
        for each in (document, document.without_interviews())
        for format in _formats(data)
        for style in ([None, template] if format == "pptx" and template else [None])
    )
    if same:
        return True, "The file is, byte for byte, the export of that snapshot."
    if taken := _downloaded(data, row):
        return True, f"The file is, byte for byte, what {taken}."
    since = ", or personal data was erased from the week since" if frozen.erased else ""
    rely = " Rely on the snapshot in it, not on its pages." if carried is not None else ""
    if other := _other_version(data, frozen):
        return False, (
            f"The file names that snapshot; its pages aren't those that this version makes of it. It is of {other}, so "
            f"that says nothing against the file, nor for its pages{since}.{rely}"
        )
    return False, (
        "The file names that snapshot but isn't its export, nor is it known to have been taken away here: it was "
        f"altered, or another version made it{since}.{rely}"
    )


def _downloaded(data: bytes, row: FrozenReview) -> str | None:
    """Return who downloaded exactly this file, and when: "Mei Tan took away on 20 Nov 2026"; None if nobody did."""
    download = first_download(row.id, hashlib.sha256(data).hexdigest())
    return (
        None
        if download is None
        else f"{download.by} took away on {day_month(download.on)} {download.on.year}"
    )


def snapshot_in(data: bytes) -> SnapshotDocument | None:
    """The snapshot within a file: the file itself, a PDF's attachment or a member of a zip; None where there is none.

    Raises Invalid where the file is damaged, or larger than any review.
    """
    if len(data) > MAX_BYTES:
        raise Invalid("This file is too large to be a weekly review.")
    try:
        if data[:4] == b"%PDF":
            attached = pypdf.PdfReader(io.BytesIO(data)).attachments.get("snapshot.json")
            return SnapshotDocument.from_bytes(attached[0]) if attached else None
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if "snapshot.json" not in archive.namelist():
                    return None
                return SnapshotDocument.from_bytes(archive.read("snapshot.json"))
        return SnapshotDocument.from_bytes(data) if data[:1] == b"{" else None
    except (zipfile.BadZipFile, pypdf.errors.PyPdfError):
        raise Invalid("This file is damaged: it can't be read.") from None


def _address(data: bytes) -> str:
    """The address, or the beginning of it, that a file without a snapshot names."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "docProps/core.xml" in archive.namelist() and (
                match := _ADDRESS.search(archive.read("docProps/core.xml"))
            ):
                return match[0].decode()
    elif named := _SHORT.search(data.decode(errors="replace")):
        return named[1]
    raise Invalid("This isn't an export of a weekly review: it names no snapshot.")


def _formats(data: bytes) -> list[str]:
    """The formats that a file can be of, by how it begins."""
    if data[:4] == b"%PDF":
        return ["pdf"]
    return ["pptx", "xlsx", "csv"] if data[:2] == b"PK" else [key for key in FORMATS if key == "md"]


def _against_the_journal(actor: Actor, row: FrozenReview, frozen: SnapshotDocument) -> list[FileFinding]:
    head = journal_hash(row.engagement_id, row.revision)
    text = f"The journal's entry {row.revision} has the hash that the snapshot names."
    rebuilt = states.as_rows(states.state(actor, row.slug, row.revision))
    then = {kind: rows for kind, rows in frozen.body["state"].items() if kind not in _MAY_BE_ERASED}
    same = all(_agree(rows, rebuilt.get(kind, [])) for kind, rows in then.items())
    return [
        finding(head == frozen.body["head"], text),
        finding(same, "The state rebuilt from the journal is the one in the snapshot."),
    ]


def _agree(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> bool:
    """Whether rows are those that were frozen, in every field of that time; what later versions added says nothing."""
    return len(then) == len(now) and all(
        name in after and after[name] == value
        for before, after in zip(then, now, strict=True)
        for name, value in before.items()
    )
