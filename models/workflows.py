"""Workflows: end-to-end slices that users work with, the systems they use, and rehearsals of their manual fallback."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_many, to_one

if TYPE_CHECKING:
    from models.adoption import Document, Training
    from models.interviews import Friction
    from models.inventory import System
    from models.metrics import Metric

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

    metric: Mapped[Metric | None] = to_one("Workflow.metric_id")
    uses: Mapped[list[WorkflowSystem]] = to_many("WorkflowSystem.workflow_id")
    rehearsals: Mapped[list[Rehearsal]] = to_many("Rehearsal.workflow_id")
    frictions: Mapped[list[Friction]] = to_many("Friction.workflow_id")
    trainings: Mapped[list[Training]] = to_many("Training.workflow_id")
    documents: Mapped[list[Document]] = to_many("Document.workflow_id")

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    def was_live(self, on: date) -> bool:
        """Return whether it had gone live by that date, even if it was retired since."""
        return self.state in ("live", "retired") and self.live_on is not None and self.live_on <= on

    @property
    def is_asked_for(self) -> bool:
        """Whether a friction from an interview asks for it."""
        return bool(self.frictions)

    @property
    def rehearsed_on(self) -> date | None:
        """The date of the last rehearsal of its manual fallback that worked, or None."""
        return max((row.rehearsed_on for row in self.rehearsals if not row.failed), default=None)


class WorkflowSystem(Part):
    """A system that a workflow uses."""

    __tablename__ = "workflow_system"
    __table_args__ = (UniqueConstraint("workflow_id", "system_id"),)

    workflow_id: Mapped[int] = mapped_column(ForeignKey("workflow.id"), index=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)

    workflow: Mapped[Workflow] = to_one("WorkflowSystem.workflow_id")
    system: Mapped[System] = to_one("WorkflowSystem.system_id")


class Rehearsal(Part):
    """A real test of a workflow's manual fallback, with its date.

    `worked` is None in those that were recorded before anybody could say: they count. `minutes` is how long it took.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (UniqueConstraint("workflow_id", "rehearsed_on"),)

    workflow_id: Mapped[int] = mapped_column(ForeignKey("workflow.id"), index=True)
    rehearsed_on: Mapped[date]
    note: Mapped[str | None]
    worked: Mapped[bool | None]
    minutes: Mapped[int | None]

    workflow: Mapped[Workflow] = to_one("Rehearsal.workflow_id")

    @property
    def failed(self) -> bool:
        """Whether it showed that the fallback doesn't work."""
        return self.worked is False
