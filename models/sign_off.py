"""Sign-off: requests to sponsors, their links and events, and the record and receipts of each signing.

All tables are append-only: the state of a request or a link follows from its events.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import rfc8785
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part
from models.engagement import Engagement

LINK_LIFETIME = timedelta(hours=72)
RECORD_SCHEMA = 1
CLOCK = "the clock of this server, in UTC"
CONSENT = (
    "By typing my name and pressing the button I sign these definitions electronically. I mean it as my signature: "
    "the numbers I approve are what this work is judged by, until I sign others."
)


class EventKind(StrEnum):
    """An event of a request or of one of its links."""

    ASKED = "asked"
    LINKED = "link made"
    OPENED = "opened"
    VIEWED = "viewed"
    SIGNED = "signed"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


class SignOffRequest(Part):
    """A lead's request to one sponsor to sign a set of metrics (its items), with a note.

    `content` is the digest of the set (`definitions_digest`): the request is for exactly these definitions.
    """

    __tablename__ = "sign_off_request"

    asked_by: Mapped[str]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    asked_of_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    note: Mapped[str | None]
    content: Mapped[str]


class SignOffItem(Part):
    """One metric of a request, with the digest and the version number of its definition at that time."""

    __tablename__ = "sign_off_item"
    __table_args__ = (UniqueConstraint("request_id", "metric_id"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("sign_off_request.id"), index=True)
    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"))
    digest: Mapped[str]
    number: Mapped[int]


class SignOffLink(Part):
    """A link by which one person can sign one request, once, until it expires. Only the token's digest is stored."""

    __tablename__ = "sign_off_link"

    request_id: Mapped[int] = mapped_column(ForeignKey("sign_off_request.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    content: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[str]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime]


class SignOffEvent(Part):
    """An event of a request: who caused it, through which link and session, and a detail."""

    __tablename__ = "sign_off_event"

    request_id: Mapped[int] = mapped_column(ForeignKey("sign_off_request.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("sign_off_link.id"), index=True)
    record_id: Mapped[int | None] = mapped_column(ForeignKey("sign_off_record.id"))
    kind: Mapped[str]
    by: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    session_id: Mapped[int | None]
    detail: Mapped[str | None]


class SignOffRecord(Base):
    """The record of one signing of one or several metrics, as canonical JSON, with its digest.

    It isn't in the journal itself, because it contains the signer's address. Each of its `sign_off` rows is, with the
    record's digest: so the journal proves it.
    """

    __tablename__ = "sign_off_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    content: Mapped[str]

    @staticmethod
    def of(engagement_id: int, record: Mapping[str, Any]) -> SignOffRecord:
        """Return the row that stores a record made by `build_record`."""
        content = rfc8785.dumps(dict(record)).decode()
        return SignOffRecord(engagement_id=engagement_id, digest=_sha256(content.encode()), content=content)

    @property
    def record(self) -> dict[str, Any]:
        """The record as `build_record` returned it."""
        values: dict[str, Any] = json.loads(self.content)
        return values

    @property
    def is_intact(self) -> bool:
        """Whether the content matches its digest."""
        return _sha256(self.content.encode()) == self.digest


class SignOffReceipt(Part):
    """A download of a record's receipt, with the SHA-256 of the file, by which the file is recognised.

    The file itself isn't stored: the record determines it. Another version of the program may lay it out differently, so
    the hash is needed.
    """

    __tablename__ = "sign_off_receipt"

    record_id: Mapped[int] = mapped_column(ForeignKey("sign_off_record.id"), index=True)
    sha256: Mapped[str] = mapped_column(index=True)
    by: Mapped[str]


@dataclass(frozen=True)
class SignedItem:
    """One metric as it was signed.

    `content` is the definition (`Metric.definition`) and `sha256` its digest. `shown` is the card that the signer saw,
    line by line; `words` describe the changes that they request.
    """

    metric: str
    meaning: str
    words: str | None
    version: int
    sha256: str
    content: dict[str, Any]
    shown: dict[str, Any]


@dataclass(frozen=True)
class Signer:
    """The signer: the typed name, the account, the role and its authority, and how the identity was verified."""

    name: str
    account: str
    user_id: int
    role: str
    authority: str
    identity: str
    address: str
    browser: str
    session: int | None


def build_record(
    *,
    engagement: Engagement,
    signer: Signer,
    items: Iterable[SignedItem],
    at: datetime,
    request_id: int | None,
    link_id: int | None,
) -> dict[str, Any]:
    """Return the record of a signing, as values for canonical JSON (RFC 8785). `at` is converted to UTC.

    `engagement` is the state that the signer saw; its revision and the journal's head are part of the record.
    """
    return {
        "schema": RECORD_SCHEMA,
        "engagement": {
            "slug": engagement.slug,
            "name": engagement.name,
            "client": engagement.client,
            "revision": engagement.revision,
            "head": engagement.head,
        },
        "signer": asdict(signer),
        "consent": CONSENT,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "clock": CLOCK,
        "request": request_id,
        "link": link_id,
        "items": [asdict(item) for item in items],
    }


def definitions_digest(digests: Mapping[str, str]) -> str:
    """Return the SHA-256, in hex, of a set of definitions: canonical JSON of their digests by the metrics' slugs."""
    return _sha256(rfc8785.dumps(dict(digests)))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
