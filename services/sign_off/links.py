"""Links for a sign-off: made for one person and one set of metrics, opened as often as one likes, used up by signing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from models.database import engine, read_connection
from models.engagement import Engagement
from models.errors import AlreadyDone, Conflict, Forbidden, HeadwayError, Invalid, NotFound, Refused
from models.people import Actor, Member, Role, User
from models.permissions import Action
from models.security_log import Kind
from models.sessions import UserSession, digest_of, new_token
from models.sign_off import LINK_LASTS, EventKind, SignOffEvent, SignOffLink, SignOffRequest
from models.wording import day_month
from services.core.transaction import get_part, open_engagement, transaction
from services.people.security_log import note as note_security
from services.people.sessions import (
    BY_SIGN_OFF_LINK,
    LONGEST_NAME_OF_BROWSER,
    Visitor,
    signed_in_before,
    whose_link,
)
from services.sign_off.events import ANSWERS, append_event, has_event

VIA = "sign-off link"
HOLDER = "somebody with the link"
NOT_THIS_LINK = (
    "This link can't be opened: part of it was lost on the way, or it never was one of ours. Nothing was signed. "
    "Ask the person who sent it for a new one."
)


class SignedAlready(AlreadyDone):
    """This person said this before: in the record `record_id` (None: before records were kept)."""

    def __init__(self, record_id: int | None) -> None:
        super().__init__("You have signed all of this already. Nothing was signed twice.")
        self.record_id = record_id


class UsedUp(Refused):
    """The link was used to sign; `record_id` is the record of what was signed then."""

    def __init__(self, said: str, link_id: int, record_id: int | None) -> None:
        super().__init__(said)
        self.link_id, self.record_id = link_id, record_id


def make_link(actor: Actor, slug: str, request_id: int) -> str:
    """The token of a link that lets the person who was asked sign that set, within 72 hours. It is told once.

    A link that was made before for the same request is revoked.
    """
    token = new_token()
    with transaction(actor, "make a link for a sign-off") as session:
        engagement = open_engagement(session, slug, Action.ASK_FOR_SIGN_OFF)
        request = get_part(session, engagement, SignOffRequest, request_id)
        refuse_answered(session, request)
        refuse_ended(session, request, None, actor.at)
        _revoke_earlier(session, request)
        link = SignOffLink(
            engagement_id=engagement.id,
            request_id=request.id,
            user_id=sponsor_of(session, engagement, request.asked_of_id).id,
            content=request.content,
            token_digest=digest_of(token),
            made_by=actor.name,
            made_by_id=actor.user_id,
            expires_at=actor.at + LINK_LASTS,
        )
        session.add(link)
        session.flush()
        append_event(session, request, EventKind.LINKED, link_id=link.id)
        note_security(
            session, Kind.LINK_MADE, actor.at, user_id=link.user_id, by=actor.name,
            detail="for a sign-off",
        )  # fmt: skip
    return token


def sponsor_of(session: Session, engagement: Engagement, user_id: int) -> User:
    """The user, who has to be a sponsor of the engagement, and able to come in."""
    member = Member.engagement_id == engagement.id, Member.user_id == user_id, Member.role == Role.SPONSOR
    user = session.scalar(select(User).join(Member, Member.user_id == User.id).where(*member))
    if user is None or user.disabled:
        raise Invalid("Only a sponsor of this engagement can be asked to sign. Nothing was saved.")
    return user


def _revoke_earlier(session: Session, request: SignOffRequest) -> None:
    for link in session.scalars(select(SignOffLink).where(SignOffLink.request_id == request.id)).all():
        if not has_event(session, request.id, EventKind.REVOKED, link_id=link.id):
            append_event(session, request, EventKind.REVOKED, link_id=link.id, detail="a newer link was made")


def refuse_answered(session: Session, request: SignOffRequest) -> None:
    """Raises SignedAlready where the request was answered."""
    answer = select(SignOffEvent).where(SignOffEvent.request_id == request.id, SignOffEvent.kind.in_(ANSWERS))
    answered = session.scalar(answer.limit(1))
    if answered is not None:
        raise SignedAlready(answered.record_id)


def refuse_ended(session: Session, request: SignOffRequest, link: SignOffLink | None, at: datetime) -> None:
    """Raises Conflict where the request or the link was revoked, Forbidden where the link has expired."""
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
        when = f"{day_month(link.expires_at)} at {link.expires_at:%H:%M} UTC"
        raise Forbidden(f"This link expired on {when}. Nothing was signed. Ask for a new one.")


@dataclass(frozen=True)
class Opened:
    """A session that a link has begun: its token, told once, and the engagement that it signs in."""

    token: str
    slug: str


@dataclass(frozen=True)
class SignInFirst:
    """What a link has come to in a browser that nobody knows as its person's: they sign that request signed in."""

    slug: str
    request_id: int


