"""Links for a sign-off: for one person and one set of metrics. Opening doesn't use a link up; signing does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import AlreadyDone, Conflict, Forbidden, HeadwayError, Invalid, NotFound, Refused
from models.people import Actor, Invitation, Member, Role, User
from models.permissions import Action
from models.security_log import Kind
from models.sessions import UserSession, hash_token, new_token
from models.sign_off import LINK_LIFETIME, EventKind, SignOffEvent, SignOffLink, SignOffRequest
from models.wording import local_time
from services.core.transaction import get_part, open_engagement, transaction, unjournalled_transaction
from services.people.authentication import is_known_browser
from services.people.client_info import ClientInfo
from services.people.security_log import log_event
from services.people.sessions import BY_SIGN_OFF_LINK, MAX_BROWSER, by_link_token
from services.sign_off.events import ANSWERS, append_event, has_event
from store.access import expect_operator

VIA = "sign-off link"
MAILED = "to be mailed to the person who was asked"
"""The detail of a link that nobody but the mailer has held."""
UNKNOWN_HOLDER = "somebody with the link"
INVALID_LINK = (
    "This link can't be opened: part of it was lost on the way, or it never was one of ours. Nothing was signed. "
    "Ask the person who sent it for a new one."
)


class AlreadySigned(AlreadyDone):
    """This person gave these answers before, in the record `record_id` (None: before there were records)."""

    def __init__(self, record_id: int | None) -> None:
        super().__init__("You have signed all of this already. Nothing was signed twice.")
        self.record_id = record_id


class LinkUsed(Refused):
    """The link was used to sign; `record_id` is the record of what was signed."""

    def __init__(self, text: str, link_id: int, record_id: int | None) -> None:
        super().__init__(text)
        self.link_id, self.record_id = link_id, record_id


def make_link(actor: Actor, slug: str, request_id: int, *, mailed: bool = False) -> str:
    """Return the token of a new link with which the person who was asked can sign, within 72 hours.

    Only its digest is stored. A `mailed` link goes straight to that person's own mail, so it signs in any browser.
    Earlier links of the request are revoked. Raises AlreadySigned or Conflict if the request was answered or revoked,
    and Invalid if the person isn't a sponsor any more.
    """
    token = new_token()
    with transaction(actor, "make a link for a sign-off") as session:
        engagement = open_engagement(session, slug, Action.ASK_FOR_SIGN_OFF)
        request = get_part(session, engagement, SignOffRequest, request_id)
        refuse_answered(session, request)
        refuse_ended(session, request, None, actor.at)
        _revoke_links(session, request)
        link = SignOffLink(
            engagement_id=engagement.id,
            request_id=request.id,
            user_id=get_sponsor(session, engagement, request.asked_of_id).id,
            content=request.content,
            token_digest=hash_token(token),
            made_by=actor.name,
            made_by_id=actor.user_id,
            expires_at=actor.at + LINK_LIFETIME,
        )
        session.add(link)
        session.flush()
        if mailed:
            # Whoever holds a token could mark it as one that nobody else has held.
            expect_operator(actor, "mail a link")
        detail = MAILED if mailed else None
        append_event(session, request, EventKind.LINKED, link_id=link.id, detail=detail)
        log_event(
            session, Kind.LINK_MADE, actor.at, user_id=link.user_id, by=actor.name,
            detail="for a sign-off",
        )  # fmt: skip
    return token


def get_sponsor(session: Session, engagement: Engagement, user_id: int) -> User:
    """Return the user. Raises Invalid if they are no sponsor of the engagement, not invited as one, or disabled.

    Of an invited person the lead mustn't learn whether they have an account, nor whether it is disabled.
    """
    member = Member.engagement_id == engagement.id, Member.user_id == user_id, Member.role == Role.SPONSOR
    user = session.scalar(select(User).join(Member, Member.user_id == User.id).where(*member, ~User.disabled))
    user = user or invited_sponsor(session, engagement.id, user_id)
    if user is None:
        raise Invalid("Only a sponsor of this engagement can be asked to sign. Nothing was saved.")
    return user


def invited_sponsor(session: Session, engagement_id: int, user_id: int) -> User | None:
    """Return the user if they are invited as a sponsor and haven't joined yet."""
    invited = select(User).join(Invitation, Invitation.email == User.email)
    return session.scalar(
        invited.where(
            Invitation.engagement_id == engagement_id, Invitation.role == Role.SPONSOR, User.id == user_id
        )
    )


def _revoke_links(session: Session, request: SignOffRequest) -> None:
    for link in session.scalars(select(SignOffLink).where(SignOffLink.request_id == request.id)).all():
        if not has_event(session, request.id, EventKind.REVOKED, link_id=link.id):
            append_event(session, request, EventKind.REVOKED, link_id=link.id, detail="a newer link was made")


