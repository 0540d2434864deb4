"""API tokens: leads make and revoke them, programs present them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from models.api_tokens import MAX_DAYS, SHOWN_CHARACTERS, TOKEN_PREFIX, ApiToken, Scope
from models.database import engine, read_connection
from models.errors import NotFound
from models.people import Actor
from models.permissions import Action
from models.security_log import Kind
from models.sessions import LAST_SEEN_INTERVAL, hash_token, new_token
from services.core.transaction import open_engagement, transaction, unjournalled_transaction
from services.core.validation import one_of, required_text, whole_number
from services.people.security_log import log_event
from store.access import access


@dataclass(frozen=True)
class Token:
    """A token as a lead sees it; `shown` is its first characters."""

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
    """Return a new token of the engagement for `scope`, valid for `days`. Only its digest is stored. Raises Invalid."""
    name, scope = required_text("name", name), one_of("scope", scope, list(Scope))
    days = whole_number("days", days, 1, MAX_DAYS)
    token = TOKEN_PREFIX + new_token()
    with transaction(actor, "make an API token") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_TOKENS)
        session.add(
            ApiToken(
                engagement_id=engagement.id,
                name=name,
                scope=scope,
                shown=token[:SHOWN_CHARACTERS],
                token_digest=hash_token(token),
                made_by=actor.name,
                created_at=actor.at,
                expires_at=actor.at + timedelta(days=days),
            )
        )
        # Administrators read this, who may not know the engagement. Leads recognise the token by its first characters.
        detail = f"to {scope}, {token[:SHOWN_CHARACTERS]}…"
        log_event(session, Kind.TOKEN_MADE, actor.at, user_id=actor.user_id, by=actor.name, detail=detail)
    return token


def list_tokens(actor: Actor, slug: str) -> list[Token]:
    """Return the engagement's tokens, the newest first, including revoked and expired ones."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_TOKENS)
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
            .where(ApiToken.engagement_id == granted.engagement_id)
            .order_by(ApiToken.id.desc())
        ).all()
    return [Token(*row) for row in rows]


def revoke_token(actor: Actor, slug: str, token_id: int) -> None:
    """Revoke a token. Raises NotFound if it is gone."""
    with transaction(actor, "revoke an API token") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_TOKENS)
        token = session.get(ApiToken, token_id)
        if token is None or token.engagement_id != engagement.id:
            raise NotFound("There is no such token any more. Nothing was changed.")
        token.revoked_at = token.revoked_at or actor.at
        detail = f"to {token.scope}, {token.shown}…"
        log_event(session, Kind.TOKEN_REVOKED, actor.at, user_id=actor.user_id, by=actor.name, detail=detail)


def actor_of_token(token: str, at: datetime, via: str = "api") -> Actor | None:
    """Return the program that presents `token` as an actor; None if the token isn't valid at that moment."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    valid = select(ApiToken.id, ApiToken.name, ApiToken.used_at).where(
        ApiToken.token_digest == hash_token(token), ApiToken.revoked_at.is_(None), ApiToken.expires_at > at
    )
    with engine().connect() as connection:
        row = connection.execute(valid).one_or_none()
    if row is None:
        return None
    if row.used_at is None or at - row.used_at >= LAST_SEEN_INTERVAL:
        with unjournalled_transaction() as session:
            session.execute(update(ApiToken).where(ApiToken.id == row.id).values(used_at=at))
    return Actor(name=f"token {row.name}", at=at, via=via, token_id=row.id)
