"""The header with which `AuthMiddleware` names the session of a request to everything behind it."""

from __future__ import annotations

from starlette.types import Scope

IDENTITY_HEADER = "x-headway-session"
# What a client sends under these names never reaches the pages or the API.
IDENTITY_PREFIXES = ("x-headway-", "x-streamlit-", "x-forwarded-user", "x-forwarded-email", "x-remote-")
IDENTITY_NAMES = ("remote-user", "x-user", "x-email", "x-auth-request-user", "x-auth-request-email")


def with_identity(scope: Scope, session_id: int) -> Scope:
    """Return the scope with the header that names the session."""
    header = (IDENTITY_HEADER.encode(), str(session_id).encode())
    return {**scope, "headers": [*scope["headers"], header]}


def without_identity(scope: Scope) -> Scope:
    """Return the scope without the headers that could say who sends it."""
    return {**scope, "headers": [row for row in scope["headers"] if not _names_somebody(row[0])]}


def _names_somebody(header: bytes) -> bool:
    # Some servers take a dash and an underscore for the same.
    name = header.decode("latin-1").lower().replace("_", "-")
    return name.startswith(IDENTITY_PREFIXES) or name in IDENTITY_NAMES
