"""The 90-day cycles of a plan: adding one from a template, closing one and carrying its milestones on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.milestones import MilestoneState, milestone_statuses
from models.people import Actor
from models.permissions import Action
from models.plan import CYCLE_DAYS, Cycle, Milestone, Phase
from models.summarise import summarise
from models.wording import day_month
from services.core.transaction import open_engagement, transaction
from services.core.validation import EARLIEST, LATEST, date_between
from services.plan.templates import MilestoneTemplate, PlanTemplate, template
from store import states

# The name of closing a cycle in the journal, by which reopening.py finds what it made.
CLOSE = "close the cycle"


def add_cycle(
    session: Session, engagement: Engagement, plan: PlanTemplate, *, number: int, day_1: date
) -> Cycle:
    """Add a cycle with a template's phases and milestones: in the first cycle all, later those for every cycle."""
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


def _milestone(phase: Phase, of: MilestoneTemplate) -> Milestone:
    return Milestone(
        engagement_id=phase.engagement_id,
        cycle_id=phase.cycle_id,
        phase_id=phase.id,
        since_day=1,
        **of.model_dump(),
    )


def plan_next_cycle(actor: Actor, slug: str, day_1: date | None = None) -> None:
    """Add the cycle after the current one; by default it begins the day after this one ends.

    Raises Invalid if it is planned already, would begin before the current one, or on a day that no engagement could.
    """
    with transaction(actor, "plan the next cycle") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        cycles = _cycles(session, engagement)
        current = _current(cycles)
        if cycles[-1] is not current:
            raise Invalid(f"Cycle {cycles[-1].number} is planned already. Nothing was saved.")
        _add_next_cycle(session, engagement, current, day_1)


def close_cycle(actor: Actor, slug: str) -> None:
    """Close the current cycle and carry its unfinished milestones into the next, which is added if it isn't planned.

    A carried milestone keeps its evidence, and is due by the end of the next cycle's first phase. Raises Invalid if the
    cycle is closed already or hasn't begun.
    """
    with transaction(actor, CLOSE) as session:
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
        planned = cycles[-1] if cycles[-1] is not current else None
        next_cycle = planned or _add_next_cycle(session, engagement, current, None)
        # Evaluated before the cycle is closed, on the evidence of today.
        state = states.load(session.connection(), engagement.id)
        unfinished = {
            row.milestone.id
            for row in milestone_statuses(summarise(state), today)
            if row.state is not MilestoneState.DONE
        }
        current.closed_on = today
        _carry_milestones(session, current, next_cycle, unfinished)


def _add_next_cycle(session: Session, engagement: Engagement, current: Cycle, day_1: date | None) -> Cycle:
    begins = date_between("day 1", day_1 or current.date_of(CYCLE_DAYS + 1), EARLIEST, LATEST)
    if begins <= current.day_1:
        raise Invalid(f"The next cycle has to begin after {day_month(current.day_1)}. Nothing was saved.")
    plan = template(engagement.template)
    return add_cycle(session, engagement, plan, number=current.number + 1, day_1=begins)


def _carry_milestones(session: Session, current: Cycle, next_cycle: Cycle, unfinished: set[int]) -> None:
    """Copy the unfinished milestones (ids) into the next cycle's first phase: what was left over comes first."""
    first = session.scalars(
        select(Phase).where(Phase.cycle_id == next_cycle.id).order_by(Phase.number).limit(1)
    ).one()
    planned = session.scalars(select(Milestone).where(Milestone.cycle_id == next_cycle.id)).all()
    by_key = {milestone.key: milestone for milestone in planned}
    milestones = select(Milestone).where(Milestone.cycle_id == current.id).order_by(Milestone.id)
    for milestone in session.scalars(milestones).all():
        if milestone.id not in unfinished:
            continue
        if milestone.key in by_key:
            # The next cycle has it anyway: the evidence of this one counts towards it.
            by_key[milestone.key].carried_from_id = milestone.id
        else:
            since = (current.date_of(milestone.since_day) - next_cycle.day_1).days + 1
            session.add(_carried(milestone, first, since))


def _carried(milestone: Milestone, phase: Phase, since_day: int) -> Milestone:
    return Milestone(
        engagement_id=milestone.engagement_id,
        cycle_id=phase.cycle_id,
        phase_id=phase.id,
        key=milestone.key,
        name=milestone.name,
        criterion=milestone.criterion,
        needed=milestone.needed,
        start_day=1,
        due_day=phase.to_day,
        since_day=since_day,
        every_cycle=milestone.every_cycle,
        carried_from_id=milestone.id,
    )


def _cycles(session: Session, engagement: Engagement) -> list[Cycle]:
    query = select(Cycle).where(Cycle.engagement_id == engagement.id).order_by(Cycle.number)
    return list(session.scalars(query))


def _current(cycles: list[Cycle]) -> Cycle:
    return next((cycle for cycle in cycles if cycle.closed_on is None), cycles[-1])
