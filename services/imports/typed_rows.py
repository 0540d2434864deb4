"""Rows that somebody typed or pasted into a grid: what looks odd in them, as a file's preview would say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.imports.kinds import Column, kind_named
from services.imports.odd_columns import odd_in_column
from services.parsing.doubts import Doubt
from services.parsing.odd_layout import totals_and_footers

Rows = Sequence[Mapping[str, Any]]


def doubts_of_added(kind: str, rows: Rows, known: Mapping[str, Sequence[str]]) -> list[Doubt]:
    """Return the doubts about new rows of a kind, numbered from 1. Blank ones between them have no cell, and are counted.
    `known` has the texts that a column had before."""
    lines = [line for line, row in enumerate(rows, start=1) if row]
    filled = [row for row in rows if row]
    doubts = [
        each for column in _text_columns(kind, rows) for each in _of_column(column, filled, lines, known)
    ]
    return doubts + totals_and_footers([list(row.values()) for row in filled], lines)


def doubts_of_changed(kind: str, rows: Rows, known: Mapping[str, Sequence[str]]) -> list[Doubt]:
    """Return the doubts about the changed cells of rows that were there, which have no number."""
    lines = range(1, len(rows) + 1)
    doubts = [each for column in _text_columns(kind, rows) for each in _of_column(column, rows, lines, known)]
    return [replace(each, rows=(), count=0) for each in doubts]


def _text_columns(kind: str, rows: Rows) -> list[Column]:
    """Return the columns of a kind of which some row has a text."""
    filled = {name for row in rows for name, cell in row.items() if isinstance(cell, str)}
    return [column for column in kind_named(kind).columns if column.name in filled]


def _of_column(
    column: Column, rows: Rows, lines: Sequence[int], known: Mapping[str, Sequence[str]]
) -> list[Doubt]:
    return odd_in_column(column, [row.get(column.name) for row in rows], lines, known.get(column.name, ()))
