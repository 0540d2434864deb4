"""The plan: cycles of 90 days, their phases and milestones, and what people say about milestones beside the evidence."""

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, many, one

CYCLE_DAYS = 90


class Cycle(Part):
    """A 90-day plan of an engagement. Closing it opens the next: there is no end date."""

    __tablename__ = "cycle"
    __table_args__ = (UniqueConstraint("engagement_id", "number"),)

    number: Mapped[int]
    day_1: Mapped[date]
    closed_on: Mapped[date | None]

    phases = many("Phase", "Phase.cycle_id")
    milestones = many("Milestone", "Milestone.cycle_id")

    def day(self, on: date) -> int:
        """The day of the plan that `on` is; day 1 is day 1, the day before it is day 0."""
        return (on - self.day_1).days + 1

    def date_of(self, day: int) -> date:
        """The date of a day of the plan."""
        return self.day_1 + timedelta(days=day - 1)


class Phase(Part):
    """A stretch of a cycle, from a day to a day, both included."""

    __tablename__ = "phase"
    __table_args__ = (
        UniqueConstraint("cycle_id", "number"),
        CheckConstraint("from_day <= to_day", name="days"),
    )

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    number: Mapped[int]
    name: Mapped[str]
    from_day: Mapped[int]
    to_day: Mapped[int]

    cycle = one("Cycle", "Phase.cycle_id")
    milestones = many("Milestone", "Milestone.phase_id")


class Milestone(Part):
    """What must hold by a day of the plan. `criterion` names the rule over evidence, `needed` how much it asks for.

    `since_day` counts from day 1 of its cycle and may be negative: a milestone carried over from an earlier cycle
    keeps the evidence that it had there.
    """

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("cycle_id", "key"),
        CheckConstraint("start_day <= due_day", name="days"),
    )

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    phase_id: Mapped[int] = mapped_column(ForeignKey("phase.id"), index=True)
    key: Mapped[str]
    name: Mapped[str]
    criterion: Mapped[str]
    needed: Mapped[int]
    start_day: Mapped[int]
    due_day: Mapped[int]
    since_day: Mapped[int]
    every_cycle: Mapped[bool]
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("milestone.id"))

    cycle = one("Cycle", "Milestone.cycle_id")
    phase = one("Phase", "Milestone.phase_id")
    claims = many("Claim", "Claim.milestone_id")
    waivers = many("Waiver", "Waiver.milestone_id")
    evidence = many("Evidence", "Evidence.milestone_id")


class Claim(Part):
    """What a lead says of a milestone, why, and until when. It stands beside the computed state, never instead of it."""

    __tablename__ = "claim"

    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), index=True)
    says: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    stated_on: Mapped[date]
    expires_on: Mapped[date]
    withdrawn_on: Mapped[date | None]

    milestone = one("Milestone", "Claim.milestone_id")

    def is_in_force(self, on: date) -> bool:
        """Stated, not withdrawn and not expired on that date."""
        withdrawn = self.withdrawn_on is not None and self.withdrawn_on <= on
        return self.stated_on <= on <= self.expires_on and not withdrawn


class Waiver(Part):
    """Somebody who may do so decided that a milestone needn't be met for now: who, why, until when."""

    __tablename__ = "waiver"

    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), index=True)
    reason: Mapped[str]
    approver: Mapped[str]
    granted_on: Mapped[date]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]

    milestone = one("Milestone", "Waiver.milestone_id")

    def is_in_force(self, on: date) -> bool:
        """Granted, not revoked and not expired on that date."""
        revoked = self.revoked_on is not None and self.revoked_on <= on
        return self.granted_on <= on <= self.expires_on and not revoked


class Evidence(Part):
    """A dated link that shows that a milestone without a computed criterion is met."""

    __tablename__ = "evidence"

    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), index=True)
    title: Mapped[str]
    link: Mapped[str]
    dated: Mapped[date]

    milestone = one("Milestone", "Evidence.milestone_id")
