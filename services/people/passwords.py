"""Passwords: argon2id, by pwdlib."""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from models.errors import Invalid

MIN_LENGTH, MAX_LENGTH = 12, 200
# RFC 9106's memory-constrained choice (64 MiB, 3 passes), in one lane: a hash occupies one core, and as many run at
# once as the edges allow.
_HASH = PasswordHash([Argon2Hasher(time_cost=3, memory_cost=65_536, parallelism=1)])


def hash_password(password: str, email: str) -> str:
    """The hash of a new password. Raises Invalid with a sentence where it is too easily guessed."""
    if len(password) < MIN_LENGTH:
        raise Invalid(f"A password needs at least {MIN_LENGTH} characters. Nothing was saved.")
    if len(password) > MAX_LENGTH:
        raise Invalid(f"A password has at most {MAX_LENGTH} characters. Nothing was saved.")
    if password.strip().lower() in (email, email.partition("@")[0]) or len(set(password)) < 5:
        raise Invalid("That password is too easily guessed. Choose another one. Nothing was saved.")
    return _HASH.hash(password)


@cache
def _nobodys() -> str:
    return _HASH.hash("nobody signs in with this")


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one. It takes as long where there is none to compare with."""
    found = _HASH.verify(password[: MAX_LENGTH + 1], password_hash or _nobodys())
    return found and password_hash is not None


def prepare() -> None:
    """Make the hash that unknown accounts are compared with, so that the first one doesn't take longer."""
    _nobodys()
