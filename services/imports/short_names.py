"""Short names of metrics in a client's own sheet, which has none: those of their names, or of the metrics called so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from models.slugs import free_slug
from services.parsing.cell import Cell
from services.parsing.cells import as_text, loose
from services.parsing.sheet import Sheet

SLUG, NAME = "slug", "name"
"""Characters of a short name that is made of a name: as many as `services.metrics.definitions` takes."""


def with_short_names(sheet: Sheet, metrics: Mapping[str, str]) -> tuple[Sheet, str | None]:
    """Return a sheet of metrics with the column `slug`, and a note; unchanged where it has one or no column `name`.

    `metrics` are the names of the defined ones by their short names.
    """
    if SLUG in sheet.columns or NAME not in sheet.columns:
        return sheet, None
    position = sheet.columns.index(NAME)
    names = [as_text(cell) for cell in sheet.column(position)]
    slugs = _slugs(names, metrics)
    rows: list[list[Cell]] = []
    for row, name in zip(sheet.rows, names, strict=True):
        rows.append([*row, *[None] * (len(sheet.headers) - len(row)), slugs.get(loose(name))])
    headers = [*sheet.headers, SLUG]
    raw = [*sheet.raw_headers, SLUG] if sheet.raw_headers else []
    note = "The sheet has no short names, so they were made of the metrics' names."
    return replace(sheet, rows=rows, headers=headers, raw_headers=raw, columns=[*sheet.columns, SLUG]), note


def _slugs(names: list[str], metrics: Mapping[str, str]) -> dict[str, str]:
    """Return the short name of each name, by the name as it is compared: no two names get the same."""
    slugs = {loose(name): slug for slug, name in metrics.items()}
    for name in filter(None, names):
        if loose(name) in slugs:
            continue
        slugs[loose(name)] = free_slug(name, {*metrics, *slugs.values()}, otherwise="metric")
    return slugs
