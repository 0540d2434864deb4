"""The difference between two states in their metrics: re-defined, corrected, better or worse, signed or broken."""

from __future__ import annotations

from collections.abc import Iterator

from models.outcomes import Outcome, outcomes
from models.state_changes import Change, DatedState, Kind, added_and_removed, in_both, status_change
from models.summary import MetricFacts
from models.units import unit
from models.wording import day_month


def metric_changes(before: DatedState, after: DatedState) -> Iterator[Change]:
    """Return what differs in the metrics: their definitions, values and statuses."""
    old, new = (_metrics_by_slug(state) for state in (before, after))
    yield from added_and_removed(old, new, lambda metric: metric.name, _goal_text, "metrics")
    definitions = [
        {metric.slug: metric.definition() for metric in state.engagement.metrics} for state in (before, after)
    ]
    statuses = [
        {row.metric.slug: row for row in outcomes(state.summary, state.on)} for state in (before, after)
    ]
    for was, now in in_both(old, new):
        definition_was, definition_now = (definition[now.slug] for definition in definitions)
        if fields := _changed_fields(definition_was, definition_now):
            others = _changed_fields(definition_now, definition_was)
            yield Change(Kind.REDEFINED, now.name, fields, others, "metrics")
        if was.last_on == now.last_on and was.current != now.current:
            yield Change(Kind.CORRECTED, now.name, _current_text(was), _current_text(now), "metrics")
        status_was, status_now = (outcome[now.slug] for outcome in statuses)
        if status_was.status is not status_now.status:
            kind = _pace_change(status_change(status_was.status, status_now.status), was, now)
            yield Change(kind, now.name, _outcome_text(status_was), _outcome_text(status_now), "metrics")


def _pace_change(kind: Kind, was: MetricFacts, now: MetricFacts) -> Kind:
    """Return the kind of a metric's change of status, never "worse" of a value that got better: then only its plan went
    ahead of it.
    """
    if was.current is None or now.current is None:
        return kind
    gain = now.current - was.current if now.direction == "higher" else was.current - now.current
    if kind is Kind.WORSE and gain > 0:
        return Kind.SLIPPED
    return Kind.SOONER if kind is Kind.BETTER and gain < 0 else kind


def _metrics_by_slug(state: DatedState) -> dict[str, MetricFacts]:
    return {metric.slug: metric for metric in state.summary.metrics}


def _outcome_text(outcome: Outcome) -> str:
    return f"{outcome.status.label}: {outcome.reason}"


def _changed_fields(definition: dict[str, object], other: dict[str, object]) -> str:
    """Return the fields that differ from the `other` definition, with their values: "target 90 s, target day 80"."""
    texts = []
    for name, value in definition.items():
        if value != other.get(name):
            text: object = "not given" if value in (None, "") else value
            if name in ("baseline", "target") and isinstance(value, int | float):
                text = unit(str(definition["unit"])).format(value)
            texts.append(f"{name.replace('_', ' ')} {text}")
    return ", ".join(texts)


def _goal_text(metric: MetricFacts) -> str:
    measure = unit(metric.unit)
    return f"from {measure.format(metric.baseline)} to {measure.format(metric.target)}"


def _current_text(metric: MetricFacts) -> str:
    return "nothing measured" if metric.current is None else unit(metric.unit).format(metric.current)


def seal_changes(before: DatedState, after: DatedState) -> Iterator[Change]:
    """Return what differs in the signatures of the metrics."""
    old, new = (_metrics_by_slug(state) for state in (before, after))
    for was, now in in_both(old, new):
        if was.seal == now.seal:
            continue
        if now.seal == "broken" or was.seal == "broken":
            kind = Kind.BROKEN if now.seal == "broken" else Kind.MENDED
        else:
            kind = Kind.SIGNED if now.seal == "signed" else Kind.UNSIGNED
        yield Change(kind, now.name, _signature_text(was), _signature_text(now), "metrics")


def _signature_text(metric: MetricFacts) -> str:
    if metric.seal == "signed" and metric.signed_on is not None:
        return f"signed {day_month(metric.signed_on)}"
    return "signature broken by a change" if metric.seal == "broken" else "unsigned"
