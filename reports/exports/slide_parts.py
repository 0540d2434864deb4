"""What every slide is made of: its frame, its words, and tables that go on over as many slides as they need.

No program says how high a text becomes, so heights are estimated, a little too high: what doesn't fit goes on to the
next slide, or is told as a number.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Emu, Inches, Pt

from models.snapshot import SnapshotDocument
from reports.charts.theme import LOOKS
from reports.exports import tables

MARGIN, TOP, FOOT = Inches(0.55), Inches(1.35), Inches(0.55)
rgb: Callable[[str], RGBColor] = RGBColor.from_string
INK, QUIET, BLUE, GREY, GREEN, AMBER, LINE = (
    rgb(colour) for colour in ("0F1722", "4B5665", "2F7DD1", "7A8594", "0E8A7D", "C77700", "D5DBE3")
)
FONT = "Calibri"
TITLE, CELL = 26, 12
MAX_LINES = 6
# Of a letter, in parts of its size: how wide it is at most on average, in whatever font takes Calibri's place.
WIDE, CAPITAL, SMALL, SPACE, LINE_HEIGHT = 1.05, 0.9, 0.58, 0.26, 1.25
PADDING = Inches(0.06)
TITLES = ("title", "ctrTitle")


@dataclass(frozen=True)
class Column:
    """A column of a table on a slide: its head and its share of the width; `status` shows a status word with its mark."""

    head: str
    share: float
    status: bool = False


def slide(deck: Any, document: SnapshotDocument, title: str, sources: str) -> Any:
    """A slide with its title, its proof at the foot, and its sources in the notes."""
    made = deck.slides.add_slide(_layout(deck))
    for shape in list(made.placeholders):
        if shape != made.shapes.title:
            shape._element.getparent().remove(
                shape._element
            )  # or an empty "Click to add text" would be on the slide
    width = deck.slide_width - 2 * MARGIN
    place = (MARGIN, Inches(0.35), width, Inches(0.75))
    if made.shapes.title is None:
        frame = box(made, *place)
    else:
        heading = made.shapes.title
        heading.left, heading.top, heading.width, heading.height = place
        frame = heading.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    add_run(frame.paragraphs[0], shorten_to_fit(title, TITLE, width, 1), TITLE, bold=True)
    proof = tables.proof(document)
    foot = box(made, MARGIN, deck.slide_height - Inches(0.45), width, Inches(0.3))
    add_run(foot.paragraphs[0], proof, 9, QUIET)
    made.notes_slide.notes_text_frame.text = xml_safe(f"{sources}\n{proof}")
    return made


def _layout(deck: Any) -> Any:
    """Of a template's layouts the one with a title and the least besides."""

    def beside(layout: Any) -> tuple[bool, int]:
        # Asked of the XML: the library's placeholders cost 28 ms a slide.
        placeholders = layout._element.xpath("./p:cSld/p:spTree/*/*/p:nvPr/p:ph")
        return not any(each.get("type") in TITLES for each in placeholders), len(placeholders)

    return min(deck.slide_layouts, key=beside)


def box(on: Any, left: int, top: int, width: int, height: int) -> Any:
    """A box for words: its text frame."""
    frame = on.shapes.add_textbox(Emu(left), Emu(top), Emu(width), Emu(height)).text_frame
    frame.word_wrap = True
    return frame


