"""Endpoints: where an engagement's events are sent, and how far each has come in its journal."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

WEBHOOK, MAIL, CHAT, STREAM = KINDS = ("webhook", "mail", "chat", "stream")
# After each failed attempt the next one waits longer: three days in all, then the endpoint is switched off.
WAITS = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=20),
]
JITTER = 0.2
"""Share by which a wait is longer or shorter, so that endpoints that failed together don't return together."""
MAX_RETRY_AFTER = timedelta(days=1)
SECRET_OVERLAP = timedelta(days=1)
"""How long the secret before a rotation goes on signing beside the new one."""
ATTEMPTS_KEPT = 50


class Endpoint(Base):
    """A receiver of one engagement's events: a webhook, the members' mail, a chat channel or a message stream.

    `address` is a URL; for mail it is empty. `secrets` is JSON, a list of [secret, when it stops signing or null], the
    newest first; no journal has it. `types` names the event types it is sent, separated by spaces; empty: all. It is
    switched off since `off_since`, because of `why`.
    """

    __tablename__ = "endpoint"
    __table_args__ = (UniqueConstraint("engagement_id", "kind", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    kind: Mapped[str]
    address: Mapped[str]
    secrets: Mapped[str]
    types: Mapped[str]
    made_by: Mapped[str]
    created_at: Mapped[datetime]
    off_since: Mapped[datetime | None]
    why: Mapped[str | None]


class Cursor(Base):
    """How far an endpoint has come: everything up to the entry `sequence` was delivered, in order.

    A relay holds it while `token` is its own, until `lease_until`. After `attempts` failures the next is at `next_at`;
    it waits since `failing_since`. A replay of a range ends at `replay_until` and goes on from `resume_from`.
    """

    __tablename__ = "cursor"
    __table_args__ = (UniqueConstraint("endpoint_id", "engagement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"))
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    sequence: Mapped[int]
    token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    last_answer: Mapped[str | None]
    replay_until: Mapped[int | None]
    resume_from: Mapped[int | None]


class DeliveryAttempt(Base):
    """One attempt to deliver an event, of the newest few of an endpoint."""

    __tablename__ = "delivery_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    cursor_id: Mapped[int] = mapped_column(ForeignKey("cursor.id"), index=True)
    at: Mapped[datetime]
    event_id: Mapped[str]
    type: Mapped[str]
    revision: Mapped[int]
    delivered: Mapped[bool]
    answer: Mapped[str]
    milliseconds: Mapped[int]


class Lease(Base):
    """A task that one process at a time does, such as the hourly notices: who has it, and when it is due again."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    next_at: Mapped[datetime]


def wait_after(attempts: int, chance: float) -> timedelta | None:
    """Return the wait after the failure number `attempts` (1 is the first); None once three days are over.

    `chance`, from 0 to 1, places it within the jitter.
    """
    if attempts > len(WAITS):
        return None
    return WAITS[attempts - 1] * (1 + JITTER * (2 * chance - 1))


def signing_secrets(stored: str, at: datetime) -> list[str]:
    """Return the secrets that sign at that moment, the newest first."""
    pairs: list[tuple[str, str | None]] = json.loads(stored)
    return [secret for secret, until in pairs if until is None or datetime.fromisoformat(until) > at]


def rotated_secrets(stored: str, new: str, at: datetime) -> str:
    """Return the stored form with `new` in front; the one before it signs for `SECRET_OVERLAP` more."""
    until = (at + SECRET_OVERLAP).isoformat()
    earlier = [[secret, until] for secret in signing_secrets(stored, at)[:1]]
    return json.dumps([[new, None], *earlier])
