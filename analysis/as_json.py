"""The analysis of a series as values for JSON: never NaN or infinity, None instead."""

import math
from dataclasses import asdict
from typing import Any

from analysis import sentence
from analysis.forecast import LEVEL
from analysis.odds_analysis import OddsAnalysis
from analysis.process_behaviour import Phase
from analysis.series_analysis import SeriesAnalysis


def as_json(judgement: SeriesAnalysis) -> dict[str, Any]:
    """Return the whole analysis.

    `mean`, `mean_moving_range`, `limits` and `signals` at the top are those of the current phase.
    """
    phases = [_phase(judgement, phase) for phase in judgement.phases]
    nothing: dict[str, Any] = {"mean": None, "mean_moving_range": None, "limits": None, "signals": []}
    current = phases[-1] if phases else nothing
    split = judgement.proposal
    content = _finite(
        {
            "points": len(judgement.values),
            "rules": {"name": judgement.rules.name, "version": judgement.version},
            **{key: current[key] for key in nothing},
            "phases": phases,
            "variation": judgement.variation,
            "assurance": judgement.assurance,
            "capability": judgement.capability,
            "verdict": judgement.verdict,
            "odds": judgement.odds,
            "changed_at": judgement.changed_at,
            "date_found": judgement.date_found,
            **_course(judgement),
            "steady_baseline": judgement.steady_baseline,
            "scale": judgement.scale,
            "effect": judgement.estimate and asdict(judgement.estimate),
            "progress": judgement.progress,
            "forecast": _forecast(judgement),
            "proposed_phase": split
            and {"index": split.index, "at": judgement.at[split.index], "why": split.why},
            "sentence": sentence.describe(judgement),
            "caveat": sentence.caveat(judgement) if judgement.word == "confirmed" else None,
        }
    )
    return dict(content)


def _course(judgement: SeriesAnalysis) -> dict[str, Any]:
    """Return how the change goes, when it was first confirmed, and what is missing; nothing under version 1."""
    if not isinstance(judgement, OddsAnalysis):
        return {}
    change = judgement.change
    first = change.first
    return {
        "shape": change.shape,
        "first_confirmed": first
        and {
            "at": judgement.first_confirmed_at,
            "points": first.points,
            "odds": first.odds,
            "towards": first.towards,
        },
        "faded": change.faded,
        "taken": change.taken,
        "points_before": change.n_baseline,
        "points_since": change.n_since,
        "missing": change.missing or None,
    }


def _phase(judgement: SeriesAnalysis, phase: Phase) -> dict[str, Any]:
    limits = phase.limits
    return {
        "start": phase.start,
        "end": phase.end - 1,
        "from": judgement.at[phase.start],
        "until": judgement.at[phase.end - 1],
        "cause": phase.cause or None,
        "mean": limits.mean,
        "mean_moving_range": limits.mean_moving_range,
        "limits": {"lower": limits.lower, "upper": limits.upper, "points": limits.n},
        "signals": [
            {
                "index": signal.index,
                "at": judgement.at[signal.index],
                "rule": signal.rule,
                "side": "above" if signal.side > 0 else "below",
            }
            for signal in phase.signals
        ],
    }


def _forecast(judgement: SeriesAnalysis) -> dict[str, Any] | None:
    forecast = judgement.forecast
    if forecast is None:
        return None
    return {
        "on": judgement.forecast_on,
        "state": "forecast" if forecast.possible else "not forecastable yet",
        "why": forecast.why_not or None,
        "model": forecast.model,
        "value": forecast.value,
        "interval": forecast.interval,
        "level": LEVEL,
        "chance": forecast.chance,
    }


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value.isoformat() if hasattr(value, "isoformat") else value
