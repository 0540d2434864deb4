"""Every engagement keeps a lead who can sign in: the last one isn't removed, given another role or disabled.

Whoever takes a lead away locks the engagement's row first, so of two leads who remove each other at the same moment
the second is refused.
"""

from __future__ import annotations

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from models.engagement import Engagement
from models.errors import Invalid
from models.people import Actor, Member, Role, User
from models.wording import join_list


def expect_another_lead(session: Session, member: Member, role: str | None = None) -> None:
    """Raise Invalid if `member` is the last lead who can sign in and would get another `role`, or none.

    The caller has locked the engagement's row. A disabled lead doesn't count as another one.
    """
    if member.role != Role.LEAD or role == Role.LEAD:
        return
    others = _enabled_leads().where(
        Member.engagement_id == member.engagement_id, Member.user_id != member.user_id
    )
    if session.scalar(others.limit(1)) is None:
        raise Invalid("An engagement needs a lead: make somebody else a lead first. Nothing was changed.")


def expect_no_last_lead(session: Session, user: User, *, asked_by: Actor) -> None:
    """Raise Invalid if `user` is the last lead of an engagement who can sign in. Lock every engagement that they lead.

    The sentence names the engagements that `asked_by` may see, and counts the others.
    """
    led = select(Member.engagement_id).where(Member.user_id == user.id, Member.role == Role.LEAD)
    locked = select(Engagement).where(Engagement.id.in_(led)).order_by(Engagement.id).with_for_update()
    engagements = session.scalars(locked).all()
    without = [each for each in engagements if not _has_other_lead(session, each.id, user.id)]
    if without:
        seen = [each for each in without if _may_see(session, asked_by, each.id)]
        names = [f"{each.name} for {each.client}" for each in seen]
        hidden = len(without) - len(seen)
        others = "an engagement" if hidden == 1 else f"{hidden} engagements"
        names += [f"{others} that you don't see"] * bool(hidden)
        raise Invalid(
            f"{user.name} is the only lead of {join_list(names, 5)}. Somebody else has to be made a lead there first. "
            "Nothing was changed."
        )


def _has_other_lead(session: Session, engagement_id: int, user_id: int) -> bool:
    others = _enabled_leads().where(Member.engagement_id == engagement_id, Member.user_id != user_id)
    return session.scalar(others.limit(1)) is not None


def _enabled_leads() -> Select[int]:
    lead = aliased(User)
    enabled = exists().where(lead.id == Member.user_id, lead.disabled.is_(False))
    return select(Member.id).where(Member.role == Role.LEAD, enabled)


def _may_see(session: Session, person: Actor, engagement_id: int) -> bool:
    if person.operator:
        return True
    own = select(Member.id).where(Member.engagement_id == engagement_id, Member.user_id == person.user_id)
    return session.scalar(own) is not None
