"""The engagement: one client's transformation, and all that is known of it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, many


class Engagement(Base):
    """One client's transformation. Loaded with its parts and detached, it is a *state*: never modified, asked by rules.

    `revision` is the sequence of its newest journal entry and `head` that entry's hash; both change with every
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

    members = many("Member", "Member.engagement_id")
    cycles = many("Cycle", "Cycle.engagement_id")
    phases = many("Phase", "Phase.engagement_id")
    milestones = many("Milestone", "Milestone.engagement_id")
    claims = many("Claim", "Claim.engagement_id")
    waivers = many("Waiver", "Waiver.engagement_id")
    evidence = many("Evidence", "Evidence.engagement_id")
    systems = many("System", "System.engagement_id")
    dependencies = many("Dependency", "Dependency.engagement_id")
    pain_points = many("PainPoint", "PainPoint.engagement_id")
    interviews = many("Interview", "Interview.engagement_id")
    frictions = many("Friction", "Friction.engagement_id")
    workflows = many("Workflow", "Workflow.engagement_id")
    rehearsals = many("Rehearsal", "Rehearsal.engagement_id")
    pipelines = many("Pipeline", "Pipeline.engagement_id")
    trainings = many("Training", "Training.engagement_id")
    documents = many("Document", "Document.engagement_id")
    decisions = many("Decision", "Decision.engagement_id")
    metrics = many("Metric", "Metric.engagement_id")
    sign_offs = many("SignOff", "SignOff.engagement_id")
    pitfall_checks = many("PitfallCheck", "PitfallCheck.engagement_id")
    reviews = many("Review", "Review.engagement_id")

    def date_of(self, moment: datetime) -> date:
        """The date that `moment` falls on for people of this engagement."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def cycle(self):
        """The cycle that is open, or the last one where all are closed."""
        return next((cycle for cycle in self.cycles if cycle.closed_on is None), self.cycles[-1])

    @property
    def day_1(self) -> date:
        """Day 1 of the engagement: that of its first cycle."""
        return self.cycles[0].day_1

    def evidence_dates(self) -> list[tuple[date, str]]:
        """When each dated piece of evidence is from, and what it is; measurements may be older than the engagement."""
        dated = [
            *((interview.held_on, "an interview") for interview in self.interviews),
            *((system.reviewed_on, "a review of a system") for system in self.systems),
            *((workflow.live_on, "a workflow's go-live") for workflow in self.workflows),
            *((rehearsal.rehearsed_on, "a rehearsal") for rehearsal in self.rehearsals),
            *((training.held_on, "a training") for training in self.trainings),
            *((document.published_on, "a document") for document in self.documents),
            *((decision.decided_on, "a decision") for decision in self.decisions),
        ]
        return sorted((when, what) for when, what in dated if when is not None)


class StoredSummary(Base):
    """The engagement's summary as its newest transaction left it (models/summary.py says what is in it)."""

    __tablename__ = "summary"

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    revision: Mapped[int]
    content: Mapped[str]
