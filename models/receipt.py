"""The receipt of a sign-off: the record as it was signed, the requests before it, and the journal's head after it.

All of it follows from the record: what happens later changes no receipt.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from models.errors import Invalid
from models.journal import canonical

SCHEMA = 1
RECORD, REST = "record.json", "receipt.json"
LARGEST_PART = 2_000_000


@dataclass(frozen=True)
class Receipt:
    """`record` is the JSON that was signed, byte for byte; `rest` is what the receipt adds to it.

    `rest` names the record's id and its SHA-256, the journal's `revision` and `head` when the signing was written, the
    signatures' own entries, and the requests and events up to then.
    """

    record: bytes
    rest: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over the record: the address under which it is kept, and which the journal names."""
        return hashlib.sha256(self.record).hexdigest()

    @property
    def says(self) -> dict[str, Any]:
        """Return the record, as models/sign_off.record made it."""
        record: dict[str, Any] = json.loads(self.record)
        return record

    def files(self) -> dict[str, bytes]:
        """Return the files to embed in the PDF, by name."""
        return {RECORD: self.record, REST: canonical(self.rest).encode()}

    @staticmethod
    def of_files(files: dict[str, bytes]) -> Receipt:
        """Return the receipt that was embedded in a file. Raise Invalid if it is none, or can't be read."""
        try:
            record, rest = json.loads(files[RECORD]), json.loads(files[REST])
            revision, head, slug = (
                rest["journal"]["revision"],
                rest["journal"]["head"],
                record["engagement"]["slug"],
            )
            known = rest["schema"] == SCHEMA and isinstance(record["items"], list)
        except (KeyError, TypeError, ValueError, RecursionError):
            known = False
        if not known or not (isinstance(revision, int) and isinstance(head, str) and isinstance(slug, str)):
            raise Invalid(
                "This file holds no record of a sign-off that could be read: it was altered, or is no receipt."
            )
        return Receipt(files[RECORD], rest)
