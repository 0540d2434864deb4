"""From bytes and a file name to a `Sheet`: what kind of file it is decides its content, not its name."""

from pathlib import Path

from models.errors import Invalid, NotFound
from services.parsing.delimited import decode, read_delimited
from services.parsing.header_text import is_web_page
from services.parsing.odd_cells import odd_encoding
from services.parsing.sheet import HeaderFinder, Sheet, refuse_too_large
from services.parsing.workbook import read_workbook

SAVE_AS = "Nothing was changed. Open it in a spreadsheet program and save it as .xlsx or as CSV UTF-8."
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (.rtf)"),
    (b"\x1f\x8b", "a compressed file (.gz)"),
    (b"7z\xbc\xaf", "a compressed file (.7z)"),
    (b"Rar!", "a compressed file (.rar)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database file"),
    (b"PAR1", "a Parquet file"),
)


def read(
    data: bytes,
    name: str,
    prefer: str | None = None,
    find_header: HeaderFinder | None = None,
    only: str | None = None,
) -> Sheet:
    """
    The table in a CSV or XLSX file. `name` is used in messages only; of a workbook, the visible sheet called
    `prefer` is read, else the first visible one; or none but the sheet `only`. Raises `Invalid` with a sentence for
    everything else.
    """
    refuse_too_large(len(data), name)
    if not data:
        raise Invalid(f"{name} is empty. Nothing was changed. Choose a file that holds a header and rows.")
    if data.startswith(b"PK\x03\x04"):
        return read_workbook(data, name, prefer, find_header, only)
    _refuse_other_formats(data, name)
    decoded = decode(data, name)
    return read_delimited(decoded.text, name, odd_encoding(decoded), find_header)


def read_path(path: str | Path, prefer: str | None = None) -> Sheet:
    """`read` for a file on disk."""
    return read(content_of(path), Path(path).name, prefer)


def content_of(path: str | Path) -> bytes:
    """Return what a file on disk holds; its size is asked for before it is opened.

    Raises NotFound if it isn't there, Invalid if it is too large or can't be read.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"There is no file {path}. Nothing was changed. Check the path.")
    refuse_too_large(path.stat().st_size, path.name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} can't be read ({error.strerror}). Nothing was changed.") from error


def read_text(text: str, name: str = "The pasted text", find_header: HeaderFinder | None = None) -> Sheet:
    """`read` for text that was pasted, such as cells copied from a spreadsheet (tabs between them)."""
    refuse_too_large(len(text), name)
    return read_delimited(text.removeprefix("\ufeff"), name, find_header=find_header)


def _refuse_other_formats(data: bytes, name: str) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if ENCRYPTED_STREAM in data:
            raise Invalid(
                f"{name} is protected by a password. Nothing was changed. Save a copy without the password."
            )
        raise Invalid(f"{name} is in the old Excel format (.xls). {SAVE_AS}")
    for signature, what in SIGNATURES:
        if data.startswith(signature):
            raise Invalid(f"{name} is {what}, not a table. {SAVE_AS}")
    if is_web_page(data):
        raise Invalid(f"{name} is a web page or XML, whatever its name says. {SAVE_AS}")
