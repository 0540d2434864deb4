"""The summary of an engagement: the counts and dates that the rules need, and never a status.

A status depends on today; these don't. Health, milestone states and pitfalls are pure functions of a summary and a
date, so that one engagement's page and the portfolio of ten thousand are judged by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from pydantic import TypeAdapter

from models.engagement import Engagement
from models.metrics import Metric
from models.plan import CYCLE_DAYS, Cycle, Milestone


@dataclass(frozen=True)
class Statement:
    """A claim or a waiver: what was said, by whom, why, and from when until when, both days included."""

    id: int
    says: str
    by: str
    reason: str
    since: date
    until: date

    def holds(self, on: date) -> bool:
        return self.since <= on <= self.until


@dataclass(frozen=True)
class MilestoneFacts:
    id: int
    key: str
    name: str
    phase: int
    criterion: str
    needed: int
    start_on: date
    due_on: date
    since: date
    evidence_on: list[date]
    claims: list[Statement]
    waivers: list[Statement]


@dataclass(frozen=True)
class InventoryFacts:
    """`ready_on` has a date per system of which everything is known: its owner's review. `without` counts what isn't."""

    systems: int
    ready_on: list[date]
    without: dict[str, int]
    pain_points_on: list[date]


@dataclass(frozen=True)
class WorkflowFacts:
    id: int
    name: str
    state: str
    live_on: date | None
    has_fallback: bool
    rehearsed_on: list[date]
    asked_for: bool
    measured: bool
    trained_on: date | None
    documented_on: date | None

    def is_live(self, on: date) -> bool:
        """Users work through it."""
        return self.state == "live" and self.was_live(on)

    def was_live(self, on: date) -> bool:
        """Users worked through it by then; a workflow that was retired since had been delivered all the same."""
        return self.state in ("live", "retired") and self.live_on is not None and self.live_on <= on


@dataclass(frozen=True)
class PipelineFacts:
    id: int
    name: str
    kind: str
    has_link: bool
    green_on: list[date]
    last_run_green: bool | None


@dataclass(frozen=True)
class MetricFacts:
    """`signed_on` is the date of the signature that still holds; `seal` is signed, broken or unsigned.

    `changes_asked`: a sponsor's last word on the definition in force asks for changes. `scale` is the declared one, if
    any; `steps` are the values agreed for days on the way to the target.
    """

    id: int
    slug: str
    name: str
    unit: str
    direction: str
    cadence_days: int
    has_source: bool
    baseline: float | None
    target: float | None
    target_on: date | None
    seal: str
    signed_on: date | None
    measured: int
    last_on: date | None
    current: float | None
    baseline_points: int
    baseline_enough_on: date | None
    moved_on: date | None
    # With defaults, so that summaries from before they were there are read.
    scale: str | None = None
    steps: list[tuple[date, float]] = field(default_factory=list)
    changes_asked: bool = False

    def is_stale(self, on: date) -> bool:
        """Older than its cadence allows."""
        return self.last_on is not None and (on - self.last_on).days > self.cadence_days


@dataclass(frozen=True)
class DecisionFacts:
    id: int
    title: str
    owner: str
    needed_by: date | None
    decided_on: date | None
    names_metric: bool


@dataclass(frozen=True)
class CheckFacts:
    pitfall: str
    answered_on: date
    happening: bool


@dataclass(frozen=True)
class ReviewFacts:
    """A frozen week that nothing supersedes: its cycle, its number, and the date that it shows."""

    cycle: int
    week: int
    on: date


@dataclass(frozen=True)
class Summary:
    """Everything that the rules ask of an engagement, whatever the date."""

    slug: str
    name: str
    client: str
    sector: str
    region: str
    lead: str
    sponsor: str
    zone: str
    cycle: int
    day_1: date
    first_day_1: date
    closed_on: date | None
    next_cycle_on: date | None
    milestones: list[MilestoneFacts]
    inventory: InventoryFacts
    end_users_on: list[date]
    interviews_planned: int
    frictions: int
    workflows: list[WorkflowFacts]
    pipelines: list[PipelineFacts]
    metrics: list[MetricFacts]
    trainings_on: list[date]
    decisions: list[DecisionFacts]
    checks: list[CheckFacts]
    # A summary stored before reviews were frozen has none.
    reviews: list[ReviewFacts] = field(default_factory=list)

    def day(self, on: date) -> int:
        """The day of the current cycle."""
        return (on - self.day_1).days + 1

    @property
    def days(self) -> int:
        """How many days the cycle has."""
        return CYCLE_DAYS

    def day_text(self, on: date) -> str:
        """Day 47 of 90; with the cycle where it isn't the first."""
        day = self.day(on)
        if self.closed_on is not None:
            said = "Closed"
        elif day < 1:
            said = f"Starts in {1 - day} days" if day < 0 else "Starts tomorrow"
        elif day > self.days:
            said = f"Day {day}, past day {self.days}"
        else:
            said = f"Day {day} of {self.days}"
        return said if self.cycle == 1 else f"Cycle {self.cycle}, {said[:1].lower()}{said[1:]}"

    def to_json(self) -> str:
        return _SUMMARY.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> Summary:
        return _SUMMARY.validate_json(text)


