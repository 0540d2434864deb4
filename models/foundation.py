"""The foundation: the pipelines that build, test and deploy, and what they last did."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, many, one

PIPELINE_KINDS = ["build", "test", "deploy"]


class Pipeline(Part):
    __tablename__ = "pipeline"
    __table_args__ = (
        UniqueConstraint("engagement_id", "name"),
        CheckConstraint("kind in ('build', 'test', 'deploy')", name="kind"),
    )

    name: Mapped[str]
    kind: Mapped[str]
    link: Mapped[str | None]

    runs = many("PipelineRun", "PipelineRun.pipeline_id")

    def green_on(self) -> list[date]:
        """The dates of its green runs, oldest first."""
        return sorted(run.ran_on for run in self.runs if run.green)


class PipelineRun(Part):
    __tablename__ = "pipeline_run"
    __table_args__ = (UniqueConstraint("pipeline_id", "ran_on", "green"),)

    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"), index=True)
    ran_on: Mapped[date]
    green: Mapped[bool]
    link: Mapped[str | None]

    pipeline = one("Pipeline", "PipelineRun.pipeline_id")
