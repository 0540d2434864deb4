"""From a sheet with columns of its own to one with ours: what each header means, where the header is, and wide tables.

What a column means is, in this order: as whoever imports says, as remembered from an earlier import, as our own template
calls it, and as other tools call it (synonyms.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from types import MappingProxyType
from typing import Any

from models.errors import Invalid
from models.wording import count, join_list
from services.imports.choices import Choices
from services.imports.header_units import with_header_units
from services.imports.kinds import MEASUREMENTS, METRICS, Kind, Need
from services.imports.short_names import with_short_names
from services.imports.synonyms import SYNONYMS
from services.parsing.cell import Cell, is_blank, shown
from services.parsing.cells import as_text, loose
from services.parsing.header_text import header_keys
from services.parsing.moment_text import ORDERS, order_of, readings
from services.parsing.sheet import HeaderFinder, Sheet
from services.parsing.week_text import monday_of

MAY_BE_WEEK = re.compile("[Ww]")
MIN_HEADERS = 2
"""Known names from which a row below the first one counts as the header."""
LEFT_OUT = ""


@dataclass
class Table:
    """How a file was read: what a person can change about it before it is imported.

    `headers` and `meanings` are parallel: a column of ours, a metric's short name, "" for one that is left out, None for
    one that nobody knows. `words` are the values that aren't ours, by column.
    """

    sheet: Sheet
    headers: list[str]
    meanings: list[str | None]
    metrics: dict[str, str] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    meant: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    own: bool = True
    gaps: int = 0
    title: str = ""
    other_sheets: list[str] = field(default_factory=list)
    header_line: int = 1
    above: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return what each header was read as, for `--json`."""
        return {
            "sheet": self.title or None,
            "header_line": self.header_line,
            "columns": dict(zip(self.headers, self.meanings, strict=True)),
        }


def header_finder(kind: Kind, choices: Choices, metrics: Collection[str]) -> HeaderFinder:
    """Return the function that finds the header among the first rows: the one that names most columns, or the line that
    was chosen. Raises Invalid where nothing is on that line."""

    def find(rows: Sequence[Sequence[Cell]], lines: Sequence[int]) -> int:
        if choices.header_line is not None:
            if choices.header_line not in lines:
                raise Invalid(f"Line {choices.header_line} holds no header. Nothing was changed.")
            return list(lines).index(choices.header_line)
        scores = [_known_names(row, kind, choices, metrics) for row in rows]
        best = max(scores, default=0)
        if scores and scores[0] < best and best >= MIN_HEADERS:
            return scores.index(best)
        if scores and scores[0] == 0 and len(_filled(rows[0])) == 1:
            return next((i for i, row in enumerate(rows) if len(_filled(row)) > 1), 0)
        return 0

    return find


def _filled(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if not is_blank(cell)]


def _known_names(row: Sequence[Cell], kind: Kind, choices: Choices, metrics: Collection[str]) -> int:
    """How many cells of a row are names of columns."""
    keys = {loose(metric) for metric in metrics}
    texts = [cell for cell in _filled(row) if isinstance(cell, str)]
    names = {
        text for text in texts if _usual(text, kind) or loose(text) in choices.columns or loose(text) in keys
    }
    dated = [cell for cell in _filled(row) if kind is MEASUREMENTS and _day_of(cell) is not None]
    return len(names) + (len(dated) if len(dated) >= MIN_HEADERS else 0)


def _usual(header: str, kind: Kind) -> str | None:
    """What a header means by itself: a column of ours, or a synonym of one."""
    own = next((key for key in header_keys(header) if key in kind.names), None)
    return own or SYNONYMS[kind.name].get(loose(header))


def arrange(
    sheet: Sheet,
    kind: Kind,
    choices: Choices,
    metrics: Mapping[str, str],
    units: Mapping[str, str] = MappingProxyType({}),
    given: str | None = None,
) -> Table:
    """Return the sheet with our columns. `metrics` and `units` are the names and units of defined ones, by their short
    names; `given`: the one whose the measurements are, if the caller knows it."""
    table = Table(sheet, list(sheet.headers), [], dict(metrics))
    table.title, table.other_sheets = sheet.title, list(sheet.unread)
    table.header_line, table.above = sheet.header_line, sheet.above
    _refuse_unknown_headers(sheet, choices)
    table.meanings = _meanings(sheet, kind, choices, metrics)
    if choices.guess:
        table.meanings = [
            LEFT_OUT if meaning is None and not _is_wide_date(kind, header, table.meanings) else meaning
            for header, meaning in zip(sheet.headers, table.meanings, strict=True)
        ]
    _note_how_it_was_read(table, kind)
    sheet = _with_notes_joined(sheet, table, kind)
    if kind is METRICS:
        sheet, note = with_short_names(sheet, metrics)
        table.notes += filter(None, [note])
    if kind is MEASUREMENTS:
        sheet = with_header_units(sheet, metrics, units, given)
        sheet = _as_long(sheet, table, choices, given is not None)
    table.sheet = _without_rows(sheet, choices.leave_out)
    return table


