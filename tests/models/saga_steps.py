"""Steps of a plan, and the minutes of the evening on which they are done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.saga import Direction, Step

DO, UNDO = Direction.DO, Direction.UNDO
START = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


def a_step(key: str, after: str = "", **given: object) -> Step:
    fields = {
        "title": key.capitalize(),
        "owner": "Mei Tan",
        "owner_kind": "person",
        "action": "Do it",
        "check": "Look",
    }
    fields |= {"undo": "Put it back", "no_undo": "", "minutes": 10, "timeout": 30, "no_return": False}
    return Step(key=key, after=tuple(after.split()), **(fields | given))  # type: ignore[arg-type]


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)
