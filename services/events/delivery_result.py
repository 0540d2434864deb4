"""What came of an attempt to deliver an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class DeliveryResult:
    """Whether the event was delivered, and the receiver's answer as text.

    `retry_after` is how long the receiver asked to wait; `gone`: it wants no event any more.
    """

    delivered: bool
    text: str
    retry_after: timedelta | None = None
    gone: bool = False
