"""An engagement's endpoints: how far each has come, what waits and why, and its last attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select

from models.database import read_connection
from models.endpoints import CHAT, MAIL, Cursor, DeliveryAttempt, Endpoint
from models.engagement import Engagement
from models.errors import NotFound
from models.journal import JournalEntry
from models.people import Actor
from models.permissions import Action
from store.access import access


@dataclass(frozen=True)
class EndpointStatus:
    """An endpoint and its cursor.

    `sequence` is the newest revision that was delivered and `waiting` how many acts come after it, the oldest from
    `waiting_since`. `last_answer` is what came of the attempt at `last_at`; the next one is at `next_at` (None: now).
    """

    id: int
    kind: str
    address: str
    types: str
    off_since: datetime | None
    why: str | None
    sequence: int
    revision: int
    attempts: int
    failing_since: datetime | None
    next_at: datetime | None
    last_at: datetime | None
    last_answer: str | None
    replay_until: int | None
    waiting: int
    waiting_since: datetime | None

    @property
    def shown_address(self) -> str:
        """The address without what is a secret in it: whoever knows a channel's address can post there."""
        if self.kind == MAIL:
            return "Mail to the members"
        if self.kind == CHAT:
            parts = urlsplit(self.address)
            return "Slack" if parts.scheme == "slack" else f"Channel at {parts.hostname}"
        return self.address

    @property
    def state(self) -> str:
        """One of off, failing, sending and up to date."""
        if self.off_since is not None:
            return "off"
        if self.attempts:
            return "failing"
        return "sending" if self.waiting else "up to date"


def endpoints(actor: Actor, slug: str) -> list[EndpointStatus]:
    """Return the engagement's endpoints, the oldest first."""
    waiting: dict[str, Any] = {
        "waiting": select(func.count(func.distinct(JournalEntry.act))),
        "waiting_since": select(func.min(JournalEntry.at)),
    }
    ahead = (JournalEntry.engagement_id == Cursor.engagement_id) & (JournalEntry.sequence > Cursor.sequence)
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_DELIVERIES)
        rows = connection.execute(
            select(
                Endpoint.id, Endpoint.kind, Endpoint.address, Endpoint.types, Endpoint.off_since, Endpoint.why,
                Cursor.sequence, Engagement.revision, Cursor.attempts, Cursor.failing_since, Cursor.next_at,
                Cursor.last_at, Cursor.last_answer, Cursor.replay_until,
                *(query.where(ahead).correlate(Cursor).scalar_subquery().label(name) for name, query in waiting.items()),
            )
            .join(Cursor, Cursor.endpoint_id == Endpoint.id)
            .join(Engagement, Engagement.id == Endpoint.engagement_id)
            .where(Endpoint.engagement_id == granted.engagement_id)
            .order_by(Endpoint.id)
        ).all()  # fmt: skip
    return [EndpointStatus(*list(row)) for row in rows]


@dataclass(frozen=True)
class Attempt:
    """An attempt to deliver an event, and what came of it."""

    at: datetime
    event_id: str
    type: str
    revision: int
    delivered: bool
    answer: str
    milliseconds: int


def attempts(actor: Actor, slug: str, endpoint_id: int) -> list[Attempt]:
    """Return an endpoint's last attempts, the newest first. Raises NotFound if it isn't of this engagement."""
    log = DeliveryAttempt
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_DELIVERIES)
        own = (Cursor.endpoint_id == endpoint_id) & (Cursor.engagement_id == granted.engagement_id)
        cursor_id = connection.scalar(select(Cursor.id).where(own))
        if cursor_id is None:
            raise NotFound("There is no such endpoint of this engagement.")
        rows = connection.execute(
            select(log.at, log.event_id, log.type, log.revision, log.delivered, log.answer, log.milliseconds)
            .where(log.cursor_id == cursor_id)
            .order_by(log.id.desc())
        ).all()
    return [Attempt(*row) for row in rows]