def open_link(
    token: str, at: datetime, visitor: Visitor, signed_in_as: int | None = None
) -> Opened | SignInFirst:
    """Begin a session that can sign what the link is for, and nothing else. It uses nothing up.

    Who made the link has held it, so it is no proof by itself: without a password it lets its person in only where they
    are signed in, or signed in before with the same browser. Anywhere else they have to sign in first.
    Raises Refused, in the same words for whatever never was a link; a link that has ended says how it did, and UsedUp is
    one that has signed.
    """
    row = _link_with(token)
    if row is None:
        _note_refused(at, visitor, None, "never was one of ours")
        raise Refused(NOT_THIS_LINK)
    if signed_in_as not in (None, row.user_id):
        _note_refused(at, visitor, row.user_id, "opened while somebody else was signed in")
        raise Refused(
            "Somebody else is signed in here, and this link was made for another person. Nothing was signed. "
            "Sign out first, or open it on your own device."
        )
    if _asked_here(row.request_id, visitor):
        _note_refused(at, visitor, row.user_id, "opened in the browser of whoever asked")
        raise Refused(
            "This browser was used by the person who asked for these signatures, who can't give them. Nothing was "
            "signed. Open the link on your own device."
        )
    who = Actor(name=row.name, at=at, via=VIA, user_id=row.user_id)
    refused = _ended(who, row.slug, row.id)
    if refused is not None:
        _note_refused(at, visitor, row.user_id, "opened after it had ended")
        if isinstance(refused, SignedAlready):
            raise UsedUp(str(refused), row.id, refused.record_id)
        raise Refused(str(refused))
    if signed_in_as is None and not _known_here(row.user_id, at, visitor):
        _note_unknown(who, row.slug, row.id, visitor)
        return SignInFirst(row.slug, row.request_id)
    return Opened(_begin(who, row.slug, row.id, visitor), row.slug)


def _link_with(token: str) -> Row | None:
    """The link, whom it is for and in which engagement; None where it never was one."""
    with read_connection() as connection:
        return connection.execute(
            select(
                SignOffLink.id, SignOffLink.request_id, SignOffLink.made_by_id, Engagement.slug,
                User.id.label("user_id"), User.name,
            )
            .join(Engagement, Engagement.id == SignOffLink.engagement_id)
            .join(User, User.id == SignOffLink.user_id)
            .where(SignOffLink.token_digest == digest_of(token))
        ).one_or_none()  # fmt: skip


def _known_here(user_id: int, at: datetime, visitor: Visitor) -> bool:
    with read_connection() as connection:
        return signed_in_before(connection, user_id, at, visitor)


def _note_unknown(who: Actor, slug: str, link_id: int, visitor: Visitor) -> None:
    """Note that somebody opened the link; it may be anybody, so it isn't told as if its person had."""
    with transaction(replace(who, name=HOLDER), "open a link for a sign-off") as session:
        engagement = open_engagement(session, slug, Action.SIGN)
        link = get_part(session, engagement, SignOffLink, link_id)
        request = get_part(session, engagement, SignOffRequest, link.request_id)
        detail = f"in a browser in which {who.name} hadn't signed in before: asked to sign in first"
        append_event(
            session, request, EventKind.OPENED, by=Actor(HOLDER, who.at, VIA, link_id=link.id), detail=detail
        )
        note_security(
            session, Kind.LINK_REFUSED, who.at, user_id=who.user_id, by="nobody", address=visitor.counted_as,
            detail=f"for a sign-off, {detail}",
        )  # fmt: skip


