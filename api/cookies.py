"""What the gate and the session routes agree on: addresses, cookies and the header that says who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from models.sessions import KNOWN_BROWSER_LIFETIME
from services.core.site_url import public_origins

# Set by the gate alone: what a client sends under these names never gets past it.
IDENTITY = "x-headway-session"
IDENTITY_PREFIXES = ("x-headway-", "x-streamlit-", "x-forwarded-user", "x-forwarded-email", "x-remote-")
IDENTITY_NAMES = ("remote-user", "x-user", "x-email", "x-auth-request-user", "x-auth-request-email")

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SESSION_COOKIE, BROWSER_COOKIE = "headway_session", "headway_browser"
# The session that a sign-off link began. The gate doesn't know it: it signs nobody in.
SIGNING_COOKIE = "headway_signing"
BROWSER_COOKIE_SECONDS = int(KNOWN_BROWSER_LIFETIME.total_seconds())


def now() -> datetime:
    """The edge that asks what time it is, for what arrives over HTTP."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Address:
    """Where a request was sent: the origin that a page of ours has there."""

    scheme: str
    host: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def secure(self) -> bool:
        return self.scheme == "https"


def address_of(scope: Scope) -> Address | None:
    """The address of a request to one of our hosts; None for any other host, or none, or two.

    Without `HEADWAY_URL` only the names of this machine are ours, at any port: a page elsewhere that makes its own
    name point here doesn't become ours.
    """
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return None
    host = hosts[0].decode("latin-1").lower()
    public = {urlsplit(origin).netloc: urlsplit(origin).scheme for origin in public_origins()}
    if host in public:
        return Address(public[host], host)
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if public or parts.netloc != host or parts.username is not None or name not in LOOPBACK:
        return None
    secure = scope["scheme"] in ("https", "wss")
    return Address("https" if secure else "http", host)


def same_origin(scope: Scope, address: Address) -> bool:
    """Whether the request comes from a page of ours. Browsers say so on everything that changes something."""
    origins = Headers(scope=scope).getlist("origin")
    return origins == [address.origin]


def cookie_name(kind: str, address: Address) -> str:
    """Behind TLS, a name that browsers protect. Otherwise one for each port: ports of one machine share cookies."""
    if address.secure:
        return f"__Host-{kind}"
    return f"{kind}_{urlsplit(address.origin).port or 80}"


def cookie(scope: Scope, kind: str, address: Address) -> str | None:
    """The value of our cookie; None where there is none, or more than one (somebody planted one)."""
    wanted = cookie_name(kind, address)
    headers = Headers(scope=scope).getlist("cookie")
    found = [
        part.partition("=")[2].strip()
        for header in headers
        for part in header.split(";")
        if part.partition("=")[0].strip() == wanted
    ]
    if len(found) != 1 or not found[0]:
        return None
    return cookie_parser(f"{wanted}={found[0]}").get(wanted)


def client_address(scope: Scope) -> str:
    """The address that the request came from, as text."""
    client = scope.get("client")
    return client[0] if client else "unknown"
