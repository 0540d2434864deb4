"""Rate limits of sign-in: when an attempt is refused unseen because too many before it failed.

Guessing has to become slow, but nobody may be able to lock somebody else out. So the attempts from a browser in which
the account signed in before have a limit of their own, which other people can't use up.
"""

from dataclasses import dataclass
from datetime import timedelta

WINDOW = timedelta(minutes=15)
MAX_IN_KNOWN_BROWSER = 10
MAX_FROM_ADDRESS_FOR_ACCOUNT = 5
MAX_FOR_ACCOUNT = 20
MAX_FROM_ADDRESS = 60


@dataclass(frozen=True)
class FailedAttempts:
    """Numbers of failed attempts within `WINDOW`.

    `in_known_browser` is None unless the account signed in with this browser before. The others count attempts from
    unknown browsers: for the account from this address, for the account, and from this address.
    """

    in_known_browser: int | None
    from_address_for_account: int
    for_account: int
    from_address: int


def is_locked_out(failures: FailedAttempts) -> bool:
    """Return whether the next attempt is refused unseen. It ends by itself as failures leave the window."""
    if failures.in_known_browser is not None:
        return failures.in_known_browser >= MAX_IN_KNOWN_BROWSER
    return (
        failures.from_address_for_account >= MAX_FROM_ADDRESS_FOR_ACCOUNT
        or failures.for_account >= MAX_FOR_ACCOUNT
        or failures.from_address >= MAX_FROM_ADDRESS
    )
