"""Creating an engagement, and changing its details, its day 1 and its members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Invalid
from models.names import clean_email
from models.people import Actor, Member, Role, User
from models.permissions import Action, Administration
from models.plan import Cycle
from models.slugs import free_slug, is_slug
from models.time_zones import time_zones
from models.wording import day_month
from services.core.transaction import add_engagement, expect_version, open_engagement, transaction
from services.core.validation import (
    EARLIEST,
    LATEST,
    MAX_NAME,
    date_between,
    one_of,
    optional_text,
    required_text,
)
from services.engagement.invitations import invite_sponsor
from services.people.accounts import first_administrator
from services.people.leads import expect_another_lead
from services.plan.cycles import add_cycle
from services.plan.templates import DEFAULT, template
from services.sign_off.versions import move_targets
from store import states
from store.access import access, administer, expect_operator

NAMELESS = "engagement"
"""The address of an engagement whose names have no letter that an address may have."""


def create_engagement(
    actor: Actor,
    slug: str,
    *,
    name: str,
    client: str,
    day_1: date,
    sector: str = "",
    region: str = "",
    zone: str = "UTC",
    lead: str = "",
    sponsor: str = "",
    sponsor_email: str = "",
    template_name: str = DEFAULT,
) -> str:
    """Create an engagement with the plan of a template, and make the actor its lead. Returns its slug.

    Without a `slug` it gets one that is free, made of the client's name, or of its own. With a `sponsor_email`, the
    sponsor is invited, and hears of it with the first request for a signature.

    Raises Forbidden if the actor may not create engagements, Invalid if the slug is taken, or a field or the sponsor's
    e-mail isn't valid.
    """
    one_of("time zone", zone, time_zones(), example="Europe/London")
    plan = template(template_name)
    with transaction(actor, "open the engagement") as session:
        administer(session.connection(), actor, Administration.OPEN_ENGAGEMENTS)
        slug = _free_address(session, slug, client.strip() or name)
        engagement = add_engagement(
            session,
            Engagement(
                slug=slug,
                name=required_text("name", name),
                client=required_text("client", client),
                sector=optional_text("sector", sector, MAX_NAME) or "",
                region=optional_text("region", region, MAX_NAME) or "",
                zone=zone,
                lead=optional_text("lead", lead, MAX_NAME) or actor.name,
                sponsor=optional_text("sponsor", sponsor, MAX_NAME) or "",
                template=plan.key,
            ),
        )
        add_cycle(session, engagement, plan, number=1, day_1=date_between("day 1", day_1, EARLIEST, LATEST))
        _add_lead(session, engagement, actor)
        if sponsor_email.strip():
            invite_sponsor(session, engagement, sponsor, sponsor_email)
    return slug


def _add_lead(session: Session, engagement: Engagement, actor: Actor) -> None:
    if actor.user_id is not None:
        session.add(Member(engagement_id=engagement.id, user_id=actor.user_id, role=Role.LEAD))


def _free_address(session: Session, typed: str, name: str) -> str:
    """Return the slug that was typed, else a free one made of `name`. Raises Invalid if it is taken or can't be one."""
    taken = set(session.scalars(select(Engagement.slug)))
    if not typed.strip():
        return free_slug(name, taken, otherwise=NAMELESS)
    slug = _address(typed)
    if slug in taken:
        free = free_slug(slug, taken, otherwise=NAMELESS)
        raise Invalid(f"The address “{slug}” is taken. Choose another one, such as “{free}”.")
    return slug


def _address(text: str) -> str:
    """Return the slug that was typed. Raises Invalid if it can't be an address."""
    slug = text.strip().lower()
    if not is_slug(slug):
        raise Invalid(f"“{slug}” can't be an address: use small letters, digits and dashes, 60 at most.")
    return slug


def update_details(
    actor: Actor,
    slug: str,
    *,
    name: str,
    client: str,
    sector: str,
    region: str,
    zone: str,
    lead: str,
    sponsor: str,
    hide_interviewees: bool,
    seen: int | None = None,
) -> None:
    """Change the details of an engagement. `seen` is the version that was on screen.

    Raises Invalid, and Conflict if somebody else changed them since.
    """
    one_of("time zone", zone, time_zones(), example="Europe/London")
    with transaction(actor, "describe the engagement") as session:
        engagement = open_engagement(session, slug, Action.CHANGE_ENGAGEMENT)
        expect_version(session, engagement, seen)
        engagement.name = required_text("name", name)
        engagement.client = required_text("client", client)
        engagement.sector = optional_text("sector", sector, MAX_NAME) or ""
        engagement.region = optional_text("region", region, MAX_NAME) or ""
        engagement.zone = zone
        engagement.lead = required_text("lead", lead)
        engagement.sponsor = optional_text("sponsor", sponsor, MAX_NAME) or ""
        engagement.hide_interviewees = hide_interviewees


@dataclass(frozen=True)
class PlannedMove:
    """A date of the plan that would move with day 1, from `old` to `new`."""

    what: str
    old: date
    new: date


