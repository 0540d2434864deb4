"""Endpoints of an engagement: adding and switching them off, replaying, and their secrets."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.endpoints import CHAT, KINDS, MAIL, WEBHOOK, Cursor, Endpoint, rotated_secrets, signing_secrets
from models.engagement import Engagement
from models.errors import Conflict, Invalid, NotFound
from models.events import SPEC_VERSION, TEST, TYPES
from models.people import Actor
from models.permissions import Action
from models.security_log import Kind
from services.core.site_url import home_url
from services.core.transaction import open_engagement, transaction
from services.core.validation import one_of, whole_number
from services.events.chat import CHAT_TYPES, expect_chat
from services.events.delivery_result import DeliveryResult
from services.events.destination import expect_allowed
from services.events.stream import expect_stream
from services.events.webhook import WebhookChannel
from services.people.security_log import log_event
from store.access import access

SECRET_PREFIX, SECRET_BYTES = "whsec_", 32


@dataclass(frozen=True)
class NewEndpoint:
    """A new endpoint's id, and the secret that its messages are signed with: it is shown once."""

    id: int
    secret: str


def new_secret() -> str:
    """Return a new signing secret, in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def add_endpoint(
    actor: Actor, slug: str, address: str, *, kind: str = WEBHOOK, types: str = "", since: int | None = None
) -> NewEndpoint:
    """Add an endpoint, which is sent what happens from now on, or from the revision `since` on.

    `types` are the event types that it wants, separated by spaces or commas; empty: all. Raises Invalid for an address
    that may not be an endpoint, Conflict if there is one with this address.
    """
    kind = one_of("kind of endpoint", kind, [name for name in KINDS if name != MAIL])
    wanted = _types(types)
    if kind == WEBHOOK:
        expect_allowed(address)
    elif kind == CHAT:
        expect_chat(address)
        wanted = " ".join(name for name in CHAT_TYPES if not wanted or name in wanted.split())
    else:
        expect_stream(address)
    secret = new_secret() if kind == WEBHOOK else ""
    with transaction(actor, "add an endpoint") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_DELIVERIES)
        _refuse_second(session, engagement, kind, address)
        stored = json.dumps([[secret, None]] if secret else [])
        endpoint = _put_endpoint(session, actor, engagement, kind, address, stored, wanted)
        session.add(
            Cursor(
                endpoint_id=endpoint.id,
                engagement_id=engagement.id,
                sequence=_revision(engagement, since),
                attempts=0,
            )
        )
        _note(session, actor, Kind.ENDPOINT_ADDED, endpoint)
    return NewEndpoint(endpoint.id, secret)


def _put_endpoint(
    session: Session, actor: Actor, engagement: Engagement, kind: str, address: str, stored: str, types: str
) -> Endpoint:
    """Add the row of an endpoint, and return it with its id."""
    endpoint = Endpoint(
        engagement_id=engagement.id,
        kind=kind,
        address=address,
        secrets=stored,
        types=types,
        made_by=actor.name,
        created_at=actor.at,
    )
    session.add(endpoint)
    session.flush()
    return endpoint


def _types(text: str) -> str:
    wanted = text.replace(",", " ").split()
    if unknown := [name for name in wanted if name not in TYPES]:
        raise Invalid(
            f"There is no event type “{unknown[0]}”. Choose among {', '.join(TYPES)}. Nothing was saved."
        )
    return " ".join(wanted)


def _refuse_second(session: Session, engagement: Engagement, kind: str, address: str) -> None:
    query = select(Endpoint.id).where(
        Endpoint.engagement_id == engagement.id, Endpoint.kind == kind, Endpoint.address == address
    )
    if (existing := session.scalar(query)) is not None:
        raise Conflict(f"Endpoint {existing} has this address already. Nothing was saved.")


def _revision(engagement: Engagement, since: int | None) -> int:
    return (
        engagement.revision
        if since is None
        else whole_number("revision", since, 0, max(engagement.revision, 0))
    )


def rotate_secret(actor: Actor, slug: str, endpoint_id: int) -> str:
    """Return a new signing secret of a webhook. For a day more the one before it signs as well.

    Raises Invalid for an endpoint of another kind.
    """
    secret = new_secret()
    with transaction(actor, "change an endpoint") as session:
        endpoint, _ = _get(session, slug, endpoint_id)
        if endpoint.kind != WEBHOOK:
            raise Invalid("Only a webhook has a secret. Nothing was changed.")
        endpoint.secrets = rotated_secrets(endpoint.secrets, secret, actor.at)
        _note(session, actor, Kind.ENDPOINT_CHANGED, endpoint, "a new secret")
    return secret


def switch_off(actor: Actor, slug: str, endpoint_id: int) -> None:
    """Switch an endpoint off: nothing more is sent. What waits stays, for when it is switched on again."""
    with transaction(actor, "change an endpoint") as session:
        endpoint, cursor = _get(session, slug, endpoint_id)
        if endpoint.off_since is None:
            endpoint.off_since, endpoint.why = actor.at, f"{actor.name} switched it off"
            cursor.token = cursor.lease_until = None
            _note(session, actor, Kind.ENDPOINT_CHANGED, endpoint, "switched off")


def send_again(actor: Actor, slug: str, endpoint_id: int) -> None:
    """Switch an endpoint on, and send what waits at once."""
    with transaction(actor, "change an endpoint") as session:
        endpoint, cursor = _get(session, slug, endpoint_id)
        if endpoint.off_since is not None:
            _note(session, actor, Kind.ENDPOINT_CHANGED, endpoint, "switched on")
        _wake(endpoint, cursor)


def replay(actor: Actor, slug: str, endpoint_id: int, since: int, until: int | None = None) -> None:
    """Send again what happened after the revision `since`, up to `until` (None: all of it).

    After a range the endpoint goes on from where it was. Ids are as they were: receivers recognise what they have.
    """
    with transaction(actor, "change an endpoint") as session:
        endpoint, cursor = _get(session, slug, endpoint_id)
        newest = (
            session.scalar(select(Engagement.revision).where(Engagement.id == endpoint.engagement_id)) or 0
        )
        since = whole_number("revision", since, 0, newest)
        if until is not None:
            cursor.replay_until = whole_number("last revision", until, since + 1, newest)
            cursor.resume_from = max(cursor.resume_from or 0, cursor.sequence)
        else:
            cursor.replay_until = cursor.resume_from = None
        cursor.sequence, cursor.token, cursor.lease_until = since, None, None
        _wake(endpoint, cursor)
        _note(session, actor, Kind.ENDPOINT_CHANGED, endpoint, f"replay from revision {since}")


def _wake(endpoint: Endpoint, cursor: Cursor) -> None:
    endpoint.off_since = endpoint.why = None
    cursor.next_at = cursor.failing_since = None
    cursor.attempts = 0


def send_test(actor: Actor, slug: str, endpoint_id: int) -> DeliveryResult:
    """Send a signed test event to a webhook at once, and return its answer. It is no part of the order.

    Raises NotFound if the engagement has no such endpoint, Invalid for one of another kind.
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_DELIVERIES)
        own = (Endpoint.id == endpoint_id) & (Endpoint.engagement_id == granted.engagement_id)
        row = connection.execute(
            select(Endpoint.kind, Endpoint.address, Endpoint.secrets).where(own)
        ).one_or_none()
    if row is None:
        raise NotFound(_NOT_FOUND)
    if row.kind != WEBHOOK:
        raise Invalid("Only a webhook can be tested. Nothing was sent.")
    event = _test_event(actor, granted.slug)
    channel = WebhookChannel(row.address, signing_secrets(row.secrets, actor.at))
    try:
        return channel.send(event["id"], rfc8785.dumps(event), actor.at)
    finally:
        channel.close()


