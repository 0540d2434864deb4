"""The users: adding, inviting and disabling them; and one's own name and password."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.database import engine, query_connection, read_connection
from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.names import clean_email
from models.people import Actor, User
from models.permissions import Administration
from models.security_log import Kind
from models.sessions import LINK_LIFETIMES, OneTimeLink, Purpose, UserSession, hash_token, new_token
from services.core.transaction import transaction, unjournalled_transaction
from services.core.validation import email_address, required_text
from services.people import passwords
from services.people.leads import expect_no_last_lead
from services.people.security_log import log_event
from services.people.sessions import BY_LINK, end_sessions_of
from store.access import NOT_SIGNED_IN, ActorQuery, administer, signed_in

FIRST_EMAIL = "administrator@localhost"


def first_administrator(at: datetime) -> tuple[int, str]:
    """Return the id and name of the first administrator, who is added if there is none. Concurrent calls add one."""
    query = select(User.id, User.name).where(User.administrator, User.disabled.is_(False)).order_by(User.id)
    with Session(engine()) as session:
        user = session.execute(query).first()
    if user is None:
        # The e-mail is unique: whoever comes second finds the other's.
        with suppress(IntegrityError), unjournalled_transaction() as session:
            session.add(User(email=FIRST_EMAIL, name="Administrator", administrator=True, created_at=at))
        with Session(engine()) as session:
            user = session.execute(query.limit(1)).one()
    return user.id, user.name


def first_run_link(at: datetime) -> str | None:
    """Return the token of a link that signs the first administrator in; None once anybody has a password."""
    with read_connection() as connection:
        with_password = select(func.count()).select_from(User).where(User.password_hash.is_not(None))
        if connection.execute(with_password).scalar_one():
            return None
    user_id, _ = first_administrator(at)
    with unjournalled_transaction() as session:
        return _add_link(session, user_id, Purpose.FIRST_RUN, at, "the program, as it started")


def _add_link(session: Session, user_id: int, purpose: Purpose, at: datetime, by: str) -> str:
    """Add a link, and void the older ones of the user that nobody used."""
    # Of two made at the same time one stays: the second waits here for the first.
    session.execute(select(User.id).where(User.id == user_id).with_for_update())
    _delete_unused_links(session, user_id)
    token = new_token()
    session.add(
        OneTimeLink(
            token_digest=hash_token(token),
            user_id=user_id,
            purpose=purpose,
            made_by=by,
            created_at=at,
            expires_at=at + LINK_LIFETIMES[purpose],
        )
    )
    log_event(session, Kind.LINK_MADE, at, user_id=user_id, by=by, detail=purpose)
    return token


@dataclass(frozen=True)
class Account:
    """A user as administrators see them."""

    id: int
    email: str
    name: str
    administrator: bool
    disabled: bool
    has_password: bool
    email_verified: bool
    last_seen: datetime | None


def list_accounts(actor: Actor) -> list[Account]:
    """Return all users by name, including disabled ones. Raises Forbidden if the actor may not manage users."""
    with read_connection() as connection:
        administer(connection, actor, Administration.MANAGE_USERS)
        last_seen = (
            select(func.max(UserSession.seen_at)).where(UserSession.user_id == User.id).scalar_subquery()
        )
        rows = connection.execute(
            select(
                User.id,
                User.email,
                User.name,
                User.administrator,
                User.disabled,
                User.password_hash.is_not(None),
                User.email_verified,
                last_seen,
            ).order_by(User.name, User.id)
        ).all()
    return [Account(*row) for row in rows]


def add_user(actor: Actor, email: str, name: str, *, administrator: bool = False) -> int:
    """Add a user, who can't sign in before they get a link. Returns the id. Raises Conflict if the e-mail is taken."""
    email, name = email_address(email), required_text("name", name)
    with transaction(actor, "add a user") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        _refuse_taken(session, email)
        user = User(email=email, name=name, administrator=administrator, created_at=actor.at)
        session.add(user)
        session.flush()
        log_event(session, Kind.USER_ADDED, actor.at, user_id=user.id, by=actor.name)
        return user.id


def make_link(actor: Actor, email: str, purpose: Purpose | None = None) -> str:
    """Return the token of a new one-time link for a user. Only its digest is stored.

    The purpose is an invitation for a user without a password, and else a reset, unless `purpose` says otherwise.
    Raises Invalid if the user is disabled, NotFound if there is none.
    """
    with transaction(actor, "make a one-time link") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _get_user(session, email)
        if user.disabled:
            raise Invalid(f"{user.name} is disabled. Enable them first. No link was made.")
        default = Purpose.INVITATION if user.password_hash is None else Purpose.RESET
        return _add_link(session, user.id, purpose or default, actor.at, actor.name)


