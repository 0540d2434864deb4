"""
The table in an XLSX workbook, streamed: memory follows the cells that we keep, not what the file unpacks to.

Libraries build a tree of each row or of each part first, so that 50 KB of crafted zip take a gigabyte. Here
nothing is kept but values, and everything that grows is counted. Office Open XML as in ECMA-376, transitional
and strict.
"""

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date
from xml.parsers.expat import ExpatError

from openpyxl.styles.numbers import BUILTIN_FORMATS

from models.errors import Invalid
from services.parsing.cell import EXCEL_EPOCH, MAC_EPOCH
from services.parsing.header_text import is_called
from services.parsing.odd_layout import Layout
from services.parsing.sheet import MEGABYTE, HeaderFinder, Sheet, sheet_of
from services.parsing.worksheet import WorksheetReader
from services.parsing.xml_stream import Budget, elements

MAX_UNPACKED = 150 * MEGABYTE
MAX_MEMBERS = 2_000
MEMBER_SIGNATURE = b"PK\x01\x02"
MAX_WORKSHEETS = 1_000
MAX_STYLES = 100_000
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    NotImplementedError,
    RuntimeError,  # what zipfile raises for an encrypted member
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    OSError,
)


@dataclass
class _Workbook:
    archive: zipfile.ZipFile
    name: str
    budget: Budget
    epoch: date = EXCEL_EPOCH
    worksheets: list[tuple[str, str, bool]] = field(default_factory=list)  # title, relation, visible
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)  # id -> type, part

    def part(self, kind: str) -> str | None:
        """Return the part of this kind, if the archive has it."""
        return next((part for k, part in self.relations.values() if k == kind), None)


def read_workbook(
    data: bytes,
    name: str,
    prefer: str | None = None,
    find_header: HeaderFinder | None = None,
    only: str | None = None,
) -> Sheet:
    """The visible worksheet called `prefer`, else the first visible one; none but the one called `only`, if given.
    Raises `Invalid` with a sentence."""
    try:
        archive = _opened(data, name)
        with archive:
            return _read(_Workbook(archive, name, Budget(name)), prefer, find_header, only)
    except DAMAGE as error:
        raise Invalid(
            f"{name} is damaged, or no workbook. Nothing was changed. Open it in a spreadsheet program and "
            "save it again."
        ) from error


def _opened(data: bytes, name: str) -> zipfile.ZipFile:
    """Return the archive, once what it declares is small enough. (zipfile reads no more than what is declared.)"""
    if data.count(MEMBER_SIGNATURE) > MAX_MEMBERS:
        raise Invalid(
            f"{name} holds more than {MAX_MEMBERS:,} parts, which no workbook needs. Nothing was changed."
        )
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise Invalid(
            f"{name} is protected by a password. Nothing was changed. Save a copy without the password."
        )
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise Invalid(
            f"{name} unpacks to {unpacked / MEGABYTE:,.0f} MB; an import takes at most "
            f"{MAX_UNPACKED // MEGABYTE} MB. Nothing was changed. "
            "Delete empty rows and columns, or save it as CSV."
        )
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise zipfile.BadZipFile("a compression that Office Open XML doesn't know")
    return archive


def _read(book: _Workbook, prefer: str | None, find_header: HeaderFinder | None, only: str | None) -> Sheet:
    start = _workbook_part(book)
    _read_relations(book, start)
    _read_worksheet_list(book, start)
    visible = [(title, book.relations[relation][1]) for title, relation, shown in book.worksheets if shown]
    if not visible:
        raise Invalid(f"{book.name} has no visible worksheet. Nothing was changed. Unhide the one to import.")
    wanted = only or prefer
    chosen = next((v for v in visible if wanted and is_called(v[0], wanted)), None)
    if only and chosen is None:
        raise Invalid(
            f"{book.name} has no visible sheet “{only}”. Nothing was changed. It has {', '.join(v[0] for v in visible)}."
        )
    title, part = chosen or visible[0]
    name = f"{book.name}, sheet {title}"
    reader = WorksheetReader(name, _shared_strings(book), _number_formats(book), book.epoch, book.budget)
    rows, lines = reader.read(book.archive, part)
    _see_tables(book, part, reader.layout)
    reader.layout.hidden_sheets = [other for other, _, shown in book.worksheets if not shown]
    unread = [other for other, _ in visible if other != title]
    return sheet_of(
        name,
        rows,
        lines,
        layout=reader.layout,
        epoch=book.epoch,
        unread=unread,
        title=title,
        find_header=find_header,
    )


