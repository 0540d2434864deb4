"""One metric of a weekly review: its row, what its points say, and its process behaviour over 13 weeks."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analysis import sentence
from analysis.series_analysis import SeriesAnalysis, analyse_series
from models.difference import DatedState
from models.metrics import Metric
from models.outcomes import Outcome
from models.review import WEEK_DAYS, WEEKS
from models.status import Status
from models.units import Unit, format_factor, unit
from models.wording import day_month, days, upper_first
from reports.charts.process_behaviour import frames_of
from reports.metrics.verdicts import OUT_OF_DATE, verdict_text
from store.baselines import since_baseline

# Of a metric that is measured more often, the newest of its 13 weeks.
MOST_POINTS = 2_000
NONE = "–"
# A smaller factor is said as no lower end at all.
LEAST_SAID = 0.05
_DATED = "%Y-%m-%dT%H:%M:%SZ"


def metric_row(outcome: Outcome, metric: Metric, points: pd.DataFrame, on: date, zone: str) -> dict[str, Any]:
    """A metric as the review shows it, all in words that need no further rule. `points` has `at` and `value`."""
    measure = unit(metric.unit)
    judgement = series_verdict(metric, outcome.metric.target_on, points)
    effect = judgement.effect if judgement is not None else None
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
        "baseline": _said(measure, metric.baseline),
        "current": _said(measure, outcome.metric.current) + (", out of date" if stale else ""),
        "target": _said(measure, metric.target) + _by(outcome.metric.target_on) + _seal(outcome.metric.seal),
        "factor": NONE if outcome.factor is None else _better(outcome.factor),
        "interval": _interval(effect, measure),
        # What is older than the cadence allows says nothing of today.
        "verdict": "no points" if judgement is None else OUT_OF_DATE if stale else str(judgement.verdict),
        "sentence": "Nothing was measured yet." if judgement is None else verdict_text(judgement, metric, on),
        "caveat": sentence.caveat(judgement) if judgement and judgement.verdict.word == "confirmed" else None,
        "forecast": _forecast(judgement, measure),
        "last": NONE if outcome.metric.last_on is None else day_month(outcome.metric.last_on),
        "stale": stale,
        "seal": outcome.metric.seal,
        "numbers": {"baseline": metric.baseline, "current": outcome.metric.current, "target": metric.target},
        "chart": _chart(judgement, metric, on, zone),
    }


def series_verdict(metric: Metric, target_on: date | None, points: pd.DataFrame) -> SeriesAnalysis | None:
    """What the points of a metric say; None where there are none, or none that can be judged."""
    points = since_baseline(metric, points)
    if points.empty:
        return None
    measure = unit(metric.unit)
    how: dict[str, Any] = {
        "direction": metric.direction, "target": metric.target, "target_on": target_on, "bounds": measure.bounds,
        "say": measure.format, "phases": [(phase.began_on, phase.cause) for phase in metric.phases],
        "rules": metric.rules, "scale": metric.scale,
    }  # fmt: skip
    for until in (metric.baseline_end, None):
        try:
            return analyse_series(points, baseline_until=until, **how)
        except ValueError:
            continue  # No point lies in the baseline: then all of them are judged together.
    return None


def weeks_shown(on: date, zone: str) -> datetime:
    """The moment from which points are shown: 13 weeks before the end of `on`."""
    return datetime.combine(on + timedelta(days=1 - WEEKS * WEEK_DAYS), time(), ZoneInfo(zone))


def raw(now: DatedState, points: pd.DataFrame) -> dict[str, list[list[Any]]]:
    """The measurements of the weeks shown by metric, each as moment, value, n and note."""
    since = pd.Timestamp(weeks_shown(now.on, now.engagement.zone)).tz_convert("UTC")
    shown = points[points["at"] >= since]
    found = {}
    for metric in now.engagement.metrics:
        own = shown[shown["metric_id"] == metric.id].tail(MOST_POINTS)
        n = [None if pd.isna(number) else int(number) for number in own["n"]]
        notes = [note if isinstance(note, str) else None for note in own["note"]]
        at, values = own["at"].dt.strftime(_DATED), own["value"].map(_finite)
        found[metric.slug] = [list(row) for row in zip(at, values, n, notes, strict=True)]
    return found


def exception_of(row: dict[str, Any]) -> bool:
    """Whether a metric wants an answer: behind, off, or changed for the worse. What isn't known stands in the footer."""
    return is_behind(row) or row["verdict"] in ("signal worse", "confirmed worse")


