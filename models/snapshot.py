"""A review's snapshot: one JSON document with everything that its exports show, addressed by its content.

The address is the SHA-256 of the document's canonical JSON (RFC 8785), with `interviews` replaced by the digest of that
part. So one address proves both the whole document and the one for readers who may not see interviews. The part carries a
salt, so that nobody can test guesses against its digest.

An erasure of personal data removes the interviews; the address still proves the rest. If the rest contains the person's
name, it is replaced by a redacted document with the key `erased`. From then on the digest that the erasure recorded in
the journal (models/privacy.py) proves it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import rfc8785

from models.errors import Invalid

SCHEMA = 1
_NOT_A_SNAPSHOT = "This is not a snapshot of a weekly review."


@dataclass(frozen=True)
class SnapshotDocument:
    """A snapshot: `body` is the document with the digest of the interviews in their place.

    `interviews` is None if they are withheld or erased.
    """

    body: dict[str, Any]
    interviews: dict[str, Any] | None

    @staticmethod
    def build(body: dict[str, Any], interviews: dict[str, Any]) -> SnapshotDocument:
        """Return a new snapshot. `interviews` includes its salt."""
        return SnapshotDocument({"schema": SCHEMA} | body | {"interviews": sha256(interviews)}, interviews)

    @property
    def digest(self) -> str:
        """Its address, in hex; after an erasure still the original one."""
        return self.erased["address"] if self.erased else self.fingerprint

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256, in hex, of its current body, which nobody changes: each sheet and each slide names it."""
        return sha256(self.body)

    @property
    def erased(self) -> dict[str, str] | None:
        """Its original `address` and the date `on` which it was redacted, or None."""
        mark: dict[str, str] | None = self.body.get("erased")
        return mark

    def after_erasure(self, on: date, redact: Callable[[dict[str, Any]], dict[str, Any]]) -> SnapshotDocument:
        """Return it with its body redacted by `redact` and without interviews."""
        mark = {"address": self.digest, "on": on.isoformat()}
        return SnapshotDocument(redact(self.body) | {"erased": mark}, None)

    @property
    def content(self) -> dict[str, Any]:
        """What the page of the week shows."""
        content: dict[str, Any] = self.body["content"]
        return content

    @property
    def on(self) -> date:
        return date.fromisoformat(self.body["on"])

    @property
    def quote(self) -> dict[str, Any] | None:
        """The quote of the week, for readers who may see interviews."""
        return None if self.interviews is None else self.interviews["voice"]

    def passage(self, key: str) -> str:
        """Return the text of a passage: the lead's, or the draft if the lead didn't change it."""
        text: dict[str, str | None] = self.body["text"].get(key, {"draft": "", "edit": None})
        return (text["draft"] if text["edit"] is None else text["edit"]) or ""

    def without_interviews(self) -> SnapshotDocument:
        """Return the snapshot for readers who may not see interviews."""
        return replace(self, interviews=None)

    def to_bytes(self) -> bytes:
        """Return the document as canonical JSON, with the interviews unless they are None."""
        body = self.body if self.interviews is None else self.body | {"interviews": self.interviews}
        return rfc8785.dumps(body)

    @staticmethod
    def from_bytes(data: bytes) -> SnapshotDocument:
        """Parse a file. Raises Invalid if it isn't a snapshot of this schema."""
        try:
            body = json.loads(data)
            schema, interviews = body["schema"], body["interviews"]
        except (ValueError, KeyError, TypeError):
            raise Invalid(_NOT_A_SNAPSHOT) from None
        mark = body.get("erased")
        if mark is not None and not (isinstance(mark, dict) and isinstance(mark.get("address"), str)):
            raise Invalid(_NOT_A_SNAPSHOT)
        if schema != SCHEMA:
            raise Invalid(f"This snapshot has schema {schema}; this program reads schema {SCHEMA}.")
        if isinstance(interviews, str):
            return SnapshotDocument(body, None)
        return SnapshotDocument(body | {"interviews": sha256(interviews)}, interviews)


def sha256(value: Any) -> str:
    """Return the SHA-256, in hex, of a value as canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
