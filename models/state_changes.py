"""A change: what happened between two states, its text before and after, and the page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from models.engagement import Engagement
from models.status import WORST_FIRST, Status
from models.summarise import summarise
from models.summary import Summary


class Kind(StrEnum):
    """What happened. The value is the word that people read."""

    MET = "met"
    UNMET = "no longer met"
    SLIPPED = "slipped"
    SOONER = "sooner"
    NEW = "new"
    GONE = "gone"
    CORRECTED = "corrected"
    REDEFINED = "re-defined"
    SIGNED = "signed"
    UNSIGNED = "no longer signed"
    BROKEN = "broken"
    MENDED = "mended"
    BETTER = "better"
    WORSE = "worse"
    LIVE = "live"
    NOT_LIVE = "not live"
    DECIDED = "decided"
    REOPENED = "reopened"
    BEGUN = "begun"
    PUT_BACK = "put back"
    WAIVED = "waived"
    UNWAIVED = "no longer waived"
    KNOWN = "now known"
    UNKNOWN = "no longer known"

    @property
    def opposite(self) -> Kind:
        """The kind of the same change with the states swapped."""
        return _OPPOSITE[self]

    @property
    def status(self) -> Status:
        """The status whose icon and colour it is shown with."""
        return _STATUS[self]


_PAIRS = [
    (Kind.MET, Kind.UNMET), (Kind.SLIPPED, Kind.SOONER), (Kind.NEW, Kind.GONE), (Kind.CORRECTED, Kind.CORRECTED),
    (Kind.REDEFINED, Kind.REDEFINED), (Kind.SIGNED, Kind.UNSIGNED), (Kind.BROKEN, Kind.MENDED),
    (Kind.BETTER, Kind.WORSE), (Kind.LIVE, Kind.NOT_LIVE), (Kind.DECIDED, Kind.REOPENED), (Kind.BEGUN, Kind.PUT_BACK),
    (Kind.WAIVED, Kind.UNWAIVED), (Kind.KNOWN, Kind.UNKNOWN),
]  # fmt: skip
_OPPOSITE = {kind: other for pair in _PAIRS for kind, other in (pair, pair[::-1])}
_BAD = {Kind.UNMET, Kind.BROKEN, Kind.UNSIGNED, Kind.NOT_LIVE}
_DOUBTFUL = {
    Kind.SLIPPED,
    Kind.WORSE,
    Kind.CORRECTED,
    Kind.REDEFINED,
    Kind.REOPENED,
    Kind.PUT_BACK,
    Kind.UNKNOWN,
}
_NEUTRAL = {Kind.NEW, Kind.GONE, Kind.WAIVED, Kind.UNWAIVED, Kind.KNOWN}
_STATUS = {
    kind: Status.OFF_TRACK if kind in _BAD else Status.AT_RISK if kind in _DOUBTFUL
    else Status.PLANNED if kind in _NEUTRAL else Status.DONE if kind is Kind.MET else Status.ON_TRACK
    for kind in Kind
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One difference: what it is about, its text before and after, and the page that shows it."""

    kind: Kind
    about: str
    old: str
    new: str
    page: str

    @property
    def mirrored(self) -> Change:
        """The same change with the states swapped."""
        return replace(self, kind=self.kind.opposite, old=self.new, new=self.old)


@dataclass(frozen=True)
class DatedState:
    """A state, the date on which the rules evaluate it, and its summary."""

    engagement: Engagement
    on: date
    summary: Summary

    @staticmethod
    def of(engagement: Engagement, on: date) -> DatedState:
        """Return the state with its summary."""
        return DatedState(engagement, on, summarise(engagement))


ABSENT = "not there"


def status_change(was: Status, now: Status) -> Kind:
    """Return the kind of a status' change. What is no longer known is never an improvement."""
    if Status.NOT_KNOWN in (was, now):
        return Kind.UNKNOWN if now is Status.NOT_KNOWN else Kind.KNOWN
    return Kind.BETTER if WORST_FIRST.index(now) > WORST_FIRST.index(was) else Kind.WORSE


Row = TypeVar("Row")
Key = TypeVar("Key")


def added_and_removed(
    old: dict[Key, Row],
    new: dict[Key, Row],
    name: Callable[[Row], str],
    text: Callable[[Row], str],
    page: str,
) -> Iterator[Change]:
    """Return a change for each key of which only one state has a row. Its `name`, `text` and `page` show that row."""
    for key, row in new.items():
        if key not in old:
            yield Change(Kind.NEW, name(row), ABSENT, text(row), page)
    for key, row in old.items():
        if key not in new:
            yield Change(Kind.GONE, name(row), text(row), ABSENT, page)


def in_both(old: dict[Key, Row], new: dict[Key, Row]) -> Iterator[tuple[Row, Row]]:
    """Return the old and the new row of each key that both states have."""
    return ((old[key], row) for key, row in new.items() if key in old)
