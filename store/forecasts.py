"""Logged forecasts: what was expected of a metric, when, and for which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.database import read_connection
from models.metrics import LoggedForecast, Metric
from models.people import Actor
from models.permissions import Action
from store.access import access


@dataclass(frozen=True)
class PastForecast:
    """A forecast for the moment `on`, made at `made_at` from so many `points`.

    `value`, `low` and `high` (its 80% interval) are in the metric's unit, `chance` is that of reaching the target, from 0
    to 1. Without a `value`, `why_not` says why there is none.
    """

    made_at: datetime
    on: datetime
    points: int
    value: float | None
    low: float | None
    high: float | None
    chance: float | None
    why_not: str | None


def past_forecasts(actor: Actor, slug: str, metric_id: int) -> list[PastForecast]:
    """Return every logged forecast of a metric of the engagement, the newest day first."""
    logged = LoggedForecast
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ)
        query = (
            select(
                logged.made_at, logged.on, logged.points, logged.value, logged.low, logged.high, logged.chance,
                logged.why_not,
            )
            .join(Metric, Metric.id == logged.metric_id)
            .where(Metric.engagement_id == engagement.engagement_id, logged.metric_id == metric_id)
            .order_by(logged.on.desc(), logged.made_at.desc())
        )  # fmt: skip
        return [PastForecast(*row) for row in connection.execute(query)]
