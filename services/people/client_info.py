"""From where a request comes: the address, and what is known of its browser."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network

IPV6_PREFIX_BITS = 64
"""A household or a host has a whole network of 2^64 addresses."""


@dataclass(frozen=True)
class ClientInfo:
    """The client's IP address, its user agent, and the token of the cookie that its browser was given when somebody
    signed in with it before.
    """

    address: str
    browser: str = ""
    browser_token: str | None = None

    @property
    def rate_limit_key(self) -> str:
        """The IPv4 address, or the /64 prefix of an IPv6 address; the address as it is where it is neither."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, IPv4Address):
            return self.address
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, IPV6_PREFIX_BITS), strict=False))
