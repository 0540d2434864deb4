"""The summary of a state: its evidence as counts and dates."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from models.contracts import Contract
from models.costly_systems import costly_systems
from models.decisions import Decision
from models.engagement import Engagement
from models.gate_facts import first_share_on
from models.metrics import Metric
from models.pipelines import Pipeline
from models.placeholders import is_evidence, is_placeholder_link
from models.plan import Cycle, Milestone
from models.radar import tool_facts
from models.replacements import COMPARISON, PASSED, Cutover, Replacement
from models.summary import (
    CheckFacts,
    ContractFacts,
    CostlyFacts,
    CutoverFacts,
    DecisionFacts,
    InventoryFacts,
    MetricFacts,
    MilestoneFacts,
    PipelineFacts,
    ReplacementFacts,
    ReviewFacts,
    Statement,
    Summary,
    SurveyFacts,
    WorkflowFacts,
)
from models.surveys import newest_surveys
from models.workflows import Workflow


def summarise(engagement: Engagement) -> Summary:
    """Return the summary of a state."""
    cycle = engagement.cycle()
    return Summary(
        slug=engagement.slug,
        name=engagement.name,
        client=engagement.client,
        sector=engagement.sector,
        region=engagement.region,
        lead=engagement.lead,
        sponsor=engagement.sponsor,
        zone=engagement.zone,
        cycle=cycle.number,
        day_1=cycle.day_1,
        first_day_1=engagement.day_1,
        closed_on=cycle.closed_on,
        next_cycle_on=next((later.day_1 for later in engagement.cycles if later.number > cycle.number), None),
        milestones=[_milestone(milestone, cycle) for milestone in cycle.milestones],
        inventory=_inventory(engagement),
        end_users_on=_end_users_on(engagement),
        interviews_planned=sum(interview.held_on is None for interview in engagement.interviews),
        frictions=len(engagement.frictions),
        workflows=[_workflow(workflow) for workflow in engagement.workflows],
        pipelines=[_pipeline(pipeline) for pipeline in engagement.pipelines],
        metrics=_metrics(engagement),
        trainings_on=sorted(training.held_on for training in engagement.trainings if training.attended),
        decisions=[_decision(decision) for decision in engagement.decisions],
        checks=[
            CheckFacts(check.pitfall, check.answered_on, check.happening)
            for check in engagement.pitfall_checks
        ],
        reviews=[
            ReviewFacts(review.cycle, review.week, review.reviewed_on)
            for review in engagement.reviews
            if review.superseded_by is None
        ],
        replacements=[_replacement(replacement) for replacement in engagement.replacements],
        surveys=_surveys(engagement),
        contracts=[_contract(contract, engagement) for contract in engagement.contracts],
        tools=[facts for decision in engagement.decisions for facts in tool_facts(decision)],
    )


def _surveys(engagement: Engagement) -> list[SurveyFacts]:
    costly = costly_systems(engagement)
    return [
        SurveyFacts(
            survey.repository,
            survey.taken_on,
            [CostlyFacts(row.system.name, row.answered_on) for row in costly if row.survey is survey],
        )
        for survey in newest_surveys(engagement.surveys)
    ]


def _contract(contract: Contract, engagement: Engagement) -> ContractFacts:
    versions = contract.facts()
    frozen = [replace(row, breaking=(), doubtful=()) for row in versions[:-1] if row.frozen_on is not None]
    moved = [
        when
        for replacement in engagement.replacements
        if replacement.contract_id == contract.id and (when := first_share_on(replacement)) is not None
    ]
    return ContractFacts(
        contract.id,
        contract.name,
        contract.system.name,
        contract.system_id,
        [*frozen, *versions[-1:]],
        min(moved, default=None),
    )


def with_new_aggregates(before: Summary, engagement: Engagement) -> Summary:
    """Like `summarise`, given the summary `before` of a state that differs in measurements only."""
    return replace(before, metrics=_metrics(engagement))


def _decision(decision: Decision) -> DecisionFacts:
    return DecisionFacts(
        id=decision.id,
        title=decision.title,
        owner=decision.owner,
        needed_by=decision.needed_by,
        decided_on=decision.decided_on,
        names_metric=decision.metric_id is not None,
    )


def _milestone(milestone: Milestone, cycle: Cycle) -> MilestoneFacts:
    return MilestoneFacts(
        id=milestone.id,
        key=milestone.key,
        name=milestone.name,
        phase=milestone.phase.number,
        criterion=milestone.criterion,
        needed=milestone.needed,
        start_on=cycle.date_of(milestone.start_day),
        due_on=cycle.date_of(milestone.due_day),
        since=cycle.date_of(milestone.since_day),
        evidence_on=sorted(evidence.dated for evidence in milestone.evidence),
        claims=[
            Statement(claim.id, claim.says, claim.by, claim.reason, claim.stated_on, claim.expires_on)
            for claim in milestone.claims
            if claim.withdrawn_on is None
        ],
        waivers=[
            Statement(
                waiver.id, "waived", waiver.approver, waiver.reason, waiver.granted_on, waiver.expires_on
            )
            for waiver in milestone.waivers
            if waiver.revoked_on is None
        ],
    )


def _inventory(engagement: Engagement) -> InventoryFacts:
    missing = [system.missing() for system in engagement.systems]
    return InventoryFacts(
        systems=len(engagement.systems),
        ready_on=sorted(
            system.reviewed_on
            for system, lacks in zip(engagement.systems, missing, strict=True)
            if not lacks and system.reviewed_on is not None
        ),
        without=dict(Counter(lack for lacks in missing for lack in lacks)),
        pain_points_on=sorted(engagement.date_of(point.created_at) for point in engagement.pain_points),
    )


def _end_users_on(engagement: Engagement) -> list[date]:
    """Return, sorted, the date on which each distinct end user was first interviewed."""
    first: dict[str, date] = {}
    for interview in engagement.interviews:
        if interview.end_user and interview.held_on is not None and is_evidence(interview.interviewee):
            first[interview.person] = min(interview.held_on, first.get(interview.person, interview.held_on))
    return sorted(first.values())


def _workflow(workflow: Workflow) -> WorkflowFacts:
    return WorkflowFacts(
        id=workflow.id,
        name=workflow.name,
        state=workflow.state,
        live_on=workflow.live_on,
        has_fallback=is_evidence(workflow.fallback),
        rehearsed_on=sorted(row.rehearsed_on for row in workflow.rehearsals if not row.failed),
        asked_for=workflow.is_asked_for,
        measured=workflow.metric_id is not None,
        trained_on=min(
            (training.held_on for training in workflow.trainings if training.attended), default=None
        ),
        documented_on=min((document.published_on for document in workflow.documents), default=None),
    )


def _replacement(replacement: Replacement) -> ReplacementFacts:
    compared = [
        proof.on for proof in replacement.proofs if proof.kind == COMPARISON and proof.withdrawn_on is None
    ]
    return ReplacementFacts(
        id=replacement.id,
        name=replacement.name,
        old=replacement.old.name,
        new=replacement.new.name,
        workflow_id=replacement.workflow_id,
        shares=sorted((share.on, share.percent) for share in replacement.shares),
        compared_on=min(compared, default=None),
        cutovers=[_cutover(cutover) for cutover in replacement.cutovers],
        retire_by=replacement.retire_by,
        retired_on=replacement.retired_on,
        no_return_on=replacement.no_return_on,
        names_contract=replacement.contract_id is not None,
    )


def _cutover(cutover: Cutover) -> CutoverFacts:
    outcomes = cutover.outcomes
    return CutoverFacts(
        cutover.approved_on, all(outcomes.get(name) == PASSED for name in ("traces", "metric"))
    )


def _pipeline(pipeline: Pipeline) -> PipelineFacts:
    last = pipeline.last_run()
    return PipelineFacts(
        id=pipeline.id,
        name=pipeline.name,
        kind=pipeline.kind,
        has_link=bool(pipeline.link) and not is_placeholder_link(pipeline.link or ""),
        green_on=pipeline.green_on(),
        last_run_green=None if last is None else last.green,
    )


def _metrics(engagement: Engagement) -> list[MetricFacts]:
    return [_metric(metric, engagement) for metric in engagement.metrics if metric.active]


def _metric(metric: Metric, engagement: Engagement) -> MetricFacts:
    aggregate, signature = metric.aggregate, metric.valid_sign_off
    return MetricFacts(
        id=metric.id,
        slug=metric.slug,
        name=metric.name,
        unit=metric.unit,
        direction=metric.direction,
        cadence_days=metric.cadence_days,
        has_source=is_evidence(metric.source),
        baseline=metric.baseline,
        target=metric.target,
        target_on=metric.due_on(engagement.cycle()),
        seal=metric.seal,
        changes_asked=metric.requested_change is not None,
        signed_on=None if signature is None else engagement.date_of(signature.signed_at),
        measured=aggregate.count if aggregate else 0,
        last_on=None if aggregate is None else aggregate.last_on,
        current=None if aggregate is None else aggregate.current,
        baseline_points=aggregate.baseline_count if aggregate else 0,
        baseline_enough_on=None if aggregate is None else aggregate.baseline_enough_on,
        moved_on=metric.first_workflow_live_on,
        scale=metric.scale,
        steps=[
            (engagement.cycle().date_of(day), step)
            for day, step in ((30, metric.step_30), (60, metric.step_60))
            if step is not None
        ],
    )
