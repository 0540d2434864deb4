"""Sign-off: what was asked of whom, the links that were made for it, what happened to it, and the record of each signing.

Nothing here is ever updated or deleted: what became of a request or a link is told by its events.
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
    """What happened to a request or to one of its links."""

    ASKED = "asked"
    LINKED = "link made"
    OPENED = "opened"
    VIEWED = "viewed"
    SIGNED = "signed"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


class SignOffRequest(Part):
    """A lead asks one sponsor for signatures on a set of metrics (its items), with a note.

    `content` is the digest of the whole set (`content_of`): a request asks for exactly these definitions.
    """

    __tablename__ = "sign_off_request"

    asked_by: Mapped[str]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    asked_of_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    note: Mapped[str | None]
    content: Mapped[str]


class SignOffItem(Part):
    """One metric that a request asks about: the definition's digest and version then."""

    __tablename__ = "sign_off_item"
    __table_args__ = (UniqueConstraint("request_id", "metric_id"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("sign_off_request.id"), index=True)
    metric_id: Mapped[int] = mapped_column(ForeignKey("metric.id"))
    digest: Mapped[str]
    number: Mapped[int]


class SignOffLink(Part):
    """A link that lets one person sign one request's set, once, until it expires. Only its token's digest is kept."""

    __tablename__ = "sign_off_link"

    request_id: Mapped[int] = mapped_column(ForeignKey("sign_off_request.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    content: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[str]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime]


class SignOffEvent(Part):
    """Something that happened to a request: who did it, through which link and session, and what there is to say."""

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
    """The record of one signing of one or several metrics, as canonical JSON, under its digest.

    It isn't journalled itself, since it says from where somebody signed; each of its `sign_off` rows is, and names its
    digest: so the journal proves it.
    """

    __tablename__ = "sign_off_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    content: Mapped[str]

    @staticmethod
    def of(engagement_id: int, record: Mapping[str, Any]) -> SignOffRecord:
        """The row that keeps a record (`record`)."""
        content = rfc8785.dumps(dict(record)).decode()
        return SignOffRecord(engagement_id=engagement_id, digest=_sha256(content.encode()), content=content)

    @property
    def record(self) -> dict[str, Any]:
        """What was signed, by whom and how, as `record` made it."""
        return json.loads(self.content)

    @property
    def is_intact(self) -> bool:
        """Whether the content is what its digest says."""
        return _sha256(self.content.encode()) == self.digest


class SignOffReceipt(Part):
    """Somebody took the receipt of a record away: the SHA-256 of the file, so that it is known again byte for byte.

    The file itself isn't kept. It follows from the record; should another version of the program set it differently,
    what was issued before is still known by this.
    """

    __tablename__ = "sign_off_receipt"

    record_id: Mapped[int] = mapped_column(ForeignKey("sign_off_record.id"), index=True)
    sha256: Mapped[str] = mapped_column(index=True)
    by: Mapped[str]


@dataclass(frozen=True)
class SignedItem:
    """One metric as it was signed.

    `content` is the definition whose SHA-256 over canonical JSON is `sha256` (`Metric.definition`); `shown` is the card
    that the signer had before them, line by line; `words` are what they want changed.
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
    """Who signed: the name that was typed, the account, the role and on whose authority, and how that was checked."""

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
    """The whole record of a signing, as values that canonical JSON (RFC 8785) can hold. `at` becomes UTC.

    `engagement` is the state that was before the signer; its revision and the journal's head then are part of the record.
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
    """The digest of a set of definitions, given by the metrics' slugs: SHA-256 over canonical JSON."""
    return _sha256(rfc8785.dumps(dict(digests)))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
