"""The golden thread: friction -> pain point -> system, and friction -> workflow -> metric -> outcome. Its gaps."""

from __future__ import annotations

from dataclasses import dataclass

from models.engagement import Engagement

# Frictions of this severity want an answer; nobody answers every small one.
SEVERE = 4


@dataclass(frozen=True)
class Gap:
    """Where the thread is cut: what it is about, what is missing, and the page and record to mend it at."""

    name: str
    missing: str
    page: str
    record: tuple[str, str] | None = None

    @property
    def text(self) -> str:
        return f"{self.name}: {self.missing}"


def gaps(engagement: Engagement) -> list[Gap]:
    """Every cut in the thread: workflows first, then metrics, pain points and frictions."""
    return [
        *_workflows(engagement),
        *_metrics(engagement),
        *_pain_points(engagement),
        *_frictions(engagement),
    ]


def _workflows(engagement: Engagement) -> list[Gap]:
    found = []
    for flow in engagement.workflows:
        if flow.state not in ("building", "live"):
            continue
        record = ("workflow", str(flow.id))
        if not flow.is_asked_for:
            found.append(Gap(flow.name, "a workflow that no friction asked for", "workflows", record))
        if flow.metric is None:
            found.append(Gap(flow.name, "a workflow whose effect no metric measures", "workflows", record))
        if not flow.uses:
            found.append(Gap(flow.name, "a workflow over no system of the inventory", "workflows", record))
    return found


def _metrics(engagement: Engagement) -> list[Gap]:
    moved = {flow.metric_id for flow in engagement.workflows if flow.state in ("building", "live")}
    return [
        Gap(metric.name, "a metric that no workflow will move", "metrics", ("metric", metric.slug))
        for metric in engagement.metrics
        if metric.active and metric.id not in moved
    ]


def _pain_points(engagement: Engagement) -> list[Gap]:
    found = []
    for point in engagement.pain_points:
        record = ("system", str(point.system_id))
        flows = [friction.workflow for friction in point.frictions if friction.workflow is not None]
        if not point.frictions:
            found.append(Gap(point.title, "a pain point that no interview told of", "inventory", record))
        elif not any(flow.metric is not None for flow in flows):
            found.append(Gap(point.title, "a pain point that no metric measures", "inventory", record))
    return found


def _frictions(engagement: Engagement) -> list[Gap]:
    return [
        Gap(
            friction.shown_observed,
            "a severe friction that no workflow answers",
            "interviews",
            ("interview", str(friction.interview_id)),
        )
        for friction in engagement.frictions
        if friction.workflow is None and friction.severity >= SEVERE
    ]
