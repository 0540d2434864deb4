"""A table: a sheet as it was read, with what a person can change about that before it is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.parsing.cell import Cell
from services.parsing.sheet import Sheet

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


def with_cells(sheet: Sheet, position: int, replaced: Mapping[str, str]) -> Sheet:
    """Return the sheet with the texts of one column replaced, where `replaced` has them."""
    rows: list[list[Cell]] = []
    for row in sheet.rows:
        cells = [*row]
        if position < len(cells) and isinstance(cell := cells[position], str) and cell in replaced:
            cells[position] = replaced[cell]
        rows.append(cells)
    return replace(sheet, rows=rows)
