"""A row of column names that was pasted into a grid with the rows below it: recognised, and offered as one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from services.imports.synonyms import SYNONYMS
from services.parsing.cells import loose
from ui.grid_columns import label_of

MIN_NAMES = 2


def header_in(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any], kind: str | None) -> bool:
    """Return whether the first of these rows holds names of columns: ours, or those that other tools use for them."""
    if not rows:
        return False
    texts = {loose(str(cell)) for cell in rows[0].values() if isinstance(cell, str)}
    known = {loose(name) for name in columns} | {
        loose(label_of(name, each)) for name, each in columns.items()
    }
    known |= set(SYNONYMS.get(kind or "", ()))
    return (
        len(texts & known) >= min(MIN_NAMES, len(texts))
        and bool(texts)
        and 2 * len(texts & known) >= len(texts)
    )


def is_in_our_order(row: Mapping[str, Any], columns: Mapping[str, Any], kind: str | None) -> bool:
    """Return whether each name of a header stands in the column that it names."""
    usual = SYNONYMS.get(kind or "", {})
    return all(
        loose(str(cell)) in (loose(name), loose(label_of(name, columns[name])))
        or usual.get(loose(str(cell))) == name
        for name, cell in row.items()
        if cell is not None and name in columns
    )


def as_pasted(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any]) -> str:
    """Return rows as the text that a spreadsheet puts on the clipboard."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    for row in rows:
        cells = [row.get(name) for name in columns]
        while cells and cells[-1] is None:
            cells.pop()
        writer.writerow(["" if cell is None else str(cell) for cell in cells])
    return text.getvalue()
