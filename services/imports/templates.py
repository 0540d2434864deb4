"""The files to start from: a CSV and an XLSX template of each kind, and its description for the documentation."""

import csv
import io
from datetime import date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from services.imports.kinds import Column, Kind, Need
from services.parsing.cells import Choice, YesNo
from services.parsing.dates import Day, Moment
from services.parsing.number_parsers import WholeNumber

ROWS_WITH_HELP = 1_000  # rows of the XLSX template that offer the words of a choice
WIDTHS = (18, 26, 60, 62, 34)
EXPLAINED = ("Column", "Needed", "What it says", "What is accepted", "Example")
CREATED = datetime(2026, 1, 1)  # fixed, so that the same kind makes the same file


def csv_template(kind: Kind) -> bytes:
    """Return the header and one example row, in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(kind.names)
    writer.writerow([column.example for column in kind.columns])
    return text.getvalue().encode()


def xlsx_template(kind: Kind) -> bytes:
    """Return a sheet with the header and one example row, ready for typing, and a sheet that explains the columns."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": f"Import of {kind.name}", "created": CREATED})
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(kind.name)
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(kind.columns):
            is_date = isinstance(column.parser, Day | Moment)
            sheet.set_column(position, position, max(14, len(column.example) + 2), day if is_date else None)
            sheet.write_string(0, position, column.name, head)
            _write_example(sheet, position, column, day)
            if words := _words_of(column):
                sheet.data_validation(
                    1, position, ROWS_WITH_HELP, position, {"validate": "list", "source": words}
                )
        _explain(book, head, kind)
    return file.getvalue()


def _write_example(sheet: Worksheet, position: int, column: Column, day: Format) -> None:
    if isinstance(column.parser, Day | Moment):
        sheet.write_datetime(1, position, date.fromisoformat(column.example), day)
    elif isinstance(column.parser, WholeNumber):
        sheet.write_number(1, position, int(column.example))
    else:
        sheet.write_string(1, position, column.example)


def _words_of(column: Column) -> list[str]:
    match column.parser:
        case Choice(words):
            return list(words)
        case YesNo():
            return ["yes", "no"]
    return []


def _explain(book: Workbook, head: Format, kind: Kind) -> None:
    sheet = book.add_worksheet("columns")
    for position, (title, width) in enumerate(zip(EXPLAINED, WIDTHS, strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, title, head)
    for line, column in enumerate(kind.columns, 1):
        for position, text in enumerate(_explanation(column)):
            sheet.write_string(line, position, text)
    sheet.write_string(len(kind.columns) + 2, 0, _key_sentence(kind))


def _explanation(column: Column) -> tuple[str, str, str, str, str]:
    if column.need is Need.NEVER and column.if_empty is not None:
        default = {True: "yes", False: "no"}.get(column.if_empty, column.if_empty)
        needed = f"no; empty means {default}"
    else:
        needed = column.need.value
    return column.name, needed, column.about, column.parser.expected, column.example


def _key_sentence(kind: Kind) -> str:
    key = " and ".join(kind.key)
    return f"Rows with the same {key} are the same record: it is added the first time and changed after that."


def describe_kind(kind: Kind) -> str:
    """Return the kind as a section of docs/templates/README.md."""
    rows = [EXPLAINED, tuple("---" for _ in EXPLAINED), *(_explanation(column) for column in kind.columns)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"## {kind.name}\n\n{kind.about} {_key_sentence(kind)}\n\n{table}\n"