def add_run(paragraph: Any, text: str, size: float, colour: RGBColor = INK, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = xml_safe(text)
    run.font.size, run.font.bold, run.font.color.rgb, run.font.name = Pt(size), bold, colour, FONT


def xml_safe(text: str) -> str:
    """Without characters that XML can't hold."""
    return "".join(character for character in text if character >= " " or character in "\n\t")


def colour_of(status: str) -> RGBColor:
    """The colour of a status's or a milestone state's word."""
    return rgb(LOOKS[tables.status_of(status)].colour.removeprefix("#"))


def status_with_mark(status: str) -> str:
    """A status as its mark and its word, which a print in grey keeps apart."""
    return f"{LOOKS[tables.status_of(status)].glyph} {status.capitalize()}"


def lines_of(text: str, size: float, width: int) -> int:
    """How many lines a text takes in a box of that width (EMU), wrapped at its spaces and within words too long."""
    room = max((width - 2 * PADDING) / Pt(size), WIDE)
    lines, used = 1, 0.0
    for word in text.split(" "):
        wide = _length(word)
        if used and used + wide > room:
            lines, used = lines + 1, 0.0
        lines += int(wide // room)
        used += wide % room + SPACE
    return lines


def _length(text: str) -> float:
    return sum(
        WIDE if unicodedata.east_asian_width(letter) in "WF" else CAPITAL if letter.isupper() else SMALL
        for letter in text
    )


def text_height(text: str, size: float, width: int) -> int:
    """How high a text becomes, in EMU."""
    return int(lines_of(text, size, width) * Pt(size) * LINE_HEIGHT)


def shorten_to_fit(text: str, size: float, width: int, most: int) -> str:
    """A text with so much of its middle left out that it takes at most so many lines."""
    longest = len(text)
    while lines_of(text_of := tables.short(text, longest), size, width) > most and longest > 10:
        longest = int(longest * 0.9)
    return text_of


def add_list(frame: Any, lines: Sequence[str], nothing: str, size: float, width: int, room: int) -> None:
    """Lines below each other, as many as fit into `room` (EMU), and how many more there are."""
    left = room - text_height("and more", size, width)
    shown: list[str] = []
    for line in lines or [nothing]:
        left -= text_height(line, size, width) + Pt(4)
        if left < 0:
            break
        shown.append(line)
    if len(shown) < len(lines):
        shown.append(f"and {len(lines) - len(shown)} more")
    for line in shown:
        paragraph = frame.add_paragraph()
        paragraph.space_before = Pt(4)
        add_run(paragraph, line, size)


def add_table(
    deck: Any, document: SnapshotDocument, title: str, columns: list[Column], rows: list[list[str]]
) -> None:
    """A table over as many slides as it needs."""
    width = deck.slide_width - 2 * MARGIN
    widths = [int(width * column.share / sum(each.share for each in columns)) for column in columns]
    head = _row_height([column.head for column in columns], widths)
    parts = list(_parts(rows, widths, deck.slide_height - TOP - FOOT - head))
    for number, part in enumerate(parts, start=1):
        more = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
        made = slide(
            deck, document, title + more, "Each row comes from the snapshot's table of the same name."
        )
        heights = [_row_height(row, widths) for row in part]
        shape = made.shapes.add_table(len(part) + 1, len(columns), MARGIN, TOP, width, head + sum(heights))
        _plain_style(shape)
        for place, wide in enumerate(widths):
            shape.table.columns[place].width = Emu(wide)
        for line, height in enumerate([head, *heights]):
            shape.table.rows[line].height = Emu(height)
        _fill(shape.table, columns, part)


def _parts(rows: list[list[str]], widths: list[int], room: int) -> Iterator[list[list[str]]]:
    """Rows, so many a slide as fit."""
    part: list[list[str]] = []
    left = room
    for whole in rows:
        row = [shorten_to_fit(cell, CELL, wide, MAX_LINES) for cell, wide in zip(whole, widths, strict=True)]
        height = _row_height(row, widths)
        if part and height > left:
            yield part
            part, left = [], room
        part.append(row)
        left -= height
    if part:
        yield part


def _row_height(row: list[str], widths: list[int]) -> int:
    """A text that was cut has room for more: programs differ on where they break it."""
    cells = zip(row, widths, strict=True)
    return (
        max(text_height(cell, CELL, wide) + ("…" in cell) * 2 * Pt(CELL) for cell, wide in cells)
        + 2 * PADDING
    )


def _fill(table: Any, columns: list[Column], rows: list[list[str]]) -> None:
    for place, column in enumerate(columns):
        _cell(table.cell(0, place), column.head, QUIET, bold=True)
        for number, row in enumerate(rows, start=1):
            text, colour = (
                (status_with_mark(row[place]), colour_of(row[place])) if column.status else (row[place], INK)
            )
            _cell(table.cell(number, place), text, colour, bold=place == 0 or column.status)


def _cell(cell: Any, text: str, colour: RGBColor, *, bold: bool) -> None:
    cell.margin_left = cell.margin_right = cell.margin_top = cell.margin_bottom = PADDING
    cell.vertical_anchor = MSO_ANCHOR.TOP
    add_run(cell.text_frame.paragraphs[0], text, CELL, colour, bold=bold)
    _underlined(cell)


def _underlined(cell: Any) -> None:
    """A thin line below a cell, which the library has no word for."""
    line = OxmlElement("a:lnB")
    line.set("w", str(Pt(0.75)))
    fill, colour = OxmlElement("a:solidFill"), OxmlElement("a:srgbClr")
    colour.set("val", str(LINE))
    fill.append(colour)
    line.append(fill)
    cell._tc.get_or_add_tcPr().insert(0, line)


def _plain_style(shape: Any) -> None:
    """No banding and no filled header: the table has to survive a print in grey."""
    style = shape._element.graphic.graphicData.tbl.tblPr
    style.find(qn("a:tableStyleId")).text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid"
    shape.table.horz_banding = False
