"""The criteria of milestones: one rule each, over a summary and a date.

A rule counts only evidence dated up to `on`. Its finding says how much there is, how much is needed, what is missing,
and on which date the evidence first sufficed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from analysis.cost_of_change import FRESH_DAYS
from models.contract_states import ContractState
from models.metrics import BASELINE_POINTS
from models.pipelines import GREEN_WITHIN_DAYS, PIPELINE_KINDS
from models.replacement_states import (
    ReplacementState,
    approved_cutover,
    cut_over_on,
    replacement_status,
)
from models.replacements import FULL
from models.summary import (
    ContractFacts,
    MetricFacts,
    MilestoneFacts,
    ReplacementFacts,
    Summary,
    WorkflowFacts,
)
from models.wording import count

# Metrics are reviewed against the roadmap in the last phase of a cycle.
REVIEW_FROM_DAY, REVIEW_TO_DAY = 61, 90


@dataclass(frozen=True)
class Finding:
    """The evidence for a milestone on a date: `have` of `needed`, described in `text`.

    `met_on` is the date on which it first sufficed, None while it doesn't; `page` is where the evidence is recorded.
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
    """Return what the evidence recorded up to `on` amounts to for `milestone`."""
    return CRITERIA[milestone.criterion](summary, milestone, on)


