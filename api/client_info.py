"""The client of a request: its address and its browser."""

from __future__ import annotations

from starlette.requests import Request

from api.cookies import BROWSER_COOKIE, read_cookie
from api.origins import own_origin
from services.people.client_info import ClientInfo


def client_info(request: Request) -> ClientInfo:
    """Return the address ("unknown" if the server doesn't say), the user agent and the browser's own token."""
    return ClientInfo(
        address=request.client.host if request.client else "unknown",
        browser=request.headers.get("user-agent", ""),
        browser_token=read_cookie(request.scope, BROWSER_COOKIE, own_origin(request.scope)),
    )