def refuse_answered(session: Session, request: SignOffRequest) -> None:
    """Raise AlreadySigned if the request was answered."""
    query = select(SignOffEvent).where(SignOffEvent.request_id == request.id, SignOffEvent.kind.in_(ANSWERS))
    answer = session.scalar(query.limit(1))
    if answer is not None:
        raise AlreadySigned(answer.record_id)


def refuse_ended(session: Session, request: SignOffRequest, link: SignOffLink | None, at: datetime) -> None:
    """Raise Conflict if the request or the link was revoked, Forbidden if the link has expired."""
    revoked = select(SignOffEvent).where(
        SignOffEvent.request_id == request.id, SignOffEvent.kind == EventKind.REVOKED
    )
    for event in session.scalars(revoked):
        if event.link_id is None:
            raise Conflict(
                f"This request was taken back: {event.detail}. Nothing was signed. Ask for a new one."
            )
        if link is not None and event.link_id == link.id:
            raise Conflict(
                f"This link was taken back: {event.detail}. Nothing was signed. Use the newer one."
            )
    if link is not None and link.expires_at <= at:
        zone = session.get_one(Engagement, request.engagement_id).zone
        raise Forbidden(
            f"This link expired on {local_time(link.expires_at, zone)}. Nothing was signed. Ask for a new one."
        )


@dataclass(frozen=True)
class OpenedLink:
    """The token of the session that a link has begun, and the engagement in which it can sign."""

    token: str
    slug: str


@dataclass(frozen=True)
class SignInRequired:
    """The link was opened in an unknown browser: the person has to sign in to sign the request."""

    slug: str
    request_id: int


def open_link(
    token: str, at: datetime, client: ClientInfo, signed_in_as: int | None = None
) -> OpenedLink | SignInRequired:
    """Begin a session that can sign what the link is for, and nothing else. The link can be opened again.

    Whoever made the link has held it, so it proves nothing by itself: without a password it only works where its person
    is signed in, or has signed in before with the same browser. Anywhere else they have to sign in first. A link that
    was mailed proves that whoever opens it reads that person's mail, and works everywhere.
    Raises Refused, with the same text for anything that never was a link and with the reason for a link that has ended;
    LinkUsed for one that was used to sign.
    """
    row = find_link(token)
    if row is None:
        _log_refusal(at, client, None, "never was one of ours")
        raise Refused(INVALID_LINK)
    if signed_in_as not in (None, row.user_id):
        _log_refusal(at, client, row.user_id, "opened while somebody else was signed in")
        raise Refused(
            "Somebody else is signed in here, and this link was made for another person. Nothing was signed. "
            "Sign out first, or open it on your own device."
        )
    if is_browser_of_asker(row.request_id, client):
        _log_refusal(at, client, row.user_id, "opened in the browser of whoever asked")
        raise Refused(
            "This browser was used by the person who asked for these signatures, who can't give them. Nothing was "
            "signed. Open the link on your own device."
        )
    actor = Actor(name=row.name, at=at, via=VIA, user_id=row.user_id)
    refused = _reason_ended(actor, row.slug, row.id)
    if refused is not None:
        _log_refusal(at, client, row.user_id, "opened after it had ended")
        if isinstance(refused, AlreadySigned):
            raise LinkUsed(str(refused), row.id, refused.record_id)
        raise Refused(str(refused))
    proved = _was_mailed(row.id) or _is_known_browser(row.user_id, at, client)
    if signed_in_as is None and not proved:
        _note_unknown_browser(actor, row.slug, row.id, client)
        return SignInRequired(row.slug, row.request_id)
    return OpenedLink(_begin_session(actor, row.slug, row.id, client), row.slug)


def find_link(token: str) -> Row[*tuple[Any, ...]] | None:
    """Return the link with its person and engagement; None if there never was such a link."""
    with read_connection() as connection:
        return connection.execute(
            select(
                SignOffLink.id, SignOffLink.request_id, SignOffLink.made_by_id, SignOffLink.made_by,
                Engagement.id.label("engagement_id"), Engagement.slug, User.id.label("user_id"), User.name, User.email,
                User.password_hash, User.email_verified, User.disabled,
            )
            .join(Engagement, Engagement.id == SignOffLink.engagement_id)
            .join(User, User.id == SignOffLink.user_id)
            .where(SignOffLink.token_digest == hash_token(token))
        ).one_or_none()  # fmt: skip


def _was_mailed(link_id: int) -> bool:
    with read_connection() as connection:
        return was_mailed(connection, link_id)


def was_mailed(connection: Connection, link_id: int) -> bool:
    """Return whether the mailer made the link: then only who reads the person's mail has it."""
    linked = (SignOffEvent.kind == EventKind.LINKED) & (SignOffEvent.detail == MAILED)
    query = select(SignOffEvent.id).where(SignOffEvent.link_id == link_id, linked)
    return connection.execute(query.limit(1)).one_or_none() is not None