def systems_inventoried(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when every system has an owner, a criticality, a review by that owner and dependencies, and there are pain
    points."""
    facts = summary.inventory
    ready = _up_to(facts.ready_on, on)
    pain_points = _up_to(facts.pain_points_on, on)
    if not facts.systems:
        return Finding(0, 1, "No system is in the inventory", None, "inventory")
    parts = [f"{len(ready)} of {count(facts.systems, 'system')} fully described"]
    parts += [f"{number} without {word}" for word, number in facts.without.items()]
    parts += [] if pain_points else ["no pain points recorded"]
    complete = len(ready) == facts.systems and bool(pain_points)
    met_on = max(ready[-1], pain_points[0]) if complete else None
    return Finding(len(ready) + bool(pain_points), facts.systems + 1, "; ".join(parts), met_on, "inventory")


def users_interviewed(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when as many distinct end users were interviewed as the plan asks for."""
    interviewed = _up_to(summary.end_users_on, on)
    met_on = _nth(interviewed, milestone.needed)
    text = f"{len(interviewed)} of {milestone.needed} end users interviewed"
    return Finding(len(interviewed), milestone.needed, text, met_on, "interviews")


def metrics_signed(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when there is a metric and every active definition has the sponsor's valid signature."""
    metrics, signed = summary.metrics, _signed_on(summary, on)
    if not metrics:
        return Finding(0, 1, "No metric is defined", None, "metrics")
    parts = [f"{len(signed)} of {count(len(metrics), 'metric')} signed by the sponsor"]
    broken = sum(metric.seal == "broken" for metric in metrics)
    parts += [f"{broken} changed after signing"] * bool(broken)
    asked = sum(metric.changes_asked for metric in metrics)
    parts += [f"the sponsor asks for changes to {asked}"] * bool(asked)
    met_on = max(signed) if len(signed) == len(metrics) else None
    return Finding(len(signed), len(metrics), "; ".join(parts), met_on, "metrics")


def foundation_live(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when build, test and deploy are declared and each pipeline has a link and a green run within 14 days."""
    kinds = {pipeline.kind for pipeline in summary.pipelines}
    undeclared = [kind for kind in PIPELINE_KINDS if kind not in kinds]
    runs = [_up_to(pipeline.green_on, on) for pipeline in summary.pipelines if pipeline.has_link]
    green = [dates for dates in runs if _green_at(dates, on)]
    needed = len(summary.pipelines) + len(undeclared)
    if not summary.pipelines:
        return Finding(0, needed, "No pipeline is declared", None, "workflows")
    parts = [
        f"{len(green)} of {needed} pipelines with a link and a green run within {GREEN_WITHIN_DAYS} days"
    ]
    parts += [f"no {kind} pipeline declared" for kind in undeclared]
    met_on = _all_green_on(green) if len(green) == needed else None
    return Finding(len(green), needed, "; ".join(parts), met_on, "workflows")


def _green_at(runs: list[date], on: date) -> bool:
    """Return whether one of the green `runs` is recent enough on that date."""
    return any(timedelta(0) <= on - when <= timedelta(days=GREEN_WITHIN_DAYS) for when in runs)


def _all_green_on(pipelines: list[list[date]]) -> date:
    """Return the first date on which every pipeline had a recent green run. `pipelines` holds the dates of their runs."""
    dates = sorted(when for runs in pipelines for when in runs)
    return next(when for when in dates if all(_green_at(runs, when) for runs in pipelines))


def first_workflow_live(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when one workflow is live end to end, with a manual fallback that was rehearsed on a known date."""
    flows = [flow for flow in summary.workflows if flow.state == "building" or flow.was_live(on)]
    if not flows:
        return Finding(0, 3, "No workflow is being built", None, "workflows")
    proven = [when for flow in flows if (when := _proven_on(flow, on)) is not None]
    if proven:
        return Finding(3, 3, "A workflow is live with a rehearsed manual fallback", min(proven), "workflows")
    best = max(flows, key=lambda flow: _steps_done(flow, on))
    missing = [
        word
        for word, holds in [
            ("isn't live", best.was_live(on)),
            ("has no manual fallback", best.has_fallback),
            ("has no rehearsed fallback", bool(_up_to(best.rehearsed_on, on))),
        ]
        if not holds
    ]
    return Finding(_steps_done(best, on), 3, f"“{best.name}” {' and '.join(missing)}", None, "workflows")


def baselines_instrumented(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when every signed metric has a source and a baseline of enough points."""
    signed = [metric for metric in summary.metrics if metric.is_signed(on)]
    if not signed:
        return Finding(0, 1, "No signed metric to take a baseline of", None, "metrics")
    enough_on = [when for metric in signed if (when := _baseline_enough_on(metric, on)) is not None]
    parts = [
        f"{len(enough_on)} of {count(len(signed), 'signed metric')} with a baseline of {BASELINE_POINTS} points or more"
    ]
    without_source = sum(not metric.has_source for metric in signed)
    parts += [f"{without_source} without a source"] * bool(without_source)
    # A baseline reaches back before the engagement, but the milestone can't have been met before it began.
    complete = len(enough_on) == len(signed)
    met_on = max([*enough_on, *_signed_on(summary, on), milestone.since]) if complete else None
    return Finding(len(enough_on), len(signed), "; ".join(parts), met_on, "metrics")


def _signed_on(summary: Summary, on: date) -> list[date]:
    """Return the dates of the metrics' valid signatures up to `on`."""
    return [when for metric in summary.metrics if (when := metric.signed_on) is not None and when <= on]


def _baseline_enough_on(metric: MetricFacts, on: date) -> date | None:
    """Return the date on which a metric with a source had enough baseline points, None if that isn't so by `on`."""
    when = metric.baseline_enough_on
    return when if metric.has_source and metric.baseline is not None and when and when <= on else None


def workflows_extended(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when enough workflows besides the first are live, each linked to a friction that asked for it."""
    live = sorted(
        (when, flow.id, flow.asked_for)
        for flow in summary.workflows
        if (when := flow.live_by(on)) is not None and when >= milestone.since
    )
    # The first workflow of an engagement is a milestone of its own.
    is_first_cycle = milestone.since == summary.first_day_1
    more = live[1:] if is_first_cycle else live
    asked_for = [when for when, _, is_asked_for in more if is_asked_for]
    unasked = len(more) - len(asked_for)
    parts = [f"{len(asked_for)} of {milestone.needed} more workflows live that a friction asked for"]
    parts += [f"{unasked} live that no friction asked for"] * bool(unasked)
    return Finding(
        len(asked_for), milestone.needed, "; ".join(parts), _nth(asked_for, milestone.needed), "workflows"
    )


def adoption_begun(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when a training was attended and every live workflow has a user guide."""
    trainings = [held for held in _up_to(summary.trainings_on, on) if held >= milestone.since]
    live = [flow for flow in summary.workflows if flow.is_live(on)]
    documented = [
        flow.documented_on for flow in live if flow.documented_on is not None and flow.documented_on <= on
    ]
    parts = [
        f"{count(len(trainings), 'training')} attended" if trainings else "No training with attendance",
        f"{len(documented)} of {count(len(live), 'live workflow')} documented"
        if live
        else "no workflow is live yet",
    ]
    complete = bool(trainings) and bool(live) and len(documented) == len(live)
    met_on = max([trainings[0], *documented]) if complete else None
    return Finding(
        bool(trainings) + len(documented), 1 + max(len(live), 1), "; ".join(parts), met_on, "adoption"
    )


def metrics_reviewed(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when in days 61 to 90 a weekly review was frozen and enough roadmap decisions name their metric."""
    first = summary.day_1 + timedelta(days=REVIEW_FROM_DAY - 1)
    last = min(on, summary.day_1 + timedelta(days=REVIEW_TO_DAY - 1))
    frozen = sorted(review.on for review in summary.reviews if first <= review.on <= last)
    decided = sorted(
        decision.decided_on
        for decision in summary.decisions
        if decision.names_metric and decision.decided_on is not None and first <= decision.decided_on <= last
    )
    days = f"in days {REVIEW_FROM_DAY} to {REVIEW_TO_DAY}"
    parts = [
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
        "; ".join(parts),
        max(frozen[0], enough) if frozen and enough else None,
        "decisions" if frozen else "review",
    )


def replacement_cut_over(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when enough replacements were cut over with an approved gate, and the work hasn't come back since."""
    moved = [row for row in summary.replacements if row.shares]
    cut_over = sorted(when for row in moved if (when := cut_over_on(row, on)) is not None)
    needed = milestone.needed
    parts = [f"{len(cut_over)} of {count(needed, 'replacement')} cut over with an open gate"]
    ungated = sum(replacement_status(row, on).state is ReplacementState.UNGATED for row in moved)
    parts += [f"{ungated} cut over without one"] * bool(ungated)
    if not summary.replacements:
        return Finding(0, needed, "No replacement is named", None, "replacements")
    return Finding(len(cut_over), needed, "; ".join(parts), _nth(cut_over, needed), "replacements")


def seen_before_cutover(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when there is a cutover, and each had traces and metric passed, not waived, when it was approved."""
    used = [
        (row, approval)
        for row in summary.replacements
        if _is_full(row, on) and (approval := approved_cutover(row, on)) is not None
    ]
    ungated = sum(_is_full(row, on) and approved_cutover(row, on) is None for row in summary.replacements)
    seen = [(row, approval) for row, approval in used if approval.seen]
    if not used and not ungated:
        return Finding(0, 1, "No part was cut over yet", None, "replacements")
    needed = len(used) + ungated
    text = f"{len(seen)} of {count(needed, 'cutover')} with traces and metric passed before it"
    met_on = max(cut_over_on(row, on) or on for row, _ in seen) if len(seen) == needed else None
    return Finding(len(seen), needed, text, met_on, "replacements")


def _is_full(row: ReplacementFacts, on: date) -> bool:
    return replacement_status(row, on).share >= FULL


def architecture_reviewed(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when a survey of the last 90 days is there, and every costly system of it has an answer."""
    surveys = [survey for survey in summary.surveys if survey.taken_on <= on]
    if not surveys:
        return Finding(0, 1, "No repository was surveyed", None, "inventory")
    fresh = [survey for survey in surveys if on - survey.taken_on <= timedelta(days=FRESH_DAYS)]
    costly = [system for survey in fresh for system in survey.costly]
    answered = _up_to(sorted(row.answered_on for row in costly if row.answered_on is not None), on)
    parts = [f"{len(fresh)} of {count(len(surveys), 'survey')} at most {FRESH_DAYS} days old"]
    parts += [f"{len(answered)} of {count(len(costly), 'costly system')} answered"] if costly else []
    complete = len(fresh) == len(surveys) and len(answered) == len(costly)
    met_on = max([*answered, *(survey.taken_on for survey in fresh)]) if complete else None
    have, needed = len(fresh) + len(answered), len(surveys) + len(costly)
    return Finding(have, needed, "; ".join(parts), met_on, "inventory")


def contracts_frozen(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when every replacement names a contract, and each contract was frozen before work was moved and is stable.

    Without any contract it isn't met.
    """
    contracts = summary.contracts
    nameless = sum(not row.names_contract for row in summary.replacements)
    if not contracts:
        return Finding(0, max(nameless, 1), "No contract is recorded", None, "inventory")
    states = [contract.status(on).state for contract in contracts]
    in_time = [_is_frozen_in_time(contract, on) for contract in contracts]
    stable = [state is ContractState.STABLE for state in states]
    good = sum(a and b for a, b in zip(in_time, stable, strict=True))
    parts = [f"{good} of {count(len(contracts), 'contract')} frozen and stable"]
    parts += [
        f"{states.count(state)} {state}"
        for state in ContractState
        if state is not ContractState.STABLE and state in states
    ]
    late = sum(is_stable and not frozen for is_stable, frozen in zip(stable, in_time, strict=True))
    parts += [f"{late} frozen only after work was moved"] * bool(late)
    parts += [f"{count(nameless, 'replacement')} without a contract"] * bool(nameless)
    frozen_on = [contract.frozen_on for contract in contracts if contract.frozen_on is not None]
    needed = len(contracts) + nameless
    met_on = max(frozen_on) if good == needed else None
    return Finding(good, needed, "; ".join(parts), met_on, "replacements" if nameless else "inventory")


def _is_frozen_in_time(contract: ContractFacts, on: date) -> bool:
    frozen, moved = contract.frozen_on, contract.first_share_on
    return frozen is not None and frozen <= on and (moved is None or frozen <= moved)


def evidence_linked(summary: Summary, milestone: MilestoneFacts, on: date) -> Finding:
    """Met when enough dated evidence is linked: the criterion of a firm's own milestones."""
    linked = _up_to(milestone.evidence_on, on)
    text = f"{len(linked)} of {count(milestone.needed, 'piece')} of evidence linked"
    return Finding(len(linked), milestone.needed, text, _nth(linked, milestone.needed), "plan")


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
        replacement_cut_over,
        seen_before_cutover,
        architecture_reviewed,
        contracts_frozen,
        evidence_linked,
    ]
}


def _proven_on(flow: WorkflowFacts, on: date) -> date | None:
    """Return the date on which a workflow was first live with a rehearsed fallback, or None."""
    live_on, rehearsed = flow.live_by(on), _up_to(flow.rehearsed_on, on)
    return max(live_on, rehearsed[0]) if live_on and flow.has_fallback and rehearsed else None


def _steps_done(flow: WorkflowFacts, on: date) -> int:
    return flow.was_live(on) + flow.has_fallback + bool(_up_to(flow.rehearsed_on, on))


def _up_to(dates: list[date], on: date) -> list[date]:
    """Return those of the sorted `dates` that are not after `on`."""
    return [when for when in dates if when <= on]


def _nth(dates: list[date], needed: int) -> date | None:
    """Return the date on which there were `needed` of the sorted `dates`, or None."""
    return dates[needed - 1] if needed <= len(dates) else None
