"""Where an address leads: resolved once, and never into a private network unless that is allowed.

A webhook's address is typed by a lead. Without this check it could make the program send requests to what only the
program's own network reaches. The connection goes to the very address that was checked: a name that is resolved twice
may lead elsewhere the second time.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from models.errors import Invalid
from models.settings import settings
from services.core.validation import web_address

ALLOW_PRIVATE = "HEADWAY_ALLOW_PRIVATE_ENDPOINTS"


@dataclass(frozen=True)
class Destination:
    """The parts of a URL: `path` with its query; `host` as it is named, without a port."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def private_allowed() -> bool:
    """Return whether endpoints in private networks, and without TLS, are allowed."""
    return settings().HEADWAY_ALLOW_PRIVATE_ENDPOINTS == "1"


def parse(url: str) -> Destination:
    """Return the parts of a URL. Raises Invalid if it has no host, a user, or an impossible port."""
    parts = urlsplit(web_address("address", url))
    try:
        port = parts.port
    except ValueError:
        raise Invalid("The address has an impossible port. Nothing was saved.") from None
    if not parts.hostname or parts.username is not None:
        raise Invalid("The address has to name a host, and no user. Nothing was saved.")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(secure, parts.hostname, port or (443 if secure else 80), path)


def expect_allowed(url: str) -> Destination:
    """Return the parts of a URL that may be an endpoint.

    Raises Invalid without TLS, or if it names a private address, unless those are allowed. What a name resolves to is
    checked when something is sent.
    """
    destination = parse(url)
    if private_allowed():
        return destination
    if not destination.secure:
        raise Invalid(f"The address has to begin with https://. {_HINT} Nothing was saved.")
    if _is_private_name(destination.host):
        raise Invalid(f"{destination.host} is a private address. {_HINT} Nothing was saved.")
    return destination


_NAT64 = IPv6Network("64:ff9b::/96")
"""The well-known prefix of NAT64 (RFC 6052)."""
_HINT = f"Whoever runs Headway can allow that by {ALLOW_PRIVATE}=1."


def _is_private_name(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_public(address: str) -> bool:
    """Return whether a numeric address is of the public internet. Raises ValueError if it isn't numeric."""
    number: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    inner = _inside(number) if isinstance(number, IPv6Address) else None
    if inner is not None:
        number = inner
    return number.is_global and not number.is_multicast


def _inside(number: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to: mapped, 6to4, or through NAT64."""
    if number in _NAT64:
        return IPv4Address(int(number) & 0xFFFFFFFF)
    return number.ipv4_mapped or number.sixtofour


def resolve(destination: Destination) -> str:
    """Return the numeric address to connect to. Raises OSError if there is none, or only private ones."""
    answers = socket.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
    addresses = [str(answer[4][0]) for answer in answers]
    allowed = [address for address in addresses if private_allowed() or is_public(address)]
    if not allowed or (len(allowed) < len(addresses)):
        raise OSError("it leads to a private address, which isn't allowed")
    return allowed[0]
