"""The foundation: the pipelines that build, test and deploy, and their runs."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_many, to_one
from models.status import Status
from models.wording import days_ago

PIPELINE_KINDS = ["build", "test", "deploy"]
# A green run counts for so many days.
GREEN_WITHIN_DAYS = 14


class Pipeline(Part):
    __tablename__ = "pipeline"
    __table_args__ = (
        UniqueConstraint("engagement_id", "name"),
        CheckConstraint("kind in ('build', 'test', 'deploy')", name="kind"),
    )

    name: Mapped[str]
    kind: Mapped[str]
    link: Mapped[str | None]

    runs: Mapped[list[PipelineRun]] = to_many("PipelineRun.pipeline_id")

    def green_on(self) -> list[date]:
        """Return the dates of its green runs, oldest first."""
        return sorted(run.ran_on for run in self.runs if run.green)

    def last_run(self) -> PipelineRun | None:
        """Return the newest run, or None; of several on one day the one that was reported last."""
        return max(self.runs, key=lambda run: (run.ran_on, run.id), default=None)

    def status(self, on: date) -> tuple[Status, str]:
        """Return its status on a date and the reason: "Green 3 days ago"."""
        last, green = self.last_run(), self.green_on()
        if last is None:
            return Status.NOT_KNOWN, "No run reported"
        if not green or green[-1] < on - timedelta(days=GREEN_WITHIN_DAYS):
            return Status.OFF_TRACK, f"No green run within {GREEN_WITHIN_DAYS} days"
        if not last.green:
            return Status.AT_RISK, f"Green {days_ago(green[-1], on)}, red since"
        return Status.ON_TRACK, f"Green {days_ago(green[-1], on)}"


class PipelineRun(Part):
    __tablename__ = "pipeline_run"
    __table_args__ = (UniqueConstraint("pipeline_id", "ran_on", "green"),)

    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"), index=True)
    ran_on: Mapped[date]
    green: Mapped[bool]
    link: Mapped[str | None]

    pipeline: Mapped[Pipeline] = to_one("PipelineRun.pipeline_id")
