"""Workflows: end-to-end slices that users work through, over systems, with a manual fallback."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, many, one

WORKFLOW_STATES = ["candidate", "building", "live", "retired"]


class Workflow(Part):
    __tablename__ = "workflow"
    __table_args__ = (
        UniqueConstraint("engagement_id", "name"),
        CheckConstraint("state in ('candidate', 'building', 'live', 'retired')", name="state"),
        CheckConstraint("state <> 'live' or live_on is not null", name="live_has_date"),
    )

    name: Mapped[str]
    state: Mapped[str]
    live_on: Mapped[date | None]
    fallback: Mapped[str | None]
    metric_id: Mapped[int | None] = mapped_column(ForeignKey("metric.id"), index=True)
    note: Mapped[str | None]

    metric = one("Metric", "Workflow.metric_id")
    uses = many("WorkflowSystem", "WorkflowSystem.workflow_id")
    rehearsals = many("Rehearsal", "Rehearsal.workflow_id")
    frictions = many("Friction", "Friction.workflow_id")
    trainings = many("Training", "Training.workflow_id")
    documents = many("Document", "Document.workflow_id")

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    @property
    def is_asked_for(self) -> bool:
        """Some friction that an interviewee told of leads to it."""
        return bool(self.frictions)

    @property
    def rehearsed_on(self) -> date | None:
        """When its manual fallback was last rehearsed."""
        return max((rehearsal.rehearsed_on for rehearsal in self.rehearsals), default=None)


class WorkflowSystem(Part):
    """A system that a workflow runs over."""

    __tablename__ = "workflow_system"
    __table_args__ = (UniqueConstraint("workflow_id", "system_id"),)

    workflow_id: Mapped[int] = mapped_column(ForeignKey("workflow.id"), index=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)

    workflow = one("Workflow", "WorkflowSystem.workflow_id")
    system = one("System", "WorkflowSystem.system_id")


class Rehearsal(Part):
    """The manual fallback of a workflow was tried for real on a date."""

    __tablename__ = "rehearsal"
    __table_args__ = (UniqueConstraint("workflow_id", "rehearsed_on"),)

    workflow_id: Mapped[int] = mapped_column(ForeignKey("workflow.id"), index=True)
    rehearsed_on: Mapped[date]
    note: Mapped[str | None]

    workflow = one("Workflow", "Rehearsal.workflow_id")
