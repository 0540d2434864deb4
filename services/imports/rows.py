"""From a sheet to checked rows of one kind, or to everything that is wrong with it.

Only columns that are in the file are in the rows: what isn't there leaves the stored value as it is. An empty
cell of an optional column clears the stored value: it is None, or what the column says under `if_empty`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.imports.headers import add_overlong_rows, columns_in
from services.imports.kinds import Column, Kind, Need
from services.imports.problems import Problem, Problems
from services.parsing.cell import BadCell, Cell, is_blank, shown
from services.parsing.cells import Read
from services.parsing.decimal_mark import hints_of_file
from services.parsing.doubts import Doubt
from services.parsing.number_parsers import Quantity
from services.parsing.sheet import Sheet


@dataclass
class Parsed:
    """`rows`: (line, column name -> value), to be used only if there are no `problems`; `cells` are the columns."""

    kind: Kind
    columns: list[str]
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    lines: Sequence[int] = ()
    cells: dict[str, Sequence[Cell]] = field(default_factory=dict)


def parse(sheet: Sheet, kind: Kind, given: Mapping[str, Any] | None = None) -> Parsed:
    """Return the sheet's rows, each cell as a value, and all that is wrong with them in the order of the lines.

    `given` has values, already parsed, for columns that the sheet doesn't have, such as the metric on its own page.
    """
    given = dict(given or {})
    parsed = Parsed(kind, [])
    positions = columns_in(sheet, kind, given, parsed.problems)
    given = {name: value for name, value in given.items() if name not in positions}
    parsed.columns = [name for name in kind.names if name in positions or name in given]
    parsed.notes = notes_about(sheet)
    add_overlong_rows(sheet, parsed.problems)
    readers = [_reader(sheet, kind.column(name), position) for name, position in positions.items()]
    parsed.doubts, parsed.lines = [*sheet.doubts], sheet.lines
    parsed.cells = {name: sheet.column(position) for name, position in positions.items()}
    for line, cells in zip(sheet.lines, sheet.rows, strict=True):
        row = dict(given)
        for column, position, read in readers:
            cell = cells[position] if position < len(cells) else None
            value = cell_value(column, cell, read)
            if isinstance(value, BadCell):
                parsed.problems.add_cell(line, column.name, cell, value)
                value = None
            row[column.name] = value
        parsed.rows.append((line, row))
    if set(kind.key) <= set(parsed.columns):
        _add_repeated(parsed)
        _add_own_rules(parsed)
    parsed.problems.sort()
    return parsed


def notes_about(sheet: Sheet) -> list[str]:
    """Return what a person should know although nothing is wrong."""
    notes = []
    if not sheet.rows:
        notes.append("The file has a header, but no rows below it.")
    if sheet.unread:
        notes.append(f"Other sheets of the workbook were not read: {', '.join(sheet.unread)}.")
    return notes


def _reader(sheet: Sheet, column: Column, position: int) -> tuple[Column, int, Read]:
    cells = sheet.column(position)
    filled = [cell for cell in cells if not is_blank(cell) and not isinstance(cell, BadCell)]
    parser = column.parser
    if isinstance(parser, Quantity):
        others = (sheet.column(other) for other in range(sheet.widest) if other != position)
        parser = Quantity(tuple(hints_of_file(sheet.separator, others)))
    return column, position, parser.for_column(filled, sheet.epoch)


def cell_value(column: Column, cell: Cell, read: Read) -> Any:
    """Return the value, what an empty cell stands for, or a `BadCell`."""
    if is_blank(cell):
        return column.if_empty if column.need is Need.NEVER else BadCell(column.parser.expected, "")
    value = cell if isinstance(cell, BadCell) else read(cell)
    if value is None and column.need is not Need.NEVER:
        return BadCell(
            column.parser.expected,
            reason=f"“{shown(cell)}” stands for nothing; it has to be {column.parser.expected}",
        )
    return column.if_empty if value is None else value


def _add_repeated(parsed: Parsed) -> None:
    kind = parsed.kind
    first: dict[tuple[Any, ...], int] = {}
    for line, row in parsed.rows:
        if any(row[name] is None for name in kind.key):
            continue  # has its problem already
        earlier = first.setdefault(kind.key_of(row), line)
        if earlier != line:
            parsed.problems.add(repeated(kind, line, earlier, [row[name] for name in kind.key]))


def repeated(kind: Kind, line: int, earlier: int, values: list[Any]) -> Problem:
    """Return the problem of two rows about one record: nobody can say which is the right one."""
    value = ", ".join(_key_part(value) for value in values)
    reason = f"“{value}” is on line {earlier} already; keep one of the two"
    return Problem(line, ", ".join(kind.key), value, "each only once", reason)


def _key_part(value: Any) -> str:
    midnight = isinstance(value, datetime) and not (
        value.hour or value.minute or value.second or value.microsecond
    )
    return shown(value.date() if midnight else value)


def _add_own_rules(parsed: Parsed) -> None:
    """Add the problems that no cell shows alone: a system that depends on itself."""
    if parsed.kind.name != "dependencies":
        return
    for line, row in parsed.rows:
        key = parsed.kind.key_of(row) if row["from"] and row["to"] else ("", "-")
        if key[0] == key[1]:
            reason = f"“{shown(row['to'])}” can't depend on itself"
            parsed.problems.add(Problem(line, "to", shown(row["to"]), "another system than in from", reason))
