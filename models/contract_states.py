"""Whether a contract holds still: the rule, a pure function of its versions and a date.

Its findings' keys are what a waiver covers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.status import Status
from models.wording import count, day_month

FRESH_DAYS = 14
"""Days for which a comparison holds: older ones say nothing of what runs today."""


class ContractState(StrEnum):
    """Whether the seam holds still. The value is the word that people read."""

    DRAFT = "draft"
    STABLE = "stable"
    BROKEN = "broken"
    INCONCLUSIVE = "inconclusive"
    OUT_OF_DATE = "out of date"
    NOT_KNOWN = "not known"

    @property
    def status(self) -> Status:
        """The status whose icon and colour it is shown with."""
        return {
            ContractState.STABLE: Status.ON_TRACK,
            ContractState.BROKEN: Status.OFF_TRACK,
            ContractState.INCONCLUSIVE: Status.AT_RISK,
            ContractState.OUT_OF_DATE: Status.AT_RISK,
            ContractState.DRAFT: Status.PLANNED,
        }.get(self, Status.NOT_KNOWN)


@dataclass(frozen=True)
class VersionFacts:
    """What the rule needs of one version. `breaking` and `doubtful` are keys of findings that break and may break.

    `unlisted` is how many such findings were too many to keep: no waiver can cover those. `seen_on` is the last day on
    which this very document was handed in.
    """

    label: str
    received_on: date
    seen_on: date
    frozen_on: date | None
    breaking: tuple[str, ...]
    doubtful: tuple[str, ...]
    unlisted: int = 0


@dataclass(frozen=True)
class ContractStatus:
    """A contract on a date. `keys` are the findings that no waiver covers: what breaks, else what may break."""

    state: ContractState
    sentence: str
    keys: tuple[str, ...] = ()


def contract_status(
    versions: Sequence[VersionFacts], on: date, waived: Collection[str] = ()
) -> ContractStatus:
    """Return a contract's state on a date. `versions` are in the order in which they came; later ones are left out.

    `waived` are the keys that a waiver covers: a finding of another key opens the question again.
    """
    versions = [version for version in versions if version.received_on <= on]
    if not versions:
        return ContractStatus(ContractState.NOT_KNOWN, "No version of it was handed in")
    newest = versions[-1]
    frozen = [version for version in versions if version.frozen_on is not None and version.frozen_on <= on]
    if not frozen:
        return ContractStatus(ContractState.DRAFT, f"No version is frozen; the newest is {newest.label}")
    breaking = tuple(key for key in newest.breaking if key not in waived)
    if breaking or (newest.unlisted and newest.breaking):
        number = len(breaking) + (newest.unlisted if newest.breaking else 0)
        verb = "breaks" if number == 1 else "break"
        text = f"{count(number, 'change')} of {newest.label} {verb} what {frozen[-1].label} promised"
        return ContractStatus(ContractState.BROKEN, text, breaking)
    doubtful = tuple(key for key in newest.doubtful if key not in waived)
    if doubtful or newest.unlisted:
        number = len(doubtful) + newest.unlisted
        text = f"{count(number, 'change')} of {newest.label} may break what {frozen[-1].label} promised"
        return ContractStatus(ContractState.INCONCLUSIVE, text, doubtful)
    seen = min(newest.seen_on, on)
    if on - seen > timedelta(days=FRESH_DAYS):
        text = f"Last compared on {day_month(seen)}, which is more than {FRESH_DAYS} days ago"
        return ContractStatus(ContractState.OUT_OF_DATE, text)
    return ContractStatus(ContractState.STABLE, f"{newest.label} keeps what {frozen[-1].label} promised")
