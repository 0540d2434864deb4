"""Who may see what: the one query that every read and every write begins with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, false, select

from models.api_tokens import ApiToken, scope_allows
from models.engagement import Engagement
from models.errors import Forbidden, NotFound
from models.people import Actor, Member, User
from models.permissions import Action, Administration, permits
from models.prepared import Prepared
from models.sessions import UserSession
from models.sign_off import SignOffLink

NOT_SIGNED_IN = "You aren't signed in any more. Nothing was changed. Sign in again."


@dataclass(frozen=True)
class Access:
    """An engagement that the actor may do something with, at its newest revision."""

    engagement_id: int
    slug: str
    revision: int
    zone: str
    role: str | None


class ActorQuery:
    """A query with a parameter `user_id`, prepared: it finds nothing for who isn't signed in (any more).

    Every page asks some of them several times; as SQLAlchemy composes them, that is a tenth of its processor time.
    """

    _SESSION = exists().where(
        UserSession.id == bindparam("session_id"),
        UserSession.user_id == bindparam("user_id"),
        UserSession.ended_at.is_(None),
        UserSession.link_id.is_(None),
    )

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._without_session = Prepared(query)
        self._in_session = Prepared(query.where(self._SESSION))

    def row(self, connection: Connection, actor: Actor, **parameters: Any) -> Sequence[Any] | None:
        """Return the first row of the query for the actor, or None."""
        if actor.link_id is not None:
            return None
        if actor.session_id is None:
            return self._without_session.row(connection, user_id=actor.user_id, **parameters)
        who = {"user_id": actor.user_id, "session_id": actor.session_id}
        return self._in_session.row(connection, **who, **parameters)


_OF_MEMBER = ActorQuery(
    select(Engagement.id, Engagement.slug, Engagement.revision, Engagement.zone, Member.role)
    .outerjoin(Member, and_(Member.engagement_id == Engagement.id, Member.user_id == bindparam("user_id")))
    .outerjoin(User, User.id == Member.user_id)
    .where(Engagement.slug == bindparam("slug"), User.disabled.isnot(True))
)
_USER = ActorQuery(select(User.id).where(User.id == bindparam("user_id"), User.disabled.is_(False)))


def access(connection: Connection, actor: Actor, slug: str, action: Action) -> Access:
    """Return the engagement `slug` for `actor`.

    Raise NotFound if it is missing or the actor is no member, Forbidden if their role or token doesn't allow `action`.
    """
    if actor.token_id is not None:
        return _access_of_token(connection, actor, slug, action)
    if actor.link_id is not None:
        return _access_of_link(connection, actor, slug, action)
    row = _OF_MEMBER.row(connection, actor, slug=slug)
    granted = Access(*row) if row is not None else None
    if granted is None or (granted.role is None and not actor.operator):
        raise _not_found(slug)
    if not actor.operator and not permits(granted.role, action):
        raise Forbidden(f"A {granted.role} of this engagement can't {action}. Ask its lead.")
    return granted


# Programs ask it with every request.
_BY_TOKEN = Prepared(
    select(Engagement.id, Engagement.slug, Engagement.revision, Engagement.zone, ApiToken.scope)
    .join(ApiToken, ApiToken.engagement_id == Engagement.id)
    .where(
        Engagement.slug == bindparam("slug"),
        ApiToken.id == bindparam("token_id"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("at"),
    )
)


def _access_of_token(connection: Connection, actor: Actor, slug: str, action: Action) -> Access:
    row = _BY_TOKEN.row(connection, slug=slug, token_id=actor.token_id, at=actor.at)
    if row is None:
        raise _not_found(slug)
    engagement_id, its_slug, revision, zone, scope = row
    if not scope_allows(scope, action):
        raise Forbidden(f"This token can {scope}; it can't {action}. Use one made for that.")
    return Access(engagement_id, its_slug, revision, zone, role=None)


def _access_of_link(connection: Connection, actor: Actor, slug: str, action: Action) -> Access:
    """Return the engagement for who came by a sign-off link: they can only sign, whatever their role allows otherwise."""
    row = connection.execute(
        select(Engagement.id, Engagement.slug, Engagement.revision, Engagement.zone, Member.role)
        .join(SignOffLink, SignOffLink.engagement_id == Engagement.id)
        .join(Member, and_(Member.engagement_id == Engagement.id, Member.user_id == SignOffLink.user_id))
        .join(User, and_(User.id == Member.user_id, ~User.disabled))
        .join(UserSession, UserSession.link_id == SignOffLink.id)
        .where(
            Engagement.slug == slug,
            SignOffLink.id == actor.link_id,
            User.id == actor.user_id,
            UserSession.id == actor.session_id,
            UserSession.ended_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise _not_found(slug)
    if action is not Action.SIGN:
        raise Forbidden(f"This link signs one set of metrics; it can't {action}. Sign in for that.")
    if not permits(row.role, action):
        raise Forbidden(f"A {row.role} of this engagement can't {action}. Ask its lead.")
    return Access(*row)


def _not_found(slug: str) -> NotFound:
    return NotFound(f"There is no engagement “{slug}” that you are a member of.")


def signed_in(actor: Actor) -> list[ColumnElement[bool]]:
    """Return conditions for a query: the session that the actor signed in with hasn't ended, and is no link's."""
    if actor.link_id is not None:
        return [false()]
    if actor.session_id is None:
        return []
    session: Any = select(UserSession.id).where(
        UserSession.id == actor.session_id,
        UserSession.user_id == actor.user_id,
        UserSession.ended_at.is_(None),
        UserSession.link_id.is_(None),
    )
    return [exists(session)]


def expect_signed_in(connection: Connection, actor: Actor) -> None:
    """Raise Forbidden if the actor isn't signed in."""
    if _USER.row(connection, actor) is None:
        raise Forbidden(NOT_SIGNED_IN)


def expect_operator(actor: Actor, what: str) -> None:
    """Raise Forbidden unless the actor is the operator, at the command line. `what` is a verb's phrase."""
    if not actor.operator:
        raise Forbidden(f"Only whoever runs Headway can {what}, from its command line. Nothing was changed.")


def is_administrator(connection: Connection, actor: Actor) -> bool:
    """Return whether the actor is an administrator who is signed in, or the operator."""
    if actor.operator:
        return True
    who = select(User.id).where(User.id == actor.user_id, User.administrator, User.disabled.is_(False))
    return connection.execute(who.where(*signed_in(actor))).one_or_none() is not None


def administer(connection: Connection, actor: Actor, action: Administration) -> None:
    """Raise Forbidden unless the actor is an administrator."""
    if not is_administrator(connection, actor):
        raise Forbidden(f"Only an administrator can {action}. Ask yours.")