def is_behind(row: dict[str, Any]) -> bool:
    """Whether a metric is an exception for where it stands, which its reason says, and not for what its points say."""
    return row["status"] in (Status.OFF_TRACK.value, Status.AT_RISK.value)


def _said(measure: Unit, number: float | None) -> str:
    return NONE if number is None else measure.format(number)


def _seal(seal: str) -> str:
    """Beside the target, so that no table shows values under a definition that nobody signed without saying so."""
    return {"signed": "", "broken": ", changed after signing"}.get(seal, ", not signed")


def _by(target_on: date | None) -> str:
    return "" if target_on is None else f" by {day_month(target_on)}"


def _better(factor: float) -> str:
    """21x better, 1.5x worse, or about the same where the factor is said as 1x."""
    if factor <= 0 or math.isinf(factor):
        return NONE
    if format_factor(max(factor, 1 / factor)) == format_factor(1.0):
        return "about the same"
    return f"{format_factor(factor)} better" if factor >= 1 else f"{format_factor(1 / factor)} worse"


def _interval(effect: Any, measure: Unit) -> str:
    """The 95% interval of the factor, or of the difference where there is no factor."""
    if effect is None:
        return ""
    if effect.factor_interval is not None:
        low, high = effect.factor_interval
        if low is not None and low < LEAST_SAID:
            low = None
        if low is None or high is None:
            known = high if low is None else low
            return "" if known is None else f"{'up to' if low is None else 'from'} {_better(known)}"
        ends = [_better(low), _better(high)]
        if all(end.endswith("x better") for end in ends):
            return f"{format_factor(low)} to {ends[1]}"
        return (
            f"{format_factor(1 / high)} to {ends[0]}"
            if all(end.endswith("x worse") for end in ends)
            else " to ".join(ends)
        )
    if effect.difference_interval is None:
        return ""
    low, high = (_signed(measure, end) for end in effect.difference_interval)
    return f"a difference of {low} to {high}"


def _signed(measure: Unit, difference: float) -> str:
    return f"{'+' if difference >= 0 else '−'}{measure.format(abs(difference))}"


def _forecast(judgement: SeriesAnalysis | None, measure: Unit) -> str:
    """What is expected on the target's day, with its 80% interval."""
    if judgement is None or judgement.forecast is None or judgement.target_on is None:
        return NONE
    forecast = judgement.forecast
    if forecast.interval is None:
        return "not yet"  # Why not stands in the metric's sentence.
    low, high = (measure.format(end) for end in forecast.interval)
    return f"{measure.format(forecast.value)} ({low} to {high})"


def _chart(judgement: SeriesAnalysis | None, metric: Metric, on: date, zone: str) -> dict[str, Any]:
    if judgement is None:
        return {"points": [], "phases": [], "target": metric.target}
    points, phases = frames_of(judgement)
    since = pd.Timestamp(weeks_shown(on, zone)).tz_convert("UTC")
    points = points[points["at"] >= since].tail(MOST_POINTS)
    if points.empty:
        return {"points": [], "phases": [], "target": metric.target}
    phases = phases[phases["end"] >= points["at"].iloc[0]]
    for column in ("start", "end", "frozen"):
        moments = phases[column].clip(lower=points["at"].iloc[0])
        phases = phases.assign(**{column: moments.dt.strftime(_DATED)})
    return {
        "points": [
            [at, _finite(value), signal]
            for at, value, signal in zip(
                points["at"].dt.strftime(_DATED), points["value"], points["signal"], strict=True
            )
        ],
        "phases": [
            {name: _finite(value) for name, value in row.items()} for row in phases.to_dict("records")
        ],
        "target": metric.target,
    }


def _finite(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value


def age(on: date, last_on: date) -> str:
    """How old a value is: "11 days old"."""
    return f"{days((on - last_on).days)} old"
