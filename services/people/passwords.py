"""Hashing and verifying passwords with argon2id, by pwdlib."""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from models.errors import Invalid

MIN_LENGTH, MAX_LENGTH = 12, 200
# RFC 9106's memory-constrained choice (64 MiB, 3 passes), in one lane: a hash occupies one core, and the callers limit
# how many run at once.
_HASH = PasswordHash([Argon2Hasher(time_cost=3, memory_cost=65_536, parallelism=1)])


def hash_password(password: str, email: str) -> str:
    """Return the hash of a new password. Raises Invalid if it is too short, too long or too easily guessed."""
    if len(password) < MIN_LENGTH:
        raise Invalid(f"A password needs at least {MIN_LENGTH} characters. Nothing was saved.")
    if len(password) > MAX_LENGTH:
        raise Invalid(f"A password has at most {MAX_LENGTH} characters. Nothing was saved.")
    if password.strip().lower() in (email, email.partition("@")[0]) or len(set(password)) < 5:
        raise Invalid("That password is too easily guessed. Choose another one. Nothing was saved.")
    return _HASH.hash(password)


@cache
def _hash_of_nobody() -> str:
    return _HASH.hash("nobody signs in with this")


def matches(password: str, password_hash: str | None) -> bool:
    """Return whether the password is right. Without a hash it takes as long, and returns False."""
    verified = _HASH.verify(password[: MAX_LENGTH + 1], password_hash or _hash_of_nobody())
    return verified and password_hash is not None


def prepare() -> None:
    """Compute the hash that unknown accounts are compared with, so that the first of them doesn't take longer."""
    _hash_of_nobody()
