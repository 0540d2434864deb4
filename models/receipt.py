"""The receipt of a sign-off: the signed record, the requests before it, and the journal's head after it.

The record determines all of it: later events change no receipt.
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
MAX_PART_BYTES = 2_000_000


@dataclass(frozen=True)
class Receipt:
    """`record` is the signed JSON, byte for byte; `rest` is what the receipt adds to it.

    `rest` has the record's id and its SHA-256, the journal's `revision` and `head` when the signing was written, the
    signatures' own entries, and the requests and events up to then.
    """

    record: bytes
    rest: dict[str, Any]

    @property
    def digest(self) -> str:
        """The SHA-256 of the record, in hex, under which it is stored and which the journal contains."""
        return hashlib.sha256(self.record).hexdigest()

    @property
    def content(self) -> dict[str, Any]:
        """The record as `models.sign_off.build_record` returned it."""
        record: dict[str, Any] = json.loads(self.record)
        return record

    def files(self) -> dict[str, bytes]:
        """Return the files to embed in the PDF, by name."""
        return {RECORD: self.record, REST: canonical(self.rest).encode()}

    @staticmethod
    def of_files(files: dict[str, bytes]) -> Receipt:
        """Return the receipt that was embedded in a file. Raises Invalid if there is none or it can't be read."""
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
                "This file has no readable record of a sign-off: it was altered, or it isn't a receipt."
            )
        return Receipt(files[RECORD], rest)
