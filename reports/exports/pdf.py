"""The week as a PDF/A-3: tagged, with alternative texts, its fonts, and the snapshot itself embedded."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import font_source_sans_pro
import vl_convert

from models.snapshot import Document
from reports.charts.theme import LOOKS
from reports.exports import tables
from reports.exports.paper import FONT, HERE, WITH_FILES, WITHOUT_FILES, typeset
from reports.review.charts import chart_of, drawn

INK = "#0F1722"
CHART_WIDTH, CHART_HEIGHT = 330, 120


def pdf(document: Document) -> bytes:
    """The week on pages. Every byte follows from the document."""
    return compiled([document], (HERE / "review.typ").read_bytes(), with_snapshot=True)


def compiled(
    documents: list[Document],
    template: bytes,
    *,
    with_snapshot: bool,
    charted: bool = True,
    more: dict[str, Any] | None = None,
) -> bytes:
    """Documents laid out by a Typst template, which reads them from week-0.json, week-1.json ... and pack.json."""
    files: dict[str, bytes] = {"main": template, "week.typ": (HERE / "week.typ").read_bytes()}
    for number, document in enumerate(documents):
        rows = document.content["metrics"]
        charts = [chart_svg(row) if charted and drawn(row) else None for row in rows]
        for place, svg in enumerate(charts):
            if svg is not None:
                files[f"chart-{number}-{place}.svg"] = svg
        told = tables.breakable(_told(document)) | {
            "charts": [svg is not None for svg in charts],
            "number": number,
        }
        files[f"week-{number}.json"] = json.dumps(told).encode()
    if with_snapshot:
        files["snapshot.json"] = documents[0].to_bytes()
    if more is not None:
        files["pack.json"] = json.dumps(tables.breakable(more)).encode()
    made = datetime.fromisoformat(documents[0].body["frozen_at"])
    return typeset(files, made, WITH_FILES if with_snapshot else WITHOUT_FILES)


def _told(document: Document) -> dict[str, Any]:
    content = document.content
    look = LOOKS[tables.status_of(content["head"]["status"])]
    return {
        "title": tables.title(document),
        "scope": tables.scope(document),
        "proof": tables.proof(document),
        "status": _badge(content["head"]["status"]) | {"colour": look.colour},
        "verdict": document.passage("verdict"),
        "note": document.passage("note"),
        "changed": document.passage("changes"),
        "reason": document.body["reason"],
        "decisions": content["decisions"],
        "coming": [
            row | _badge(row["state"]) | {"due": tables.day(row["due"])} for row in content["coming"]
        ],
        "metrics": [
            row | _badge(row["status"]) | {"factor": tables.factor(row), "chart": None}
            for row in content["metrics"]
        ],
        "leading": content["leading"],
        "checks": [row | _badge(row["status"]) for row in content["checks"]],
        "since": content["since"] or "before",
        "changes": [row | _badge(row["status"]) for row in content["changes"]],
        "exceptions": [row | _badge(row["status"]) for row in tables.exceptions(document)],
        "routine": tables.routine(document),
        "voice": document.voice,
        "notes": tables.data_notes(document),
    }  # fmt: skip


def _badge(word: str) -> dict[str, str]:
    look = LOOKS[tables.status_of(word)]
    return {"word": word.capitalize(), "colour": look.colour, "glyph": look.glyph}


@cache
def _with_our_font() -> None:
    """Only the font that its words are measured with: what draws the page brings the others."""
    vl_convert.register_font_directory(str(Path(font_source_sans_pro.__file__ or "").parent))


def chart_svg(row: dict[str, Any]) -> bytes:
    """A metric's chart for paper: in ink, in the font of the page."""
    _with_our_font()
    chart = chart_of(row).properties(width=CHART_WIDTH, height=CHART_HEIGHT)
    # The charts' own tests hold their form; checking it again for each would cost half of an export's time.
    specification = json.loads(json.dumps(chart.to_dict(validate=False)).replace("currentColor", INK))
    specification.setdefault("config", {})["font"] = FONT
    return vl_convert.vegalite_to_svg(specification).encode()
