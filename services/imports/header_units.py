"""A unit in the name of a column of values, such as “Lead time (min)”: the numbers below it are in that unit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from models.unit_table import CURRENCIES, DURATIONS, SHARES
from services.parsing.cell import Cell, is_blank
from services.parsing.cells import as_text, loose
from services.parsing.displayed import NumberCell, displayed
from services.parsing.doubts import Doubt, doubt
from services.parsing.number_format import sections_of
from services.parsing.number_words import meaning
from services.parsing.sheet import Sheet
from services.parsing.unit_words import currency_named, unit_named

HEADER_UNIT = "unit in the header"
IN_BRACKETS = re.compile(r".*[\s_](?:\(|\[)\s*(?:in )?([^()\[\]]+?)\s*[)\]]\s*", re.DOTALL)
LAST_WORD = re.compile(r".*[\s_-](?:in[\s_-])?([^\W\d_]{2,}|%)\s*", re.DOTALL)
PROBES = (*DURATIONS, *SHARES, *CURRENCIES, "count", "/ min")
"""Units of which a text that is one has to be readable as one; what isn't, such as (median), is no unit."""


def with_header_units(
    sheet: Sheet, metrics: Mapping[str, str], units: Mapping[str, str], given: str | None
) -> Sheet:
    """Return the sheet with the units of its headers behind the numbers below them, and a doubt for each such column.

    `sheet.columns` says what each column is: one of ours, or a metric's short name. `metrics` and `units` are the names
    and units of metrics by their short names; `given` is the metric of all rows, if the file doesn't say it. A unit that
    is the metric's own changes nothing.
    """
    units_of: dict[int, str] = {}
    for position, (header, meant) in enumerate(zip(sheet.headers, sheet.columns, strict=True)):
        if meant is None:
            continue
        if meant == "value":
            of = _units_of_rows(sheet, metrics, units, given)
        elif meant in units:
            of = {units[meant]}
        else:
            continue
        is_own = loose(header) in {loose(meant), loose(metrics.get(meant, meant))}
        if text := _unit_in(header, of, is_own):
            units_of[position] = text
    return _with_units(sheet, units_of) if units_of else sheet


def _unit_in(header: str, of: Collection[str], is_own: bool) -> str | None:
    """Return the unit that a header names, unless it is that of all its metrics; `is_own`: it is the metric's name."""
    bracketed = IN_BRACKETS.fullmatch(header)
    if bracketed and _is_unit(bracketed[1]):
        return None if of and all(_factor(bracketed[1], each) == 1 for each in of) else bracketed[1]
    last = LAST_WORD.fullmatch(f" {header}")
    if last is None or is_own or not (unit_named(last[1]) or currency_named(last[1])):
        return None
    factors = [_factor(last[1], each) for each in of]
    return last[1] if factors and all(factors) and any(factor != 1 for factor in factors) else None


def _is_unit(text: str) -> bool:
    meant = (meaning("", text, probe) for probe in PROBES)
    return any(not each.problem or each.others for each in meant)


def _factor(text: str, unit_name: str) -> Any:
    """Return by what a number in `text` is multiplied to be one in a unit; None where it can't be."""
    meant = meaning("", text, unit_name)
    return None if meant.problem else meant.factor


def _units_of_rows(
    sheet: Sheet, metrics: Mapping[str, str], units: Mapping[str, str], given: str | None
) -> set[str]:
    """Return the units of the metrics that the rows name."""
    if "metric" not in sheet.columns:
        return {units[given]} if given is not None and given in units else set()
    by_name = {loose(name): slug for slug, name in metrics.items()} | {loose(slug): slug for slug in metrics}
    cells = set(sheet.column(list(sheet.columns).index("metric")))
    named = {loose(as_text(cell)) for cell in cells if not is_blank(cell)}
    return {units[by_name[name]] for name in named if name in by_name}


def _with_units(sheet: Sheet, units_of: Mapping[int, str]) -> Sheet:
    rows: list[list[Cell]] = [[*row] for row in sheet.rows]
    doubts: list[Doubt] = []
    for position, text in units_of.items():
        changed: dict[int, tuple[str, str]] = {}
        for line, row in zip(sheet.lines, rows, strict=True):
            cell = row[position] if position < len(row) else None
            if (in_unit := with_unit(cell, text)) is not None:
                row[position] = in_unit
                changed[int(line)] = as_text(cell), as_text(in_unit)
        if changed:
            seen, read = next(iter(changed.values()))
            header = sheet.headers[position]
            sentence = f"The column is called “{header}”, so “{seen}” was read as “{read}”."
            doubts.append(doubt(HEADER_UNIT, changed, seen, read, sentence, header))
    return replace(sheet, rows=rows, doubts=[*sheet.doubts, *doubts])


def with_unit(cell: Cell, text: str) -> str | NumberCell | None:
    """Return a number with a unit behind it; None for a cell that has words of its own, or is no number."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | NumberCell) or is_blank(cell):
        return None
    parts = displayed(cell)
    if parts.problem or parts.before or parts.after.strip() or parts.unit:
        return None
    if isinstance(cell, str):
        return f"{cell} {text}"
    code = cell.code if isinstance(cell, NumberCell) else "General"
    literal = '" {}"'.format(text.replace('"', ""))
    number = cell.number if isinstance(cell, NumberCell) else float(cell)
    return NumberCell(number, ";".join(f"{section}{literal}" for section in sections_of(code)))
