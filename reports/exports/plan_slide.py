"""The plan as a slide of native shapes: one row a milestone over three phases, with today's line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Emu, Inches

from models.snapshot import SnapshotDocument
from models.status import Status
from models.wording import lower_first
from reports.exports import tables, week_facts
from reports.exports.four_slides_parts import (
    BOTTOM,
    SIDE,
    TOP_OF_BODY,
    Paragraphs,
    add_line,
    add_paragraphs,
    brand_colours,
    fitting_part,
    lightened,
    sentence_slide,
    without_effects,
)
from reports.exports.slide_parts import INK, LINE, QUIET, colour_of, rgb, xml_safe
from reports.exports.week_facts import PlanBar, cut, first_of

MAX_ROWS = 14
NOTES = 0.20
"""The part of the width that the states take."""
MARK = Inches(0.17)


@dataclass(frozen=True)
class Sizes:
    """The part of the width that names take, and points: of names, of states and of what stands above the rows."""

    names: float
    name: float
    note: float
    head: float


SIZES = Sizes(0.37, 15, 14, 14)
SMALL_ROWS, SMALL_SIZES = Inches(0.42), Sizes(0.37, 13, 12, 13)
"""Rows that are lower than this are set smaller."""
SMALLEST_NAME = 0.8
"""The part of their size at which names are set at least: a longer one has two lines."""
SIZES_OF_LAYOUT_3 = Sizes(0.30, 13, 12, 12)
SHAPES = {
    Status.OFF_TRACK: MSO_SHAPE.DIAMOND, Status.AT_RISK: MSO_SHAPE.ISOSCELES_TRIANGLE,
    Status.NOT_KNOWN: MSO_SHAPE.RECTANGLE, Status.PLANNED: MSO_SHAPE.RECTANGLE,
}  # fmt: skip


def plan_slide(deck: Any, document: SnapshotDocument) -> None:
    """Add the slide of the plan."""
    rows, more = first_of(week_facts.plan_bars(document), MAX_ROWS)
    sources = "From the plan's milestones and their evidence. " + " ".join(row.text for row in rows)
    kicker = (
        f"The plan of {document.content['head']['days']} days · {lower_first(week_facts.day_of(document))}"
    )
    page = sentence_slide(deck, document, week_facts.plan_title(document), kicker, sources)
    width = deck.slide_width - 2 * SIDE
    head, bottom = TOP_OF_BODY + Inches(0.35), deck.slide_height - BOTTOM - (Inches(0.3) if more else 0)
    height = min((bottom - head) // max(len(rows), 1), Inches(0.62))
    sizes = _sizes(document, height)
    track = SIDE + int(width * sizes.names), int(width * (1 - sizes.names - NOTES))
    part = None if sizes is SIZES_OF_LAYOUT_3 else _part_of_names(rows, sizes, int(width * sizes.names))
    with _group(page) as plan:
        _phases(plan, document, track, head, head + height * max(len(rows), 1), sizes.head)
        for number, row in enumerate(rows):
            _row(plan, row, track, width, head + number * height, height, sizes, part)
        _today(plan, document, track, head, head + height * max(len(rows), 1), sizes.head)
    if week_facts.at_least_layout(document, 4):
        without_effects(plan)
    if more:
        add_paragraphs(
            page,
            [(f"and {more} more milestones in Headway", 12, QUIET, False)],
            SIDE,
            bottom,
            width,
            Inches(0.3),
        )


@contextmanager
def _group(page: Any) -> Iterator[Any]:
    """Yield a group of shapes, which is as large as all of them at the end.

    The library asks every shape of a group for its place whenever one is added: for a plan, a third of the slide's time.
    """
    group = page.shapes.add_group_shape()
    shapes = group.shapes
    shapes._recalculate_extents = lambda: None
    try:
        yield group
    finally:
        del shapes._recalculate_extents
    shapes._recalculate_extents()


def _sizes(document: SnapshotDocument, row_height: int) -> Sizes:
    if not week_facts.at_least_layout(document, 4):
        return SIZES_OF_LAYOUT_3
    return SMALL_SIZES if row_height < SMALL_ROWS else SIZES


def _part_of_names(rows: list[PlanBar], sizes: Sizes, width: int) -> float:
    """Return the part of their size at which all names have one line, down to a size that can be read."""
    lines = [[(cut(row.name, 46), sizes.name, INK, True)] for row in rows]
    return max(min((fitting_part(each, width, Inches(0.4)) for each in lines), default=1.0), SMALLEST_NAME)


def _phases(
    plan: Any, document: SnapshotDocument, track: tuple[int, int], top: int, bottom: int, size: float
) -> None:
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
        add_paragraphs(plan, [(name, size, QUIET, False)], at, top - Inches(0.33), wide, Inches(0.3))


def _row(
    plan: Any,
    row: PlanBar,
    track: tuple[int, int],
    width: int,
    top: int,
    height: int,
    sizes: Sizes,
    part: float | None,
) -> None:
    left, wide = track
    words = top + (height - Inches(0.34)) // 2
    name: Paragraphs = [(cut(row.name, 46), sizes.name, INK, True)]
    add_paragraphs(plan, name, SIDE, words, int(width * sizes.names), Inches(0.34), part=part)
    colour, middle = colour_of(row.state), top + height // 2
    start, due = (left + int(wide * place) for place in (row.start, row.due))
    _bar(plan, row, colour, start, due, middle)
    _due_mark(plan, row, colour, due, middle)
    add_paragraphs(
        plan,
        [(row.note, sizes.note, colour, True)],
        left + wide + Inches(0.1),
        words,
        int(width * NOTES) - Inches(0.1),
        Inches(0.34),
    )


def _bar(plan: Any, row: PlanBar, colour: RGBColor, start: int, due: int, middle: int) -> None:
    """Add a milestone's bar from its start to when it is due, with its whole text for who can't see it."""
    bar = plan.shapes.add_shape(
        MSO_SHAPE.ROUNDED_RECTANGLE,
        Emu(start),
        Emu(middle - Inches(0.06)),
        Emu(max(due - start, Inches(0.05))),
        Inches(0.12),
    )
    bar.fill.solid()
    bar.fill.fore_color.rgb = lightened(colour)
    bar.line.fill.background()
    bar.shadow.inherit = False
    bar._element.nvSpPr.cNvPr.set("descr", xml_safe(row.text))


def _due_mark(plan: Any, row: PlanBar, colour: RGBColor, due: int, middle: int) -> None:
    """Add the mark of a milestone's state where it is due."""
    shape = SHAPES.get(tables.status_of(row.state), MSO_SHAPE.OVAL)
    mark = plan.shapes.add_shape(shape, Emu(due - MARK // 2), Emu(middle - MARK // 2), Emu(MARK), Emu(MARK))
    mark.fill.solid()
    mark.fill.fore_color.rgb = colour
    mark.line.fill.background()
    mark.shadow.inherit = False
    mark._element.nvSpPr.cNvPr.set("descr", xml_safe(f"{row.name}: {row.state}"))


def _today(
    plan: Any, document: SnapshotDocument, track: tuple[int, int], top: int, bottom: int, size: float
) -> None:
    left, width = track
    at = left + int(width * week_facts.today(document))
    _, colour = brand_colours(document)
    line = add_line(plan, (at, top), (at, bottom), colour, 1.75)
    line._element.nvCxnSpPr.cNvPr.set("descr", f"Today, {tables.day(document.body['on'])}")
    # Beside the states, where no phase's name stands.
    text = f"┃ Today, {tables.day(document.body['on'])}"
    add_paragraphs(
        plan,
        [(text, size, colour, True)],
        left + width + Inches(0.1),
        top - Inches(0.33),
        Inches(1.8),
        Inches(0.3),
    )
