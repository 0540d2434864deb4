"""The portfolio pack: a table of engagements in front, and a page for each, as one PDF."""

from __future__ import annotations

from pathlib import Path

from models.milestones import MilestoneState
from models.snapshot import SnapshotDocument
from models.status import WORST_FIRST
from models.wording import count, day_month
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.pdf import compile_pdf


def pack(documents: list[SnapshotDocument]) -> bytes:
    """The newest frozen week of each engagement, worst first. Every byte follows from the documents."""
    ordered = sorted(documents, key=lambda document: (_rank(document), document.content["head"]["name"]))
    template = (Path(__file__).resolve().parent / "pack.typ").read_bytes()
    subtitle = f"{count(len(ordered), 'frozen weekly review')}, each from its snapshot"
    more = {"rows": [_row(each) for each in ordered], "told": subtitle}
    return compile_pdf(ordered, template, with_snapshot=False, more=more)


def _rank(document: SnapshotDocument) -> int:
    return WORST_FIRST.index(tables.status_of(document.content["head"]["status"]))


def _row(document: SnapshotDocument) -> dict[str, str]:
    head = document.content["head"]
    look = LOOKS[tables.status_of(head["status"])]
    done = sum(row["state"] == MilestoneState.DONE.value for row in document.content["plan"])
    return {
        "name": head["name"],
        "client": head["client"],
        "word": head["status"].capitalize(),
        "glyph": look.glyph,
        "colour": look.colour,
        "day": head.get("day_text", "").removeprefix("Day ") or f"{head['day']} of {head['days']}",
        "milestones": f"{done} of {len(document.content['plan'])}",
        "decisions": str(len(document.content["decisions"])),
        "on": f"{day_month(document.on)} {document.on.year}",
        "verdict": tables.verdict(document),
    }
