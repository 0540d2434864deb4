"""Where the program is to be found, as its settings say."""

from __future__ import annotations

import os
from urllib.parse import urlsplit


def public_origins() -> list[str]:
    """`HEADWAY_URL`: the addresses that people open, where they aren't this machine's own; separated by spaces."""
    return [_origin(url) for url in os.environ.get("HEADWAY_URL", "").split()]


def port() -> int:
    """`HEADWAY_PORT`: where `python app.py` listens."""
    return int(os.environ.get("HEADWAY_PORT", "8501"))


def home_url() -> str:
    """The address that people open, without a slash at its end."""
    return next(iter(public_origins()), f"http://localhost:{port()}")


def link_url(token: str) -> str:
    """The one-time link of a token. Behind the "#" browsers keep it to themselves: no log of ours or theirs has it."""
    return f"{home_url()}/session/enter#{token}"


def sign_off_url(token: str) -> str:
    """The link of a token for a sign-off, kept from logs in the same way."""
    return f"{home_url()}/sign/link#{token}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
