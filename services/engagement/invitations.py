"""Inviting people to an engagement by their e-mail, and joining it.

An invitation gives the same answer, after the same work, whether the e-mail belongs to a user or not: it must not
reveal who has an account. An account whose e-mail nobody has verified joins by its link only (sponsors.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.people import Actor, Invitation, Member, Role, User
from models.permissions import Action
from services.core.changes import Work
from services.core.transaction import get_part, open_by_id, open_engagement, transaction
from services.core.validation import email_address, one_of, required_text
from services.people.leads import expect_another_lead
from store.access import access, expect_signed_in

NOT_FOUND = "There is no such invitation of yours any more. Nothing was changed."


def invite(actor: Actor, slug: str, email: str, role: str) -> None:
    """Invite the person with that e-mail to a role, or change the role of an earlier invitation or of a member.

    Raises Invalid if that would take the last lead's role away.
    """
    email, role = email_address(email), one_of("role", role, list(Role))
    with transaction(actor, "invite a person") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        member = _member(session, engagement.id, email)
        if member is not None:
            expect_another_lead(session, member, role)
            member.role = role
            return
        invitation = session.scalar(
            select(Invitation).where(Invitation.engagement_id == engagement.id, Invitation.email == email)
        )
        if invitation is None:
            invitation = Invitation(engagement_id=engagement.id, email=email)
            session.add(invitation)
        invitation.role, invitation.invited_by = role, actor.name


def invite_sponsor(session: Session, engagement: Engagement, name: str, email: str) -> None:
    """Invite the person who is to sign, by their name, in an open transaction; nothing is mailed before they are asked.

    Raises Invalid without a name or an e-mail, and for a member in another role.
    """
    work: Work = session.info["work"]
    name, email = required_text("sponsor's name", name), email_address(email)
    member = _member(session, engagement.id, email)
    if member is not None:
        if member.role != Role.SPONSOR:
            raise Invalid(
                f"{email} is a {member.role} here already: somebody else has to sign. Nothing was saved."
            )
        return
    query = select(Invitation).where(Invitation.engagement_id == engagement.id, Invitation.email == email)
    invitation = session.scalar(query)
    if invitation is None:
        invitation = Invitation(engagement_id=engagement.id, email=email)
        session.add(invitation)
    invitation.role, invitation.name, invitation.invited_by = Role.SPONSOR, name, work.actor.name
    session.flush()


def _member(session: Session, engagement_id: int, email: str) -> Member | None:
    query = select(Member).join(User, User.id == Member.user_id)
    return session.scalar(query.where(Member.engagement_id == engagement_id, User.email == email))


@dataclass(frozen=True)
class PendingInvitation:
    """An invitation of somebody who hasn't joined yet; `name` is that of a sponsor who is named to sign."""

    id: int
    email: str
    role: str
    name: str | None


def pending_invitations(actor: Actor, slug: str) -> list[PendingInvitation]:
    """Return the invitations of people who haven't joined, by e-mail."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_MEMBERS)
        rows = connection.execute(
            select(Invitation.id, Invitation.email, Invitation.role, Invitation.name)
            .where(Invitation.engagement_id == granted.engagement_id)
            .order_by(Invitation.email)
        ).all()
    return [PendingInvitation(*row) for row in rows]


def withdraw(actor: Actor, slug: str, invitation_id: int) -> None:
    """Withdraw an invitation. Raises NotFound if it is gone, such as after joining."""
    with transaction(actor, "withdraw an invitation") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        session.delete(get_part(session, engagement, Invitation, invitation_id))


@dataclass(frozen=True)
class MyInvitation:
    """An invitation as the invited person sees it."""

    id: int
    engagement: str
    client: str
    role: str
    invited_by: str


def my_invitations(actor: Actor) -> list[MyInvitation]:
    """Return the actor's invitations, the oldest first. Raises Forbidden if nobody is signed in."""
    with read_connection() as connection:
        expect_signed_in(connection, actor)
        rows = connection.execute(
            select(Invitation.id, Engagement.name, Engagement.client, Invitation.role, Invitation.invited_by)
            .join(Engagement, Engagement.id == Invitation.engagement_id)
            .join(User, User.email == Invitation.email)
            .where(User.id == actor.user_id, User.email_verified)
            .order_by(Invitation.id)
        ).all()
    return [MyInvitation(*row) for row in rows]


def join(actor: Actor, invitation_id: int) -> str:
    """Accept an invitation: the actor becomes a member. Returns the engagement's slug. Raises NotFound if it is gone."""
    with transaction(actor, "join the engagement") as session:
        invitation, engagement = _own_invitation(session, actor, invitation_id)
        own = select(Member).where(Member.engagement_id == engagement.id, Member.user_id == actor.user_id)
        if session.scalar(own) is None:
            session.add(Member(engagement_id=engagement.id, user_id=actor.user_id, role=invitation.role))
        session.delete(invitation)
        return engagement.slug


def decline(actor: Actor, invitation_id: int) -> None:
    """Decline an invitation. Raises NotFound if it is gone."""
    with transaction(actor, "decline an invitation") as session:
        invitation, _ = _own_invitation(session, actor, invitation_id)
        session.delete(invitation)


def _own_invitation(session: Session, actor: Actor, invitation_id: int) -> tuple[Invitation, Engagement]:
    """Return the actor's invitation, and its engagement, locked. Raises NotFound if it is gone, or somebody else's."""
    expect_signed_in(session.connection(), actor)
    own = (
        select(Invitation.engagement_id)
        .join(User, User.email == Invitation.email)
        .where(Invitation.id == invitation_id, User.id == actor.user_id, User.email_verified)
    )
    engagement_id = session.scalar(own)
    if engagement_id is None:
        raise NotFound(NOT_FOUND)
    engagement = open_by_id(session, engagement_id)
    # It may have been withdrawn while this waited for the lock.
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound(NOT_FOUND)
    return invitation, engagement
