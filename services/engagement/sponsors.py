"""A sponsor in one step: asked by name and e-mail, and let in by the link of the request alone.

Whoever asks may hold the link, and the e-mail is what they say it is. So an account that a link made sees nothing but the
engagements whose own link it followed, until an administrator or a mail verifies it (docs/decisions/0033-one-link.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from models.database import engine
from models.engagement import Engagement
from models.errors import Conflict, Forbidden, Refused
from models.people import Actor, Invitation, Member, User
from models.permissions import Action
from models.security_log import Kind
from models.sign_off import EventKind, SignOffItem, SignOffLink, SignOffRequest
from services.core.transaction import get_part, open_by_id, open_engagement, transaction
from services.core.validation import MAX_TEXT, email_address, optional_text, required_text
from services.engagement.invitations import invite_sponsor
from services.people import passwords
from services.people.authentication import NewSession, begin_session, is_known_browser, sign_in
from services.people.client_info import ClientInfo
from services.people.security_log import log_event
from services.people.sessions import BY_NEW_ACCOUNT
from services.sign_off.events import append_event
from services.sign_off.links import (
    INVALID_LINK,
    VIA,
    find_link,
    invited_sponsor,
    is_browser_of_asker,
    refuse_answered,
    refuse_ended,
    was_mailed,
)
from services.sign_off.requests import add_request
from store.access import access


def ask_by_email(
    actor: Actor,
    slug: str,
    metric_ids: Sequence[int],
    *,
    name: str,
    email: str,
    note_to_them: str | None = None,
) -> int:
    """Ask the person with that e-mail to sign, invite them as a sponsor and make them an account, where needed.

    Returns the id of the request. The answer is the same whether there was an account or not. Raises Invalid if the
    person is a member in another role, and as `requests.ask` does.
    """
    note = optional_text("note", note_to_them, MAX_TEXT)
    with transaction(actor, "ask for sign-off") as session:
        engagement = open_engagement(session, slug, Action.ASK_FOR_SIGN_OFF)
        invite_sponsor(session, engagement, name, email)
        sponsor = _account(session, actor, required_text("sponsor's name", name), email_address(email))
        return add_request(session, engagement, sponsor, metric_ids, note)


def _account(session: Session, actor: Actor, name: str, email: str) -> User:
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        user = User(email=email, name=name, email_verified=False, created_at=actor.at)
        session.add(user)
        session.flush()
        log_event(
            session,
            Kind.USER_ADDED,
            actor.at,
            user_id=user.id,
            by=actor.name,
            detail="to be asked for a sign-off",
        )
    return user


@dataclass(frozen=True)
class Welcome:
    """What the page of a link says to somebody who has to show who they are; `is_new`: they choose a password."""

    slug: str
    request_id: int
    engagement: str
    client: str
    asked_by: str
    name: str
    email: str
    metrics: int
    is_new: bool


def welcome(token: str, at: datetime, client: ClientInfo, signed_in_as: int | None = None) -> Welcome | None:
    """Return what to ask the holder of a link; None where `links.open_link` decides.

    Somebody who is shown to be the invited person joins the engagement here: who is signed in as them, opens the link in
    a browser that is known as theirs, or was mailed it. Raises Refused if the link has ended.
    """
    row = find_link(token)
    if row is None or signed_in_as not in (None, row.user_id) or is_browser_of_asker(row.request_id, client):
        return None
    with Session(engine()) as session:
        mailed = was_mailed(session.connection(), row.id)
        invited = invited_sponsor(session, row.engagement_id, row.user_id) is not None
        known = is_known_browser(session.connection(), row.user_id, at, client)
        # Whoever is a member without a password came by a mail, or was added by an administrator.
        is_new = row.password_hash is None and not row.email_verified
        if not (invited or is_new) or row.disabled:
            return None
        _refuse_ended(session, row, at)
        if not (mailed or signed_in_as is not None or (known and not is_new)):
            return _welcome_text(session, row, is_new)
    _join(row, at, verified=mailed and is_new)
    return None


def _refuse_ended(session: Session, row: Row[*tuple[Any, ...]], at: datetime) -> None:
    request, link = session.get_one(SignOffRequest, row.request_id), session.get_one(SignOffLink, row.id)
    try:
        refuse_answered(session, request)
        refuse_ended(session, request, link, at)
    except (Conflict, Forbidden) as ended:
        raise Refused(str(ended)) from ended


def _welcome_text(session: Session, row: Row[*tuple[Any, ...]], is_new: bool) -> Welcome:
    engagement = session.get_one(Engagement, row.engagement_id)
    request = session.get_one(SignOffRequest, row.request_id)
    metrics = session.scalar(select(func.count()).where(SignOffItem.request_id == request.id)) or 0
    return Welcome(
        engagement.slug, request.id, engagement.name, engagement.client, request.asked_by,
        row.name if is_new else "", row.email, metrics, is_new,
    )  # fmt: skip


def enter(
    token: str, name: str, password: str, at: datetime, client: ClientInfo
) -> tuple[NewSession, Welcome]:
    """Let the person of a link in: a new one chooses a password, any other gives theirs. They join the engagement.

    Raises Refused if the link has ended or the password is wrong, Invalid if the new one is too easily guessed. Hashing
    takes a core for a tenth of a second: the caller limits how many calls run at once.
    """
    asks = welcome(token, at, client)
    row = find_link(token)
    if asks is None or row is None:
        raise Refused(INVALID_LINK)
    if asks.is_new:
        return _enrol(row, required_text("name", name), password, at, client), asks
    session = sign_in(row.email, password, at, client)
    _join(row, at)
    return session, asks


def _enrol(
    row: Row[*tuple[Any, ...]], name: str, password: str, at: datetime, client: ClientInfo
) -> NewSession:
    """Set the first password of an account that a request made, and begin a session."""
    password_hash = passwords.hash_password(password, row.email)
    with transaction(Actor(name, at, VIA, row.user_id), "join the engagement") as session:
        engagement = open_by_id(session, row.engagement_id)
        user = session.get_one(User, row.user_id, with_for_update=True)
        if user.password_hash is not None or user.email_verified:
            raise Refused("This account has a password already. Open the link again and enter it.")
        user.name, user.password_hash = name, password_hash
        _become_sponsor(session, engagement, user)
        request = get_part(session, engagement, SignOffRequest, row.request_id)
        append_event(session, request, EventKind.OPENED, link_id=row.id, detail="and chose a password")
        log_event(
            session, Kind.PASSWORD_SET, at, user_id=user.id, by=name, address=client.address,
            detail=f"with a link for a sign-off that {row.made_by} made",
        )  # fmt: skip
        return begin_session(session, user.id, at, client, BY_NEW_ACCOUNT)


def _join(row: Row[*tuple[Any, ...]], at: datetime, *, verified: bool = False) -> None:
    """Make the person of a link a sponsor of its engagement; `verified`: they read the mail of their account's e-mail."""
    with transaction(Actor(row.name, at, VIA, row.user_id), "join the engagement") as session:
        engagement = open_by_id(session, row.engagement_id)
        user = session.get_one(User, row.user_id)
        user.email_verified = user.email_verified or verified
        _become_sponsor(session, engagement, user)


