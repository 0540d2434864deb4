"""What the four slides of a week are made of: a kicker and a sentence on top, columns of words, and tables in a place."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from models.brand import Brand
from models.snapshot import SnapshotDocument
from reports.exports import tables
from reports.exports.slide_parts import (
    CELL,
    INK,
    MAX_LINES,
    QUIET,
    Column,
    _fill,
    _plain_style,
    _row_height,
    add_run,
    box,
    colour_of,
    lines_of,
    rgb,
    shorten_to_fit,
    slide,
    status_with_mark,
    text_height,
)  # fmt: skip
from reports.exports.week_facts import cut

SIDE, BOTTOM = Inches(0.55), Inches(0.6)
TOP_OF_BODY = Inches(1.85)
LOGO_WIDTH, LOGO_HEIGHT = Inches(1.6), Inches(0.42)
SENTENCE, KICKER, ITEM, HEAD = 26, 12, 14, 16
GAP = Inches(0.35)
PARTS, LARGEST, SMALLEST = (1.4, 1.3, 1.2, 1.1, 1.0, 0.92, 0.85, 0.78, 0.7, 0.62), 1.4, 0.55
BOLD = 1.12
"""How much wider bold letters are."""
Paragraphs = list[tuple[str, float, RGBColor, bool]]
"""Paragraphs of a box: each a text, its size in points, its colour, and whether it is bold."""


@dataclass(frozen=True)
class Grid:
    """A table in a place of a slide."""

    columns: list[Column]
    rows: list[list[str]]


def sentence_slide(
    deck: Any,
    document: SnapshotDocument,
    sentence: str,
    kicker: str,
    sources: str,
    *,
    status: str | None = None,
    appendix: bool = False,
) -> Any:
    """Return a new slide whose title is a sentence, below a line that says what the slide is."""
    page = slide(deck, document, sentence, sources)
    width = deck.slide_width - 2 * SIDE
    title = page.shapes.title
    if title is not None:
        title.left, title.top, title.width, title.height = SIDE, Inches(0.65), width, Inches(1.05)
        paragraph = title.text_frame.paragraphs[0]
        if not appendix:
            for run in list(paragraph.runs):
                run._r.getparent().remove(run._r)
            # Bold letters are wider than the estimate counts.
            text = whole_clauses(sentence, (SENTENCE - 2) * BOLD, width, 2)
            add_run(paragraph, text, SENTENCE - 2, bold=True)
        else:
            title.top, title.height = Inches(0.35), Inches(0.75)
    logo = Brand.of(document.body).logo
    if logo is not None:
        _add_logo(page, deck, logo)
        width -= LOGO_WIDTH + Inches(0.1)
    if kicker:
        frame = box(page, SIDE, Inches(0.3), width, Inches(0.35))
        add_run(frame.paragraphs[0], cut(kicker, 130), KICKER, QUIET)
        if status is not None:
            add_run(
                frame.paragraphs[0], f"  ·  {status_with_mark(status)}", KICKER, colour_of(status), bold=True
            )
    return page


def whole_clauses(sentence: str, size: float, width: int, most: int) -> str:
    """Return a sentence in at most so many lines: its last clauses left out, which the notes have."""
    text = " ".join(sentence.split())
    for separator in ("; ", ", "):
        clauses = text.split(separator)
        while len(clauses) > 1 and lines_of(separator.join(clauses), size, width) > most:
            clauses.pop()
        text = separator.join(clauses)
    return cut_to_fit(text, size, width, most)


def cut_to_fit(text: str, size: float, width: int, most: int) -> str:
    """Return a text with so much of its end left out, in whole words where it has some, that it takes `most` lines."""
    if lines_of(text, size, width) <= most:
        return text
    words = text.split(" ")
    while len(words) > 1 and lines_of(f"{' '.join(words)} …", size, width) > most:
        words.pop()
    begin = " ".join(words)
    return shorten_to_fit(begin if begin == text else f"{begin} …", size, width, most)


def lightened(colour: RGBColor, part: float = 0.55) -> RGBColor:
    """Return a colour mixed with so much white."""
    return rgb("".join(f"{round(value + (255 - value) * part):02X}" for value in colour))


def add_line(page: Any, start: tuple[int, int], end: tuple[int, int], colour: RGBColor, width: float) -> Any:
    """Return a straight line without the shadow that a template's style gives it; `width` in points."""
    line = page.shapes.add_connector(1, *map(Emu, start), *map(Emu, end))
    line.line.color.rgb, line.line.width = colour, Pt(width)
    style = line._element.find(qn("p:style"))
    if style is not None:
        line._element.remove(style)
    return line


def without_effects(group: Any) -> None:
    """Take the template's style off all shapes of a group, whose shadows some programs draw whatever a shape says."""
    for style in list(group._element.iter(qn("p:style"))):
        style.getparent().remove(style)


def brand_colours(document: SnapshotDocument) -> tuple[RGBColor, RGBColor]:
    """Return the colour of headings and rules, and that of today's line."""
    first, second = (rgb(colour.removeprefix("#")) for colour in Brand.of(document.body).colours)
    return first, second


