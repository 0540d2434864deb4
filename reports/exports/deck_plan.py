"""The plan as a slide of native shapes: one row a milestone over three phases, with today's line."""

from __future__ import annotations

from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Emu, Inches

from models.snapshot import SnapshotDocument
from models.status import Status
from reports.exports import tables, week_facts
from reports.exports.deck_parts import (
    BOTTOM,
    FIRM,
    SIDE,
    TOP_OF_BODY,
    add_line,
    add_paragraphs,
    sentence_slide,
)
from reports.exports.slide_parts import INK, LINE, QUIET, colour_of, rgb, xml_safe
from reports.exports.week_facts import PlanBar, cut, first_of

MAX_ROWS = 14
NAMES, NOTES = 0.30, 0.20
"""Parts of the width that the names and the states take."""
MARK = Inches(0.17)
SHAPES = {
    Status.OFF_TRACK: MSO_SHAPE.DIAMOND, Status.AT_RISK: MSO_SHAPE.ISOSCELES_TRIANGLE,
    Status.NOT_KNOWN: MSO_SHAPE.RECTANGLE, Status.PLANNED: MSO_SHAPE.RECTANGLE,
}  # fmt: skip


def plan_slide(deck: Any, document: SnapshotDocument) -> None:
    """Add the slide of the plan."""
    rows, more = first_of(week_facts.plan_bars(document), MAX_ROWS)
    sources = "From the plan's milestones and their evidence. " + " ".join(row.text for row in rows)
    kicker = f"The plan of {document.content['head']['days']} days · {week_facts.day_of(document).lower()}"
    page = sentence_slide(deck, document, week_facts.plan_title(document), kicker, sources)
    width = deck.slide_width - 2 * SIDE
    track = SIDE + int(width * NAMES), int(width * (1 - NAMES - NOTES))
    head, bottom = TOP_OF_BODY + Inches(0.35), deck.slide_height - BOTTOM - (Inches(0.3) if more else 0)
    height = min((bottom - head) // max(len(rows), 1), Inches(0.62))
    plan = page.shapes.add_group_shape()
    _phases(plan, document, track, head, head + height * max(len(rows), 1))
    for number, row in enumerate(rows):
        _row(plan, row, track, width, head + number * height, height)
    _today(plan, document, track, head, head + height * max(len(rows), 1))
    if more:
        add_paragraphs(
            page,
            [(f"and {more} more milestones in Headway", 12, QUIET, False)],
            SIDE,
            bottom,
            width,
            Inches(0.3),
        )


def _phases(plan: Any, document: SnapshotDocument, track: tuple[int, int], top: int, bottom: int) -> None:
    """Three bands behind the rows, each with its days above."""
    left, width = track
    names = week_facts.phases(document)
    for number, name in enumerate(names):
        at, wide = left + width * number // len(names), width // len(names)
        band = plan.shapes.add_shape(MSO_SHAPE.RECTANGLE, Emu(at), Emu(top), Emu(wide), Emu(bottom - top))
        band.fill.solid()
        band.fill.fore_color.rgb = rgb("F5F7FA" if number % 2 == 0 else "FFFFFF")
        band.line.color.rgb, band.shadow.inherit = LINE, False
        band._element.nvSpPr.cNvPr.set("descr", name)
        add_paragraphs(plan, [(name, 12, QUIET, False)], at, top - Inches(0.33), wide, Inches(0.3))


def _row(plan: Any, row: PlanBar, track: tuple[int, int], width: int, top: int, height: int) -> None:
    left, wide = track
    words = top + (height - Inches(0.34)) // 2
    add_paragraphs(plan, [(cut(row.name, 46), 13, INK, True)], SIDE, words, int(width * NAMES), Inches(0.34))
    colour, middle = colour_of(row.state), top + height // 2
    start, due = (left + int(wide * place) for place in (row.start, row.due))
    bar = plan.shapes.add_shape(
        MSO_SHAPE.ROUNDED_RECTANGLE,
        Emu(start),
        Emu(middle - Inches(0.06)),
        Emu(max(due - start, Inches(0.05))),
        Inches(0.12),
    )
    bar.fill.solid()
    bar.fill.fore_color.rgb = colour
    bar.fill.fore_color.brightness = 0.55
    bar.line.fill.background()
    bar.shadow.inherit = False
    bar._element.nvSpPr.cNvPr.set("descr", xml_safe(row.text))
    shape = SHAPES.get(tables.status_of(row.state), MSO_SHAPE.OVAL)
    mark = plan.shapes.add_shape(shape, Emu(due - MARK // 2), Emu(middle - MARK // 2), Emu(MARK), Emu(MARK))
    mark.fill.solid()
    mark.fill.fore_color.rgb = colour
    mark.line.fill.background()
    mark.shadow.inherit = False
    mark._element.nvSpPr.cNvPr.set("descr", xml_safe(f"{row.name}: {row.state}"))
    add_paragraphs(
        plan,
        [(row.note, 12, colour, True)],
        left + wide + Inches(0.1),
        words,
        int(width * NOTES) - Inches(0.1),
        Inches(0.34),
    )


def _today(plan: Any, document: SnapshotDocument, track: tuple[int, int], top: int, bottom: int) -> None:
    left, width = track
    at = left + int(width * week_facts.today(document))
    line = add_line(plan, (at, top), (at, bottom), FIRM, 1.75)
    line._element.nvCxnSpPr.cNvPr.set("descr", f"Today, {tables.day(document.body['on'])}")
    # Beside the states, where no phase's name stands.
    text = f"┃ Today, {tables.day(document.body['on'])}"
    add_paragraphs(
        plan,
        [(text, 12, FIRM, True)],
        left + width + Inches(0.1),
        top - Inches(0.33),
        Inches(1.8),
        Inches(0.3),
    )
