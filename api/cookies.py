"""Our cookies: their names, reading one, setting and deleting one."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from api.origins import Origin
from models.sessions import KNOWN_BROWSER_LIFETIME

SESSION_COOKIE, BROWSER_COOKIE = "headway_session", "headway_browser"
SIGNING_COOKIE = "headway_signing"
"""The session that a sign-off link began. `AuthMiddleware` doesn't read it: it signs nobody in."""
BROWSER_COOKIE_SECONDS = int(KNOWN_BROWSER_LIFETIME.total_seconds())


def cookie_name(kind: str, origin: Origin) -> str:
    """Return the name of a cookie. Behind TLS it has a prefix that browsers protect; otherwise it has the port in it,
    because the ports of one host share their cookies.
    """
    return f"__Host-{kind}" if origin.is_secure else f"{kind}_{origin.port or 80}"


def read_cookie(scope: Scope, kind: str, origin: Origin) -> str | None:
    """Return the value of our cookie; None if there is none, or more than one (then somebody planted one)."""
    name = cookie_name(kind, origin)
    values = [
        part.partition("=")[2].strip()
        for header in Headers(scope=scope).getlist("cookie")
        for part in header.split(";")
        if part.partition("=")[0].strip() == name
    ]
    if len(values) != 1 or not values[0]:
        return None
    return cookie_parser(f"{name}={values[0]}").get(name)


def set_cookie(response: Response, kind: str, value: str, origin: Origin, max_age: int) -> None:
    """Set a cookie for `max_age` seconds that no script reads and that other sites don't send."""
    response.set_cookie(
        cookie_name(kind, origin),
        value,
        max_age=max_age,
        path="/",
        secure=origin.is_secure,
        httponly=True,
        samesite="lax",
    )


def delete_cookie(response: Response, kind: str, origin: Origin) -> None:
    """Delete a cookie."""
    response.delete_cookie(cookie_name(kind, origin), secure=origin.is_secure, httponly=True, samesite="lax")
