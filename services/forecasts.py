"""The log of forecasts: each is kept as it was made, so that it can be held against what came."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import rfc8785
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from analysis.judge import Judgement
from models.database import database_url, reading
from models.engagement import Engagement
from models.errors import Conflict
from models.metrics import LoggedForecast, Metric
from models.people import Actor
from models.permissions import Action
from reports.access import access
from services.transaction import opened, transaction

# The states of metrics whose forecasts this process has seen to already: most looks at a page bring no new one.
_logged: set[tuple[str, str, int]] = set()
MOST_REMEMBERED = 10_000


def log_forecasts(actor: Actor, engagement: Engagement, metric: Metric, judgement: Judgement) -> int:
    """Keep the judgement's forecasts, for the next measurement and for the target's date. Returns how many were new.

    The same points, definition and phases make the same forecast, which is kept once, whoever looks at it.
    """
    place = (database_url(), engagement.head, metric.id)
    if place in _logged:
        return 0
    new = _log(actor, engagement, metric, judgement)
    if len(_logged) >= MOST_REMEMBERED:
        _logged.clear()
    _logged.add(place)
    return new


def _log(actor: Actor, engagement: Engagement, metric: Metric, judgement: Judgement) -> int:
    found = [row for row in _forecasts(engagement, metric, judgement) if row["on"] > actor.at]
    known = _known(actor, engagement, metric)
    new = [row for row in found if (row["basis"], row["on"]) not in known]
    if not new:
        return 0
    try:
        with transaction(actor, "log forecasts") as session:
            # Whoever may read the metric may see its forecast made, and what was made is kept.
            opened(session, engagement.slug, Action.READ)
            session.add_all(LoggedForecast(made_at=actor.at, **row) for row in new)
    except Conflict as faster:
        if isinstance(faster.__cause__, IntegrityError):
            return 0
        raise
    return len(new)


def _known(actor: Actor, engagement: Engagement, metric: Metric) -> set[tuple[str, object]]:
    with reading() as connection:
        access(connection, actor, engagement.slug, Action.READ)
        rows = connection.execute(
            select(LoggedForecast.basis, LoggedForecast.on).where(LoggedForecast.metric_id == metric.id)
        )
        return {(row.basis, row.on) for row in rows}


def _forecasts(engagement: Engagement, metric: Metric, judgement: Judgement) -> list[dict[str, object]]:
    basis = _basis(metric, judgement)
    asked = [replace(judgement, target_on=None)]
    if judgement.target_on is not None:
        asked.append(judgement)
    rows = []
    for one in asked:
        made = one.forecast
        if made is None:
            continue
        low, high = made.interval or (None, None)
        rows.append(
            {
                "metric_id": metric.id,
                "basis": basis,
                "definition": metric.number,
                "on": _moment(one.forecast_on, engagement.zone),
                "points": made.n,
                "model": made.model,
                "value": made.value,
                "low": low,
                "high": high,
                "chance": made.chance,
                "why_not": made.why_not or None,
            }
        )
    # The next measurement may be due on the target's day itself.
    return list({row["on"]: row for row in rows}.values())


def _moment(on: pd.Timestamp, zone: str):
    """A moment of the judgement, whose days are those of the zone, as one in UTC."""
    local = on.tz_localize(None).floor("s").tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return local.tz_convert("UTC").to_pydatetime()


def _basis(metric: Metric, judgement: Judgement) -> str:
    head = {
        "definition": metric.digest(),
        "phases": [[phase.began_on.isoformat(), phase.cause] for phase in metric.phases],
        "rules": [judgement.rules.name, judgement.rules.version],
        "baseline": judgement.baseline,
    }
    hashed = hashlib.sha256(rfc8785.dumps(head))
    hashed.update(judgement.at.tz_localize(None).to_numpy().astype("datetime64[us]").astype("<i8").tobytes())
    hashed.update(np.ascontiguousarray(judgement.values).astype("<f8").tobytes())
    return hashed.hexdigest()
