"""The people who can sign in: added, invited, disabled; and each one's own name and password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.database import engine, read_connection
from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.names import clean_email
from models.people import Actor, User
from models.permissions import Administration
from models.security_log import Kind
from models.sessions import LINK_LASTS, OneTimeLink, Purpose, UserSession, digest_of, new_token
from services.core.transaction import transaction
from services.core.validation import email_address, required_text
from services.people import passwords
from services.people.security_log import note
from services.people.sessions import BY_LINK, end_sessions_of
from store.access import administer, signed_in

FIRST_EMAIL = "administrator@localhost"


def first_administrator(at: datetime) -> tuple[int, str]:
    """The id and name of the first administrator, who is made where there is nobody yet. Many at once make one."""
    query = select(User.id, User.name).where(User.administrator, User.disabled.is_(False)).order_by(User.id)
    with Session(engine()) as session:
        found = session.execute(query).first()
    if found is None:
        try:
            with Session(engine().execution_options(writes=True)) as session, session.begin():
                session.add(User(email=FIRST_EMAIL, name="Administrator", administrator=True, created_at=at))
        except IntegrityError:
            pass  # Somebody else was first; theirs is the one.
        with Session(engine()) as session:
            found = session.execute(query).first()
    return found.id, found.name


def first_run_link(at: datetime) -> str | None:
    """The token of a link that signs the first administrator in, as long as nobody has a password; None afterwards."""
    with read_connection() as connection:
        chosen = select(func.count()).select_from(User).where(User.password_hash.is_not(None))
        if connection.execute(chosen).scalar_one():
            return None
    user_id, _ = first_administrator(at)
    with Session(engine().execution_options(writes=True)) as session, session.begin():
        return _link(session, user_id, Purpose.FIRST_RUN, at, "the program, as it started")


def _link(session: Session, user_id: int, purpose: Purpose, at: datetime, by: str) -> str:
    token = new_token()
    session.add(
        OneTimeLink(
            token_digest=digest_of(token),
            user_id=user_id,
            purpose=purpose,
            made_by=by,
            created_at=at,
            expires_at=at + LINK_LASTS[purpose],
        )
    )
    note(session, Kind.LINK_MADE, at, user_id=user_id, by=by, detail=purpose)
    return token


@dataclass(frozen=True)
class Account:
    """A user, as administrators see them."""

    id: int
    email: str
    name: str
    administrator: bool
    disabled: bool
    has_password: bool
    last_seen: datetime | None


def everybody(actor: Actor) -> list[Account]:
    """All users by name, the disabled ones included."""
    with read_connection() as connection:
        administer(connection, actor, Administration.MANAGE_USERS)
        seen = select(func.max(UserSession.seen_at)).where(UserSession.user_id == User.id).scalar_subquery()
        rows = connection.execute(
            select(
                User.id,
                User.email,
                User.name,
                User.administrator,
                User.disabled,
                User.password_hash.is_not(None),
                seen,
            ).order_by(User.name, User.id)
        ).all()
    return [Account(*row) for row in rows]


def add_user(actor: Actor, email: str, name: str, *, administrator: bool = False) -> int:
    """Add a user, who can't sign in before they get a link. Returns the id."""
    email, name = email_address(email), required_text("name", name)
    with transaction(actor, "add a user") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        _refuse_taken(session, email)
        user = User(email=email, name=name, administrator=administrator, created_at=actor.at)
        session.add(user)
        session.flush()
        note(session, Kind.USER_ADDED, actor.at, user_id=user.id, by=actor.name)
        return user.id


def link(actor: Actor, email: str, purpose: Purpose | None = None) -> str:
    """The token of a one-time link for a user, told once.

    It is an invitation to somebody without a password, and otherwise a reset, unless `purpose` says more.
    """
    with transaction(actor, "make a one-time link") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _user_called(session, email)
        if user.disabled:
            raise Invalid(f"{user.name} is disabled. Enable them first. No link was made.")
        chosen = purpose or (Purpose.INVITATION if user.password_hash is None else Purpose.RESET)
        return _link(session, user.id, chosen, actor.at, actor.name)


