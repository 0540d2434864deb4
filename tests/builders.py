"""What tests begin with: people, and an engagement on a known day. Every time is given, none is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.engagement import Engagement
from models.people import Actor, Member, Role, User, operator
from models.permissions import Action
from reports.states import state
from services import engagements, metrics
from services.transaction import opened, transaction

DAY_1 = date(2026, 10, 5)


def noon(day: int) -> datetime:
    """Noon (UTC) of a day of the plan."""
    return datetime.combine(DAY_1 + timedelta(days=day - 1), datetime.min.time(), UTC) + timedelta(hours=12)


def on_day(day: int) -> date:
    """The date of a day of the plan."""
    return DAY_1 + timedelta(days=day - 1)


def the_operator(day: int = 1) -> Actor:
    return operator(noon(day))


def a_user(name: str = "Mei Tan", *, administrator: bool = False) -> int:
    """A user's id; the same name is the same user."""
    email = name.lower().replace(" ", ".") + "@example.org"
    with Session(engine(), expire_on_commit=False) as session:
        user = session.scalar(select(User).where(User.email == email))
        if user is None:
            user = User(email=email, name=name, administrator=administrator, created_at=noon(1))
            session.add(user)
            session.commit()
        return user.id


def an_actor(name: str, slug: str = "acme", role: Role | None = Role.LEAD, day: int = 1) -> Actor:
    """A user acting on a day of the plan, with a role in the engagement (None: not a member of it)."""
    user_id = a_user(name)
    if role is not None:
        with transaction(the_operator(), "add a member") as session:
            engagement = opened(session, slug, Action.MANAGE_MEMBERS)
            query = select(Member).where(Member.engagement_id == engagement.id, Member.user_id == user_id)
            member = session.scalar(query)
            if member is None:
                session.add(Member(engagement_id=engagement.id, user_id=user_id, role=role))
            else:
                member.role = role
    return Actor(name=name, at=noon(day), via="test", user_id=user_id)


def an_engagement(slug: str = "acme", **given: object) -> str:
    """An engagement that began on DAY_1 with the guide's plan. Returns its slug."""
    fields = {"name": "Lending platform", "client": "Acme Lending", "day_1": DAY_1, "zone": "UTC"}
    fields |= {"lead": "Mei Tan", "sponsor": "Dana Ruiz, COO", "sector": "Fintech", "region": "Europe"}
    return engagements.found(the_operator(), slug, **(fields | given))  # type: ignore[arg-type]


def the_state(slug: str = "acme") -> Engagement:
    """The engagement as it is now."""
    return state(the_operator(), slug)


def a_metric(engagement: str = "acme", day: int = 1, **given: object) -> int:
    """A metric (loan decision time in hours, lower is better, unless `given` says otherwise). Returns its id."""
    fields: dict[str, object] = {"name": "Loan decision time", "unit": "h", "direction": "lower"}
    return metrics.define(the_operator(day), engagement, fields | given)
