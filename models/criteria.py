"""What must hold for a milestone: one rule a criterion, over a summary and a date.

A finding counts only evidence dated up to `on`, names how much of it there is and how much is needed, what is missing,
and the date on which it first sufficed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from models.metrics import BASELINE_POINTS
from models.pipelines import GREEN_WITHIN_DAYS, PIPELINE_KINDS
from models.summary import MilestoneFacts, Summary, WorkflowFacts
from models.wording import count

# Metrics are reviewed against the roadmap in the last phase of a cycle.
REVIEW_FROM_DAY, REVIEW_TO_DAY = 61, 90


@dataclass(frozen=True)
class Finding:
    """What the evidence comes to on a date: `have` of `needed`, said in words.

    `met_on` is when the evidence first sufficed, None while it doesn't; `page` is where the evidence is kept.
    """

    have: int
    needed: int
    text: str
    met_on: date | None
    page: str

    @property
    def met(self) -> bool:
        return self.met_on is not None


def evaluate(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """What the evidence for `milestone` comes to on that date."""
    return CRITERIA[milestone.criterion](summary, milestone, on)


def systems_inventoried(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Every system has an owner, a criticality, a review by that owner and dependencies; pain points are recorded."""
    facts = summary.inventory
    ready = _up_to(facts.ready_on, on)
    pain_points = _up_to(facts.pain_points_on, on)
    if not facts.systems:
        return Finding(0, 1, "No system is in the inventory", None, "inventory")
    said = [f"{len(ready)} of {count(facts.systems, 'system')} fully described"]
    said += [f"{number} without {word}" for word, number in facts.without.items()]
    said += [] if pain_points else ["no pain points recorded"]
    complete = len(ready) == facts.systems and bool(pain_points)
    met_on = max(ready[-1], pain_points[0]) if complete else None
    return Finding(len(ready) + bool(pain_points), facts.systems + 1, "; ".join(said), met_on, "inventory")


