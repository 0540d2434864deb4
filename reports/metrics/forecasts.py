"""Past forecasts, each beside what was measured then."""

from __future__ import annotations

from dataclasses import astuple, fields

import numpy as np
import pandas as pd

from analysis.forecast import LEVEL
from models.engagement import Engagement
from models.metrics import Metric
from models.people import Actor
from models.wording import count
from store import forecasts
from store.forecasts import PastForecast

EARLY = pd.Timedelta(hours=12)
"""So much earlier than its forecast's moment a measurement may be, and still be the one that was meant."""


def past_forecasts(
    actor: Actor, engagement: Engagement, metric: Metric, values: pd.DataFrame
) -> pd.DataFrame:
    """Return every logged forecast of the metric, the newest day first; `values` are its measurements (`at`, `value`).

    Columns: `made_at`, `on`, `points`, `value`, `low`, `high`, `chance`, `why_not` (why there was none), `actual` (the
    first measurement from then on, within the metric's cadence; NaN where there is none) and `held` (whether that lay
    within the interval; None where nothing can be said).
    """
    logged = forecasts.past_forecasts(actor, engagement.slug, metric.id)
    columns = [field.name for field in fields(PastForecast)]
    frame = pd.DataFrame.from_records([astuple(row) for row in logged], columns=columns)
    for column in ("made_at", "on"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    frame["actual"] = _measured(values, frame["on"], metric.cadence_days)
    frame["held"] = [_held(row, actual) for row, actual in zip(logged, frame["actual"], strict=True)]
    return frame


def _held(forecast: PastForecast, actual: float) -> bool | None:
    """Return whether the measurement lay within the forecast's interval; None if there is no interval or measurement."""
    if forecast.low is None or forecast.high is None or np.isnan(actual):
        return None
    return bool(forecast.low <= actual <= forecast.high)


def _measured(values: pd.DataFrame, on: pd.Series, cadence_days: int) -> np.ndarray:
    """The first value from each moment on, within the cadence; NaN where there is none. `values` are in order of time."""
    at, due = pd.DatetimeIndex(values["at"]), pd.DatetimeIndex(on)
    first = at.searchsorted(due - EARLY)
    came = first < len(at)
    measured = np.full(len(due), np.nan)
    in_time = at[first[came]] < due[came] + pd.Timedelta(days=cadence_days)
    measured[np.flatnonzero(came)[in_time]] = values["value"].to_numpy(dtype=float)[first[came][in_time]]
    return measured


def accuracy_text(forecasts: pd.DataFrame) -> str:
    """Return how good the forecasts were, in one sentence."""
    outcomes = [held for held in forecasts["held"] if held is not None]
    if not outcomes:
        waiting = int(forecasts["value"].notna().sum())
        return (
            f"{count(waiting, 'forecast')} made; the day of none has come yet."
            if waiting
            else "No forecast was made yet."
        )
    held = sum(outcomes)
    return (
        f"Of {count(len(outcomes), 'forecast')} whose day has come, {held} held: the measurement lay within the "
        f"{round(100 * LEVEL)}% interval."
    )
