"""Roadmap decisions, and the evidence that they rest on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_many, to_one

if TYPE_CHECKING:
    from models.inventory import System
    from models.metrics import Metric
    from models.trials import Trial


class Decision(Part):
    """A roadmap decision: needed by a date from an owner until it is decided, then dated with its outcome."""

    __tablename__ = "decision"

    title: Mapped[str]
    owner: Mapped[str]
    needed_by: Mapped[date | None]
    decided_on: Mapped[date | None]
    outcome: Mapped[str | None]
    rests_on: Mapped[str | None]
    metric_id: Mapped[int | None] = mapped_column(ForeignKey("metric.id"), index=True)
    system_id: Mapped[int | None] = mapped_column(ForeignKey("system.id"), index=True)

    metric: Mapped[Metric | None] = to_one("Decision.metric_id")
    system: Mapped[System | None] = to_one("Decision.system_id")
    trials: Mapped[list[Trial]] = to_many("Trial.decision_id")

    @property
    def is_open(self) -> bool:
        return self.decided_on is None
