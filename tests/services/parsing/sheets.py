"""Small files as spreadsheets write them."""

import io
import zipfile

from openpyxl import Workbook

from services.imports.kinds import KINDS
from services.imports.rows import Parsed, parse
from services.parsing.reading import read

SYSTEMS = "name,kind,owner\nledger,store,Ann\ncrm,service,Bob\n"


def table(text: str | bytes, name: str = "systems.csv") -> tuple[list, list]:
    """Header and rows of a CSV text."""
    sheet = read(text if isinstance(text, bytes) else text.encode(), name)
    return sheet.headers, [list(row) for row in sheet.rows]


def parsed(text: str, kind: str = "systems") -> Parsed:
    """A CSV text, parsed as a kind."""
    return parse(read(text.encode(), f"{kind}.csv"), KINDS[kind])


def xlsx(*rows, prepare=None) -> bytes:
    """A workbook of these rows; `prepare(book)` changes it before it is saved."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if prepare:
        prepare(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data: bytes, part: str, content: bytes) -> bytes:
    """The workbook with one part of its zip replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return file.getvalue()


def worksheet(rows: bytes) -> bytes:
    """The XML of a worksheet with these rows."""
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return start + rows + b"</sheetData></worksheet>"


SHEET_PART = "xl/worksheets/sheet1.xml"
