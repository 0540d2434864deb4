"""Chat: one line and a link into a channel of Teams (Workflows) or Slack, through apprise, for four types of event."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import apprise

from models.engagement import Engagement
from models.errors import Invalid
from models.notices import Notice
from models.review import Review
from services.events import cursors
from services.events.delivery_result import DeliveryResult
from services.events.destination import private_allowed

CHAT_TYPES = ("review.frozen", "health.changed", "milestone.late", "seal.broken")
_SERVICES = {"NotifySlack", "NotifyWorkflows"}
_HOSTS = ("slack.com", ".azure.com", ".powerplatform.com")
"""Where those services listen: a lead can't make the program send to any other place."""


_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|~"})
"""What somebody typed becomes no Markdown."""


def expect_chat(url: str) -> None:
    """Raise Invalid unless the address is an incoming hook of Slack or a workflow of Teams."""
    plugin = apprise.Apprise.instantiate(url)
    host = urlsplit(url).hostname or ""
    known = url.startswith("slack://") or host.endswith(_HOSTS) or private_allowed()
    if type(plugin).__name__ not in _SERVICES or not known:
        raise Invalid(
            "Give the address of an incoming webhook of Slack, or of a workflow of Teams that posts to a channel. "
            "Nothing was saved."
        )


class ChatChannel:
    """Posts an engagement's four messages to one channel."""

    def __init__(self, engagement_id: int, url: str) -> None:
        self.engagement_id, self._url = engagement_id, url

    def send(self, event_id: str, body: bytes, at: datetime) -> DeliveryResult:
        """Post the message of an event. apprise tells success from failure, and no more."""
        event = json.loads(body)
        if event["type"] not in CHAT_TYPES:
            return DeliveryResult(True, "no message")
        text = self._text(event)
        if text is None:
            return DeliveryResult(True, "no message: it is gone")
        plugin: Any = apprise.Apprise.instantiate(self._url)
        # apprise's own picture would be loaded from elsewhere by everybody who reads the channel.
        plugin.include_image = False
        there = apprise.Apprise([plugin])
        line = f"{text.translate(_MARKDOWN)} [Open]({event['data']['link']})"
        done = there.notify(body=line, body_format=apprise.NotifyFormat.MARKDOWN)
        return DeliveryResult(bool(done), "posted" if done else "The channel didn't take it")

    def close(self) -> None:
        """Nothing is kept open."""

    def _text(self, event: dict[str, str]) -> str | None:
        """Return the line as it reads now: after an erasure without the name."""
        _, _, row_id = event["subject"].partition("/")
        with cursors.read_session() as session:
            name = session.get_one(Engagement, self.engagement_id).name
            if event["type"] == "review.frozen":
                review = session.get(Review, int(row_id))
                return None if review is None else f"{name}: week {review.week} is frozen, {review.health}."
            notice = session.get(Notice, int(row_id))
            return None if notice is None else f"{name}: {notice.text}."
