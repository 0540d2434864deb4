"""The geometry of process behaviour that page, paper, slide and explored chart share: one segment a phase.

Moments are numbers on the backend's own time axis (milliseconds, seconds, days), values are in the metric's unit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isnan
from typing import Any

LATE = 0.6
"""Part of the axis after which the cause of a phase is written left of its beginning."""


@dataclass(frozen=True)
class Segment:
    """A phase as it is drawn: its limits rest on the points up to `frozen`. None: too few points for such a level."""

    start: float
    end: float
    frozen: float
    mean: float | None
    lower: float | None
    upper: float | None
    cause: str
    begins: bool
    """Whether its beginning is drawn, with its cause; that of the first one isn't."""
    sampled: bool = False
    """Whether each point has limits of its own, by its number of observations; these are of an average number."""

    def levels(self) -> dict[str, float]:
        """Return those of mean, lower and upper that are known."""
        known = {"mean": self.mean, "lower": self.lower, "upper": self.upper}
        return {name: level for name, level in known.items() if level is not None}

    def bands(self) -> Iterator[tuple[float, float, bool]]:
        """Yield start and end of the band its limits rest on, and of the one (True) that is only held against them."""
        if self.lower is None or self.upper is None or self.sampled:
            return
        for start, end, held in ((self.start, self.frozen, False), (self.frozen, self.end, True)):
            if end > start:
                yield start, end, held


@dataclass(frozen=True)
class OwnBand:
    """Limits of one point's own, over a stretch of the axis; `held` where the point is only held against them."""

    start: float
    end: float
    lower: float
    upper: float
    held: bool


@dataclass(frozen=True)
class Cause:
    """The text above the beginning of a phase; `late` where it ends there instead of beginning there."""

    place: float
    text: str
    late: bool


def segments(
    phases: Iterable[Mapping[str, Any]], first: float, last: float, *, non_negative: bool
) -> list[Segment]:
    """Return the part of each phase from `first` to `last`, in order of time.

    Keys of a phase: `start`, `end` and `frozen` (moments), `mean`, `lower`, `upper` (None or NaN where unknown),
    `cause`, and perhaps `sampled`. Limits of values that are never negative end at 0.
    """
    drawn = [phase for phase in phases if phase["end"] >= first and phase["start"] <= last]
    return [_segment(phase, first, last, non_negative, nth > 0) for nth, phase in enumerate(drawn)]


def _segment(
    phase: Mapping[str, Any], first: float, last: float, non_negative: bool, begins: bool
) -> Segment:
    start, end = max(phase["start"], first), min(phase["end"], last)
    frozen = min(max(phase["frozen"], start), end)
    lower = _known(phase["lower"])
    if lower is not None and non_negative:
        lower = max(lower, 0.0)
    mean, upper = _known(phase["mean"]), _known(phase["upper"])
    sampled = bool(phase.get("sampled"))
    return Segment(start, end, frozen, mean, lower, upper, phase["cause"] or "", begins, sampled)


def _known(level: float | None) -> float | None:
    return None if level is None or isnan(level) else level


def own_bands(
    times: Sequence[float],
    limits: Sequence[tuple[float | None, float | None]],
    parts: Sequence[Segment],
    *,
    non_negative: bool,
) -> list[OwnBand]:
    """Return the bands of points with limits (lower, upper) of their own; None or NaN: it has none.

    A band reaches halfway to the points beside it. Limits of values that are never negative end at 0.
    """
    frozen = max((part.frozen for part in parts if part.sampled), default=inf)
    middles = [(one + other) / 2 for one, other in pairwise(times)]
    starts, ends = [*times[:1], *middles], [*middles, *times[-1:]]
    bands = []
    for time, start, end, (low, high) in zip(times, starts, ends, limits, strict=True):
        lower, upper = _known(low), _known(high)
        if lower is not None and upper is not None:
            bands.append(
                OwnBand(start, end, max(lower, 0.0) if non_negative else lower, upper, time > frozen)
            )
    return bands


def causes(
    begun: Sequence[tuple[float, str]], letter: float, start: float = 0.0, end: float = 100.0
) -> list[Cause]:
    """Return the causes that have room above an axis drawn from `start` to `end`, where the one before leaves it.

    `begun` are places on the axis with their texts, in order; `letter` is how wide a letter is on average.
    """
    written: list[Cause] = []
    taken = start
    for place, text in begun:
        width, late = len(text) * letter, place > start + LATE * (end - start)
        begins = place - width if late else place
        if text and begins >= taken:
            written.append(Cause(place, text, late))
            taken = begins + width + letter
    return written
