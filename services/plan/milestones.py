"""Changing the plan: milestones, what people say about them beside the evidence, and the cycles."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.milestones import MilestoneState, milestone_statuses
from models.people import Actor
from models.permissions import Action
from models.plan import CYCLE_DAYS, Claim, Cycle, Evidence, Milestone, Phase, Waiver
from models.summary import summarise
from models.wording import day_month
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
from services.plan.templates import MilestoneTemplate, PlanTemplate, template
from store import states

# Longer, and nobody remembers what it was about.
LONGEST_CLAIM_DAYS = 30
CLAIMS = ["on track", "at risk", "off track", "done"]


def lay_out(
    session: Session, engagement: Engagement, plan: PlanTemplate, *, number: int, day_1: date
) -> Cycle:
    """A cycle with a template's phases and milestones: all of them in the first cycle, later those of every one."""
    cycle = Cycle(engagement_id=engagement.id, number=number, day_1=day_1)
    session.add(cycle)
    session.flush()
    for position, phase in enumerate(plan.phases, start=1):
        row = Phase(
            engagement_id=engagement.id,
            cycle_id=cycle.id,
            number=position,
            name=phase.name,
            from_day=phase.from_day,
            to_day=phase.to_day,
        )
        session.add(row)
        session.flush()
        for milestone in phase.milestones:
            if number == 1 or milestone.every_cycle:
                session.add(_milestone(row, milestone))
    session.flush()
    return cycle


def _milestone(phase: Phase, made_of: MilestoneTemplate) -> Milestone:
    return Milestone(
        engagement_id=phase.engagement_id,
        cycle_id=phase.cycle_id,
        phase_id=phase.id,
        since_day=1,
        **made_of.model_dump(),
    )


def add_milestone(actor: Actor, slug: str, *, phase_id: int, name: str, start_day: int, due_day: int) -> int:
    """A milestone of the lead's own, met by a dated link to evidence. Returns its id."""
    with transaction(actor, "add a milestone") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        phase = get_part(session, engagement, Phase, phase_id)
        _expect_days(start_day, due_day)
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
    """Give a milestone another name, amount or days. What it is judged by stays."""
    with transaction(actor, "change a milestone") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        milestone = get_part(session, engagement, Milestone, milestone_id)
        expect_version(session, milestone, seen)
        _expect_days(start_day, due_day)
        milestone.name = required_text("name", name)
        milestone.needed = whole_number("amount needed", needed, 1, 1000)
        milestone.start_day, milestone.due_day = start_day, due_day


def _expect_days(start_day: int, due_day: int) -> None:
    whole_number("start day", start_day, 1, CYCLE_DAYS)
    whole_number("due day", due_day, 1, CYCLE_DAYS)
    if start_day > due_day:
        raise Invalid(
            f"A milestone can't start on day {start_day} and be due on day {due_day}. Nothing was saved."
        )


def link_evidence(actor: Actor, slug: str, milestone_id: int, *, title: str, link: str, dated: date) -> None:
    """Show by a dated link that a milestone without a computed criterion is met."""
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
    """Say beside the computed state how a milestone stands. The claim says why, and expires within 30 days."""
    one_of("claim", says, CLAIMS)
    with transaction(actor, "state a claim") as session:
        engagement = open_engagement(session, slug, Action.CLAIM)
        milestone = get_part(session, engagement, Milestone, milestone_id)
        today = actor.today(engagement.zone)
        for earlier in _holding(session, Claim, milestone, today):
            earlier.withdrawn_on = today
        session.add(
            Claim(
                engagement_id=engagement.id,
                milestone_id=milestone.id,
                says=says,
                reason=required_text("reason", reason, MAX_TEXT),
                by=actor.name,
                stated_on=today,
                expires_on=date_between(
                    "the claim's expiry", expires_on, today, today + timedelta(days=LONGEST_CLAIM_DAYS)
                ),
            )
        )


def withdraw_claim(actor: Actor, slug: str, claim_id: int) -> None:
    """The claim holds no longer; that it was stated stays readable."""
    with transaction(actor, "withdraw a claim") as session:
        engagement = open_engagement(session, slug, Action.CLAIM)
        get_part(session, engagement, Claim, claim_id).withdrawn_on = actor.today(engagement.zone)


