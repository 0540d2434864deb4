"""The gates of an engagement's replacements, with the metric judged from its measurements."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.gate import Gate, gate
from models.gate_facts import MetricState, facts_of, first_share_on
from models.metrics import Metric
from models.people import Actor
from models.replacements import Replacement
from reports.metrics.verdicts import CONFIRMED_WORSE, LEANING_WORSE, metric_verdicts
from store.measurements import measurements

_WORSE = {CONFIRMED_WORSE: "confirmed", LEANING_WORSE: "leaning"}


def gates(actor: Actor, engagement: Engagement, on: date, at_revision: int | None = None) -> dict[int, Gate]:
    """Return the gate of each replacement of a state on a date, by the replacement's id.

    `at_revision` is that of the state, where it isn't the newest.
    """
    if not engagement.replacements:
        return {}
    metrics = {
        row.workflow.metric_id for row in engagement.replacements if row.workflow.metric_id is not None
    }
    verdicts = metric_verdicts(actor, engagement, metrics, at_revision)
    values = measurements(actor, engagement.slug, metrics, at_revision)
    gates_by_id = {}
    for row in engagement.replacements:
        metric_id = row.workflow.metric_id
        own = values[values["metric_id"] == metric_id] if metric_id is not None else values.iloc[:0]
        gates_by_id[row.id] = gate_of(engagement, row, on, own, verdicts.get(metric_id or 0))
    return gates_by_id


def gate_of(
    engagement: Engagement,
    replacement: Replacement,
    on: date,
    values: pd.DataFrame,
    verdict: SeriesAnalysis | None,
) -> Gate:
    """Return the gate of one replacement, given the measurements of its workflow's metric and what they say."""
    metric = replacement.workflow.metric
    facts = None if metric is None else _metric(engagement, replacement, metric, on, values, verdict)
    return gate(facts_of(replacement, on, facts), on)


def _metric(
    engagement: Engagement,
    replacement: Replacement,
    metric: Metric,
    on: date,
    values: pd.DataFrame,
    verdict: SeriesAnalysis | None,
) -> MetricState:
    aggregate, first = metric.aggregate, first_share_on(replacement)
    return MetricState(
        name=metric.name,
        seal=metric.seal,
        baseline_points=aggregate.baseline_count if aggregate and metric.baseline is not None else 0,
        last_on=aggregate.last_on if aggregate else None,
        is_stale=metric.is_stale(on),
        values=None if first is None or first > on else _values_between(values, first, on, engagement.zone),
        worse="" if verdict is None else _WORSE.get(verdict.verdict, ""),
    )


def _values_between(values: pd.DataFrame, first: date, last: date, zone: str) -> int:
    """Return how many of the measurements are dated from `first` to `last` in that time zone."""
    days = values["at"].dt.tz_convert(zone).dt.date
    return int(((days >= first) & (days <= last)).sum())
