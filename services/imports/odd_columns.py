"""What looks odd in one column of a file although it could be read, by what the column is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from services.imports.kinds import PERSON, Column
from services.parsing.cell import Cell
from services.parsing.cells import Names, Slug, Text
from services.parsing.dates import Day, Moment
from services.parsing.doubts import Doubt
from services.parsing.odd_cells import (
    forced_texts,
    gibberish,
    look_alikes,
    placeholders,
    same_people,
    several_codes,
    shown_by_format,
)
from services.parsing.odd_dates import half_swapped


def odd_in_column(
    column: Column,
    cells: Sequence[Cell],
    lines: Sequence[int],
    known: Iterable[str] = (),
    merged: Mapping[str, str] = MappingProxyType({}),
) -> list[Doubt]:
    """Return the doubts about the cells of a column, on these lines of the file.

    `known` are names stored already; `merged` has the person's key by that of each interviewee's spelling merged before.
    """
    parser, name = column.parser, column.name
    if isinstance(parser, Day | Moment):
        return half_swapped(cells, lines, name)
    if not isinstance(parser, Text | Slug | Names):
        return []
    doubts = (
        forced_texts(cells, lines, name) + gibberish(cells, lines, name) + shown_by_format(cells, lines, name)
    )
    if isinstance(parser, Text) and parser.is_evidence:
        doubts += placeholders(cells, lines, name)
    if parser is PERSON:
        doubts += same_people(cells, lines, name, known, merged if name == "interviewee" else {})
    if name in ONE_NAME:
        doubts += several_codes(cells, lines, name)
        doubts += look_alikes(cells, lines, name, known)
    return doubts


ONE_NAME = {"name", "system", "from", "to", "workflow"}
"""Columns that name one record: several codes in a cell, or names that only look the same, split or double it."""
