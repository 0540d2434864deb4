"""Metrics judged: what the points of each say, by its own definition, phases and target."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from analysis import sentence
from analysis.analyse import NamedDay, analyse_series
from analysis.sentence import GO_LIVE
from analysis.series_analysis import CLAIMS, SeriesAnalysis
from analysis.size_text import change_text
from models.engagement import Engagement
from models.metrics import Metric, MetricPhase
from models.milestones import MilestoneState, milestone_statuses
from models.people import Actor
from models.summary import Summary
from models.units import unit
from models.wording import count, day_month, days
from reports.metrics.definitions import judged_scale
from store.baselines import since_baseline
from store.measurements import measurements

MAX_POINTS = 20_000
"""Of a metric with more of them, only its own page says what they say."""
# By the state: one that says something else of the same moment, after an erasure, is judged anew.
_analyses: WeakKeyDictionary[Engagement, dict[int, SeriesAnalysis]] = WeakKeyDictionary()
_lock = threading.Lock()

CONFIRMED_BETTER, CONFIRMED_WORSE = "confirmed better", "confirmed worse"
LEANING_BETTER, LEANING_WORSE = "leaning better", "leaning worse"
NO_CHANGE, TOO_EARLY, OUT_OF_DATE = "no change", "too early", "out of date"
LABELS = {
    CONFIRMED_BETTER: "Confirmed better",
    CONFIRMED_WORSE: "Confirmed worse",
    LEANING_BETTER: "Leaning better",
    LEANING_WORSE: "Leaning worse",
    NO_CHANGE: "No change shown",
    TOO_EARLY: "Too early",
    OUT_OF_DATE: "Out of date",
}


@dataclass(frozen=True)
class Proposal:
    """A day on which a new phase may have begun, the cause that is on record, and why it is proposed."""

    began_on: date
    cause: str
    why: str


def metric_verdict(metric: Metric, engagement: Engagement, values: pd.DataFrame) -> SeriesAnalysis:
    """The judgement of a metric's measurements (`at`, `value` and perhaps `n`, as store/measurements.py frames them).

    Days are those of the engagement's zone.
    """
    at = values["at"].dt.tz_convert(engagement.zone).dt.tz_localize(None)
    given = {"at": at, "value": values["value"]} | ({"n": values["n"]} if "n" in values else {})
    points = since_baseline(metric, pd.DataFrame(given))
    measure, until = unit(metric.unit), metric.baseline_end
    if until is not None and not (points["at"] < pd.Timestamp(until + timedelta(days=1))).any():
        # Nothing was measured before it moved: then there is nothing to compare with.
        until = None
    with np.errstate(over="ignore", invalid="ignore"):
        return analyse_series(
            points,
            direction=metric.direction,
            baseline_until=until,
            phases=[(phase.began_on, phase.cause) for phase in metric.phases],
            changed_on=named_date(metric),
            target=metric.target,
            target_on=metric.due_on(engagement.cycle()),
            rules=metric.rules or "wheeler",
            version=metric.rules_version or 1,
            scale=judged_scale(metric),
            bounds=measure.bounds,
            counts=measure.kind == "count" and measure.per is None,
            samples=measure.bounded or measure.per is not None,
            format_value=measure.format,
        )


def named_date(metric: Metric) -> NamedDay | None:
    """Return the first day after the metric's baseline on which a workflow that moves it went live, or a cause was named
    to have changed it; None without any."""
    named = [
        *((phase.began_on, phase.cause) for phase in metric.phases),
        *((flow.live_on, GO_LIVE) for flow in metric.workflows if flow.live_on is not None),
    ]
    end = metric.baseline_end
    return min((one for one in named if end is None or one[0] > end), key=lambda one: one[0], default=None)


def metric_verdicts(
    actor: Actor,
    engagement: Engagement,
    metric_ids: Collection[int] | None = None,
    at_revision: int | None = None,
) -> dict[int, SeriesAnalysis]:
    """Return the judgements of the engagement's active metrics (or of `metric_ids`) that were measured, by their ids.

    `at_revision` is that of the state, where it isn't the newest.
    """
    asked = [
        metric
        for metric in engagement.metrics
        if metric.aggregate is not None
        and (
            metric.active and metric.aggregate.count <= MAX_POINTS
            if metric_ids is None
            else metric.id in metric_ids
        )
    ]
    with _lock:
        cached = _analyses.setdefault(engagement, {})
        analyses = {metric.id: cached[metric.id] for metric in asked if metric.id in cached}
    missing = [metric for metric in asked if metric.id not in analyses]
    if missing:
        values = measurements(actor, engagement.slug, [metric.id for metric in missing], at_revision)
        by_metric = dict(list(values.groupby("metric_id")))
        for metric in missing:
            analyses[metric.id] = metric_verdict(
                metric, engagement, by_metric.get(metric.id, values.iloc[:0])
            )
    with _lock:
        cached.update(analyses)
    return {metric.id: analyses[metric.id] for metric in asked}


def verdict_on(analysis: SeriesAnalysis, metric: Metric, on: date) -> str:
    """Return the verdict on a date, a key of `LABELS`: what is older than the cadence allows says nothing of today."""
    return OUT_OF_DATE if metric.is_stale(on) else analysis.verdict


def verdict_text(judgement: SeriesAnalysis, metric: Metric, on: date) -> str:
    """Return the verdict in one sentence, with how old it is where that is too old."""
    if metric.aggregate is None or not metric.is_stale(on):
        return sentence.describe(judgement)
    ago = (on - metric.aggregate.last_on).days
    verdict = sentence.describe(judgement).removesuffix(".")
    return (
        f"Last measured {days(ago)} ago, expected every {days(metric.cadence_days)}. Until then: {verdict}."
    )


def size_text(judgement: SeriesAnalysis | None, metric: Metric, on: date) -> str:
    """Return the size of the change that the verdict claims, "8.4x better"; where it claims none, what it says."""
    if judgement is None:
        return "–"
    verdict = verdict_on(judgement, metric, on)
    if judgement.estimate is None or judgement.word not in CLAIMS or verdict == OUT_OF_DATE:
        return LABELS[verdict]
    return change_text(judgement.estimate, judgement.direction, judgement.format_value, judgement.bounds)


def caveat(judgement: SeriesAnalysis) -> str | None:
    """Return how often such a claim is false; stands beside every confirmed change."""
    return sentence.caveat(judgement) if judgement.word == "confirmed" else None


def proposals(judgement: SeriesAnalysis | None, metric: Metric, engagement: Engagement) -> list[Proposal]:
    """Return where a phase may have begun that nobody has named: go-lives of what moves the metric, and what the points
    say. Only days on which one may begin."""
    proposals = [
        Proposal(flow.live_on, f"{flow.name} live", f"{flow.name} went live")
        for flow in metric.workflows
        if flow.live_on is not None and metric.may_begin_phase(flow.live_on)
    ]
    if judgement is not None and (split := judgement.proposal) is not None:
        began_on = judgement.at[split.index].date()
        if metric.may_begin_phase(began_on):
            proposals.append(Proposal(began_on, _nearby(began_on, engagement), split.why))
    return sorted(proposals, key=lambda proposal: proposal.began_on)


@dataclass(frozen=True)
class UnnamedChange:
    """A metric that its points say has changed on a day, of which nobody has named the cause."""

    metric: Metric
    began_on: date


def unnamed_changes(engagement: Engagement, judgements: Mapping[int, SeriesAnalysis]) -> list[UnnamedChange]:
    """Return the changes whose cause is to be named, by metric; `judgements` are those of the metrics, by id."""
    unnamed = [
        UnnamedChange(metric, split_on)
        for metric in engagement.metrics
        if (judgement := judgements.get(metric.id)) is not None and judgement.proposal is not None
        for split_on in [judgement.at[judgement.proposal.index].date()]
    ]
    return [change for change in unnamed if change.metric.may_begin_phase(change.began_on)]


def causes(metric: Metric, engagement: Engagement, summary: Summary, on: date) -> list[Proposal]:
    """What may have begun a phase by `on`, for a person to choose from: every workflow gone live and every milestone met
    since the baseline, the newest first. A day on which no phase may begin is not offered."""
    happened = [
        *((flow.live_on, f"{flow.name} live") for flow in engagement.workflows),
        *(
            (one.ends_on, one.milestone.name)
            for one in milestone_statuses(summary, on)
            if one.state == MilestoneState.DONE
        ),
    ]
    causes = [
        Proposal(when, cause, f"{day_month(when)} {when.year}: {cause}")
        for when, cause in happened
        if when is not None and when <= on and metric.may_begin_phase(when)
    ]
    return sorted(causes, key=lambda proposal: proposal.began_on, reverse=True)


NEARBY = 14
"""Days before a change within which something that went live may be its cause."""


def _nearby(began_on: date, engagement: Engagement) -> str:
    """Return what went live shortly before, as a first guess at the cause; empty where nothing did."""
    live = [
        (began_on - flow.live_on, flow.name)
        for flow in engagement.workflows
        if flow.live_on is not None and timedelta(0) <= began_on - flow.live_on <= timedelta(days=NEARBY)
    ]
    return f"{min(live)[1]} live" if live else ""


def begun_at(judgement: SeriesAnalysis, metric: Metric) -> dict[int, MetricPhase]:
    """The phases that people named, by the position of their first point; of two at one point the later counts."""
    return {
        int(judgement.at.searchsorted(pd.Timestamp(phase.began_on, tz="UTC"))): phase
        for phase in sorted(metric.phases, key=lambda phase: phase.began_on)
    }


def phase_text(judgement: SeriesAnalysis, index: int, metric: Metric) -> str:
    """Return a phase in words: from when, how many points, their mean and limits."""
    phase, measure = judgement.phases[index], unit(metric.unit)
    since = judgement.at[phase.start].date()
    limits = phase.limits
    text = (
        f"from {day_month(since)} {since.year}, {count(phase.n, 'point')}, mean {measure.format(limits.mean)}"
    )
    if limits.lower is None:
        return text
    lower = max(limits.lower, 0.0) if judgement.values.min() >= 0 else limits.lower
    return f"{text}, limits {measure.format(lower)} to {measure.format(limits.upper)}"