def _is_known_browser(user_id: int, at: datetime, client: ClientInfo) -> bool:
    with read_connection() as connection:
        return is_known_browser(connection, user_id, at, client)


def _note_unknown_browser(actor: Actor, slug: str, link_id: int, client: ClientInfo) -> None:
    """Note that somebody opened the link; as it may be anybody, not under its person's name."""
    with transaction(replace(actor, name=UNKNOWN_HOLDER), "open a link for a sign-off") as session:
        engagement = open_engagement(session, slug, Action.SIGN)
        link = get_part(session, engagement, SignOffLink, link_id)
        request = get_part(session, engagement, SignOffRequest, link.request_id)
        detail = f"in a browser in which {actor.name} hadn't signed in before: asked to sign in first"
        holder = Actor(UNKNOWN_HOLDER, actor.at, VIA, link_id=link.id)
        append_event(session, request, EventKind.OPENED, by=holder, detail=detail)
        log_event(
            session, Kind.LINK_REFUSED, actor.at, user_id=actor.user_id, by="nobody", address=client.rate_limit_key,
            detail=f"for a sign-off, {detail}",
        )  # fmt: skip


def is_browser_of_asker(request_id: int, client: ClientInfo) -> bool:
    """Return whether somebody who asked, or made a link for the request, has ever signed in with this browser."""
    if client.browser_token is None:
        return False
    with read_connection() as connection:
        askers = select(SignOffRequest.asked_by_id).where(SignOffRequest.id == request_id)
        makers = select(SignOffLink.made_by_id).where(SignOffLink.request_id == request_id)
        query = select(UserSession.id).where(
            UserSession.browser_digest == hash_token(client.browser_token),
            UserSession.user_id.in_(askers) | UserSession.user_id.in_(makers),
        )
        return connection.execute(query.limit(1)).one_or_none() is not None


def _reason_ended(actor: Actor, slug: str, link_id: int) -> HeadwayError | None:
    """Return why the link can't be used any more, if it can't. Its expiry is noted when it is first seen."""
    try:
        with transaction(actor, "open a link for a sign-off") as session:
            engagement = open_engagement(session, slug, Action.SIGN)
            link = get_part(session, engagement, SignOffLink, link_id)
            request = get_part(session, engagement, SignOffRequest, link.request_id)
            try:
                refuse_answered(session, request)
                refuse_ended(session, request, link, actor.at)
            except Forbidden as expired:
                if not has_event(session, request.id, EventKind.EXPIRED, link_id=link.id):
                    append_event(session, request, EventKind.EXPIRED, link_id=link.id)
                return expired
    except (NotFound, Forbidden):
        return Refused(INVALID_LINK)
    except HeadwayError as ended:
        return ended
    return None


def _begin_session(actor: Actor, slug: str, link_id: int, client: ClientInfo) -> str:
    token = new_token()
    with transaction(actor, "open a link for a sign-off") as session:
        engagement = open_engagement(session, slug, Action.SIGN)
        link = get_part(session, engagement, SignOffLink, link_id)
        user_session = UserSession(
            user_id=actor.user_id,
            token_digest=hash_token(token),
            # A link doesn't prove that the browser is that person's, so it doesn't become a known one.
            browser_digest=hash_token(new_token()),
            began_by=BY_SIGN_OFF_LINK,
            browser=client.browser[:MAX_BROWSER],
            address=client.address,
            created_at=actor.at,
            seen_at=actor.at,
            link_id=link.id,
        )
        session.add(user_session)
        session.flush()
        request = get_part(session, engagement, SignOffRequest, link.request_id)
        by = Actor(actor.name, actor.at, VIA, actor.user_id, session_id=user_session.id, link_id=link.id)
        append_event(session, request, EventKind.OPENED, by=by)
    return token


@dataclass(frozen=True)
class LinkSession:
    """Who has opened a link, and the engagement in which it can sign."""

    actor: Actor
    slug: str


def link_session(token: str, at: datetime) -> LinkSession | None:
    """Return who has the session of that token, which a link began; None once it has ended."""
    signed_in = by_link_token(token, at)
    if signed_in is None:
        return None
    with read_connection() as connection:
        slug = connection.execute(
            select(Engagement.slug)
            .join(SignOffLink, SignOffLink.engagement_id == Engagement.id)
            .where(SignOffLink.id == signed_in.link_id)
        ).scalar_one()
    actor = Actor(
        signed_in.name,
        at,
        VIA,
        signed_in.user_id,
        session_id=signed_in.session_id,
        link_id=signed_in.link_id,
    )
    return LinkSession(actor, slug)


def _log_refusal(at: datetime, client: ClientInfo, user_id: int | None, reason: str) -> None:
    with unjournalled_transaction() as session:
        log_event(
            session, Kind.LINK_REFUSED, at, user_id=user_id, by="nobody", address=client.rate_limit_key,
            detail=f"for a sign-off, {reason}",
        )  # fmt: skip
