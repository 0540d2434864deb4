"""The addresses of the program, from its settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from models.settings import settings


def public_origins() -> list[str]:
    """Return the origins in `HEADWAY_URL`, separated by spaces: those that people open, if not localhost."""
    return [_origin(url) for url in settings().HEADWAY_URL.split()]


def port() -> int:
    """Return the port on which `python app.py` listens: `HEADWAY_PORT`, or 8501."""
    return settings().HEADWAY_PORT


def home_url() -> str:
    """Return the address that people open, without a slash at its end."""
    return next(iter(public_origins()), f"http://localhost:{port()}")


def link_url(token: str) -> str:
    """Return the one-time link of a token. Browsers don't send what follows "#", so no server log has the token."""
    return f"{home_url()}/session/enter#{token}"


def sign_off_url(token: str) -> str:
    """Return the link of a token for a sign-off; no server log has its token either."""
    return f"{home_url()}/sign/link#{token}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