def _asked_here(request_id: int, visitor: Visitor) -> bool:
    """Whether the one who asked, or made a link for it, has ever signed in with this browser."""
    if visitor.browser_token is None:
        return False
    with read_connection() as connection:
        asked = select(SignOffRequest.asked_by_id).where(SignOffRequest.id == request_id)
        made = select(SignOffLink.made_by_id).where(SignOffLink.request_id == request_id)
        here = select(UserSession.id).where(
            UserSession.browser_digest == digest_of(visitor.browser_token),
            UserSession.user_id.in_(asked) | UserSession.user_id.in_(made),
        )
        return connection.execute(here.limit(1)).one_or_none() is not None


def _ended(who: Actor, slug: str, link_id: int) -> HeadwayError | None:
    """Why the link can't be used any more, if it can't. That it has expired is noted the first time it is seen."""
    try:
        with transaction(who, "open a link for a sign-off") as session:
            engagement = open_engagement(session, slug, Action.SIGN)
            link = get_part(session, engagement, SignOffLink, link_id)
            request = get_part(session, engagement, SignOffRequest, link.request_id)
            try:
                refuse_answered(session, request)
                refuse_ended(session, request, link, who.at)
            except Forbidden as expired:
                if not has_event(session, request.id, EventKind.EXPIRED, link_id=link.id):
                    append_event(session, request, EventKind.EXPIRED, link_id=link.id)
                return expired
    except (NotFound, Forbidden):
        return Refused(NOT_THIS_LINK)
    except HeadwayError as ended:
        return ended
    return None


def _begin(who: Actor, slug: str, link_id: int, visitor: Visitor) -> str:
    token = new_token()
    with transaction(who, "open a link for a sign-off") as session:
        engagement = open_engagement(session, slug, Action.SIGN)
        link = get_part(session, engagement, SignOffLink, link_id)
        begun = UserSession(
            user_id=who.user_id,
            token_digest=digest_of(token),
            # A link is no proof that this browser is that person's: it doesn't make it one of theirs.
            browser_digest=digest_of(new_token()),
            began_by=BY_SIGN_OFF_LINK,
            browser=visitor.browser[:LONGEST_NAME_OF_BROWSER],
            address=visitor.address,
            created_at=who.at,
            seen_at=who.at,
            link_id=link.id,
        )
        session.add(begun)
        session.flush()
        request = get_part(session, engagement, SignOffRequest, link.request_id)
        by = Actor(who.name, who.at, VIA, who.user_id, session_id=begun.id, link_id=link.id)
        append_event(session, request, EventKind.OPENED, by=by)
    return token


@dataclass(frozen=True)
class LinkSession:
    """Who has a link open, and the engagement that it signs in."""

    actor: Actor
    slug: str


def link_session(token: str, at: datetime) -> LinkSession | None:
    """Who signs with the session of that token, which a link began; None once it has ended."""
    who = whose_link(token, at)
    if who is None:
        return None
    with read_connection() as connection:
        slug = connection.execute(
            select(Engagement.slug)
            .join(SignOffLink, SignOffLink.engagement_id == Engagement.id)
            .where(SignOffLink.id == who.link_id)
        ).scalar_one()
    actor = Actor(who.name, at, VIA, who.user_id, session_id=who.session_id, link_id=who.link_id)
    return LinkSession(actor, slug)


def _note_refused(at: datetime, visitor: Visitor, user_id: int | None, why: str) -> None:
    with Session(engine().execution_options(writes=True)) as session, session.begin():
        note_security(
            session, Kind.LINK_REFUSED, at, user_id=user_id, by="nobody", address=visitor.counted_as,
            detail=f"for a sign-off, {why}",
        )  # fmt: skip
