"""The plan: cycles of 90 days, their phases and milestones, and people's claims, waivers and evidence for milestones."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_many, to_one

CYCLE_DAYS = 90


class Cycle(Part):
    """A 90-day plan of an engagement. Closing it opens the next one: there is no end date."""

    __tablename__ = "cycle"
    __table_args__ = (UniqueConstraint("engagement_id", "number"),)

    number: Mapped[int]
    day_1: Mapped[date]
    closed_on: Mapped[date | None]

    phases: Mapped[list[Phase]] = to_many("Phase.cycle_id")
    milestones: Mapped[list[Milestone]] = to_many("Milestone.cycle_id")

    def day(self, on: date) -> int:
        """Return the day of the plan that a date is; the day before day 1 is day 0."""
        return (on - self.day_1).days + 1

    def date_of(self, day: int) -> date:
        """Return the date of a day of the plan."""
        return self.day_1 + timedelta(days=day - 1)


class Phase(Part):
    """A part of a cycle, from a day to a day, both included."""

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

    cycle: Mapped[Cycle] = to_one("Phase.cycle_id")
    milestones: Mapped[list[Milestone]] = to_many("Milestone.phase_id")


class Milestone(Part):
    """What has to be reached by a day of the plan. `criterion` names the rule, `needed` how much evidence it needs.

    `since_day` is a day of its cycle and may be negative: a milestone that is carried over from an earlier cycle keeps
    its evidence from there.
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

    cycle: Mapped[Cycle] = to_one("Milestone.cycle_id")
    phase: Mapped[Phase] = to_one("Milestone.phase_id")
    claims: Mapped[list[Claim]] = to_many("Claim.milestone_id")
    waivers: Mapped[list[Waiver]] = to_many("Waiver.milestone_id")
    evidence: Mapped[list[Evidence]] = to_many("Evidence.milestone_id")


class Claim(Part):
    """A lead's statement about a milestone, with a reason and an expiry date.

    It is shown beside the computed state and never replaces it.
    """

    __tablename__ = "claim"

    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), index=True)
    says: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    stated_on: Mapped[date]
    expires_on: Mapped[date]
    withdrawn_on: Mapped[date | None]

    milestone: Mapped[Milestone] = to_one("Claim.milestone_id")

    def is_in_force(self, on: date) -> bool:
        """Return whether it was stated, not withdrawn and not expired on that date."""
        withdrawn = self.withdrawn_on is not None and self.withdrawn_on <= on
        return self.stated_on <= on <= self.expires_on and not withdrawn


class Waiver(Part):
    """The decision that a milestone needn't be met for now: by whom, why and until when."""

    __tablename__ = "waiver"

    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), index=True)
    reason: Mapped[str]
    approver: Mapped[str]
    granted_on: Mapped[date]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]

    milestone: Mapped[Milestone] = to_one("Waiver.milestone_id")

    def is_in_force(self, on: date) -> bool:
        """Return whether it was granted, not revoked and not expired on that date."""
        revoked = self.revoked_on is not None and self.revoked_on <= on
        return self.granted_on <= on <= self.expires_on and not revoked


class Evidence(Part):
    """A dated link to evidence for a milestone without a computed criterion."""

    __tablename__ = "evidence"

    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"), index=True)
    title: Mapped[str]
    link: Mapped[str]
    dated: Mapped[date]

    milestone: Mapped[Milestone] = to_one("Evidence.milestone_id")
