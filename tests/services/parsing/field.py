"""The files of tests/fixtures/field as the pure functions get them: cells with their number formats, and the layout.

A workbook is read here by openpyxl and its XML, so that what the program's own reader makes of it can be compared.
"""

import io
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from openpyxl import load_workbook

from services.parsing.displayed import NumberCell
from services.parsing.odd_layout import Layout

FOLDER = Path(__file__).parents[2] / "fixtures" / "field"


def content(name):
    """The bytes of the file whose name begins so."""
    (path,) = FOLDER.glob(f"{name}*")
    return path.read_bytes()


def sheets(name):
    """{title: (headers, rows, lines)} of a workbook."""
    book = load_workbook(io.BytesIO(content(name)))
    tables = {}
    for sheet in book:
        header, *rows = [[_cell(cell) for cell in row] for row in sheet.iter_rows()]
        tables[sheet.title] = (header, rows, list(range(2, len(rows) + 2)))
    return tables


def _cell(cell):
    plain = cell.value is None or isinstance(cell.value, str | date) or cell.number_format == "General"
    return cell.value if plain else NumberCell(cell.value, cell.number_format)


def layout(name, part="xl/worksheets/sheet1.xml"):
    """The layout that the XML of a worksheet tells."""
    layout = Layout()
    with zipfile.ZipFile(io.BytesIO(content(name))) as archive:
        for element in ElementTree.fromstring(archive.read(part)).iter():
            layout.see(
                element.tag.rpartition("}")[2],
                element.attrib,
                int(element.attrib.get("r", "0").strip("ABCDEFGHIJKLMNOP") or 0),
            )
    return layout