def _workbook_part(book: _Workbook) -> str:
    names = set(book.archive.namelist())
    if "_rels/.rels" in names:
        for _, attributes, _ in elements(book.archive, "_rels/.rels", book.budget, {"Relationship"}):
            if attributes.get("Type", "").endswith("/officeDocument"):
                part = attributes["Target"].lstrip("/")
                if part.endswith("workbook.xml"):
                    return part
    what = "an OpenDocument file (.ods)" if "mimetype" in names else "a zip archive, not an .xlsx workbook"
    what = "a binary workbook (.xlsb)" if "xl/workbook.bin" in names else what
    raise Invalid(
        f"{book.name} is {what}. Nothing was changed. Open it in a spreadsheet program and save it as .xlsx "
        "or as CSV UTF-8."
    )


def _read_relations(book: _Workbook, start: str) -> None:
    folder, file = posixpath.split(start)
    for _, attributes, _ in elements(
        book.archive, posixpath.join(folder, "_rels", f"{file}.rels"), book.budget, {"Relationship"}
    ):
        part = _target(folder, attributes.get("Target", ""))
        book.relations[attributes["Id"]] = (attributes.get("Type", "").rpartition("/")[2], part)


def _target(folder: str, target: str) -> str:
    """Return the part that a relation of a part in `folder` leads to."""
    return (
        target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    )


def _read_worksheet_list(book: _Workbook, start: str) -> None:
    for tag, attributes, _ in elements(book.archive, start, book.budget, {"workbookPr", "sheet"}):
        if tag == "workbookPr":
            book.epoch = MAC_EPOCH if attributes.get("date1904") in ("1", "true") else EXCEL_EPOCH
        elif book.relations[attributes["id"]][0] == "worksheet" and len(book.worksheets) < MAX_WORKSHEETS:
            visible = attributes.get("state", "visible") == "visible"
            book.worksheets.append((attributes["name"], attributes["id"], visible))


def _shared_strings(book: _Workbook) -> list[str]:
    part = book.part("sharedStrings")
    if part is None or part not in book.archive.namelist():
        return []
    return [text for _, _, text in elements(book.archive, part, book.budget, {"si"})]


def _number_formats(book: _Workbook) -> list[str]:
    """Return the number formats of the cell styles, by their index; an empty text is General."""
    part = book.part("styles")
    if part is None or part not in book.archive.namelist():
        return []
    codes: dict[int, str] = dict(BUILTIN_FORMATS)
    formats: list[int] = []
    for tag, attributes, _ in elements(book.archive, part, book.budget, {"numFmt", "xf"}, within="cellXfs"):
        if tag == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif len(formats) < MAX_STYLES:
            formats.append(int(attributes.get("numFmtId", 0)))
    return ["" if (code := codes.get(number, "")) == "General" else code for number in formats]


def _see_tables(book: _Workbook, part: str, layout: Layout) -> None:
    """Take note of the total rows of the tables that a worksheet has."""
    folder, file = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{file}.rels")
    names = set(book.archive.namelist())
    if relations not in names:
        return
    for _, attributes, _ in elements(book.archive, relations, book.budget, {"Relationship"}):
        table = _target(folder, attributes.get("Target", ""))
        if attributes.get("Type", "").endswith("/table") and table in names:
            for tag, table_attributes, _ in elements(book.archive, table, book.budget, {"table"}):
                layout.see(tag, table_attributes)