def _become_sponsor(session: Session, engagement: Engagement, user: User) -> None:
    query = select(Invitation).where(
        Invitation.engagement_id == engagement.id, Invitation.email == user.email
    )
    invitation = session.scalar(query)
    own = select(Member.id).where(Member.engagement_id == engagement.id, Member.user_id == user.id)
    if invitation is not None:
        if session.scalar(own) is None:
            session.add(Member(engagement_id=engagement.id, user_id=user.id, role=invitation.role))
        session.delete(invitation)


def needs_password(actor: Actor) -> bool:
    """Return whether who came by a mailed link has no password yet, and so no way to the overview but to choose one."""
    if actor.link_id is None:
        return False
    with Session(engine()) as session:
        user = session.get_one(User, actor.user_id)
        return user.password_hash is None and was_mailed(session.connection(), actor.link_id)


def choose_first_password(actor: Actor, password: str, client: ClientInfo) -> NewSession:
    """Set the first password of who came by a mailed link, and begin a session in which they see their engagements.

    Raises Refused for anybody else, Invalid if the password is too easily guessed. Hashing takes a core for a tenth of a
    second: the caller limits how many calls run at once.
    """
    if not needs_password(actor):
        raise Refused("Sign in with your password to see the overview.")
    with Session(engine()) as session:
        email = session.get_one(User, actor.user_id).email
    password_hash = passwords.hash_password(password, email)
    with transaction(actor, "choose a password") as session:
        user = session.get_one(User, actor.user_id, with_for_update=True)
        if user.password_hash is not None:
            raise Refused("Sign in with your password to see the overview.")
        user.password_hash, user.email_verified = password_hash, True
        log_event(session, Kind.PASSWORD_SET, actor.at, user_id=user.id, by=actor.name)
        return begin_session(session, user.id, actor.at, client, BY_NEW_ACCOUNT)


@dataclass(frozen=True)
class NamedSponsor:
    """Somebody who is invited as a sponsor and hasn't joined yet."""

    name: str
    email: str


def named_sponsors(actor: Actor, slug: str) -> list[NamedSponsor]:
    """Return the sponsors who are named and haven't joined yet, by name."""
    with Session(engine()) as session:
        engagement_id = access(session.connection(), actor, slug, Action.ASK_FOR_SIGN_OFF).engagement_id
        query = select(Invitation.name, Invitation.email).where(
            Invitation.engagement_id == engagement_id, Invitation.name.is_not(None)
        )
        return [
            NamedSponsor(name or "", email)
            for name, email in session.execute(query.order_by(Invitation.name))
        ]
