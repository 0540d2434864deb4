"""The engagement: one client's transformation and all its parts."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, to_many

if TYPE_CHECKING:
    from models.adoption import Document, Training
    from models.contracts import Contract
    from models.decisions import Decision
    from models.interviews import Friction, Interview
    from models.inventory import Dependency, PainPoint, System
    from models.metrics import Metric, SignOff
    from models.people import Member
    from models.pipelines import Pipeline
    from models.pitfall_checks import PitfallCheck
    from models.plan import Claim, Cycle, Evidence, Milestone, Phase, Waiver
    from models.replacements import Replacement
    from models.review import Review
    from models.runbooks import Runbook
    from models.surveys import Survey
    from models.trials import Trial
    from models.workflows import Rehearsal, Workflow


class Engagement(Base):
    """One client's transformation. Loaded with its parts and detached, it is a *state*: read by rules, never modified.

    `revision` is the sequence number of its newest journal entry and `head` that entry's hash. Both change with every
    transaction and are the only columns that the journal doesn't cover.
    """

    __tablename__ = "engagement"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    client: Mapped[str]
    sector: Mapped[str]
    region: Mapped[str]
    zone: Mapped[str]
    lead: Mapped[str]
    sponsor: Mapped[str]
    template: Mapped[str]
    hide_interviewees: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    revision: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(default="")

    __mapper_args__ = {"version_id_col": version}

    members: Mapped[list[Member]] = to_many("Member.engagement_id")
    cycles: Mapped[list[Cycle]] = to_many("Cycle.engagement_id")
    phases: Mapped[list[Phase]] = to_many("Phase.engagement_id")
    milestones: Mapped[list[Milestone]] = to_many("Milestone.engagement_id")
    claims: Mapped[list[Claim]] = to_many("Claim.engagement_id")
    waivers: Mapped[list[Waiver]] = to_many("Waiver.engagement_id")
    evidence: Mapped[list[Evidence]] = to_many("Evidence.engagement_id")
    systems: Mapped[list[System]] = to_many("System.engagement_id")
    dependencies: Mapped[list[Dependency]] = to_many("Dependency.engagement_id")
    pain_points: Mapped[list[PainPoint]] = to_many("PainPoint.engagement_id")
    interviews: Mapped[list[Interview]] = to_many("Interview.engagement_id")
    frictions: Mapped[list[Friction]] = to_many("Friction.engagement_id")
    workflows: Mapped[list[Workflow]] = to_many("Workflow.engagement_id")
    rehearsals: Mapped[list[Rehearsal]] = to_many("Rehearsal.engagement_id")
    pipelines: Mapped[list[Pipeline]] = to_many("Pipeline.engagement_id")
    replacements: Mapped[list[Replacement]] = to_many("Replacement.engagement_id")
    runbooks: Mapped[list[Runbook]] = to_many("Runbook.engagement_id")
    trainings: Mapped[list[Training]] = to_many("Training.engagement_id")
    documents: Mapped[list[Document]] = to_many("Document.engagement_id")
    decisions: Mapped[list[Decision]] = to_many("Decision.engagement_id")
    metrics: Mapped[list[Metric]] = to_many("Metric.engagement_id")
    sign_offs: Mapped[list[SignOff]] = to_many("SignOff.engagement_id")
    pitfall_checks: Mapped[list[PitfallCheck]] = to_many("PitfallCheck.engagement_id")
    reviews: Mapped[list[Review]] = to_many("Review.engagement_id")
    surveys: Mapped[list[Survey]] = to_many("Survey.engagement_id")
    contracts: Mapped[list[Contract]] = to_many("Contract.engagement_id")
    trials: Mapped[list[Trial]] = to_many("Trial.engagement_id")

    def date_of(self, moment: datetime) -> date:
        """Return the date of an aware datetime in the engagement's time zone."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def cycle(self) -> Cycle:
        """Return the open cycle, or the last one if all are closed."""
        return next((cycle for cycle in self.cycles if cycle.closed_on is None), self.cycles[-1])

    @property
    def day_1(self) -> date:
        """Day 1 of its first cycle."""
        return self.cycles[0].day_1

    def evidence_dates(self) -> list[tuple[date, str]]:
        """Return the date and the description of each piece of evidence, sorted. Measurements and reviews of systems are
        left out: they may be older than the engagement."""
        dated = [
            *((interview.held_on, "an interview") for interview in self.interviews),
            *((workflow.live_on, "a workflow's go-live") for workflow in self.workflows),
            *((rehearsal.rehearsed_on, "a rehearsal") for rehearsal in self.rehearsals),
            *((training.held_on, "a training") for training in self.trainings),
            *((document.published_on, "a document") for document in self.documents),
            *((decision.decided_on, "a decision") for decision in self.decisions),
            *((trial.on, "a trial") for trial in self.trials),
            *((share.on, "a share") for row in self.replacements for share in row.shares),
            *((proof.on, "a proof") for row in self.replacements for proof in row.proofs),
        ]
        return sorted((when, description) for when, description in dated if when is not None)


class StoredSummary(Base):
    """The engagement's current summary (models/summary.py), updated by every transaction."""

    __tablename__ = "summary"

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    revision: Mapped[int]
    content: Mapped[str]