def users_interviewed(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """So many distinct end users were interviewed as the plan asks for."""
    interviewed = _up_to(summary.end_users_on, on)
    met_on = _nth(interviewed, milestone.needed)
    said = f"{len(interviewed)} of {milestone.needed} end users interviewed"
    return Finding(len(interviewed), milestone.needed, said, met_on, "interviews")


def metrics_signed(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """There is a metric, and every active definition carries the sponsor's valid signature."""
    metrics = summary.metrics
    signed = [
        metric.signed_on for metric in metrics if metric.signed_on is not None and metric.signed_on <= on
    ]
    if not metrics:
        return Finding(0, 1, "No metric is defined", None, "metrics")
    said = [f"{len(signed)} of {count(len(metrics), 'metric')} signed by the sponsor"]
    broken = sum(metric.seal == "broken" for metric in metrics)
    said += [f"{broken} changed after signing"] * bool(broken)
    asked = sum(metric.changes_asked for metric in metrics)
    said += [f"the sponsor asks for changes to {asked}"] * bool(asked)
    met_on = max(signed) if len(signed) == len(metrics) else None
    return Finding(len(signed), len(metrics), "; ".join(said), met_on, "metrics")


def foundation_live(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Build, test and deploy are declared, and each pipeline has a link and a green run within 14 days."""
    kinds = {pipeline.kind for pipeline in summary.pipelines}
    undeclared = [kind for kind in PIPELINE_KINDS if kind not in kinds]
    runs = [_up_to(pipeline.green_on, on) for pipeline in summary.pipelines if pipeline.has_link]
    green = [dates for dates in runs if _green_at(dates, on)]
    needed = len(summary.pipelines) + len(undeclared)
    if not summary.pipelines:
        return Finding(0, needed, "No pipeline is declared", None, "workflows")
    said = [f"{len(green)} of {needed} pipelines with a link and a green run within {GREEN_WITHIN_DAYS} days"]
    said += [f"no {kind} pipeline declared" for kind in undeclared]
    met_on = _all_green_on(green) if len(green) == needed else None
    return Finding(len(green), needed, "; ".join(said), met_on, "workflows")


def _green_at(runs: list[date], on: date) -> bool:
    """One of the green `runs` is recent enough to say something about that date."""
    return any(timedelta(0) <= on - when <= timedelta(days=GREEN_WITHIN_DAYS) for when in runs)


def _all_green_on(pipelines: list[list[date]]) -> date:
    """The first date on which every pipeline had a recent green run, from the dates of their green runs."""
    dates = sorted(when for runs in pipelines for when in runs)
    return next(when for when in dates if all(_green_at(runs, when) for runs in pipelines))


def first_workflow_live(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """One workflow is live end to end, with a manual fallback that was rehearsed, dated."""
    flows = [flow for flow in summary.workflows if flow.state == "building" or flow.was_live(on)]
    if not flows:
        return Finding(0, 3, "No workflow is being built", None, "workflows")
    proven = [when for flow in flows if (when := _proven_on(flow, on)) is not None]
    if proven:
        return Finding(3, 3, "A workflow is live with a rehearsed manual fallback", min(proven), "workflows")
    best = max(flows, key=lambda flow: _steps(flow, on))
    missing = [
        word
        for word, holds in [
            ("isn't live", best.was_live(on)),
            ("has no manual fallback", best.has_fallback),
            ("has no rehearsed fallback", bool(_up_to(best.rehearsed_on, on))),
        ]
        if not holds
    ]
    return Finding(_steps(best, on), 3, f"“{best.name}” {' and '.join(missing)}", None, "workflows")


def baselines_instrumented(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Every signed metric has a baseline of enough points, with its source."""
    signed = [metric for metric in summary.metrics if metric.signed_on is not None and metric.signed_on <= on]
    if not signed:
        return Finding(0, 1, "No signed metric to take a baseline of", None, "metrics")
    enough_on = [
        metric.baseline_enough_on
        for metric in signed
        if metric.has_source
        and metric.baseline is not None
        and metric.baseline_enough_on is not None
        and metric.baseline_enough_on <= on
    ]
    said = [
        f"{len(enough_on)} of {count(len(signed), 'signed metric')} with a baseline of {BASELINE_POINTS} points or more"
    ]
    without_source = sum(not metric.has_source for metric in signed)
    said += [f"{without_source} without a source"] * bool(without_source)
    signed_on = max(metric.signed_on for metric in signed)
    met_on = max([*enough_on, signed_on]) if len(enough_on) == len(signed) else None
    # A baseline reaches back before the engagement, but the milestone can't have been met before it began.
    met_on = met_on and max(met_on, milestone.since)
    return Finding(len(enough_on), len(signed), "; ".join(said), met_on, "metrics")


def workflows_extended(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """So many more workflows than the first are live, each linked to a friction that asked for it."""
    live = sorted(
        (flow for flow in summary.workflows if flow.was_live(on) and flow.live_on >= milestone.since),
        key=lambda flow: (flow.live_on, flow.id),
    )
    # The first workflow of an engagement is a milestone of its own.
    is_first_cycle = milestone.since == summary.first_day_1
    more = live[1:] if is_first_cycle else live
    asked_for = [flow.live_on for flow in more if flow.asked_for]
    unasked = len(more) - len(asked_for)
    said = [f"{len(asked_for)} of {milestone.needed} more workflows live that a friction asked for"]
    said += [f"{unasked} live that no friction asked for"] * bool(unasked)
    return Finding(
        len(asked_for), milestone.needed, "; ".join(said), _nth(asked_for, milestone.needed), "workflows"
    )


def adoption_begun(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """There was a training that people attended, and every live workflow has a document."""
    trainings = [held for held in _up_to(summary.trainings_on, on) if held >= milestone.since]
    live = [flow for flow in summary.workflows if flow.is_live(on)]
    documented = [
        flow.documented_on for flow in live if flow.documented_on is not None and flow.documented_on <= on
    ]
    said = [
        f"{count(len(trainings), 'training')} attended" if trainings else "No training with attendance",
        f"{len(documented)} of {count(len(live), 'live workflow')} documented"
        if live
        else "no workflow is live yet",
    ]
    complete = bool(trainings) and bool(live) and len(documented) == len(live)
    met_on = max([trainings[0], *documented]) if complete else None
    return Finding(
        bool(trainings) + len(documented), 1 + max(len(live), 1), "; ".join(said), met_on, "adoption"
    )


def metrics_reviewed(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """In days 61 to 90 a weekly review was frozen, and so many roadmap decisions were made that name their metric."""
    first = summary.day_1 + timedelta(days=REVIEW_FROM_DAY - 1)
    last = min(on, summary.day_1 + timedelta(days=REVIEW_TO_DAY - 1))
    frozen = sorted(review.on for review in summary.reviews if first <= review.on <= last)
    decided = sorted(
        decision.decided_on
        for decision in summary.decisions
        if decision.names_metric and decision.decided_on is not None and first <= decision.decided_on <= last
    )
    days = f"in days {REVIEW_FROM_DAY} to {REVIEW_TO_DAY}"
    said = [
        f"{count(len(frozen), 'weekly review')} frozen {days}"
        if frozen
        else f"No weekly review frozen {days}",
        f"{count(len(decided), 'roadmap decision')} that {'names its' if len(decided) == 1 else 'name their'} metric"
        if decided
        else "no roadmap decision that names its metric",
    ]
    enough = _nth(decided, milestone.needed)
    return Finding(
        bool(frozen) + min(len(decided), milestone.needed),
        1 + milestone.needed,
        "; ".join(said),
        max(frozen[0], enough) if frozen and enough else None,
        "decisions" if frozen else "review",
    )


def evidence_linked(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """A firm's own milestone: somebody linked dated evidence for it."""
    linked = _up_to(milestone.evidence_on, on)
    said = f"{len(linked)} of {count(milestone.needed, 'piece')} of evidence linked"
    return Finding(len(linked), milestone.needed, said, _nth(linked, milestone.needed), "plan")


CRITERIA: dict[str, Callable[[Summary, MilestoneFacts, date], Finding]] = {
    rule.__name__: rule
    for rule in [
        systems_inventoried,
        users_interviewed,
        metrics_signed,
        foundation_live,
        first_workflow_live,
        baselines_instrumented,
        workflows_extended,
        adoption_begun,
        metrics_reviewed,
        evidence_linked,
    ]
}


def _proven_on(flow: WorkflowFacts, on: date) -> date | None:
    """When a workflow was first live with a fallback that had been rehearsed."""
    rehearsed = _up_to(flow.rehearsed_on, on)
    if not (flow.was_live(on) and flow.has_fallback and rehearsed):
        return None
    return max(flow.live_on, rehearsed[0])


def _steps(flow: WorkflowFacts, on: date) -> int:
    return flow.was_live(on) + flow.has_fallback + bool(_up_to(flow.rehearsed_on, on))


def _up_to(dates: list[date], on: date) -> list[date]:
    """The dates up to `on`, from sorted ones."""
    return [when for when in dates if when <= on]


def _nth(dates: list[date], needed: int) -> date | None:
    """The date on which there were `needed` of them, from sorted ones."""
    return dates[needed - 1] if needed <= len(dates) else None
