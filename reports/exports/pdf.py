"""The week as a PDF/A-3: tagged, with alternative texts, its fonts, and the snapshot itself embedded."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from PIL import Image

from models.brand import Brand
from models.snapshot import SnapshotDocument
from reports.charts.theme import LOOKS
from reports.exports import tables, week_facts
from reports.exports.one_page import caveats, first_page
from reports.exports.paper import FONT, HERE, WITH_FILES, WITHOUT_FILES, typeset
from reports.exports.svg_charts import needs_unit, process_behaviour_svg
from reports.review.charts import drawn


def pdf(document: SnapshotDocument) -> bytes:
    """The week on pages. Every byte follows from the document."""
    if week_facts.at_least_layout(document, 3):
        return compile_pdf(
            [document], (HERE / "one_page.typ").read_bytes(), with_snapshot=True, first=first_page
        )
    return compile_pdf([document], (HERE / "review.typ").read_bytes(), with_snapshot=True)


def compile_pdf(
    documents: list[SnapshotDocument],
    template: bytes,
    *,
    with_snapshot: bool,
    more: dict[str, Any] | None = None,
    first: Callable[[SnapshotDocument], dict[str, Any] | None] | None = None,
) -> bytes:
    """Documents laid out by a Typst template, which reads them from week-0.json, week-1.json ... and pack.json."""
    files: dict[str, bytes] = {
        "main": template,
    }
    files |= {name: (HERE / name).read_bytes() for name in ("week.typ", "page_parts.typ", "week_page.typ")}
    for number, document in enumerate(documents):
        page = None if first is None else first(document)
        # A pack has one page a week, whose chart isn't of a single metric.
        rows = [] if page is not None and not with_snapshot else document.content["metrics"]
        charts = [
            process_behaviour_svg(tables.localised(document, row), FONT) if drawn(row) else None
            for row in rows
        ]
        for place, svg in enumerate(charts):
            if svg is not None:
                files[f"chart-{number}-{place}.svg"] = svg
        data = tables.break_long_words(_template_data(document)) | {
            "charts": [svg is not None for svg in charts],
            "number": number,
        }
        if page is not None:
            data["first"] = tables.break_long_words(page)
        files[f"week-{number}.json"] = json.dumps(data).encode()
    if with_snapshot:
        files["snapshot.json"] = documents[0].to_bytes()
        if (logo := Brand.of(documents[0].body).logo) is not None:
            files["logo.svg"] = _as_svg(logo)
    if more is not None:
        files["pack.json"] = json.dumps(tables.break_long_words(more)).encode()
    made = datetime.fromisoformat(documents[0].body["frozen_at"])
    return typeset(files, made, WITH_FILES if with_snapshot else WITHOUT_FILES)


def _as_svg(logo: bytes) -> bytes:
    """Return a picture within an SVG file: Typst takes no other bytes than UTF-8 from memory."""
    picture = Image.open(io.BytesIO(logo))
    (width, height), kind = picture.size, (picture.format or "png").lower()
    data = f"data:image/{kind};base64,{base64.b64encode(logo).decode()}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return f'{head}<image href="{data}" width="{width}" height="{height}"/></svg>'.encode()


def _template_data(document: SnapshotDocument) -> dict[str, Any]:
    content = document.content
    look = LOOKS[tables.status_of(content["head"]["status"])]
    return {
        "title": tables.title(document),
        "scope": tables.scope(document),
        "proof": tables.proof(document),
        "footer": tables.footer(document),
        "status": _badge(content["head"]["status"]) | {"colour": look.colour},
        "verdict": tables.verdict(document),
        "note": document.passage("note"),
        "changed": document.passage("changes"),
        "reason": document.body["reason"],
        "decisions": content["decisions"],
        "coming": [
            row | _badge(row["state"]) | {"due": tables.day(row["due"])} for row in content["coming"]
        ],
        "metrics": [
            row | _badge(row["status"]) | _headed(row) | {"factor": tables.factor(row), "chart": None}
            for row in content["metrics"]
        ],
        "forecasts": _has_forecasts(document),
        "leading": content["leading"],
        "checks": [row | _badge(row["status"]) for row in content["checks"]],
        "before": tables.before(document),
        "changes": [row | _badge(row["status"]) for row in content["changes"]],
        "exceptions": [
            row | _badge(row["status"]) | {"short": tables.short(row["name"])} for row in tables.exceptions(document)
        ],
        "routine": tables.routine(document),
        "voice": document.quote,
        "notes": tables.data_notes(document),
        "caveats": caveats(document),
    }  # fmt: skip


def _has_forecasts(document: SnapshotDocument) -> bool:
    """Return whether some metric has a forecast, or had one; weeks of before show the column anyway."""
    given = (row[name] for row in document.content["metrics"] for name in ("forecast", "forecast_before"))
    return not tables.leaves_out_empty(document) or any(forecast != tables.NONE for forecast in given)


def _headed(row: dict[str, Any]) -> dict[str, str]:
    """What stands above a metric's chart: its name, its verdict, and its unit where the axis doesn't say it."""
    parts = [row["verdict"], *[f"in {row['unit'].removeprefix('/ ')}"] * needs_unit(row)]
    return {"short": tables.short(row["name"]), "told": ", ".join(parts)}


def _badge(word: str) -> dict[str, str]:
    look = LOOKS[tables.status_of(word)]
    return {"word": word.capitalize(), "colour": look.colour, "glyph": look.glyph}