def dates_that_move(engagement: Engagement, day_1: date) -> list[PlannedMove]:
    """Return the dates that would move if the current cycle began on `day_1`: day 1, milestones' due dates, day 90."""
    cycle = engagement.cycle()
    days = (day_1 - cycle.day_1).days
    if not days:
        return []
    moved = Cycle(day_1=day_1)
    milestones = [
        PlannedMove(row.name, cycle.date_of(row.due_day), moved.date_of(row.due_day))
        for row in sorted(cycle.milestones, key=lambda row: row.due_day)
    ]
    return [
        PlannedMove("Day 1", cycle.day_1, day_1),
        *milestones,
        PlannedMove("Day 90", cycle.date_of(90), moved.date_of(90)),
    ]


def move_day_1(actor: Actor, slug: str, day_1: date, seen: int | None = None) -> None:
    """Begin the current cycle on another day; its milestones and targets move along. Evidence keeps its dates, and a
    target that was signed with its date has to be signed again.

    Raises Invalid if evidence is dated before the new day 1, or the cycle before begins after it.
    """
    date_between("day 1", day_1, EARLIEST, LATEST)
    with transaction(actor, "move day 1") as session:
        engagement = open_engagement(session, slug, Action.PLAN)
        cycles = session.scalars(
            select(Cycle).where(Cycle.engagement_id == engagement.id).order_by(Cycle.number)
        ).all()
        cycle = next((cycle for cycle in cycles if cycle.closed_on is None), cycles[-1])
        expect_version(session, cycle, seen)
        before = next((other for other in cycles if other.number == cycle.number - 1), None)
        if before is not None and day_1 <= before.day_1:
            raise Invalid(f"Day 1 can't be before the cycle before it began, on {day_month(before.day_1)}.")
        if before is None:
            _refuse_before_evidence(states.load(session.connection(), engagement.id), day_1)
        shift, cycle.day_1 = day_1 - cycle.day_1, day_1
        move_targets(session, engagement.id, shift)


def _refuse_before_evidence(state: Engagement, day_1: date) -> None:
    """Raise Invalid if evidence is dated before `day_1`: it wouldn't count any more."""
    earlier = [(when, what) for when, what in state.evidence_dates() if when < day_1]
    if earlier:
        when, what = earlier[0]
        others = f" and {len(earlier) - 1} more" if len(earlier) > 1 else ""
        raise Invalid(
            f"Day 1 can't be {day_month(day_1)}: {what} is dated {day_month(when)}{others}. "
            "Nothing was moved: choose an earlier day, or correct the evidence."
        )


@dataclass(frozen=True)
class MemberInfo:
    """A member with the name and e-mail of the user."""

    user_id: int
    name: str
    email: str
    role: str


def members(actor: Actor, slug: str) -> list[MemberInfo]:
    """Return the engagement's members, leads first. Raises NotFound or Forbidden to who may not manage them."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_MEMBERS)
        rows = connection.execute(
            select(User.id, User.name, User.email, Member.role)
            .join(Member, Member.user_id == User.id)
            .where(Member.engagement_id == granted.engagement_id)
            .order_by(User.name)
        )
        people = [MemberInfo(*row) for row in rows]
    return sorted(people, key=lambda person: list(Role).index(Role(person.role)))


def add_member(actor: Actor, slug: str, email: str, role: str) -> None:
    """Make a user a member of the engagement, or give a member another role.

    Raises Invalid if there is no such user, or that would take the last lead's role away.

    That reveals whether an e-mail is a user's, so only the operator may: others invite (invitations.py).
    """
    one_of("role", role, list(Role))
    expect_operator(actor, "add a member without an invitation")
    with transaction(actor, "add a member") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        user = session.scalar(select(User).where(User.email == clean_email(email)))
        if user is None:
            raise Invalid(f"There is no user {email}. An administrator can add them.")
        member = session.scalar(
            select(Member).where(Member.engagement_id == engagement.id, Member.user_id == user.id)
        )
        if member is None:
            session.add(Member(engagement_id=engagement.id, user_id=user.id, role=Role(role)))
        else:
            expect_another_lead(session, member, role)
            member.role = Role(role)


def add_first_administrator(actor: Actor, slug: str) -> None:
    """Make the first administrator a lead of the engagement: nobody else could see what the command line creates."""
    user_id, _ = first_administrator(actor.at)
    with transaction(actor, "add a member") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        session.add(Member(engagement_id=engagement.id, user_id=user_id, role=Role.LEAD))


def remove_member(actor: Actor, slug: str, user_id: int) -> None:
    """Remove a member, for whom the engagement no longer exists then. Raises Invalid for the last lead."""
    with transaction(actor, "remove a member") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        member = session.scalar(
            select(Member).where(Member.engagement_id == engagement.id, Member.user_id == user_id)
        )
        if member is None:
            raise Invalid("That person isn't a member any more.")
        expect_another_lead(session, member)
        session.delete(member)