_SUMMARY = TypeAdapter(Summary)


def summarise(engagement: Engagement) -> Summary:
    """The summary of a state."""
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
        decisions=[
            DecisionFacts(
                id=decision.id,
                title=decision.title,
                owner=decision.owner,
                needed_by=decision.needed_by,
                decided_on=decision.decided_on,
                names_metric=decision.metric_id is not None,
            )
            for decision in engagement.decisions
        ],
        checks=[
            CheckFacts(check.pitfall, check.answered_on, check.happening)
            for check in engagement.pitfall_checks
        ],
        reviews=[
            ReviewFacts(review.cycle, review.week, review.reviewed_on)
            for review in engagement.reviews
            if review.superseded_by is None
        ],
    )


def with_new_aggregates(before: Summary, engagement: Engagement) -> Summary:
    """Return the summary of a state of which only the aggregates changed since the summary `before`."""
    return replace(before, metrics=_metrics(engagement))


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
        evidence_on=sorted(piece.dated for piece in milestone.evidence),
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
            system.reviewed_on for system, gaps in zip(engagement.systems, missing, strict=True) if not gaps
        ),
        without={
            word: sum(word in gaps for gaps in missing)
            for word in dict.fromkeys(word for gaps in missing for word in gaps)
        },
        pain_points_on=sorted(engagement.date_of(point.created_at) for point in engagement.pain_points),
    )


def _end_users_on(engagement: Engagement) -> list[date]:
    """The date on which each distinct end user was first interviewed."""
    first: dict[str, date] = {}
    for interview in engagement.interviews:
        if interview.end_user and interview.held_on is not None:
            first[interview.person] = min(interview.held_on, first.get(interview.person, interview.held_on))
    return sorted(first.values())


def _workflow(workflow) -> WorkflowFacts:
    return WorkflowFacts(
        id=workflow.id,
        name=workflow.name,
        state=workflow.state,
        live_on=workflow.live_on,
        has_fallback=bool(workflow.fallback),
        rehearsed_on=sorted(rehearsal.rehearsed_on for rehearsal in workflow.rehearsals),
        asked_for=workflow.is_asked_for,
        measured=workflow.metric_id is not None,
        trained_on=min(
            (training.held_on for training in workflow.trainings if training.attended), default=None
        ),
        documented_on=min((document.published_on for document in workflow.documents), default=None),
    )


def _pipeline(pipeline) -> PipelineFacts:
    last = pipeline.last_run()
    return PipelineFacts(
        id=pipeline.id,
        name=pipeline.name,
        kind=pipeline.kind,
        has_link=bool(pipeline.link),
        green_on=pipeline.green_on(),
        last_run_green=last and last.green,
    )


def _metrics(engagement: Engagement) -> list[MetricFacts]:
    return [_metric(metric, engagement) for metric in engagement.metrics if metric.active]


def _metric(metric: Metric, engagement: Engagement) -> MetricFacts:
    aggregate, signature = metric.aggregate, metric.valid_sign_off
    moved = min((flow.live_on for flow in metric.workflows if flow.live_on is not None), default=None)
    return MetricFacts(
        id=metric.id,
        slug=metric.slug,
        name=metric.name,
        unit=metric.unit,
        direction=metric.direction,
        cadence_days=metric.cadence_days,
        has_source=bool(metric.source),
        baseline=metric.baseline,
        target=metric.target,
        target_on=metric.due_on(engagement.cycle()),
        seal=metric.seal,
        changes_asked=metric.requested_change is not None,
        signed_on=signature and engagement.date_of(signature.signed_at),
        measured=aggregate.count if aggregate else 0,
        last_on=aggregate and aggregate.last_on,
        current=aggregate and aggregate.current,
        baseline_points=aggregate.baseline_count if aggregate else 0,
        baseline_enough_on=aggregate and aggregate.baseline_enough_on,
        moved_on=moved,
        scale=metric.scale,
        steps=[
            (engagement.cycle().date_of(day), step)
            for day, step in ((30, metric.step_30), (60, metric.step_60))
            if step is not None
        ],
    )
