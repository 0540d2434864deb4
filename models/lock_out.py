"""When an attempt to sign in isn't even looked at, because too many before it failed.

Guessing has to become slow without handing anybody a way to lock a person out. So attempts are counted apart: those of
a browser in which the account signed in before only count for that browser, and nobody else can use them up.
"""

from dataclasses import dataclass
from datetime import timedelta

WINDOW = timedelta(minutes=15)
MAX_IN_KNOWN_BROWSER = 10
MAX_FROM_ADDRESS_FOR_ACCOUNT = 5
MAX_FOR_ACCOUNT = 20
MAX_FROM_ADDRESS = 60


@dataclass(frozen=True)
class Failures:
    """Failed attempts within the window: with this browser, where it is known to the account (None: it isn't);
    otherwise, from unknown browsers, for the account from this address, for the account, and from this address.
    """

    in_known_browser: int | None
    from_address_for_account: int
    for_account: int
    from_address: int


def locked(failures: Failures) -> bool:
    """Whether the next attempt is refused unseen. It ends by itself, as failures leave the window."""
    if failures.in_known_browser is not None:
        return failures.in_known_browser >= MAX_IN_KNOWN_BROWSER
    return (
        failures.from_address_for_account >= MAX_FROM_ADDRESS_FOR_ACCOUNT
        or failures.for_account >= MAX_FOR_ACCOUNT
        or failures.from_address >= MAX_FROM_ADDRESS
    )
