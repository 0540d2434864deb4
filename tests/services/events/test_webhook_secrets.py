"""Secrets that sign what is sent: two of them hold while one takes the other's place, and no journal has them."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from models.database import engine
from models.endpoints import signing_secrets
from services.events import endpoints
from tests.builders import an_engagement, noon, the_operator
from tests.services.events.receiver import receiver
from tests.services.events.relaying import ask, later, send

pytestmark = pytest.mark.usefixtures("database", "on_loopback")


def signed_with(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether one of the signatures is by that secret, whatever the time."""
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    return (
        Webhook(secret).sign(headers["webhook-id"], sent_at, body.decode())
        in headers["webhook-signature"].split()
    )


def test_a_secret_is_rotated_with_an_overlap():
    an_engagement()
    with receiver() as there:
        new = endpoints.add_endpoint(the_operator(), "acme", there.url)
        second = endpoints.rotate_secret(the_operator(), "acme", new.id)
        ask()
        send(clock=later(noon(1), hours=23))
        _, headers, body = there.requests[0]
        for secret in (second, new.secret):
            assert signed_with(secret, headers, body)
        ask(title="Later")
        send(clock=later(noon(2), hours=1))
        _, headers, body = there.requests[1]
        assert signed_with(second, headers, body)
        assert not signed_with(new.secret, headers, body)
    with engine().connect() as connection:
        stored = connection.exec_driver_sql("SELECT secrets FROM endpoint").scalar_one()
    assert signing_secrets(stored, noon(1) + timedelta(hours=23)) == [second, new.secret]
    assert signing_secrets(stored, noon(2) + timedelta(hours=1)) == [second]


def test_no_secret_is_in_the_journal():
    an_engagement()
    secret = endpoints.add_endpoint(the_operator(), "acme", "https://x.example").secret
    with engine().connect() as connection:
        assert secret in connection.exec_driver_sql("SELECT secrets FROM endpoint").scalar_one()
        entries = connection.exec_driver_sql("SELECT payload FROM journal").scalars().all()
        logged = connection.exec_driver_sql("SELECT detail FROM security_event").scalars().all()
    assert all(secret[6:] not in text for text in [*filter(None, entries), *logged])
