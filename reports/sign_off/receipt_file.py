"""What is embedded in a PDF that anybody may have sent: bounded in size, number and depth, and never run.

Receipts are small and plainly built, so a scan for embedded streams finds their parts. No structure of the file is
followed, so none can lead in circles. Whether the pages around them are genuine is told by the whole file's digest.
"""

from __future__ import annotations

import re
import zlib

from models.errors import Invalid
from models.receipt import MAX_PART_BYTES, RECORD, REST

MAX_BYTES = 5_000_000
_MAX_STREAMS = 16
_EMBEDDED = re.compile(rb"/Type\s{0,8}/EmbeddedFile\b.{0,400}?stream\r?\n", re.DOTALL)


def embedded_in(data: bytes) -> dict[str, bytes]:
    """Return the parts of a receipt that a file holds, by name. Raises Invalid where it is too large, or holds none."""
    if len(data) > MAX_BYTES:
        raise Invalid(
            f"This file is too large to be a receipt: those have less than {MAX_BYTES // 1_000_000} MB."
        )
    if not data.startswith(b"%PDF-"):
        raise Invalid("This is no PDF, so it is no receipt.")
    files: dict[str, bytes] = {}
    for number, match in enumerate(_EMBEDDED.finditer(data)):
        if number >= _MAX_STREAMS:
            break
        # What is small is embedded as it is: packing it would make it longer.
        packed = b"/FlateDecode" in match[0]
        part = _inflated(data, match.end()) if packed else _plain(data, match.end())
        name = _name_of(part) if part else None
        if part and name:
            if name in files:
                raise Invalid("This file holds more than one record, so it is no receipt of ours.")
            files[name] = part
    if set(files) != {RECORD, REST}:
        raise Invalid("This file holds no record of a sign-off: it was altered, or is no receipt.")
    return files


def _inflated(data: bytes, start: int) -> bytes | None:
    """Return the stream that begins there; None where it is damaged or swells beyond any receipt."""
    inflating = zlib.decompressobj()
    try:
        part = inflating.decompress(data[start:], MAX_PART_BYTES)
    except zlib.error:
        return None
    return part if inflating.eof else None


def _plain(data: bytes, start: int) -> bytes | None:
    end = data.find(b"\nendstream", start, start + MAX_PART_BYTES)
    return data[start:end].rstrip(b"\r") if end >= 0 else None


def _name_of(part: bytes) -> str | None:
    """Which part it is, by the members that only that part has."""
    if not part.startswith(b"{"):
        return None
    return RECORD if b'"consent":' in part else REST if b'"signatures":' in part else None
