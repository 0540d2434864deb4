"""What the API's description says of refusals: each address names those that it can answer with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.idempotency import KEY_PARAMETER

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A problem, after RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do, in a sentence."},
    },
}
PROBLEM = {"application/problem+json": {"schema": PROBLEM_SCHEMA}}
UNAUTHORIZED = "The token is missing, wrong, expired or revoked, and nobody is signed in."
FORBIDDEN = "The role or the token doesn't allow it, or the request comes from another site."
NOT_FOUND = "There is nothing of that name that the caller may see."
UNREADABLE = "The request isn't in the form that this address takes."
OF_A_SENT_BODY = {
    400: "The Idempotency-Key is missing, or the body can't be read.",
    409: "The same request is still being worked on, or it contradicts what is there.",
    413: "The body is larger than is taken.",
    415: "The body isn't application/json.",
}
UNAVAILABLE = "The database can't be used just now. Retry-After says when to come back."


def describe_refusals(routes: Iterable[BaseRoute], caller: Callable[..., Any]) -> None:
    """Add to each route the refusals that it can answer with; what it says itself stays.

    Routes that depend on `caller` refuse strangers and other roles; those with a parameter know what doesn't exist.
    """
    for route in routes:
        if not isinstance(route, APIRoute):
            continue
        known = {503: UNAVAILABLE}
        if _depends_on(route.dependant, caller):
            known |= {401: UNAUTHORIZED, 403: FORBIDDEN}
        if route.param_convertors:
            known |= {404: NOT_FOUND}
        if _takes_parameters(route.dependant):
            known |= {422: UNREADABLE}
        if KEY_PARAMETER in (route.openapi_extra or {}).get("parameters", []):
            known |= OF_A_SENT_BODY
        for status, description in known.items():
            response = route.responses.setdefault(status, {})
            response.setdefault("description", description)
            response.setdefault("content", PROBLEM)


def _depends_on(dependant: Dependant, caller: Callable[..., Any]) -> bool:
    return any(each.call is caller or _depends_on(each, caller) for each in dependant.dependencies)


def _takes_parameters(dependant: Dependant) -> bool:
    return bool(dependant.path_params or dependant.query_params or dependant.body_params)
