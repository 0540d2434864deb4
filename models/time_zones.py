"""The names of the time zones that an engagement may be in."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the IANA time zones. Read once a process: `available_timezones` opens hundreds of files."""
    return frozenset(available_timezones())
