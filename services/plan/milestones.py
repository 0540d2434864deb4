"""Changing the plan: milestones, what people say about them beside the evidence, and the cycles."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Invalid
from models.people import Actor
from models.permissions import Action
from models.plan import CYCLE_DAYS, Claim, Evidence, Milestone, Phase, Waiver
from services.core.transaction import expect_version, get_part, open_engagement, transaction
from services.core.validation import (
    EARLIEST,
    LATEST,
    MAX_TEXT,
    date_between,
    one_of,
    required_text,
    web_address,
    whole_number,
)

# After that, nobody remembers what it was about.
MAX_CLAIM_DAYS = 30
Statement = TypeVar("Statement", Claim, Waiver)
CLAIMS = ["on track", "at risk", "off track", "done"]


def add_milestone(actor: Actor, slug: str, *, phase_id: int, name: str, start_day: int, due_day: int) -> int:
    """Add a milestone of the lead's own, which a dated link to evidence meets. Returns its id. Raises Invalid."""
    with transaction(actor, "add a milestone") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        phase = get_part(session, engagement, Phase, phase_id)
        _refuse_invalid_days(start_day, due_day)
        taken = session.scalars(select(Milestone.key).where(Milestone.cycle_id == phase.cycle_id)).all()
        milestone = Milestone(
            engagement_id=engagement.id,
            cycle_id=phase.cycle_id,
            phase_id=phase.id,
            key=next(key for number in range(1, len(taken) + 2) if (key := f"own_{number}") not in taken),
            name=required_text("name", name),
            criterion="evidence_linked",
            needed=1,
            start_day=start_day,
            due_day=due_day,
            since_day=1,
            every_cycle=False,
        )
        session.add(milestone)
        session.flush()
        return milestone.id


def change_milestone(
    actor: Actor,
    slug: str,
    milestone_id: int,
    *,
    name: str,
    needed: int,
    start_day: int,
    due_day: int,
    seen: int | None,
) -> None:
    """Change a milestone's name, amount and days; its criterion stays.

    Raises Invalid, and Conflict if somebody else changed it since the version `seen`.
    """
    with transaction(actor, "change a milestone") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        milestone = get_part(session, engagement, Milestone, milestone_id)
        expect_version(session, milestone, seen)
        _refuse_invalid_days(start_day, due_day)
        milestone.name = required_text("name", name)
        milestone.needed = whole_number("amount needed", needed, 1, 1000)
        milestone.start_day, milestone.due_day = start_day, due_day


def _refuse_invalid_days(start_day: int, due_day: int) -> None:
    whole_number("start day", start_day, 1, CYCLE_DAYS)
    whole_number("due day", due_day, 1, CYCLE_DAYS)
    if start_day > due_day:
        raise Invalid(
            f"A milestone can't start on day {start_day} and be due on day {due_day}. Nothing was saved."
        )


def link_evidence(actor: Actor, slug: str, milestone_id: int, *, title: str, link: str, dated: date) -> None:
    """Add a dated link that shows that a milestone without a computed criterion is met. Raises Invalid."""
    with transaction(actor, "link evidence") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        milestone = get_part(session, engagement, Milestone, milestone_id)
        if milestone.criterion != "evidence_linked":
            raise Invalid(
                f"“{milestone.name}” is computed from what is recorded; a link can't meet it. Nothing was saved."
            )
        session.add(
            Evidence(
                engagement_id=engagement.id,
                milestone_id=milestone.id,
                title=required_text("title", title),
                link=web_address("link", link),
                dated=date_between("the evidence", dated, EARLIEST, actor.today(engagement.zone)),
            )
        )


def state_claim(
    actor: Actor, slug: str, milestone_id: int, *, says: str, reason: str, expires_on: date
) -> None:
    """State a claim on a milestone's status, shown beside the computed one. It has a reason and expires within 30 days.

    Raises Invalid with a sentence.
    """
    one_of("claim", says, CLAIMS)
    with transaction(actor, "state a claim") as session:
        engagement = open_engagement(session, slug, Action.CLAIM)
        milestone = get_part(session, engagement, Milestone, milestone_id)
        today = actor.today(engagement.zone)
        for claim in _in_force(session, Claim, milestone, today):
            claim.withdrawn_on = today
        session.add(
            Claim(
                engagement_id=engagement.id,
                milestone_id=milestone.id,
                says=says,
                reason=required_text("reason", reason, MAX_TEXT),
                by=actor.name,
                stated_on=today,
                expires_on=date_between(
                    "the claim's expiry", expires_on, today, today + timedelta(days=MAX_CLAIM_DAYS)
                ),
            )
        )


def withdraw_claim(actor: Actor, slug: str, claim_id: int) -> None:
    """Withdraw a claim; it stays readable. Raises NotFound if it is gone."""
    with transaction(actor, "withdraw a claim") as session:
        engagement = open_engagement(session, slug, Action.CLAIM)
        get_part(session, engagement, Claim, claim_id).withdrawn_on = actor.today(engagement.zone)


def waive(
    actor: Actor, slug: str, milestone_id: int, *, reason: str, approver: str, expires_on: date
) -> None:
    """Waive a milestone until a date, with a reason and who approved it. Raises Invalid with a sentence."""
    with transaction(actor, "waive a milestone") as session:
        engagement = open_engagement(session, slug, Action.WAIVE)
        milestone = get_part(session, engagement, Milestone, milestone_id)
        today = actor.today(engagement.zone)
        for waiver in _in_force(session, Waiver, milestone, today):
            waiver.revoked_on = today
        session.add(
            Waiver(
                engagement_id=engagement.id,
                milestone_id=milestone.id,
                reason=required_text("reason", reason, MAX_TEXT),
                approver=required_text("approver", approver),
                granted_on=today,
                expires_on=date_between("the waiver's end", expires_on, today, LATEST),
            )
        )


def revoke_waiver(actor: Actor, slug: str, waiver_id: int) -> None:
    """Revoke a waiver: the milestone has to be met again. Raises NotFound if it is gone."""
    with transaction(actor, "revoke a waiver") as session:
        engagement = open_engagement(session, slug, Action.WAIVE)
        get_part(session, engagement, Waiver, waiver_id).revoked_on = actor.today(engagement.zone)


def _in_force(session: Session, kind: type[Statement], milestone: Milestone, on: date) -> list[Statement]:
    rows = session.scalars(select(kind).where(kind.milestone_id == milestone.id)).all()
    return [row for row in rows if row.is_in_force(on)]
