"""A review's snapshot: one JSON document that holds all that its exports show, addressed by its content.

The address is SHA-256 over the canonical JSON (RFC 8785) of the document in which `interviews` is replaced by the
digest of that part. So the same address proves the whole document, and the one that a reader who may not see interviews
was given; the part carries a salt, so that its digest gives nothing to guess against.

An erasure of personal data takes the interviews away, which leaves the address provable. Where the rest names the person
too, it is replaced by what is left of it, which says so in `erased`: from then on the journal's word for what the erasure
left (models/privacy.py) stands in the place of the address.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import rfc8785

from models.errors import Invalid

SCHEMA = 1


@dataclass(frozen=True)
class SnapshotDocument:
    """A snapshot as it is read: `body` is the document with the digest of its interviews in their place.

    `interviews` is None where they are withheld or erased.
    """

    body: dict[str, Any]
    interviews: dict[str, Any] | None

    @staticmethod
    def build(body: dict[str, Any], interviews: dict[str, Any]) -> SnapshotDocument:
        """A new snapshot; `interviews` carries its salt."""
        return SnapshotDocument({"schema": SCHEMA} | body | {"interviews": sha256(interviews)}, interviews)

    @property
    def digest(self) -> str:
        """Its address, in hex; where an erasure changed what it says, the one that it had before."""
        return self.erased["address"] if self.erased else self.fingerprint

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, over what it says now, with the digest of its interviews in their place."""
        return sha256(self.body)

    @property
    def erased(self) -> dict[str, str] | None:
        """Its `address` before personal data was taken out of it, and the date `on` which; None where none was."""
        return self.body.get("erased")

    def after_erasure(
        self, on: date, changed: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> SnapshotDocument:
        """What is left of it once `changed` took somebody out of its body."""
        mark = {"address": self.digest, "on": on.isoformat()}
        return SnapshotDocument(changed(self.body) | {"erased": mark}, None)

    @property
    def content(self) -> dict[str, Any]:
        """What the page of the week shows."""
        return self.body["content"]

    @property
    def on(self) -> date:
        return date.fromisoformat(self.body["on"])

    @property
    def quote(self) -> dict[str, Any] | None:
        """The voice from the interviews, for who may read them."""
        return self.interviews and self.interviews["voice"]

    def passage(self, key: str) -> str:
        """The text of a marked passage: the lead's, or the draft where the lead left it as it was."""
        text = self.body["text"].get(key, {"draft": "", "edit": None})
        return text["draft"] if text["edit"] is None else text["edit"]

    def without_interviews(self) -> SnapshotDocument:
        """The same snapshot for a reader who may not see interviews."""
        return replace(self, interviews=None)

    def to_bytes(self) -> bytes:
        """The document as canonical JSON, with the interviews where they are known."""
        body = self.body if self.interviews is None else self.body | {"interviews": self.interviews}
        return rfc8785.dumps(body)

    @staticmethod
    def from_bytes(data: bytes) -> SnapshotDocument:
        """The document in a file. Raises Invalid where it is no snapshot."""
        try:
            body = json.loads(data)
            schema, interviews = body["schema"], body["interviews"]
        except (ValueError, KeyError, TypeError):
            raise Invalid("This is no snapshot of a weekly review.") from None
        mark = body.get("erased")
        if mark is not None and not (isinstance(mark, dict) and isinstance(mark.get("address"), str)):
            raise Invalid("This is no snapshot of a weekly review.")
        if schema != SCHEMA:
            raise Invalid(f"This snapshot has the schema {schema}; this program reads {SCHEMA}.")
        if isinstance(interviews, str):
            return SnapshotDocument(body, None)
        return SnapshotDocument(body | {"interviews": sha256(interviews)}, interviews)


def sha256(value: Any) -> str:
    """SHA-256, in hex, over canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
