"""Adoption: trainings that people attended, and user guides for workflows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_one

if TYPE_CHECKING:
    from models.workflows import Workflow


class Training(Part):
    __tablename__ = "training"
    __table_args__ = (
        UniqueConstraint("engagement_id", "title", "held_on"),
        CheckConstraint("attended >= 0 and invited >= attended", name="attendance"),
    )

    title: Mapped[str]
    held_on: Mapped[date]
    invited: Mapped[int]
    attended: Mapped[int]
    workflow_id: Mapped[int | None] = mapped_column(ForeignKey("workflow.id"), index=True)
    note: Mapped[str | None]

    workflow: Mapped[Workflow | None] = to_one("Training.workflow_id")


class Document(Part):
    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("engagement_id", "title"),)

    title: Mapped[str]
    link: Mapped[str]
    published_on: Mapped[date]
    workflow_id: Mapped[int | None] = mapped_column(ForeignKey("workflow.id"), index=True)

    workflow: Mapped[Workflow | None] = to_one("Document.workflow_id")
