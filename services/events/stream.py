"""A message stream as an endpoint: NATS JetStream. Its broker recognises a repetition by the event's id."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from models.errors import Invalid
from services.events.delivery_result import DeliveryResult
from services.events.destination import is_public, private_allowed

SECONDS = 15.0


def expect_stream(url: str) -> None:
    """Raise Invalid unless it is an address such as nats://broker.example:4222/headway, with the subject in its path."""
    parts = urlsplit(url)
    if parts.scheme not in ("nats", "tls") or not parts.hostname or not parts.path.strip("/"):
        raise Invalid("Give the stream as nats://HOST:PORT/SUBJECT. Nothing was saved.")
    with contextlib.suppress(ValueError):
        if not is_public(parts.hostname) and not private_allowed():
            raise Invalid(f"{parts.hostname} is a private address, which isn't allowed. Nothing was saved.")


class StreamChannel:
    """Publishes to one subject, and waits until the broker has stored each message."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server, self._subject = (
            f"{parts.scheme}://{parts.netloc}",
            parts.path.strip("/").replace("/", "."),
        )
        self._loop = asyncio.new_event_loop()
        self._connection: Client | None = None

    def send(self, event_id: str, body: bytes, at: datetime) -> DeliveryResult:
        """Publish an event under its id."""
        try:
            return self._loop.run_until_complete(asyncio.wait_for(self._publish(event_id, body), SECONDS))
        except (OSError, NatsError, TimeoutError) as failed:
            return DeliveryResult(False, f"The broker: {type(failed).__name__} {failed}"[:300])

    async def _publish(self, event_id: str, body: bytes) -> DeliveryResult:
        if self._connection is None:
            self._connection = await nats.connect(self._server, allow_reconnect=False, connect_timeout=5)
        headers = {"Nats-Msg-Id": event_id, "Content-Type": "application/cloudevents+json"}
        stored = await self._connection.jetstream().publish(self._subject, body, headers=headers)
        return DeliveryResult(True, "known already" if stored.duplicate else f"stored as {stored.seq}")

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._loop.run_until_complete(asyncio.wait_for(self._connection.close(), SECONDS))
        self._loop.close()