def _refuse_unknown_headers(sheet: Sheet, choices: Choices) -> None:
    known = {loose(header) for header in sheet.headers}
    missing = [given for key, given in choices.spelled.items() if key not in known]
    if missing:
        raise Invalid(
            f"There is no column “{missing[0]}” in {sheet.name}; it has {', '.join(filter(None, sheet.headers))}. "
            "Nothing was changed."
        )


def _meanings(sheet: Sheet, kind: Kind, choices: Choices, metrics: Mapping[str, str]) -> list[str | None]:
    raws = sheet.raw_headers or sheet.headers
    own = [
        next((key for key in header_keys(raw) if key in kind.names), None)
        for raw in raws[: len(sheet.headers)]
    ]
    found: list[str | None] = []
    for header, mine in zip(sheet.headers, own, strict=True):
        key = loose(header)
        if key in choices.columns:
            found.append(_target(choices.columns[key], kind, metrics))
        else:
            found.append(choices.remembered.get(key, mine) if key else mine)
    taken = {meaning for meaning in found if meaning}
    for position, header in enumerate(sheet.headers):
        if found[position] is None and header:
            usual = SYNONYMS[kind.name].get(loose(header)) or _metric_called(header, kind, metrics)
            if usual is not None and (usual not in taken or usual == "note"):
                found[position] = usual
                taken.add(usual)
    return found


def _metric_called(header: str, kind: Kind, metrics: Mapping[str, str]) -> str | None:
    """The short name of the metric that a wide table's header names; a unit in brackets behind it is none of the name."""
    if kind is not MEASUREMENTS:
        return None
    wanted = {loose(header), loose(header.partition("(")[0].partition("[")[0])}
    return next((slug for slug, name in metrics.items() if {loose(slug), loose(name)} & wanted), None)


def _target(meaning: str, kind: Kind, metrics: Mapping[str, str]) -> str:
    """Return a column of ours, a metric's short name or "". Raises Invalid for anything else."""
    key = loose(meaning).replace(" ", "_")
    if not meaning.strip() or key in kind.names:
        return key
    if metric := _metric_called(meaning, kind, metrics):
        return metric
    raise Invalid(
        f"There is no column “{meaning}” of {kind.name.replace('_', ' ')}. Choose one of {', '.join(kind.names)}, or "
        "nothing to leave it out. Nothing was changed."
    )


def _note_how_it_was_read(table: Table, kind: Kind) -> None:
    """Tell which columns are called otherwise, which are left out, and what stands above the header."""
    pairs = list(zip(table.headers, table.meanings, strict=True))
    renamed = [
        f"“{header}” as {meaning}"
        for header, meaning in pairs
        if header and meaning and not _is_own(header, meaning)
    ]
    left_out = [header for header, meaning in pairs if meaning == LEFT_OUT and header]
    table.own = not (renamed or left_out)
    if renamed:
        table.notes.append(f"Read {join_list(renamed, most=len(renamed))}.")
    if left_out:
        table.notes.append(f"Left out: {join_list(left_out, most=len(left_out))}.")
    if table.above:
        few = count(len(table.above), "line")
        table.notes.append(
            f"The names of the columns are on line {table.header_line}; {few} above it "
            f"{'was' if len(table.above) == 1 else 'were'} passed over: “{shown(table.above[0])}”."
        )


def _is_own(header: str, meaning: str) -> bool:
    return meaning in (*header_keys(header), loose(header).replace(" ", "_"))


def _with_notes_joined(sheet: Sheet, table: Table, kind: Kind) -> Sheet:
    """Several columns that are meant as the note are one, each with its header before its value."""
    noted = [i for i, meaning in enumerate(table.meanings) if meaning == "note"]
    columns = list(table.meanings)
    foreign = any(SYNONYM_PREFIX not in loose(table.headers[i]) for i in noted)
    if len(noted) < 2 and not (noted and table.headers[noted[0]].casefold() in KEEP_THEIR_NAME):
        return replace(sheet, columns=columns)
    first, *others = noted
    for other in others:
        columns[other] = LEFT_OUT
    rows = []
    for row in sheet.rows:
        cells = [*row] + [None] * (len(sheet.headers) - len(row))
        parts = [
            f"{table.headers[i]}: {as_text(cells[i])}" if foreign else as_text(cells[i])
            for i in noted
            if not is_blank(cells[i])
        ]
        cells[first] = "; ".join(parts)
        rows.append(cells)
    return replace(sheet, rows=rows, columns=columns)


SYNONYM_PREFIX = "note"
KEEP_THEIR_NAME = {"rto", "rpo", "sla"}
"""Headers without which their values say nothing in a note."""


