"""Who sends a request: a person whom the gate has let in, or a program with a token."""

from __future__ import annotations

from anyio import CapacityLimiter
from fastapi import HTTPException, Request

from api.cookies import IDENTITY, now
from models.people import Actor
from services.people import sessions, tokens

SCHEME = "bearer "


def person(request: Request, via: str) -> Actor | None:
    """The person who is signed in, as the gate says; None where nobody is."""
    session_id = request.headers.get(IDENTITY)
    at = now()
    who = sessions.still(int(session_id), at) if session_id else None
    if who is None:
        return None
    return Actor(name=who.name, at=at, via=via, user_id=who.user_id, session_id=who.session_id)


def caller(request: Request) -> Actor:
    """Who calls the API: the owner of the token, or the person signed in. A dependency of routes.

    Raises 401, in the same words for a token that is wrong, expired or revoked.
    """
    given = request.headers.get("authorization", "")
    if given.lower().startswith(SCHEME):
        found = tokens.program(given[len(SCHEME) :].strip(), now())
    else:
        found = None if given else person(request, via="api")
    if found is None:
        raise HTTPException(
            401, "Send a valid token, or sign in first.", headers={"www-authenticate": "Bearer"}
        )
    request.state.actor = found
    return found


# One hash at a time leaves the other cores to everybody who is signed in; the rest wait here, not in threads.
HASHES = CapacityLimiter(1)
MAX_WAITING = 100
