"""Which column of a sheet is which column of a kind."""

from collections.abc import Iterable
from difflib import get_close_matches

from services.imports.kinds import Kind, Need
from services.imports.problems import Problem, Problems
from services.parsing.cell import is_blank, shown
from services.parsing.cells import loose
from services.parsing.header_text import header_keys
from services.parsing.odd_layout import merged_reason
from services.parsing.sheet import Sheet


def header_key(header: str) -> str:
    """Return the column's name that a header means: `Reviewed On`, `reviewed-on` and `REVIEWED_ON` are reviewed_on."""
    return loose(header).replace(" ", "_")


def columns_in(sheet: Sheet, kind: Kind, given: Iterable[str], problems: Problems) -> dict[str, int]:
    """Return the position in the sheet's rows of each column by its name, in the order of the sheet.

    `given` are the columns whose value the caller knows, which needn't be there. What is wrong with the header is added
    to `problems`.
    """
    positions: dict[str, int] = {}
    for merged in sheet.merged:
        problems.add(Problem(merged.top, None, "", "cells of one column each", merged_reason(merged)))
    for position, header in enumerate(sheet.headers):
        raw = sheet.raw_headers[position] if sheet.raw_headers else header
        given_name = sheet.columns[position] if sheet.columns else None
        if given_name == "":
            continue
        name = _meant(raw, kind) if given_name is None else given_name
        if not name:
            if not all(map(is_blank, sheet.column(position))):
                reason = f"column {position + 1} has values but no name; name it or delete it"
                problems.add(Problem(sheet.header_line, None, "", "a column's name", reason))
        elif name in positions:
            reason = "the header names this column twice; delete one of them"
            problems.add(Problem(sheet.header_line, name, header, "each column once", reason))
        elif name in kind.names:
            positions[name] = position
        else:
            problems.add(_unknown(sheet, kind, header, name))
    for column in kind.columns:
        if column.need is Need.ALWAYS and column.name not in positions and column.name not in given:
            reason = f"this column is missing; {kind.name} need {', '.join(_needed(kind))}"
            problems.add(Problem(sheet.header_line, column.name, "", "a column of this name", reason))
    return positions


def _meant(header: str, kind: Kind) -> str:
    """Return the name of the column that a header means: the first of its spellings that the kind has."""
    keys = [*header_keys(header), header_key(header)]
    return next((key for key in keys if key in kind.names), keys[-1])


def _needed(kind: Kind) -> list[str]:
    return [column.name for column in kind.columns if column.need is Need.ALWAYS]


def _unknown(sheet: Sheet, kind: Kind, header: str, name: str) -> Problem:
    known = ", ".join(kind.names)
    close = get_close_matches(name, kind.names, 1)
    hint = f"did you mean {close[0]}? The columns are" if close else "the columns are"
    return Problem(
        sheet.header_line,
        shown(header),
        shown(header),
        f"one of {known}",
        f"{kind.name} have no such column; {hint} {known}",
    )


def add_overlong_rows(sheet: Sheet, problems: Problems) -> None:
    """Add a problem for each row with more cells than the header has names: a separator inside a text, most often."""
    width = len(sheet.headers)
    if sheet.widest <= width:
        return
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        if len(row) > width:
            extra = next((cell for cell in row[width:] if not is_blank(cell)), None)
            if extra is not None:
                reason = f"“{shown(extra)}” stands beyond the last of the {width} named columns"
                problems.add(Problem(line, None, shown(extra), f"at most {width} cells", reason))
