"""The week as slides with native, editable charts, and notes with the sources. A firm's own template file can be used."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.util import Inches

from models.snapshot import SnapshotDocument
from reports.exports import tables
from reports.exports.csv_zip import EPOCH, zipped
from reports.exports.four_slides import add_slides
from reports.exports.slide_chart import metric
from reports.exports.slide_parts import (
    MARGIN,
    QUIET,
    Column,
    add_list,
    add_run,
    add_table,
    box,
    colour_of,
    shorten_to_fit,
    slide,
    status_with_mark,
)  # fmt: skip
from reports.exports.week_facts import at_least_layout

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
VERDICT, NOTE, BODY = 18, 14, 14
MAX_PROPERTY = 255  # of a file's own title; an engagement's name may be longer


def pptx(document: SnapshotDocument, template: Path | None = None) -> bytes:
    """The slides. `template` is a firm's own .pptx, whose masters and size are kept."""
    deck = Presentation(str(template) if template else None)
    if template is None:
        deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    frozen_at = datetime.fromisoformat(document.body["frozen_at"]).replace(tzinfo=None)
    core = deck.core_properties
    core.title = tables.title(document)[:MAX_PROPERTY]
    core.author, core.comments = "Headway", document.digest
    core.created = core.modified = frozen_at
    core.last_modified_by, core.revision = "Headway", 1
    if at_least_layout(document, 3):
        add_slides(deck, document)
    else:
        _slides_of_before(deck, document)
    made = io.BytesIO()
    deck.save(made)
    return _normalised(made.getvalue())


def _slides_of_before(deck: Any, document: SnapshotDocument) -> None:
    """The slides of weeks that were frozen before layout 3, which keep their bytes."""
    _opening(deck, document)
    _metrics(deck, document)
    for row in document.content["metrics"]:
        if row["chart"]["points"]:
            metric(deck, document, row)
    _lists(deck, document)
    _closing(deck, document)


def _opening(deck: Any, document: SnapshotDocument) -> None:
    content, head = document.content, document.content["head"]
    sources = f"From the engagement's evidence at revision {head['revision']}."
    drafted = document.body["text"]["verdict"]["draft"]
    made = slide(deck, document, tables.title(document), f"{sources} Drafted: {drafted}")
    width = deck.slide_width - 2 * MARGIN
    scope = box(made, MARGIN, Inches(1.1), width, Inches(0.5))
    add_run(
        scope.paragraphs[0], shorten_to_fit("  ·  ".join(tables.scope(document)), 12, width, 2), 12, QUIET
    )
    verdict = box(made, MARGIN, Inches(1.65), width, Inches(1.7))
    sentence = shorten_to_fit(tables.verdict(document), VERDICT, width - Inches(1.5), 3)
    add_run(
        verdict.paragraphs[0],
        f"{status_with_mark(head['status'])}  ",
        VERDICT,
        colour_of(head["status"]),
        bold=True,
    )
    add_run(verdict.paragraphs[0], sentence, VERDICT, bold=True)
    if note := document.passage("note"):
        add_run(verdict.add_paragraph(), shorten_to_fit(note, NOTE, width, 3), NOTE)
    half, room = (width - Inches(0.4)) // 2, deck.slide_height - Inches(3.4) - Inches(0.55)
    coming = [f"{row['name']}, due {tables.day(row['due'])}: {row['state']}" for row in content["coming"]]
    for left, title, lines, nothing in [
        (MARGIN, "Decisions needed", tables.decisions(document), "No decision is needed."),
        (MARGIN + half + Inches(0.4), "Next two weeks", coming, "No milestone is due."),
    ]:
        frame = box(made, left, Inches(3.4), half, room)
        add_run(frame.paragraphs[0], title, 16, bold=True)
        shown = [shorten_to_fit(line, BODY, half, 3) for line in lines]
        add_list(frame, shown, nothing, BODY, half, room - Inches(0.4))


def _metrics(deck: Any, document: SnapshotDocument) -> None:
    rows = [
        [row["name"], row["status"], row["baseline"], row["current"], row["target"], tables.factor(row), row["verdict"],
         row["forecast"], row["forecast_before"]]
        for row in document.content["metrics"]
    ]  # fmt: skip
    columns = [
        Column("Metric", 2.2), Column("Status", 1.25, status=True), Column("Baseline", 1.1), Column("Current", 1.1),
        Column("Target", 1.5), Column("Factor (95% interval)", 1.9), Column("Verdict", 1.3), Column("Forecast", 1.4),
        Column("Last week's", 1.4),
    ]  # fmt: skip
    add_table(deck, document, "Metrics against their baseline", columns, rows)


def _lists(deck: Any, document: SnapshotDocument) -> None:
    """What moves first, the health checks, what changed, and the exceptions, each as a table."""
    content, then = document.content, tables.before(document)
    leading = [[row["name"], row["now"], row["before"]] for row in content["leading"]]
    columns = [Column("What moves first", 2), Column("Now", 1), Column(then, 1)]
    add_table(deck, document, "Leading measures", columns, leading)
    checks = [[row["name"], row["status"], row["reason"]] for row in content["checks"]]
    columns = [Column("Check", 1), Column("Status", 1, status=True), Column("Why", 6)]
    add_table(deck, document, "Health checks", columns, checks)
    changes = [[row["about"], row["kind"], row["old"], row["new"]] for row in content["changes"]]
    columns = [Column("About", 3), Column("What", 1.2), Column(then, 4), Column("Now", 4)]
    add_table(deck, document, "What changed", columns, changes)
    exceptions = [
        [row["name"], row["status"], row["owner"], row["line"]] for row in tables.exceptions(document)
    ]
    columns = [
        Column("Exception", 2.2),
        Column("Status", 1.2, status=True),
        Column("Owner", 1.4),
        Column("One line", 6),
    ]
    add_table(deck, document, "Exceptions, each with its owner's line", columns, exceptions)


def _closing(deck: Any, document: SnapshotDocument) -> None:
    """One voice from the interviews, and what to know of the data."""
    made = slide(
        deck, document, "What to know", "Computed from the snapshot; the voice is from its interviews."
    )
    width = deck.slide_width - 2 * MARGIN
    lines = [] if document.content["exceptions"] else ["Nothing is out of the ordinary."]
    lines += [tables.routine(document)] * bool(document.content["routine"])
    if voice := document.quote:
        lines.append(
            f"One voice from the interviews: “{voice['said']}” {voice['who']}, {voice['on']}, on {voice['theme']}"
        )
    lines += [f"{name}: {note}" for name, note in tables.data_notes(document)]
    room = deck.slide_height - Inches(1.35) - Inches(0.55)
    frame = box(made, MARGIN, Inches(1.35), width, room)
    add_list(frame, [shorten_to_fit(line, BODY, width, 5) for line in lines], "", BODY, width, room)


def _normalised(data: bytes) -> bytes:
    """The same file with the times of its members, and of those of the charts' workbooks, taken out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {member.filename: archive.read(member) for member in archive.infolist()}
    return zipped({
        name: _normalised(content) if name.endswith(".xlsx") else _without_times(name, content)
        for name, content in files.items()
    })  # fmt: skip


def _without_times(name: str, content: bytes) -> bytes:
    """A chart's workbook says when it was made."""
    if name != "docProps/core.xml" or b"headway" in content.lower():
        return content

    stamp = f"{EPOCH[0]}-01-01T00:00:00Z".encode()
    return re.sub(rb">\d{4}-\d\d-\d\dT[\d:]+Z<", b">" + stamp + b"<", content)
