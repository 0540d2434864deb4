"""What receivers on this machine need."""

import pytest


@pytest.fixture
def on_loopback(monkeypatch):
    """Endpoints may be on private addresses, as the tests' receivers are."""
    monkeypatch.setenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS", "1")
