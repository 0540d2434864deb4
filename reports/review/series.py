"""One metric of a weekly review: its row, what its points say, and its process behaviour over 13 weeks."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analysis.process_behaviour import Phase
from analysis.series_analysis import SeriesAnalysis
from analysis.size_text import change_text, interval_text
from models.engagement import Engagement
from models.metrics import Metric
from models.outcomes import Outcome
from models.review import WEEK_DAYS, WEEKS
from models.state_changes import DatedState
from models.status import Status
from models.units import Unit, unit
from models.wording import day_month, days, upper_first
from reports.charts.process_behaviour import limits_of_points, signals_of
from reports.metrics.outcomes import drawing, value_or_none_text
from reports.metrics.verdicts import (
    CONFIRMED_WORSE,
    LEANING_WORSE,
    caveat,
    metric_verdict,
    verdict_on,
    verdict_text,
)

# Of a metric that is measured more often, the newest of its 13 weeks.
MAX_POINTS = 2_000
NONE = "–"
_DATED = "%Y-%m-%dT%H:%M:%SZ"


def metric_row(
    outcome: Outcome, metric: Metric, points: pd.DataFrame, on: date, engagement: Engagement
) -> dict[str, Any]:
    """Return a metric as the review shows it, all in words that need no further rule. `points` has `at` and `value`."""
    measure = unit(metric.unit)
    judgement = None if points.empty else _analysis(metric, engagement, points)
    stale = outcome.metric.is_stale(on)
    return {
        "slug": metric.slug,
        "name": metric.name,
        "unit": metric.unit,
        "direction": metric.direction,
        "owner": metric.owner,
        "source": metric.source,
        "status": outcome.status.value,
        "reason": upper_first(outcome.reason),
        "baseline": value_or_none_text(measure, metric.baseline),
        "current": value_or_none_text(measure, outcome.metric.current) + (", out of date" if stale else ""),
        "target": value_or_none_text(measure, metric.target)
        + _by(outcome.metric.target_on)
        + _seal(outcome.metric.seal),
        **_size(judgement),
        "verdict": "no points" if judgement is None else verdict_on(judgement, metric, on),
        "odds": None if judgement is None else judgement.odds,
        "sentence": "Nothing was measured yet." if judgement is None else verdict_text(judgement, metric, on),
        "caveat": judgement and caveat(judgement),
        "forecast": _forecast(judgement, measure),
        "last": NONE if outcome.metric.last_on is None else day_month(outcome.metric.last_on),
        "stale": stale,
        "seal": outcome.metric.seal,
        "drawing": drawing(outcome),
        "numbers": {"baseline": metric.baseline, "current": outcome.metric.current, "target": metric.target},
        "chart": _chart(judgement, metric, on, engagement.zone),
    }


def _analysis(metric: Metric, engagement: Engagement, points: pd.DataFrame) -> SeriesAnalysis | None:
    """Return what the points of a metric say, as its own page says it; None where none counts."""
    analysis = metric_verdict(metric, engagement, points)
    return analysis if len(analysis.values) else None


def _size(analysis: SeriesAnalysis | None) -> dict[str, str]:
    """Return the size of the change that the sentence names, and its interval."""
    if analysis is None or analysis.estimate is None or analysis.word == "too early":
        return {"factor": NONE, "interval": ""}
    how = analysis.estimate, analysis.direction, analysis.format_value, analysis.bounds
    return {"factor": change_text(*how), "interval": interval_text(*how)}


def weeks_shown(on: date, zone: str) -> datetime:
    """Return the moment from which points are shown: 13 weeks before the end of `on`."""
    return datetime.combine(on + timedelta(days=1 - WEEKS * WEEK_DAYS), time(), ZoneInfo(zone))


def raw(now: DatedState, points: pd.DataFrame) -> dict[str, list[list[Any]]]:
    """Return the measurements of the weeks shown by metric, each as moment, value, n and note."""
    since = pd.Timestamp(weeks_shown(now.on, now.engagement.zone)).tz_convert("UTC")
    shown = points[points["at"] >= since]
    series: dict[int, list[list[Any]]] = {metric.id: [] for metric in now.engagement.metrics}
    columns = (shown[name].tolist() for name in ("metric_id", "value", "n", "note"))
    for at, metric_id, value, n, note in zip(shown["at"].dt.strftime(_DATED), *columns, strict=True):
        if metric_id in series:
            text = note if isinstance(note, str) else None
            series[metric_id].append([at, _finite(value), None if pd.isna(n) else int(n), text])
    return {metric.slug: series[metric.id][-MAX_POINTS:] for metric in now.engagement.metrics}


def exception_of(row: dict[str, Any]) -> bool:
    """Whether a metric wants an answer: behind, off, or changed for the worse. What isn't known stands in the footer."""
    return is_behind(row) or row["verdict"] in (LEANING_WORSE, CONFIRMED_WORSE)


