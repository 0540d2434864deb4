"""Addresses of endpoints: none that is private unless that is allowed, one endpoint each, and resolved once."""

import pytest

from models.errors import Conflict, Invalid
from services.events import endpoints, relay
from services.events.destination import is_public
from store.endpoints import endpoints as statuses
from tests.builders import an_engagement, the_operator
from tests.services.events.receiver import answer_with, receiver
from tests.services.events.relaying import ask, send

pytestmark = pytest.mark.usefixtures("database", "on_loopback")

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
    "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public(address):
    assert not is_public(address)


def test_private_addresses_are_refused_unless_they_are_allowed(monkeypatch):
    an_engagement()
    with receiver() as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        endpoints.add_endpoint(the_operator(), "acme", there.url.replace("127.0.0.1", "localhost"))
        monkeypatch.delenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS")
        for address in (there.url, "https://localhost/x", "https://10.0.0.1/x", "https://[::1]/x"):
            with pytest.raises(Invalid, match="HEADWAY_ALLOW_PRIVATE_ENDPOINTS=1"):
                endpoints.add_endpoint(the_operator(), "acme", address)
        ask()
        send()
        assert there.requests == []
        for row in statuses(the_operator(), "acme"):
            assert row.last_answer == "Not reached: it leads to a private address, which isn't allowed"
    for address in ("ftp://x.example", "https://", "https://user@x.example", "https://x.example:99999"):
        with pytest.raises(Invalid):
            endpoints.add_endpoint(the_operator(), "acme", address)


def test_a_name_is_resolved_once(monkeypatch):
    an_engagement()
    asked = []
    own = relay.WebhookChannel.__init__.__globals__["resolve"]
    monkeypatch.setattr(
        "services.events.webhook.resolve", lambda there: asked.append(there.host) or own(there)
    )
    with receiver(
        lambda request: (answer_with(204)(request), setattr(request, "close_connection", True))
    ) as there:
        endpoints.add_endpoint(the_operator(), "acme", there.url.replace("127.0.0.1", "localhost"))
        ask(), ask(title="Second"), ask(title="Third")
        assert send() == 3
    assert asked == ["localhost"]


def test_one_address_is_one_endpoint():
    an_engagement()
    endpoints.add_endpoint(the_operator(), "acme", "https://x.example")
    with pytest.raises(Conflict, match="Endpoint 1 has this address already"):
        endpoints.add_endpoint(the_operator(), "acme", "https://x.example")
