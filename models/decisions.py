"""Roadmap decisions, and the evidence that they rest on."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, one


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

    metric = one("Metric", "Decision.metric_id")

    @property
    def is_open(self) -> bool:
        return self.decided_on is None
