"""The origin that a request was sent to, and whether the request comes from a page of that origin."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from services.core.site_url import public_origins

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Origin:
    """The scheme and host (with its port) that a request was sent to: the origin of our pages there."""

    scheme: str
    host: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def port(self) -> int | None:
        return urlsplit(str(self)).port


def find_origin(scope: Scope) -> Origin | None:
    """Return the origin of a request to one of our hosts; None for any other host, for no host, and for two.

    Without `HEADWAY_URL` only the names of this computer are ours, at any port. So a site elsewhere whose name resolves
    to this computer doesn't become ours (DNS rebinding).
    """
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return None
    host = hosts[0].decode("latin-1").lower()
    public = {urlsplit(origin).netloc: urlsplit(origin).scheme for origin in public_origins()}
    if host in public:
        return Origin(public[host], host)
    if public or not _is_loopback(host):
        return None
    return Origin("https" if scope["scheme"] in ("https", "wss") else "http", host)


def own_origin(scope: Scope) -> Origin:
    """Return the origin of a request that `AuthMiddleware` let through.

    Raises LookupError if it isn't one of ours: then no middleware was in front.
    """
    origin = find_origin(scope)
    if origin is None:
        raise LookupError("The request was not sent to one of our hosts.")
    return origin


def is_same_origin(scope: Scope, origin: Origin) -> bool:
    """Whether the request comes from a page of `origin`. Browsers say so on everything that changes something."""
    return Headers(scope=scope).getlist("origin") == [str(origin)]


def _is_loopback(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.netloc == host and parts.username is None and name in LOOPBACK_HOSTS
