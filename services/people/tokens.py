"""API tokens: made and revoked by a lead, presented by programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.api_tokens import MAX_DAYS, PREFIX, SHOWN_CHARACTERS, ApiToken, Scope
from models.database import engine, read_connection
from models.errors import NotFound
from models.people import Actor
from models.permissions import Action
from models.security_log import Kind
from models.sessions import SEEN_EVERY, digest_of, new_token
from services.core.transaction import open_engagement, transaction
from services.core.validation import one_of, required_text, whole_number
from services.people.security_log import note
from store.access import access


@dataclass(frozen=True)
class Token:
    """A token as a lead sees it; `shown` is its beginning."""

    id: int
    name: str
    scope: str
    shown: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def make_token(actor: Actor, slug: str, *, name: str, scope: str, days: int) -> str:
    """A new token of the engagement for `scope`, valid for `days`. It is told once: only its digest is kept."""
    name, scope = required_text("name", name), one_of("scope", scope, list(Scope))
    days = whole_number("days", days, 1, MAX_DAYS)
    token = PREFIX + new_token()
    with transaction(actor, "make an API token") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_TOKENS)
        session.add(
            ApiToken(
                engagement_id=engagement.id,
                name=name,
                scope=scope,
                shown=token[:SHOWN_CHARACTERS],
                token_digest=digest_of(token),
                made_by=actor.name,
                created_at=actor.at,
                expires_at=actor.at + timedelta(days=days),
            )
        )
        # Administrators read it, to whom the engagement doesn't exist: the token's beginning tells leads which it is.
        detail = f"to {scope}, {token[:SHOWN_CHARACTERS]}…"
        note(session, Kind.TOKEN_MADE, actor.at, user_id=actor.user_id, by=actor.name, detail=detail)
    return token


def tokens(actor: Actor, slug: str) -> list[Token]:
    """The engagement's tokens, the newest first; revoked and expired ones too."""
    with read_connection() as connection:
        found = access(connection, actor, slug, Action.MANAGE_TOKENS)
        rows = connection.execute(
            select(
                ApiToken.id,
                ApiToken.name,
                ApiToken.scope,
                ApiToken.shown,
                ApiToken.made_by,
                ApiToken.created_at,
                ApiToken.expires_at,
                ApiToken.used_at,
                ApiToken.revoked_at,
            )
            .where(ApiToken.engagement_id == found.engagement_id)
            .order_by(ApiToken.id.desc())
        ).all()
    return [Token(*row) for row in rows]


def revoke_token(actor: Actor, slug: str, token_id: int) -> None:
    """From now on the token does nothing."""
    with transaction(actor, "revoke an API token") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_TOKENS)
        token = session.get(ApiToken, token_id)
        if token is None or token.engagement_id != engagement.id:
            raise NotFound("There is no such token any more. Nothing was changed.")
        token.revoked_at = token.revoked_at or actor.at
        detail = f"to {token.scope}, {token.shown}…"
        note(session, Kind.TOKEN_REVOKED, actor.at, user_id=actor.user_id, by=actor.name, detail=detail)


def program(token: str, at: datetime, via: str = "api") -> Actor | None:
    """The program that presents `token`, as an actor; None where the token isn't valid at that moment."""
    if not token.startswith(PREFIX):
        return None
    valid = select(ApiToken.id, ApiToken.name, ApiToken.used_at).where(
        ApiToken.token_digest == digest_of(token), ApiToken.revoked_at.is_(None), ApiToken.expires_at > at
    )
    with engine().connect() as connection:
        found = connection.execute(valid).one_or_none()
    if found is None:
        return None
    if found.used_at is None or at - found.used_at >= SEEN_EVERY:
        with Session(engine().execution_options(writes=True)) as session, session.begin():
            session.execute(update(ApiToken).where(ApiToken.id == found.id).values(used_at=at))
    return Actor(name=f"token {found.name}", at=at, via=via, token_id=found.id)
