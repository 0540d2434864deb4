"""The golden thread (friction -> pain point -> system, friction -> workflow -> metric -> outcome) and its gaps."""

from __future__ import annotations

from dataclasses import dataclass

from models.costly_systems import costly_systems
from models.engagement import Engagement

# Frictions of at least this severity (1 to 5) should be addressed by a workflow; nobody addresses every small one.
MIN_SEVERITY = 4


@dataclass(frozen=True)
class Gap:
    """A missing link of the thread: the record's name, what is missing, and the page and record to add it at."""

    name: str
    missing: str
    page: str
    record: tuple[str, str] | None = None

    @property
    def text(self) -> str:
        return f"{self.name}: {self.missing}"


def gaps(engagement: Engagement) -> list[Gap]:
    """Return all gaps: those of workflows first, then of metrics, pain points, frictions and replacements."""
    return [
        *_workflows(engagement),
        *_metrics(engagement),
        *_pain_points(engagement),
        *_frictions(engagement),
        *_costly(engagement),
        *_replacements(engagement),
    ]


def _costly(engagement: Engagement) -> list[Gap]:
    return [
        Gap(
            row.system.name,
            "a costly system that nothing answers",
            "inventory",
            ("system", str(row.system.id)),
        )
        for row in costly_systems(engagement)
        if not row.responses
    ]


def _replacements(engagement: Engagement) -> list[Gap]:
    missing = []
    for row in engagement.replacements:
        record = ("replacement", str(row.id))
        if row.retired_on is not None:
            continue
        if row.workflow.metric is None:
            missing.append(
                Gap(row.name, "no metric tells whether the new part is worse", "replacements", record)
            )
        if row.how_back is None:
            missing.append(Gap(row.name, "nobody described how to go back", "replacements", record))
    return missing


def _workflows(engagement: Engagement) -> list[Gap]:
    missing = []
    for flow in engagement.workflows:
        if flow.state not in ("building", "live"):
            continue
        record = ("workflow", str(flow.id))
        if not flow.is_asked_for:
            missing.append(Gap(flow.name, "no friction asks for it", "workflows", record))
        if flow.metric is None:
            missing.append(Gap(flow.name, "no metric measures its effect", "workflows", record))
        if not flow.uses:
            missing.append(Gap(flow.name, "not linked to any system", "workflows", record))
    return missing


def _metrics(engagement: Engagement) -> list[Gap]:
    moved = {flow.metric_id for flow in engagement.workflows if flow.state in ("building", "live")}
    return [
        Gap(metric.name, "no workflow will move it", "metrics", ("metric", metric.slug))
        for metric in engagement.metrics
        if metric.active and metric.id not in moved
    ]


def _pain_points(engagement: Engagement) -> list[Gap]:
    missing = []
    for point in engagement.pain_points:
        record = ("system", str(point.system_id))
        flows = [flow for friction in point.frictions if (flow := friction.workflow) is not None]
        if not point.frictions:
            missing.append(Gap(point.title, "not raised in any interview", "inventory", record))
        elif not any(flow.metric is not None for flow in flows):
            missing.append(Gap(point.title, "no metric measures it", "inventory", record))
    return missing


def _frictions(engagement: Engagement) -> list[Gap]:
    return [
        Gap(
            friction.shown_observed,
            "severe, but no workflow addresses it",
            "interviews",
            ("interview", str(friction.interview_id)),
        )
        for friction in engagement.frictions
        if friction.workflow is None and friction.severity >= MIN_SEVERITY
    ]
