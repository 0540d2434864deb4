"""Hours that a clock shows twice or never, as it goes back or forward: only an offset tells which one is meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from models.errors import Invalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOCK_BACK, CLOCK_FORWARD = "clock goes back", "clock goes forward"


@dataclass(frozen=True)
class InUtc:
    """Wall-clock times as UTC, datetime64[us]. What the clock shows `twice` is the first, what it `never` shows the
    next that it does."""

    at: NDArray[np.datetime64]
    twice: NDArray[np.bool_]
    never: NDArray[np.bool_]


def in_utc(local: NDArray[np.datetime64], zone: ZoneInfo) -> InUtc:
    """Return the UTC of wall-clock times in `zone`, in one pass where none of them is beside a clock change."""
    index = pd.DatetimeIndex(local)
    at = index.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").tz_convert("UTC").tz_localize(None)
    utc = at.to_numpy().astype("datetime64[us]")
    twice, never = (np.zeros(len(local), bool) for _ in range(2))
    lost = np.flatnonzero(np.isnat(utc) & ~np.isnat(np.asarray(local, "datetime64[us]")))
    if lost.size:
        first = index[lost].tz_localize(zone, ambiguous=np.ones(lost.size, bool), nonexistent="shift_forward")
        utc[lost] = first.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
        shown = first.tz_localize(None) == index[lost]
        twice[lost], never[lost] = shown, ~shown
    return InUtc(utc, twice, never)


def offsets_of(local: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return both spellings of a time that a clock shows twice: 2026-10-25T02:00+02:00 and ...+01:00."""
    spelled = [local.replace(tzinfo=zone, fold=fold).isoformat(timespec="minutes") for fold in (0, 1)]
    return spelled[0], spelled[1]


def twice_reason(local: datetime, zone: ZoneInfo) -> str:
    """Return why a time has to have an offset, and how: for a refusal and for a doubt."""
    first, second = offsets_of(local, zone)
    return (
        f"on {_day(local)} the clock in {zone.key} goes back and shows {local:%H:%M} twice; "
        f"write which one is meant with its offset: {first} or {second}"
    )


def never_reason(local: datetime, zone: ZoneInfo) -> str:
    """Return why a time is none, and what it was read as."""
    then = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    after = local.replace(tzinfo=zone, fold=1).astimezone(UTC).astimezone(zone)
    lost = f"on {_day(local)} the clock in {zone.key} goes forward and never shows {local:%H:%M}"
    return f"{lost}; write the time with its offset: {max(then, after).isoformat(timespec='minutes')}"


def moment_in(zone: ZoneInfo, local: datetime) -> datetime:
    """Return the moment at which a clock in the zone shows `local`. Raises Invalid for twice or never."""
    if change := is_beside_a_change(local, zone):
        reason = twice_reason(local, zone) if change == CLOCK_BACK else never_reason(local, zone)
        raise Invalid(f"It is not one moment: {reason}.")
    return local.replace(tzinfo=zone)


def why_no_moment(local: datetime, zone: ZoneInfo) -> str:
    """Return why `local` is not one moment there, for who can't write an offset; nothing if it is one."""
    change = is_beside_a_change(local, zone)
    reason = twice_reason(local, zone) if change == CLOCK_BACK else never_reason(local, zone)
    return reason.partition(";")[0] if change else ""


def _day(local: datetime) -> str:
    return f"{local.day} {local:%b %Y}"


def is_beside_a_change(local: datetime, zone: ZoneInfo) -> str:
    """Return CLOCK_BACK or CLOCK_FORWARD where the clock shows `local` twice or never, else nothing."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    there_and_back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return CLOCK_BACK if there_and_back - local.replace(fold=0) == timedelta(0) else CLOCK_FORWARD
