"""An engagement's endpoints: how far each has come, what waits and why, and its last attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, select

from models.database import read_connection
from models.endpoints import CHAT, MAIL, Cursor, DeliveryAttempt, Endpoint
from models.engagement import Engagement
from models.errors import NotFound
from models.events import type_named
from models.journal import JournalEntry
from models.people import Actor
from models.permissions import Action
from store.access import access, expect_operator


@dataclass(frozen=True)
class EndpointStatus:
    """An endpoint and its cursor.

    `sequence` is the newest revision that was delivered and `waiting` how many events that it wants come after it, the
    oldest from `waiting_since`. `last_answer` is what came of the attempt at `last_at`; the next one is at `next_at`
    (None: now).
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
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_DELIVERIES)
        rows = connection.execute(
            select(
                Endpoint.id, Endpoint.kind, Endpoint.address, Endpoint.types, Endpoint.off_since, Endpoint.why,
                Cursor.sequence, Engagement.revision, Cursor.attempts, Cursor.failing_since, Cursor.next_at,
                Cursor.last_at, Cursor.last_answer, Cursor.replay_until,
            )
            .join(Cursor, Cursor.endpoint_id == Endpoint.id)
            .join(Engagement, Engagement.id == Endpoint.engagement_id)
            .where(Endpoint.engagement_id == granted.engagement_id)
            .order_by(Endpoint.id)
        ).all()  # fmt: skip
        return [EndpointStatus(*[*row, *_waiting(connection, granted.engagement_id, row)]) for row in rows]


def _waiting(
    connection: Connection, engagement_id: int, row: Row[*tuple[Any, ...]]
) -> tuple[int, datetime | None]:
    """Return how many events of the types that it wants an endpoint wasn't sent yet, and since when the oldest waits."""
    ahead = [JournalEntry.engagement_id == engagement_id, JournalEntry.sequence > row.sequence]
    if row.replay_until is not None:
        ahead.append(JournalEntry.sequence <= row.replay_until)
    by_use_case = connection.execute(
        select(
            JournalEntry.use_case,
            func.count(func.distinct(JournalEntry.act)).label("acts"),
            func.min(JournalEntry.at).label("since"),
        )
        .where(*ahead)
        .group_by(JournalEntry.use_case)
    ).all()
    wanted = [
        one for one in by_use_case if not row.types or type_named(one.use_case).name in row.types.split()
    ]
    return sum(one.acts for one in wanted), min((one.since for one in wanted), default=None)


@dataclass(frozen=True)
class Failing:
    """An endpoint that doesn't take what it is sent: what came of the last attempt, and when the next one is."""

    engagement: str
    id: int
    last_answer: str
    next_at: datetime


def failing(actor: Actor) -> list[Failing]:
    """Return the endpoints of every engagement that are failing and not switched off. Raises Forbidden for everybody
    but the operator."""
    expect_operator(actor, "list the failing endpoints")
    query = (
        select(Engagement.slug, Endpoint.id, Cursor.last_answer, Cursor.next_at)
        .join(Cursor, Cursor.endpoint_id == Endpoint.id)
        .join(Engagement, Engagement.id == Endpoint.engagement_id)
        .where(Endpoint.off_since.is_(None), Cursor.attempts > 0, Cursor.next_at.is_not(None))
        .order_by(Endpoint.id)
    )
    with read_connection() as connection:
        return [
            Failing(slug, number, answer or "", at)
            for slug, number, answer, at in connection.execute(query)
            if at
        ]


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