def disable(actor: Actor, email: str) -> None:
    """Disable a user, and end their sessions. What they did stays under their name.

    Raises Invalid for oneself, for the only administrator and for the last lead of an engagement, NotFound if there is
    no such user.
    """
    with transaction(actor, "disable a user") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _get_user(session, email)
        if user.id == actor.user_id:
            raise Invalid("You can't disable yourself. Ask another administrator. Nothing was changed.")
        others = select(func.count()).select_from(User).where(
            User.administrator, User.disabled.is_(False), User.id != user.id
        )  # fmt: skip
        if user.administrator and not session.scalar(others):
            raise Invalid("That is the only administrator. Add another one first. Nothing was changed.")
        expect_no_last_lead(session, user, asked_by=actor)
        user.disabled = True
        end_sessions_of(session, user.id, actor.at)
        _delete_unused_links(session, user.id)
        log_event(session, Kind.USER_DISABLED, actor.at, user_id=user.id, by=actor.name)


def enable(actor: Actor, email: str) -> None:
    """Enable a disabled user, who keeps their password. Raises NotFound if there is no such user."""
    with transaction(actor, "enable a user") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _get_user(session, email)
        user.disabled = False
        log_event(session, Kind.USER_ENABLED, actor.at, user_id=user.id, by=actor.name)


def change_email(actor: Actor, email: str, new: str) -> None:
    """Change a user's e-mail. Raises Conflict if the new one is taken, NotFound if there is no such user.

    Only administrators may: invitations go by e-mail, so who could take any e-mail would learn which are taken, and
    join in another's place.
    """
    new = email_address(new)
    with transaction(actor, "change an e-mail") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _get_user(session, email)
        if new != user.email:
            _refuse_taken(session, new)
        user.email = new
        log_event(
            session, Kind.USER_CHANGED, actor.at, user_id=user.id, by=actor.name, detail="another e-mail"
        )


def sign_out_user(actor: Actor, email: str) -> int:
    """End all sessions of a user. Returns how many there were. Raises NotFound if there is no such user."""
    with transaction(actor, "sign a user out") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _get_user(session, email)
        ended = end_sessions_of(session, user.id, actor.at)
        log_event(session, Kind.SESSION_ENDED, actor.at, user_id=user.id, by=actor.name, detail=f"{ended}")
        return ended


@dataclass(frozen=True)
class OwnAccount:
    """One's own account."""

    email: str
    name: str
    administrator: bool
    has_password: bool


_OWN_ACCOUNT = ActorQuery(
    select(User.email, User.name, User.administrator, User.password_hash).where(
        User.id == bindparam("user_id"), User.disabled.is_(False)
    )
)


def own_account(actor: Actor) -> OwnAccount:
    """Return the actor's own account. Raises Forbidden if nobody is signed in."""
    with query_connection() as connection:
        row = _OWN_ACCOUNT.row(connection, actor)
    if row is None:
        raise Forbidden(NOT_SIGNED_IN)
    email, name, administrator, password_hash = row
    return OwnAccount(email, name, administrator, password_hash is not None)


def change_own_name(actor: Actor, *, name: str) -> None:
    """Change the actor's own name. Raises Forbidden if nobody is signed in."""
    name = required_text("name", name)
    with transaction(actor, "change one's own account") as session:
        user = _own(session, actor)
        user.name = name
        log_event(session, Kind.USER_CHANGED, actor.at, user_id=user.id, by=actor.name)


def choose_password(actor: Actor, password: str, current: str) -> None:
    """Set the actor's own password, and end their other sessions. In a session of a link, `current` isn't needed.

    Raises Invalid if `current` is wrong or the new one too easily guessed. Hashing takes a core for a tenth of a
    second: the caller limits how many calls run at once.
    """
    with Session(engine()) as session:
        user = _own(session, actor)
        by_link = _is_in_session_of_link(session, actor)
        email, current_hash = user.email, user.password_hash
    if current_hash is not None and not by_link and not passwords.matches(current, current_hash):
        raise Invalid("The current password is wrong. Nothing was changed.")
    password_hash = passwords.hash_password(password, email)
    with transaction(actor, "choose a password") as session:
        user = _own(session, actor)
        user.password_hash = password_hash
        # An administrator handed the link over, to the person or to their mail. Other sessions end here.
        user.email_verified = user.email_verified or by_link
        end_sessions_of(session, user.id, actor.at, UserSession.id != (actor.session_id or 0))
        _delete_unused_links(session, user.id)
        log_event(session, Kind.PASSWORD_SET, actor.at, user_id=user.id, by=actor.name)


def needs_current_password(actor: Actor) -> bool:
    """Return whether `choose_password` asks for the current one."""
    with Session(engine()) as session:
        return _own(session, actor).password_hash is not None and not _is_in_session_of_link(session, actor)


def _is_in_session_of_link(session: Session, actor: Actor) -> bool:
    began = select(UserSession.began_by).where(UserSession.id == (actor.session_id or 0))
    return session.scalar(began) == BY_LINK


def _own(session: Session, actor: Actor) -> User:
    query = select(User).where(User.id == actor.user_id, User.disabled.is_(False), *signed_in(actor))
    user = session.scalar(query)
    if user is None:
        raise Forbidden(NOT_SIGNED_IN)
    return user


def _refuse_taken(session: Session, email: str) -> None:
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict(f"There is a user {email} already. Nothing was saved.")


def _get_user(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(User.email == clean_email(email)))
    if user is None:
        raise NotFound(f"There is no user {email}. Nothing was changed.")
    return user


def _delete_unused_links(session: Session, user_id: int) -> None:
    session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None)))
