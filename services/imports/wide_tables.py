"""From a wide table of measurements, a column a date or a metric, to a long one: a row a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from models.wording import join_list
from services.imports.choices import Choices
from services.imports.kinds import MEASUREMENTS, Kind
from services.imports.table import Table, with_cells
from services.parsing.cell import Cell, is_blank
from services.parsing.cells import as_text, loose
from services.parsing.moment_text import ORDERS, order_of, readings
from services.parsing.sheet import Sheet
from services.parsing.week_text import monday_of

MAY_BE_WEEK = re.compile("[Ww]")
MIN_DATES = 2
"""Headers that are dates from which a table counts as a wide one."""


def is_wide_date(kind: Kind, header: str, meanings: Collection[str | None]) -> bool:
    """Return whether a header is the date of a column of measurements. `meanings` are those of all headers."""
    return (
        kind is MEASUREMENTS
        and "value" not in meanings
        and "at" not in meanings
        and day_of(header) is not None
    )


def day_of(cell: Cell) -> datetime | None:
    """Return the day that a header of a wide table is, or None if it is none."""
    if isinstance(cell, datetime):
        return cell
    if not isinstance(cell, str) or not any(character.isdigit() for character in cell):
        return None
    if monday := monday_of(cell):
        return datetime.combine(monday, time())
    days = set(readings(cell).values())
    return min(days) if days and not cell.strip().isdigit() else None


def as_long(sheet: Sheet, table: Table, choices: Choices, has_metric: bool) -> Sheet:
    """Return a wide table of measurements as a long one: a row a value. Cells without a value are no rows."""
    meanings = sheet.columns
    if "value" in meanings:
        return _without_gaps(sheet, table, choices)
    values = {i: m for i, m in enumerate(meanings) if m and m not in MEASUREMENTS.names}
    if "at" in meanings and values:
        return _long(sheet, table, choices, meanings.index("at"), values, by_metric=True)
    days = {
        i: header for i, header in enumerate(sheet.headers) if not meanings[i] and day_of(header) is not None
    }
    if "at" in meanings or len(days) < MIN_DATES:
        return sheet
    named = meanings.index("metric") if "metric" in meanings else None
    if named is None and not has_metric:
        named = next((i for i in range(len(sheet.headers)) if i not in days), None)
    return _long(sheet, table, choices, named, _as_days(days), by_metric=False)


def _as_days(days: Mapping[int, str]) -> dict[int, str]:
    """Return headers that are days, each in the order of day and month under which all are; doubtful ones as they are,
    for the reader of moments to refuse."""
    order = order_of(readings(header) for header in days.values())
    texts = {}
    for position, header in days.items():
        meant = readings(header)
        monday = monday_of(header)
        options = set(meant.values())
        if monday:
            texts[position] = monday.isoformat()
        elif len(options) == 1 or order:
            texts[position] = (options.pop() if len(options) == 1 else meant[order or ORDERS[0]]).isoformat()
        else:
            texts[position] = header
    return texts


def _long(
    sheet: Sheet,
    table: Table,
    choices: Choices,
    key: int | None,
    values: Mapping[int, str],
    *,
    by_metric: bool,
) -> Sheet:
    rows: list[list[Cell]] = []
    lines: list[int] = []
    names = {loose(name): slug for slug, name in table.metrics.items()}
    for line, cells in zip(sheet.lines, sheet.rows, strict=True):
        other = cells[key] if key is not None and key < len(cells) else None
        if not by_metric:
            other = names.get(loose(as_text(other)), other) if not is_blank(other) else other
        for position, name in values.items():
            value = cells[position] if position < len(cells) else None
            if is_blank(value):
                continue
            if _is_gap(value):
                table.gaps += 1
                if choices.leave_gaps:
                    continue
            rows.append([name, other, value] if by_metric else [other, name, value])
            lines.append(line)
    headers = ["metric", "at", "value"] if key is not None or by_metric else ["at", "value"]
    if key is None and not by_metric:
        rows = [row[1:] for row in rows]
    headers += _unknown_beside(sheet, table, {key, *values})
    wide = "a column a metric" if by_metric else "a column a date"
    were = "value was" if len(rows) == 1 else "values were"
    table.notes.append(f"A wide table, {wide}: its {len(rows):,} {were} read one by one.")
    table.own = False
    if by_metric:
        rows = [[name, _week_as_day(when), value] for name, when, value in rows]
    return replace(sheet, headers=headers, raw_headers=headers, columns=[], rows=rows, lines=lines)


def _unknown_beside(sheet: Sheet, table: Table, read: Collection[int | None]) -> list[str]:
    """Return the headers of a wide table that nobody knows, for them to be refused; note which others it has no room for.

    `read` are the positions of its values and of what stands beside them.
    """
    beside = [
        (sheet.headers[i], m) for i, m in enumerate(sheet.columns) if i not in read and sheet.headers[i]
    ]
    if no_room := [header for header, meaning in beside if meaning]:
        few = join_list(no_room, most=len(no_room))
        table.notes.append(f"Left out: {few}, as a table of this form has room for values only.")
    return [header for header, meaning in beside if meaning is None]


def _week_as_day(cell: Cell) -> Cell:
    monday = monday_of(cell) if isinstance(cell, str) and MAY_BE_WEEK.search(cell) else None
    return monday.isoformat() if monday else cell


GAPS = {
    "n/a",
    "na",
    "-",
    "–",
    "—",
    "?",
    "tbd",
    "null",
    "none",
    "nan",
    "#n/a",
    "…",
    "...",
    "n.a.",
    "k.a.",
    "missing",
}


def _is_gap(cell: Cell) -> bool:
    return is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in GAPS)


def _is_number(cell: Cell) -> bool:
    """Return whether a cell begins with a digit, so that it is no gap: nearly all of a hundred thousand do."""
    return isinstance(cell, str) and cell[:1] in DIGITS


DIGITS = frozenset("0123456789")


def _without_gaps(sheet: Sheet, table: Table, choices: Choices) -> Sheet:
    """Leave out the rows of measurements without a value, where that was chosen; count them in any case. Weeks and names
    of metrics become days and short names."""
    at = sheet.columns.index("value")
    table.gaps = sum(1 for cell in sheet.column(at) if not _is_number(cell) and _is_gap(cell))
    if table.gaps and choices.leave_gaps:
        remaining = [i for i, cell in enumerate(sheet.column(at)) if not _is_gap(cell)]
        sheet = replace(
            sheet, rows=[sheet.rows[i] for i in remaining], lines=[sheet.lines[i] for i in remaining]
        )
    return _by_short_names(sheet, table)


def _by_short_names(sheet: Sheet, table: Table) -> Sheet:
    names = {loose(name): slug for slug, name in table.metrics.items()}
    replaced: dict[str, Callable[[str], Any]] = {
        "metric": lambda cell: names.get(loose(cell)),
        "at": _week_as_day,
    }
    for name, of in replaced.items():
        if name not in sheet.columns:
            continue
        position = sheet.columns.index(name)
        texts = {cell for cell in sheet.column(position) if isinstance(cell, str)}
        if name == "at" and not MAY_BE_WEEK.search("\n".join(texts)):
            continue
        meant = {cell: of(cell) for cell in texts if cell.strip()}
        changed = {
            cell: new for cell, new in meant.items() if new and new != cell and cell not in table.metrics
        }
        if changed:
            sheet = with_cells(sheet, position, changed)
    return sheet