def _test_event(actor: Actor, slug: str) -> dict[str, Any]:
    return {
        "specversion": SPEC_VERSION,
        "id": f"evt_{secrets.token_hex(16)}",
        "source": f"/engagements/{slug}",
        "type": TEST,
        "subject": "endpoint",
        "time": actor.at.isoformat(),
        "data": {
            "engagement": slug,
            "who": actor.name,
            "what": "send a test event",
            "link": f"{home_url()}/deliveries?engagement={slug}",
        },
    }


_NOT_FOUND = "There is no such endpoint of this engagement. Nothing was changed."


def _get(session: Session, slug: str, endpoint_id: int) -> tuple[Endpoint, Cursor]:
    """Return an endpoint and its cursor. Raises NotFound if it is missing or another engagement's."""
    engagement = open_engagement(session, slug, Action.MANAGE_DELIVERIES)
    endpoint = session.get(Endpoint, endpoint_id)
    if endpoint is None or endpoint.engagement_id != engagement.id:
        raise NotFound(_NOT_FOUND)
    # Locked, as a relay may be moving it on.
    cursor = session.scalars(select(Cursor).where(Cursor.endpoint_id == endpoint.id).with_for_update()).one()
    return endpoint, cursor


def _note(session: Session, actor: Actor, kind: Kind, endpoint: Endpoint, detail: str = "") -> None:
    text = f"endpoint {endpoint.id}" + (f", {detail}" if detail else "")
    log_event(session, kind, actor.at, user_id=actor.user_id, by=actor.name, detail=text)
