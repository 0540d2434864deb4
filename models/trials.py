"""Trials: one person, one tool, one task, timed. They hang on the decision that they are to settle."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from analysis import trials
from models.base import Part, to_one

if TYPE_CHECKING:
    from models.decisions import Decision

KINDS = ["build", "debug"]


class Trial(Part):
    """`minutes` until the task was done, or given up if it isn't `finished`. There is no field for features."""

    __tablename__ = "trial"
    __table_args__ = (
        UniqueConstraint("decision_id", "tool", "task", "person", "on"),
        CheckConstraint("minutes > 0", name="minutes"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    tool: Mapped[str]
    task: Mapped[str]
    kind: Mapped[str]
    person: Mapped[str]
    on: Mapped[date]
    minutes: Mapped[float]
    finished: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str | None]

    decision: Mapped[Decision] = to_one("Trial.decision_id")

    def timed(self) -> trials.Trial:
        """Return it as the comparison takes it."""
        kind: trials.Kind = "debug" if self.kind == "debug" else "build"
        return trials.Trial(self.tool, self.task, kind, self.person, self.on, self.minutes, self.finished)
