"""The inventory: existing systems, the dependencies between them, and their pain points."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_many, to_one

if TYPE_CHECKING:
    from models.contracts import Contract
    from models.decisions import Decision
    from models.interviews import Friction
    from models.workflows import WorkflowSystem
from models.names import normalize_name
from models.placeholders import is_evidence

CRITICALITIES = ["low", "medium", "high", "critical"]
LIFECYCLES = ["active", "legacy", "retiring"]
DEPENDENCY_KINDS = ["call", "event", "shared data", "file", "manual"]
FREQUENCIES = ["daily", "weekly", "monthly", "rarely"]
LOWEST_SEVERITY, HIGHEST_SEVERITY = 1, 5


class System(Part):
    """An existing system. `reviewed_by` is its owner at the time of the review: a new owner has to review it again."""

    __tablename__ = "system"
    __table_args__ = (UniqueConstraint("engagement_id", "name"),)

    name: Mapped[str]
    kind: Mapped[str | None]
    owner: Mapped[str | None]
    criticality: Mapped[str | None]
    technology: Mapped[str | None]
    lifecycle: Mapped[str | None]
    standalone: Mapped[bool] = mapped_column(default=False)
    reviewed_on: Mapped[date | None]
    reviewed_by: Mapped[str | None]
    note: Mapped[str | None]
    # Where its code lies: "repository:path; ..." (analysis/survey.py reads it).
    code: Mapped[str | None]

    needs: Mapped[list[Dependency]] = to_many("Dependency.from_id")
    needed_by: Mapped[list[Dependency]] = to_many("Dependency.to_id")
    pain_points: Mapped[list[PainPoint]] = to_many("PainPoint.system_id")
    frictions: Mapped[list[Friction]] = to_many("Friction.system_id")
    in_workflows: Mapped[list[WorkflowSystem]] = to_many("WorkflowSystem.system_id")
    contracts: Mapped[list[Contract]] = to_many("Contract.system_id")
    decisions: Mapped[list[Decision]] = to_many("Decision.system_id")

    @property
    def is_reviewed(self) -> bool:
        """Return whether it was reviewed by the owner that it has today, however the name is spelled."""
        if self.reviewed_on is None or self.owner is None or not is_evidence(self.owner):
            return False
        return normalize_name(self.reviewed_by or "") == normalize_name(self.owner)

    @property
    def is_connected(self) -> bool:
        """Whether it has a dependency in either direction or is declared standalone."""
        return self.standalone or bool(self.needs) or bool(self.needed_by)

    def missing(self) -> list[str]:
        """Return what is missing in its description ("owner", "dependencies"); an empty list if it is complete."""
        return [
            label
            for label, known in [
                ("owner", is_evidence(self.owner)),
                ("criticality", self.criticality),
                ("review by its owner", self.is_reviewed),
                ("dependencies", self.is_connected),
            ]
            if not known
        ]


class Dependency(Part):
    """System `from_id` needs system `to_id`, in the way that `kind` names."""

    __tablename__ = "dependency"
    __table_args__ = (
        UniqueConstraint("engagement_id", "from_id", "to_id", "kind"),
        CheckConstraint("from_id <> to_id", name="not_itself"),
    )

    from_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)
    kind: Mapped[str]
    note: Mapped[str | None]

    source: Mapped[System] = to_one("Dependency.from_id")
    target: Mapped[System] = to_one("Dependency.to_id")


class PainPoint(Part):
    """A problem with a system, how bad it is (severity 1 to 5) and how often it occurs."""

    __tablename__ = "pain_point"
    __table_args__ = (
        UniqueConstraint("engagement_id", "system_id", "title"),
        CheckConstraint("severity between 1 and 5", name="severity"),
    )

    system_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)
    title: Mapped[str]
    severity: Mapped[int]
    frequency: Mapped[str]
    note: Mapped[str | None]

    system: Mapped[System] = to_one("PainPoint.system_id")
    frictions: Mapped[list[Friction]] = to_many("Friction.pain_point_id")