def is_behind(row: dict[str, Any]) -> bool:
    """Whether a metric is an exception for where it stands, which its reason says, and not for what its points say."""
    return row["status"] in (Status.OFF_TRACK.value, Status.AT_RISK.value)


def _seal(seal: str) -> str:
    """Beside the target, so that no table shows values under a definition that nobody signed without saying so."""
    return {"signed": "", "broken": ", changed after signing"}.get(seal, ", not signed")


def _by(target_on: date | None) -> str:
    return "" if target_on is None else f" by {day_month(target_on)}"


def _forecast(judgement: SeriesAnalysis | None, measure: Unit) -> str:
    """Return what is expected on the target's day, with its 80% interval."""
    if judgement is None or judgement.forecast is None or judgement.target_on is None:
        return NONE
    forecast = judgement.forecast
    if forecast.interval is None:
        return "not yet"  # Why not stands in the metric's sentence.
    low, high = (measure.format(end) for end in forecast.interval)
    return f"{measure.format(forecast.value)} ({low} to {high})"


def _chart(judgement: SeriesAnalysis | None, metric: Metric, on: date, zone: str) -> dict[str, Any]:
    """Return the points of the weeks shown, the phases that reach into them, and the target. No frames are made of them:
    a week of forty metrics would wait for those longer than for all that they say."""
    nothing: dict[str, Any] = {"points": [], "phases": [], "target": metric.target}
    if judgement is None:
        return nothing
    at = _moments_in_utc(judgement.at, zone)
    since = pd.Timestamp(weeks_shown(on, zone)).tz_convert("UTC")
    first = max(int(at.searchsorted(since)), len(at) - MAX_POINTS)
    if first == len(at):
        return nothing
    signals, moments = signals_of(judgement), at.strftime(_DATED).tolist()
    values = judgement.values.tolist()
    own = _own_limits(judgement, first)
    phases = [_phase(phase, moments, first) for phase in judgement.phases if phase.end > first]
    return {
        "points": [[moments[i], _finite(values[i]), signals.get(i, "")] for i in range(first, len(at))],
        "phases": [phase | ({"sampled": sampled} if own else {}) for phase, sampled in phases],
        "target": metric.target,
        **own,
    }


def _phase(phase: Phase, moments: list[str], first: int) -> tuple[dict[str, Any], bool]:
    """Return a phase as it is drawn from the point `first` on, and whether its points have limits of their own."""
    last = min(phase.end, len(moments) - 1)
    frozen = phase.start + phase.limits.n - 1 if phase.limits.n < phase.n else last
    places = {"start": phase.start, "end": last, "frozen": frozen}
    limits = phase.limits
    levels = {"mean": limits.mean, "lower": limits.lower, "upper": limits.upper}
    return {
        **{name: moments[max(place, first)] for name, place in places.items()},
        **{name: _finite(level) for name, level in levels.items()},
        "cause": phase.cause,
    }, phase.samples is not None


def _own_limits(judgement: SeriesAnalysis, first: int) -> dict[str, list[list[Any]]]:
    """Return `limits`: lower, upper, and whether it sums up few observations, of each point; nothing if none has any."""
    own = limits_of_points(judgement)
    if not own or np.isnan(own["lower"][first:]).all():
        return {}
    rows = zip(*(own[name][first:].tolist() for name in ("lower", "upper", "small")), strict=True)
    return {"limits": [[_finite(lower), _finite(upper), small] for lower, upper, small in rows]}


def _moments_in_utc(written: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Return the UTC of moments as the engagement's zone writes them."""
    summer = np.ones(len(written), dtype=bool)
    local = written.tz_localize(None).tz_localize(zone, ambiguous=summer, nonexistent="shift_forward")
    return local.tz_convert("UTC")


def _finite(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value


def age(on: date, last_on: date) -> str:
    """Return how old a value is: "11 days old"."""
    return f"{days((on - last_on).days)} old"
