"""Versions of a metric's definition, compared field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from analysis.scales import JudgedScale, default_scale
from analysis.welch_analysis import WelchAnalysis
from models.metrics import DEFAULT_RULES, DEFINITION_FIELDS, DefinitionFields, Metric
from models.units import unit
from models.wording import day_month

LABELS = {
    "name": "Name",
    "counted": "What is counted",
    "left_out": "What is left out",
    "unit": "Unit",
    "direction": "Better is",
    "scale": "Scale",
    "statistic": "Statistic",
    "cadence_days": "Measured every ... days",
    "source": "Source",
    "query": "Query",
    "calendar": "Calendar",
    "owner": "Owner",
    "kind": "Kind",
    "rules": "Rules",
    "rules_version": "Version of the rules",
    "baseline": "Baseline",
    "baseline_since": "Baseline from",
    "baseline_until": "Baseline until",
    "baseline_n": "Points in the baseline",
    "baseline_spread": "Spread of the baseline",
    "baseline_method": "Baseline is",
    "baseline_digest": "Digest of the baseline's data",
    "target": "Target",
    "target_day": "Target by day",
    "target_on": "Target by",
    "step_30": "Step at day 30",
    "step_60": "Step at day 60",
}
_QUANTITIES = {"baseline", "target", "step_30", "step_60", "baseline_spread"}
SHOWN_OF_A_DIGEST = 12
JUDGED_ON = {
    "linear": "odds of a change",
    "log": "odds of a change of the logarithms",
    "logit": "odds of a change of the log odds",
}


@dataclass(frozen=True)
class Difference:
    """A field that differs, in words; "–" where it says nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """One version: what differs from the one before it. The first differs in nothing."""

    number: int
    defined_by: str
    defined_at: datetime
    digest: str
    differences: list[Difference]


def versions(metric: Metric) -> list[Version]:
    """Return the versions of a metric's definition, the newest first."""
    rows = metric.definitions
    changes: list[list[Difference]] = [[], *(difference(before, after) for before, after in pairwise(rows))]
    return [
        Version(row.number, row.defined_by, row.defined_at, row.digest, differences)
        for row, differences in zip(rows, changes, strict=False)
    ][::-1]


def difference(before: DefinitionFields, after: DefinitionFields) -> list[Difference]:
    """Return what two definitions say differently, in the order in which a person reads them."""
    return [
        Difference(label, *_texts(before, after, name))
        for name, label in LABELS.items()
        if name in DEFINITION_FIELDS and getattr(before, name) != getattr(after, name)
    ]


def _texts(before: DefinitionFields, after: DefinitionFields, name: str) -> tuple[str, str]:
    """Return a field of both. Two numbers that differ never read the same."""
    texts = field_text(before, name), field_text(after, name)
    if name in _QUANTITIES and texts[0] == texts[1]:
        return unit(before.unit).format_exactly(getattr(before, name)), unit(after.unit).format_exactly(
            getattr(after, name)
        )
    return texts


def judged_scale(metric: DefinitionFields) -> JudgedScale | None:
    """Return the scale on which a definition is judged. Under version 1 of the rules, None leaves it to the data."""
    if metric.scale is not None:
        return metric.scale
    if (metric.rules_version or 1) == WelchAnalysis.version:
        return None
    measure = unit(metric.unit)
    return default_scale(
        duration_or_rate=measure.kind == "time" or measure.per is not None,
        bounds=measure.bounds,
        baseline=metric.baseline,
        target=metric.target,
    )


def judged_by_text(metric: DefinitionFields) -> str:
    """Return how a definition says that it is judged: "odds of a change on a log scale; Wheeler rules; version 2"."""
    rules, version = (metric.rules or DEFAULT_RULES).capitalize(), metric.rules_version or 1
    if version == WelchAnalysis.version:
        return f"{rules} rules, version {version}"
    return f"{JUDGED_ON[judged_scale(metric) or 'linear']}; signals by the {rules} rules; version {version}"


def baseline_text(definition: DefinitionFields) -> str:
    """The baseline with its unit: every digit of what somebody stated; rounded where it was taken from measurements."""
    measure = unit(definition.unit)
    return (measure.format_exactly if definition.baseline_n is None else measure.format)(definition.baseline)


def field_text(definition: DefinitionFields, name: str) -> str:
    """Return one field of a definition as people say it."""
    value: Any = getattr(definition, name)
    if value is None or value == "":
        return "–"
    if name == "baseline":
        return baseline_text(definition)
    if name in _QUANTITIES:
        # A spread is always taken from measurements, and never a promise.
        return (
            unit(definition.unit).format
            if name == "baseline_spread"
            else unit(definition.unit).format_exactly
        )(value)
    if isinstance(value, date):
        return f"{day_month(value)} {value.year}"
    return str(value)[:SHOWN_OF_A_DIGEST] if name == "baseline_digest" else str(value)
