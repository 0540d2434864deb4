"""Interviews with end users, and the frictions that were observed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_many, to_one
from models.names import finder_of, normalize_name

if TYPE_CHECKING:
    from models.engagement import Engagement
    from models.inventory import PainPoint, System
    from models.workflows import Workflow


class Interviewed(Protocol):
    """What names are hidden by: an engagement, or its interviews with some that are not stored yet."""

    @property
    def hide_interviewees(self) -> bool: ...

    @property
    def interviews(self) -> Sequence[Interview]: ...


class Interview(Part):
    """A talk with one person, planned for a date and, once it took place, held on one."""

    __tablename__ = "interview"
    __table_args__ = (UniqueConstraint("engagement_id", "planned_on", "interviewee"),)

    planned_on: Mapped[date]
    held_on: Mapped[date | None]
    interviewee: Mapped[str]
    # The name of the person, where somebody said that it is another spelling of the interviewee's.
    same_as: Mapped[str | None]
    role: Mapped[str | None]
    team: Mapped[str | None]
    end_user: Mapped[bool] = mapped_column(default=True)
    interviewer: Mapped[str | None]
    summary: Mapped[str | None]

    engagement: Mapped[Engagement] = to_one("Interview.engagement_id")
    frictions: Mapped[list[Friction]] = to_many("Friction.interview_id")

    @property
    def person(self) -> str:
        """Return what tells one interviewee from another: the key of the name, however it is spelled."""
        return normalize_name(self.same_as or self.interviewee)

    @property
    def shown_name(self) -> str:
        """The interviewee's name, or "Interviewee 3" where the engagement hides names; the same number everywhere."""
        if not self.engagement.hide_interviewees:
            return self.interviewee
        return _numbered(self.engagement)[self.person]

    @property
    def pseudonym(self) -> str:
        """ "Interviewee 3", whether the engagement hides names or not."""
        return _numbered(self.engagement)[self.person]

    @property
    def shown_summary(self) -> str:
        """The summary, without full names where the engagement hides them."""
        return without_names(self.engagement, self.summary or "")


class Friction(Part):
    """What an interviewee was observed to struggle with: how bad (severity 1 to 5), how often, and where."""

    __tablename__ = "friction"
    __table_args__ = (
        UniqueConstraint("engagement_id", "interview_id", "theme", "observed"),
        CheckConstraint("severity between 1 and 5", name="severity"),
    )

    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id"), index=True)
    theme: Mapped[str]
    observed: Mapped[str]
    severity: Mapped[int]
    frequency: Mapped[str]
    system_id: Mapped[int | None] = mapped_column(ForeignKey("system.id"), index=True)
    workflow_id: Mapped[int | None] = mapped_column(ForeignKey("workflow.id"), index=True)
    pain_point_id: Mapped[int | None] = mapped_column(ForeignKey("pain_point.id"), index=True)

    interview: Mapped[Interview] = to_one("Friction.interview_id")
    system: Mapped[System | None] = to_one("Friction.system_id")
    workflow: Mapped[Workflow | None] = to_one("Friction.workflow_id")
    pain_point: Mapped[PainPoint | None] = to_one("Friction.pain_point_id")

    @property
    def shown_observed(self) -> str:
        """What was observed, without full names where the engagement hides them."""
        return without_names(self.interview.engagement, self.observed)


def without_names(engagement: Interviewed, text: str) -> str:
    """Return what somebody typed; where the engagement hides interviewees, full names become "Interviewee 3".

    A first name alone stays: many of them are words.
    """
    return nameless(engagement, text) if engagement.hide_interviewees else text


def nameless(engagement: Interviewed, text: str, former: Iterable[str] = ()) -> str:
    """Return what somebody typed with "Interviewee 3" for each full name, whether the engagement hides them or not.

    Names are found in every spelling (models/names.py). `former` are names of interviewees that it has no more; those
    become "An interviewee".
    """
    names = {name for each in engagement.interviews for name in (each.interviewee, each.same_as) if name}
    typed = names.union(former)
    if not typed:
        return text
    shown = _numbered(engagement)
    return finder_of(*sorted(typed)).replace(
        text, lambda spelling: shown.get(normalize_name(spelling), "An interviewee")
    )


def _numbered(engagement: Interviewed) -> dict[str, str]:
    """Interviewee 1, 2, 3 ... by person and by each spelling, in the order in which they were first written down."""
    people = list(dict.fromkeys(interview.person for interview in engagement.interviews))
    numbers = {person: f"Interviewee {number}" for number, person in enumerate(people, start=1)}
    spellings = {normalize_name(each.interviewee): numbers[each.person] for each in engagement.interviews}
    return spellings | numbers
