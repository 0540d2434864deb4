"""Two ways to do the same, timed turn by turn, so that a busy moment of the machine falls on both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

RUNS = 9


@dataclass(frozen=True)
class Measured:
    """The medians of both, in milliseconds unless another unit is named."""

    ours: float
    theirs: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """How many times as long ours takes; below 1 it is the faster one."""
        return self.ours / self.theirs


def ratio(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    runs: int = RUNS,
    fresh: Callable[[], Any] | None = None,
) -> Measured:
    """Call both in turn, `runs` times after one call that doesn't count, and compare the medians.

    With `fresh`, each call is given what `fresh()` returned just before, outside the clock: an empty database, say.
    """
    return interleaved(lambda: _milliseconds(ours, fresh), lambda: _milliseconds(theirs, fresh), runs)


def interleaved(ours: Callable[[], float], theirs: Callable[[], float], runs: int = RUNS) -> Measured:
    """As `ratio`, of two functions that return how many milliseconds they took."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(runs)]
    return Measured(median(pair[0] for pair in pairs), median(pair[1] for pair in pairs))


def _milliseconds(work: Callable[..., Any], fresh: Callable[[], Any] | None) -> float:
    given = [fresh()] if fresh else []
    start = perf_counter()
    work(*given)
    return (perf_counter() - start) * 1000