def waive(
    actor: Actor, slug: str, milestone_id: int, *, reason: str, approver: str, expires_on: date
) -> None:
    """Decide that a milestone needn't be met until a date: why, and who approved it."""
    with transaction(actor, "waive a milestone") as session:
        engagement = open_engagement(session, slug, Action.WAIVE)
        milestone = get_part(session, engagement, Milestone, milestone_id)
        today = actor.today(engagement.zone)
        for earlier in _holding(session, Waiver, milestone, today):
            earlier.revoked_on = today
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
    """The milestone has to be met again."""
    with transaction(actor, "revoke a waiver") as session:
        engagement = open_engagement(session, slug, Action.WAIVE)
        get_part(session, engagement, Waiver, waiver_id).revoked_on = actor.today(engagement.zone)


def _holding(session: Session, kind: type[Claim] | type[Waiver], milestone: Milestone, on: date) -> list:
    rows = session.scalars(select(kind).where(kind.milestone_id == milestone.id)).all()
    return [row for row in rows if row.holds(on)]


def plan_next_cycle(actor: Actor, slug: str, day_1: date | None = None) -> None:
    """Lay out the cycle after the current one: by default it begins the day after this one's last."""
    with transaction(actor, "plan the next cycle") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        cycles = _cycles(session, engagement)
        current = _current(cycles)
        if cycles[-1] is not current:
            raise Invalid(f"Cycle {cycles[-1].number} is planned already. Nothing was saved.")
        _lay_out_next(session, engagement, current, day_1)


def close_cycle(actor: Actor, slug: str) -> None:
    """Close the current cycle and carry its unfinished milestones into the next, which is laid out if it wasn't.

    A carried milestone keeps the evidence that it had, and is due by the end of the next cycle's first phase.
    """
    with transaction(actor, "close the cycle") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        today = actor.today(engagement.zone)
        cycles = _cycles(session, engagement)
        current = _current(cycles)
        if current.closed_on is not None:
            raise Invalid(f"Cycle {current.number} is closed already. Nothing was saved.")
        if today < current.day_1:
            raise Invalid(
                f"Cycle {current.number} hasn't begun: it can be closed from {day_month(current.day_1)}."
            )
        following = (
            cycles[-1] if cycles[-1] is not current else _lay_out_next(session, engagement, current, None)
        )
        # Judged before the cycle is closed, on the evidence of today.
        state = states.load(session.connection(), engagement.id)
        unfinished = {
            row.milestone.id
            for row in milestone_statuses(summarise(state), today)
            if row.state is not MilestoneState.DONE
        }
        current.closed_on = today
        _carry(session, current, following, unfinished)


def _lay_out_next(session: Session, engagement: Engagement, current: Cycle, day_1: date | None) -> Cycle:
    begins = day_1 or current.date_of(CYCLE_DAYS + 1)
    if begins <= current.day_1:
        raise Invalid(f"The next cycle has to begin after {day_month(current.day_1)}. Nothing was saved.")
    plan = template(engagement.template)
    return lay_out(session, engagement, plan, number=current.number + 1, day_1=begins)


def _carry(session: Session, current: Cycle, following: Cycle, unfinished: set[int]) -> None:
    # What was left over comes first.
    first = session.scalars(
        select(Phase).where(Phase.cycle_id == following.id).order_by(Phase.number)
    ).first()
    there = {
        row.key: row
        for row in session.scalars(select(Milestone).where(Milestone.cycle_id == following.id)).all()
    }
    for old in session.scalars(
        select(Milestone).where(Milestone.cycle_id == current.id).order_by(Milestone.id)
    ).all():
        if old.id not in unfinished:
            continue
        since = (current.date_of(old.since_day) - following.day_1).days + 1
        if old.key in there:
            # The next cycle asks for it anyway: what is still open of this one counts towards it.
            there[old.key].carried_from_id = old.id
            continue
        session.add(
            Milestone(
                engagement_id=old.engagement_id,
                cycle_id=following.id,
                phase_id=first.id,
                key=old.key,
                name=old.name,
                criterion=old.criterion,
                needed=old.needed,
                start_day=1,
                due_day=first.to_day,
                since_day=since,
                every_cycle=old.every_cycle,
                carried_from_id=old.id,
            )
        )


def _cycles(session: Session, engagement: Engagement) -> list[Cycle]:
    query = select(Cycle).where(Cycle.engagement_id == engagement.id).order_by(Cycle.number)
    return list(session.scalars(query))


def _current(cycles: list[Cycle]) -> Cycle:
    return next((cycle for cycle in cycles if cycle.closed_on is None), cycles[-1])
