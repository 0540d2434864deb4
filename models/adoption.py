"""Adoption: trainings that people attended, and documents that they can work from."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, one


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

    workflow = one("Workflow", "Training.workflow_id")


class Document(Part):
    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("engagement_id", "title"),)

    title: Mapped[str]
    link: Mapped[str]
    published_on: Mapped[date]
    workflow_id: Mapped[int | None] = mapped_column(ForeignKey("workflow.id"), index=True)

    workflow = one("Workflow", "Document.workflow_id")