def disable(actor: Actor, email: str) -> None:
    """Sign a user out everywhere and let them in no more. What they did stays theirs."""
    with transaction(actor, "disable a user") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _user_called(session, email)
        if user.id == actor.user_id:
            raise Invalid("You can't disable yourself. Ask another administrator. Nothing was changed.")
        others = select(func.count()).select_from(User).where(
            User.administrator, User.disabled.is_(False), User.id != user.id
        )  # fmt: skip
        if user.administrator and not session.scalar(others):
            raise Invalid("That is the only administrator. Add another one first. Nothing was changed.")
        user.disabled = True
        end_sessions_of(session, user.id, actor.at)
        _void_links(session, user.id)
        note(session, Kind.USER_DISABLED, actor.at, user_id=user.id, by=actor.name)


def enable(actor: Actor, email: str) -> None:
    """Let a disabled user in again; the password is the one they had."""
    with transaction(actor, "enable a user") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _user_called(session, email)
        user.disabled = False
        note(session, Kind.USER_ENABLED, actor.at, user_id=user.id, by=actor.name)


def change_email(actor: Actor, email: str, new: str) -> None:
    """Give a user another e-mail. Only administrators do: invitations are for whoever has an e-mail, and whoever
    could take one that isn't theirs would learn which are taken, and join in another's place.
    """
    new = email_address(new)
    with transaction(actor, "change an e-mail") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _user_called(session, email)
        if new != user.email:
            _refuse_taken(session, new)
        user.email = new
        note(session, Kind.USER_CHANGED, actor.at, user_id=user.id, by=actor.name, detail="another e-mail")


def sign_out_user(actor: Actor, email: str) -> int:
    """End all sessions of a user. Returns how many there were."""
    with transaction(actor, "sign a user out") as session:
        administer(session.connection(), actor, Administration.MANAGE_USERS)
        user = _user_called(session, email)
        ended = end_sessions_of(session, user.id, actor.at)
        note(session, Kind.SESSION_ENDED, actor.at, user_id=user.id, by=actor.name, detail=f"{ended}")
        return ended


@dataclass(frozen=True)
class Me:
    """One's own account. `began_by` is how this session began."""

    email: str
    name: str
    administrator: bool
    has_password: bool


def me(actor: Actor) -> Me:
    """The actor's own account."""
    with Session(engine()) as session:
        user = _own(session, actor)
        return Me(user.email, user.name, user.administrator, user.password_hash is not None)


def describe_me(actor: Actor, *, name: str) -> None:
    """Change one's own name."""
    name = required_text("name", name)
    with transaction(actor, "change one's own account") as session:
        user = _own(session, actor)
        user.name = name
        note(session, Kind.USER_CHANGED, actor.at, user_id=user.id, by=actor.name)


def choose_password(actor: Actor, password: str, current: str) -> None:
    """Set one's own password, and sign out everywhere else. Whoever came by a link needn't know the current one.

    It hashes: the caller bounds how many do so at once.
    """
    with Session(engine()) as session:
        user = _own(session, actor)
        by_link = _came_by_link(session, actor)
        email, before = user.email, user.password_hash
    if before is not None and not by_link and not passwords.matches(current, before):
        raise Invalid("The current password is wrong. Nothing was changed.")
    password_hash = passwords.hashed(password, email)
    with transaction(actor, "choose a password") as session:
        user = _own(session, actor)
        user.password_hash = password_hash
        end_sessions_of(session, user.id, actor.at, UserSession.id != (actor.session_id or 0))
        _void_links(session, user.id)
        note(session, Kind.PASSWORD_SET, actor.at, user_id=user.id, by=actor.name)


def needs_current_password(actor: Actor) -> bool:
    """Whether `choose_password` asks for the current one."""
    with Session(engine()) as session:
        return _own(session, actor).password_hash is not None and not _came_by_link(session, actor)


def _came_by_link(session: Session, actor: Actor) -> bool:
    began = select(UserSession.began_by).where(UserSession.id == (actor.session_id or 0))
    return session.scalar(began) == BY_LINK


def _own(session: Session, actor: Actor) -> User:
    who = select(User).where(User.id == actor.user_id, User.disabled.is_(False), *signed_in(actor))
    user = session.scalar(who)
    if user is None:
        raise Forbidden("You aren't signed in any more. Nothing was changed. Sign in again.")
    return user


def _refuse_taken(session: Session, email: str) -> None:
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict(f"There is a user {email} already. Nothing was saved.")


def _user_called(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(User.email == clean_email(email)))
    if user is None:
        raise NotFound(f"There is no user {email}. Nothing was changed.")
    return user


def _void_links(session: Session, user_id: int) -> None:
    session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None)))
