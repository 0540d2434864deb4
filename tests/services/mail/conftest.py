"""The mail server that tests send to."""

import pytest

from tests.services.mail.mailbox import mailbox


@pytest.fixture
def box(monkeypatch):
    """A mail server that keeps what it is sent, and to which the program sends."""
    with mailbox(monkeypatch) as box:
        yield box
