"""Inviting people to an engagement by their e-mail, and joining it.

Whoever invites is told the same whether the e-mail is anybody's here or not, and does the same work: who has an account
is nobody's business before they join.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import NotFound
from models.people import Actor, Invitation, Member, Role, User
from models.permissions import Action
from services.core.transaction import get_part, open_by_id, open_engagement, transaction
from services.core.validation import email_address, one_of
from services.engagement.engagements import expect_another_lead
from store.access import access, expect_signed_in

NONE_SUCH = "There is no such invitation of yours any more. Nothing was changed."


def invite(actor: Actor, slug: str, email: str, role: str) -> None:
    """Keep a role in the engagement for whoever has that e-mail; a second time, another role. A member's role changes."""
    email, role = email_address(email), one_of("role", role, list(Role))
    with transaction(actor, "invite a person") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        member = _member(session, engagement.id, email)
        if member is not None:
            expect_another_lead(session, member, role)
            member.role = role
            return
        kept = session.scalar(
            select(Invitation).where(Invitation.engagement_id == engagement.id, Invitation.email == email)
        )
        if kept is None:
            kept = Invitation(engagement_id=engagement.id, email=email)
            session.add(kept)
        kept.role, kept.invited_by = role, actor.name


def _member(session: Session, engagement_id: int, email: str) -> Member | None:
    query = select(Member).join(User, User.id == Member.user_id)
    return session.scalar(query.where(Member.engagement_id == engagement_id, User.email == email))


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited and hasn't joined."""

    id: int
    email: str
    role: str


def pending_invitations(actor: Actor, slug: str) -> list[Invited]:
    """Who was invited to the engagement and hasn't joined, by e-mail."""
    with read_connection() as connection:
        found = access(connection, actor, slug, Action.MANAGE_MEMBERS)
        rows = connection.execute(
            select(Invitation.id, Invitation.email, Invitation.role)
            .where(Invitation.engagement_id == found.engagement_id)
            .order_by(Invitation.email)
        ).all()
    return [Invited(*row) for row in rows]


def withdraw(actor: Actor, slug: str, invitation_id: int) -> None:
    """Take an invitation back."""
    with transaction(actor, "withdraw an invitation") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        session.delete(get_part(session, engagement, Invitation, invitation_id))


@dataclass(frozen=True)
class MyInvitation:
    """An invitation as the invited person reads it."""

    id: int
    engagement: str
    client: str
    role: str
    invited_by: str


def my_invitations(actor: Actor) -> list[MyInvitation]:
    """What the actor was invited to, the oldest first."""
    with read_connection() as connection:
        expect_signed_in(connection, actor)
        rows = connection.execute(
            select(Invitation.id, Engagement.name, Engagement.client, Invitation.role, Invitation.invited_by)
            .join(Engagement, Engagement.id == Invitation.engagement_id)
            .join(User, User.email == Invitation.email)
            .where(User.id == actor.user_id)
            .order_by(Invitation.id)
        ).all()
    return [MyInvitation(*row) for row in rows]


def join(actor: Actor, invitation_id: int) -> str:
    """Take part in the engagement that the invitation is to. Returns its slug."""
    with transaction(actor, "join the engagement") as session:
        invitation, engagement = _mine(session, actor, invitation_id)
        if (
            session.scalar(
                select(Member).where(Member.engagement_id == engagement.id, Member.user_id == actor.user_id)
            )
            is None
        ):
            session.add(Member(engagement_id=engagement.id, user_id=actor.user_id, role=invitation.role))
        session.delete(invitation)
        return engagement.slug


def decline(actor: Actor, invitation_id: int) -> None:
    """Don't take part; the engagement stays what it was to the actor: nothing."""
    with transaction(actor, "decline an invitation") as session:
        invitation, _ = _mine(session, actor, invitation_id)
        session.delete(invitation)


def _mine(session: Session, actor: Actor, invitation_id: int) -> tuple[Invitation, Engagement]:
    """The actor's invitation and what it is to, locked. Somebody else's doesn't exist."""
    expect_signed_in(session.connection(), actor)
    of_me = (
        select(Invitation.engagement_id)
        .join(User, User.email == Invitation.email)
        .where(Invitation.id == invitation_id, User.id == actor.user_id)
    )
    engagement_id = session.scalar(of_me)
    if engagement_id is None:
        raise NotFound(NONE_SUCH)
    engagement = open_by_id(session, engagement_id)
    # It may have been withdrawn while the lock was waited for.
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound(NONE_SUCH)
    return invitation, engagement