def _is_wide_date(kind: Kind, header: str, meanings: Collection[str | None]) -> bool:
    return (
        kind is MEASUREMENTS
        and "value" not in meanings
        and "at" not in meanings
        and _day_of(header) is not None
    )


def _day_of(cell: Cell) -> datetime | None:
    """The day that a header of a wide table is, if it is one."""
    if isinstance(cell, datetime):
        return cell
    if not isinstance(cell, str) or not any(character.isdigit() for character in cell):
        return None
    if monday := monday_of(cell):
        return datetime.combine(monday, time())
    found = set(readings(cell).values())
    return min(found) if found and not cell.strip().isdigit() else None


def _as_long(sheet: Sheet, table: Table, choices: Choices, has_metric: bool) -> Sheet:
    """Return a wide table of measurements as a long one: a row a value. Cells without a value are no rows."""
    meanings = sheet.columns
    if "value" in meanings:
        return _without_gaps(sheet, table, choices)
    values = {i: m for i, m in enumerate(meanings) if m and m not in MEASUREMENTS.names}
    if "at" in meanings and values:
        return _long(sheet, table, choices, meanings.index("at"), values, by_metric=True)
    days = {
        i: header for i, header in enumerate(sheet.headers) if not meanings[i] and _day_of(header) is not None
    }
    if "at" in meanings or len(days) < MIN_HEADERS:
        return sheet
    named = meanings.index("metric") if "metric" in meanings else None
    if named is None and not has_metric:
        named = next((i for i in range(len(sheet.headers)) if i not in days), None)
    return _long(sheet, table, choices, named, _as_days(days), by_metric=False)


def _as_days(days: Mapping[int, str]) -> dict[int, str]:
    """Headers that are days, each in the order of day and month under which all of them are; doubtful ones as they are,
    for the reader of moments to refuse."""
    order = order_of(readings(header) for header in days.values())
    found = {}
    for position, header in days.items():
        meant = readings(header)
        monday = monday_of(header)
        options = set(meant.values())
        if monday:
            found[position] = monday.isoformat()
        elif len(options) == 1 or order:
            found[position] = (options.pop() if len(options) == 1 else meant[order or ORDERS[0]]).isoformat()
        else:
            found[position] = header
    return found


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
    """Whether a cell begins with a digit, so that it is no gap: nearly all of a hundred thousand do."""
    return isinstance(cell, str) and cell[:1] in DIGITS


DIGITS = frozenset("0123456789")


def _without_gaps(sheet: Sheet, table: Table, choices: Choices) -> Sheet:
    """Leave out the rows of measurements without a value, where that was chosen; count them in any case. Weeks and names
    of metrics become days and short names."""
    at = sheet.columns.index("value")
    table.gaps = sum(1 for cell in sheet.column(at) if not _is_number(cell) and _is_gap(cell))
    if table.gaps and choices.leave_gaps:
        kept = [i for i, cell in enumerate(sheet.column(at)) if not _is_gap(cell)]
        sheet = replace(sheet, rows=[sheet.rows[i] for i in kept], lines=[sheet.lines[i] for i in kept])
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
        found = {cell: of(cell) for cell in texts if cell.strip()}
        changed = {
            cell: new for cell, new in found.items() if new and new != cell and cell not in table.metrics
        }
        if changed:
            sheet = with_cells(sheet, position, changed)
    return sheet


def with_cells(sheet: Sheet, position: int, replaced: Mapping[str, str]) -> Sheet:
    """Return the sheet with the texts of one column replaced, where `replaced` has them."""
    rows: list[list[Cell]] = []
    for row in sheet.rows:
        cells = [*row]
        if position < len(cells) and isinstance(cell := cells[position], str) and cell in replaced:
            cells[position] = replaced[cell]
        rows.append(cells)
    return replace(sheet, rows=rows)


def _without_rows(sheet: Sheet, lines: Collection[int]) -> Sheet:
    if not lines:
        return sheet
    kept = [i for i, line in enumerate(sheet.lines) if line not in lines]
    return replace(sheet, rows=[sheet.rows[i] for i in kept], lines=[sheet.lines[i] for i in kept])


def fitness(table: Table, kind: Kind) -> tuple[bool, int]:
    """How well a sheet is one of `kind`: whether it has all needed columns, and how many it has."""
    present = {meaning for meaning in table.meanings if meaning}
    needed = {column.name for column in kind.columns if column.need is Need.ALWAYS}
    return table.sheet.headers == ["metric", "at", "value"] or needed <= present, len(present)


def distinct_texts(cells: Sequence[Cell]) -> list[str]:
    """Return the texts in these cells, the most frequent ones first."""
    return [text for text, _ in Counter(as_text(cell) for cell in cells if not is_blank(cell)).most_common()]
