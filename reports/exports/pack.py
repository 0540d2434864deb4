"""The portfolio pack: a table of engagements in front, and a page for each, as one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.milestones import MilestoneState
from models.snapshot import SnapshotDocument
from models.status import WORST_FIRST, Status
from models.wording import count, day_month
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.one_page import first_page, look
from reports.exports.pdf import compile_pdf
from reports.exports.week_facts import at_least_layout


def pack(documents: list[SnapshotDocument], without: Sequence[tuple[str, str]] = ()) -> bytes:
    """The newest frozen week of each engagement, worst first, and below them the engagements `without` any (each its name
    and its client). Every byte follows from these."""
    ordered = sorted(documents, key=lambda document: (_rank(document), document.content["head"]["name"]))
    template = (Path(__file__).resolve().parent / "pack.typ").read_bytes()
    subtitle = f"{count(len(ordered), 'frozen weekly review')}, each from its snapshot"
    rows = [*map(_row, ordered), *(_row_without(*each) for each in without)]
    more = {
        "rows": rows,
        "weeks": len(ordered),
        "told": subtitle,
        "headline": _headline(ordered, len(without)),
        "counts": _counts(ordered, len(without)),
    }
    return compile_pdf(ordered, template, with_snapshot=False, more=more, first=_page)


def _page(document: SnapshotDocument) -> dict[str, Any] | None:
    """Return a week's own page, without a logo, as a pack is of many; None for weeks of before, which have none."""
    return first_page(document) | {"logo": False} if at_least_layout(document, 3) else None


def _counts(documents: list[SnapshotDocument], without: int) -> list[dict[str, Any]]:
    """Return how many engagements have which health, worst first."""
    words = [document.content["head"]["status"] for document in documents]
    rows = [
        {"number": words.count(status.value)} | look(status.value)
        for status in WORST_FIRST
        if status.value in words
    ]
    return rows + [{"number": without} | look(Status.NOT_KNOWN.value) | {"word": "No frozen week"}] * bool(
        without
    )


def _headline(documents: list[SnapshotDocument], without: int) -> str:
    """Return how many engagements have which health: "1 off track, 2 on track, 1 without a frozen week."."""
    words = [document.content["head"]["status"] for document in documents]
    counts = [f"{words.count(status)} {status}" for status in dict.fromkeys(words)]
    counts += [f"{without} without a frozen week"] * bool(without)
    return f"{count(len(documents) + without, 'engagement')}: {', '.join(counts)}."


def _row_without(name: str, client: str) -> dict[str, str]:
    look = LOOKS[Status.NOT_KNOWN]
    return {
        "name": name, "client": client, "word": "No frozen week", "glyph": look.glyph, "colour": look.colour, "day": "–",
        "milestones": "–", "decisions": "–", "on": "", "verdict": "No week is frozen yet. Its lead can freeze one.",
    }  # fmt: skip


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
