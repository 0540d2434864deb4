"""Signing in with the firm's identity provider: the routes /session/provider and its callback."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import html_pages
from api.client_info import client_info
from api.cookies import delete_cookie, read_cookie, set_cookie
from api.current_user import now
from api.origins import own_origin
from api.threads import in_thread
from models.errors import HeadwayError, Refused
from services.people import provider
from services.people.authentication import NewSession

PROVIDER_COOKIE = "headway_provider"
"""What the provider's answer is compared with, in the one browser that asked."""
COOKIE_SECONDS = 600
BeginSession = Callable[[Request, NewSession, str], Awaitable[Response]]


async def go_to_provider(request: Request, wanted: str) -> Response:
    """Redirect to the provider, and remember in the browser what its answer has to hold."""
    try:
        asked = await in_thread(provider.request_sign_in)
    except HeadwayError as refused:
        return _refused(str(refused), wanted, 503)
    response = RedirectResponse(asked.address, 303)
    value = urlsafe_b64encode(json.dumps(asdict(asked) | {"next": wanted}).encode()).decode()
    set_cookie(response, PROVIDER_COOKIE, value, own_origin(request.scope), COOKIE_SECONDS)
    return response


async def come_back(request: Request, begin: BeginSession, safe: Callable[[str | None], str]) -> Response:
    """Begin a session by the provider's answer, and go where the person wanted to."""
    origin = own_origin(request.scope)
    wanted = "/"
    try:
        asked, wanted = _asked(read_cookie(request.scope, PROVIDER_COOKIE, origin))
        wanted = safe(wanted)
        # Behind a proxy the request itself may have come without TLS.
        answer = f"{origin}{request.url.path}?{request.url.query}"
        use = partial(provider.sign_in_by_provider, answer, asked, now(), client_info(request))
        response = await begin(request, await in_thread(use), wanted)
    except HeadwayError as refused:
        response = _refused(str(refused), wanted, 401)
    delete_cookie(response, PROVIDER_COOKIE, origin)
    return response


def _asked(cookie: str | None) -> tuple[provider.Request, str]:
    try:
        given = json.loads(urlsafe_b64decode(cookie or ""))
        wanted = given.pop("next")
        return provider.Request(**given), wanted
    except (ValueError, TypeError, KeyError) as wrong:
        raise Refused(provider.NOT_THIS) from wrong


def _refused(sentence: str, wanted: str, status: int) -> Response:
    return html_pages.page(
        "sign-in", "Sign in", refused=sentence, status=status, next=wanted, email="", why="", provider="yes"
    )
