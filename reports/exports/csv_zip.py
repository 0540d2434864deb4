"""The week as CSV files in a zip, with the snapshot among them."""

from __future__ import annotations

import csv
import io
import zipfile

from models.snapshot import SnapshotDocument
from reports.exports import tables

# A zip's members carry a time; ours carry the earliest that a zip can, so that the bytes follow from the document.
EPOCH = (1980, 1, 1, 0, 0, 0)
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else


def csv_zip(document: SnapshotDocument) -> bytes:
    """A zip of one CSV a table, the measurements, and snapshot.json."""
    files = {
        f"{table.name.lower()}.csv": _csv(table.columns, table.rows) for table in tables.tables(document)
    }
    rows = [
        [slug, at, repr(value), "" if n is None else str(n), note or ""]
        for slug, measured in document.body["measurements"].items()
        for at, value, n, note in measured
    ]
    columns = ["metric", "at", "value", "n", "note"]
    if tables.in_own_zone(document):
        columns += ["at_utc"]
        rows = [[slug, tables.local_moment(document, at).isoformat(), *rest, at] for slug, at, *rest in rows]
    files["measurements.csv"] = _csv(columns, rows, numeric={2, 3})
    files["snapshot.json"] = document.to_bytes()
    return zipped(files)


def _csv(columns: list[str], rows: list[list[str]], numeric: set[int] = frozenset()) -> bytes:  # type: ignore[assignment]
    """Rows as CSV; what a spreadsheet would take for a formula is led by an apostrophe, but for the numbers of ours."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(
            [cell if place in numeric else tables.defuse_formula(cell) for place, cell in enumerate(row)]
        )
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip whose bytes depend on nothing but its files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, data)
    return made.getvalue()
