"""Who sends a request: the person whom `AuthMiddleware` authenticated, or a program with a token; and the time."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import HTTPException, Request
from starlette.requests import HTTPConnection

from api.identity import IDENTITY_HEADER
from models.people import Actor
from services.people import sessions, tokens

SCHEME = "bearer "


def now() -> datetime:
    """Return the current time: what arrives over HTTP asks for it here, and no rule asks."""
    return datetime.now(UTC)


def person(request: HTTPConnection, via: str) -> Actor | None:
    """Return the person who is signed in; None where nobody is."""
    session_id = request.headers.get(IDENTITY_HEADER)
    at = now()
    user = sessions.by_id(int(session_id), at) if session_id else None
    if user is None:
        return None
    return Actor(name=user.name, at=at, via=via, user_id=user.user_id, session_id=user.session_id)


def caller(request: Request) -> Actor:
    """Return who calls the API: the owner of the token, or the person signed in. A dependency of routes.

    Raises HTTPException 401, in the same words for a token that is wrong, expired or revoked.
    """
    given = request.headers.get("authorization", "")
    if given.lower().startswith(SCHEME):
        actor = tokens.actor_of_token(given[len(SCHEME) :].strip(), now())
    else:
        actor = None if given else person(request, via="api")
    if actor is None:
        raise HTTPException(
            401, "Send a valid token, or sign in first.", headers={"www-authenticate": "Bearer"}
        )
    request.state.actor = actor
    return actor