def _add_logo(page: Any, deck: Any, logo: bytes) -> None:
    """Place the logo in the corner above the title, as large as it fits there."""
    picture = page.shapes.add_picture(io.BytesIO(logo), 0, 0)
    part = min(LOGO_WIDTH / picture.width, LOGO_HEIGHT / picture.height)
    picture.width, picture.height = Emu(int(picture.width * part)), Emu(int(picture.height * part))
    picture.left, picture.top = Emu(deck.slide_width - SIDE - picture.width), Inches(0.22)
    picture._element.nvPicPr.cNvPr.set("descr", "Logo")


def headed(
    title: str, rows: list[tuple[str, str]], nothing: str, more: int = 0, *, colour: RGBColor
) -> Paragraphs:
    """Return a heading in `colour` and its rows, each a line in bold and one below it."""
    lines: Paragraphs = [(title, HEAD, colour, True)]
    for what, detail in rows:
        lines.append((cut(what, 120), ITEM, INK, bool(detail)))
        lines += [(cut(detail), ITEM - 2, QUIET, False)] if detail else []
    if not rows:
        lines.append((nothing, ITEM, INK, False))
    return lines + ([(f"and {more} more, in the appendix or in Headway", 12, QUIET, False)] if more else [])


def add_paragraphs(
    page: Any,
    lines: Paragraphs,
    left: int,
    top: int,
    width: int,
    room: int,
    *,
    rule: RGBColor | None = None,
    part: float | None = None,
) -> None:
    """Draw paragraphs in a place, below a `rule` of that colour, at `part` of their size; without one, as large as they
    are, and smaller where they are too high for the place."""
    part = part or fitting_part(lines, width, room)
    frame = box(page, left, top, width, room)
    if rule is not None:
        add_line(page, (left, top), (left + width, top), rule, 2.25)
    for number, (text, size, colour, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.space_before = Pt(_above(number, size, colour, bold) * part)
        add_run(paragraph, text, round(size * part, 1), colour, bold=bold)


def fitting_part(lines: Paragraphs, width: int, room: int, largest: float = 1.0) -> float:
    """Return the part of their size at which paragraphs fit a place, `largest` at most."""
    parts = [part for part in PARTS if part <= largest]
    return next((part for part in parts if _height(lines, width, part) <= room), SMALLEST)


def add_columns(
    page: Any, columns: list[Paragraphs], top: int, width: int, room: int, rule: RGBColor
) -> None:
    """Draw columns of paragraphs beside each other, all of the largest size at which each fits."""
    wide = (width - GAP * (len(columns) - 1)) // len(columns)
    part = min(fitting_part(lines, wide, room, LARGEST) for lines in columns)
    for number, lines in enumerate(columns):
        add_paragraphs(page, lines, SIDE + number * (wide + GAP), top, wide, room, rule=rule, part=part)


def _above(number: int, size: float, colour: RGBColor, bold: bool) -> float:
    """Points above a paragraph: most above a heading, least above the second line of an item, none above a lone one."""
    if number == 0 and size != HEAD:
        return 0
    if size == HEAD:
        return 4 if number == 0 else 12
    return 6 if bold or colour == INK else 1


def _height(lines: Paragraphs, width: int, part: float) -> int:
    return sum(
        text_height(text, size * part * (BOLD if bold else 1), width)
        + int(Pt(_above(number, size, colour, bold) * part))
        for number, (text, size, colour, bold) in enumerate(lines)
    ) + int(Inches(0.1))


def _cells(grid: Grid, width: int, room: int) -> tuple[list[int], list[list[str]], list[int]]:
    """The widths of the columns, and the rows that fit into `room` with their heights; the last says how many don't."""
    widths = [int(width * column.share / sum(each.share for each in grid.columns)) for column in grid.columns]
    heights = [_row_height([column.head for column in grid.columns], widths)]
    rows: list[list[str]] = []
    last = _row_height(["and more"], widths[:1])
    for number, whole in enumerate(grid.rows):
        row = [shorten_to_fit(cell, CELL, wide, MAX_LINES) for cell, wide in zip(whole, widths, strict=True)]
        height = _row_height(row, widths)
        if sum(heights) + height + (last if number < len(grid.rows) - 1 else 0) > room and rows:
            return widths, rows, heights
        rows.append(row)
        heights.append(height)
    return widths, rows, heights


def grid_height(grid: Grid, width: int, room: int) -> int:
    """Return how high a table becomes, in EMU."""
    return sum(_cells(grid, width, room)[2])


def place_grid(page: Any, grid: Grid, left: int, top: int, width: int, room: int) -> None:
    """Draw a table in a place: as many rows as fit, and how many more there are."""
    widths, rows, heights = _cells(grid, width, room)
    shape = page.shapes.add_table(
        len(rows) + 1, len(grid.columns), Emu(left), Emu(top), Emu(width), Emu(sum(heights))
    )
    shape._element.nvGraphicFramePr.cNvPr.set("descr", f"Table of {tables.short(grid.columns[0].head)}")
    _plain_style(shape)
    for place, wide in enumerate(widths):
        shape.table.columns[place].width = Emu(wide)
    for line, height in enumerate(heights):
        shape.table.rows[line].height = Emu(height)
    _fill(shape.table, grid.columns, rows)
    if len(rows) < len(grid.rows):
        frame = box(page, left, top + sum(heights), width, Inches(0.3))
        add_run(frame.paragraphs[0], f"and {len(grid.rows) - len(rows)} more", 11, QUIET)
