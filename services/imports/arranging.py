"""From a sheet with columns of its own to one with ours: what each header means and where the header is.

What a column means is, in this order: as whoever imports says, as remembered from an earlier import, as our own template
calls it, and as other tools call it (synonyms.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from models.errors import Invalid
from models.wording import count, join_list
from services.imports.choices import Choices
from services.imports.header_units import with_header_units
from services.imports.kinds import MEASUREMENTS, METRICS, Kind, Need
from services.imports.short_names import with_short_names
from services.imports.synonyms import SYNONYMS
from services.imports.table import LEFT_OUT, Table
from services.imports.wide_tables import as_long, day_of, is_wide_date
from services.parsing.cell import Cell, is_blank, shown
from services.parsing.cells import as_text, loose
from services.parsing.header_text import header_keys
from services.parsing.sheet import HeaderFinder, Sheet

MIN_HEADERS = 2
"""Known names from which a row below the first one counts as the header."""


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
    """Return how many cells of a row are names of columns."""
    keys = {loose(metric) for metric in metrics}
    texts = [cell for cell in _filled(row) if isinstance(cell, str)]
    names = {
        text for text in texts if _usual(text, kind) or loose(text) in choices.columns or loose(text) in keys
    }
    dated = [cell for cell in _filled(row) if kind is MEASUREMENTS and day_of(cell) is not None]
    return len(names) + (len(dated) if len(dated) >= MIN_HEADERS else 0)


def _usual(header: str, kind: Kind) -> str | None:
    """Return what a header means by itself: a column of ours, or a synonym of one."""
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
            LEFT_OUT if meaning is None and not is_wide_date(kind, header, table.meanings) else meaning
            for header, meaning in zip(sheet.headers, table.meanings, strict=True)
        ]
    _note_how_it_was_read(table, kind)
    sheet = _with_notes_joined(sheet, table, kind)
    if kind is METRICS:
        sheet, note = with_short_names(sheet, metrics)
        table.notes += filter(None, [note])
    if kind is MEASUREMENTS:
        sheet = with_header_units(sheet, metrics, units, given)
        sheet = as_long(sheet, table, choices, given is not None)
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
    meanings: list[str | None] = []
    for header, mine in zip(sheet.headers, own, strict=True):
        key = loose(header)
        if key in choices.columns:
            meanings.append(_target(choices.columns[key], kind, metrics))
        else:
            meanings.append(choices.remembered.get(key, mine) if key else mine)
    taken = {meaning for meaning in meanings if meaning}
    for position, header in enumerate(sheet.headers):
        if meanings[position] is None and header:
            usual = SYNONYMS[kind.name].get(loose(header)) or _metric_called(header, kind, metrics)
            if usual is not None and (usual not in taken or usual == "note"):
                meanings[position] = usual
                taken.add(usual)
    return meanings


def _metric_called(header: str, kind: Kind, metrics: Mapping[str, str]) -> str | None:
    """Return the short name of the metric that a wide table's header names, without the unit in brackets behind it."""
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
    """Note which columns are called otherwise, which are left out, and what stands above the header."""
    pairs = list(zip(table.headers, table.meanings, strict=True))
    renamed = [
        f"“{header}” as {meaning.replace('_', ' ')}"
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
    """Return the sheet with the columns that are meant as the note in one, each with its header before its value."""
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


def _without_rows(sheet: Sheet, lines: Collection[int]) -> Sheet:
    if not lines:
        return sheet
    remaining = [i for i, line in enumerate(sheet.lines) if line not in lines]
    return replace(sheet, rows=[sheet.rows[i] for i in remaining], lines=[sheet.lines[i] for i in remaining])


def fitness(table: Table, kind: Kind) -> tuple[bool, int]:
    """Return how well a sheet is one of `kind`: whether it has all needed columns, and how many it has."""
    present = {meaning for meaning in table.meanings if meaning}
    needed = {column.name for column in kind.columns if column.need is Need.ALWAYS}
    return table.sheet.headers == ["metric", "at", "value"] or needed <= present, len(present)


def distinct_texts(cells: Sequence[Cell]) -> list[str]:
    """Return the texts in these cells, the most frequent ones first."""
    return [text for text, _ in Counter(as_text(cell) for cell in cells if not is_blank(cell)).most_common()]
