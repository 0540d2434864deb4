"""Named, versioned sets of detection rules. A rule tells each point's side: +1 above, -1 below, 0 no signal.

Wheeler: one point outside the limits; 8 successive points on one side of the mean (a point on the mean
neither counts nor ends the run); 3 of 4 successive points beyond the midpoint between mean and limit, on one
side.

NHS England, "Making Data Count": one point outside; 7 successive points on one side of the mean (a point on
the mean ends the run); 7 successive points all rising or all falling; 2 of 3 successive points near a limit
(in the outer third, within the limits), the three on one side of the mean.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.limits import Limits

Rule = Callable[[np.ndarray, Limits], np.ndarray]


@dataclass(frozen=True)
class Signal:
    """A point that a rule points at: its position in the series (from 0), the rule's name, and its side."""

    index: int
    rule: str
    side: int


@dataclass(frozen=True)
class RuleSet:
    """A version is never edited: a changed rule makes a new one, so that old verdicts stay explainable."""

    name: str
    version: int
    run: int  # so many points on one side are a sustained shift
    rules: tuple[tuple[str, Rule], ...]

    def signals(self, values: np.ndarray, limits: Limits | None, first: int = 0) -> list[Signal]:
        """Return the signals among successive values, by position; `first` is the position of values[0]."""
        if limits is None or limits.lower is None:
            return []
        values = np.asarray(values, dtype=float)
        hits = [
            Signal(first + i, name, side)
            for name, rule in self.rules
            for i, side in enumerate(rule(values, limits).tolist())
            if side
        ]
        return sorted(hits, key=lambda signal: signal.index)


def outside(values: np.ndarray, limits: Limits) -> np.ndarray:
    return limits.beyond(values, 3 * limits.sigma)


def eight_on_one_side(values: np.ndarray, limits: Limits) -> np.ndarray:
    return _runs(limits.beyond(values, 0), 8, passes_over_the_mean=True)


def seven_on_one_side(values: np.ndarray, limits: Limits) -> np.ndarray:
    return _runs(limits.beyond(values, 0), 7, passes_over_the_mean=False)


def three_of_four_beyond_the_midpoint(values: np.ndarray, limits: Limits) -> np.ndarray:
    near = limits.beyond(values, 1.5 * limits.sigma)
    sides = np.zeros(len(near), dtype=int)
    sums = np.convolve(near, np.ones(4, dtype=int), "valid") if len(near) >= 4 else np.zeros(0, dtype=int)
    for i in np.flatnonzero(np.abs(sums) >= 3):
        sides[i : i + 4] = np.sign(sums[i])
    return sides


def two_of_three_near_a_limit(values: np.ndarray, limits: Limits) -> np.ndarray:
    near = limits.beyond(values, 2 * limits.sigma) * (outside(values, limits) == 0)
    side = limits.beyond(values, 0)
    sides = np.zeros(len(near), dtype=int)
    for i in range(2, len(near)):
        window = slice(i - 2, i + 1)
        if abs(side[window].sum()) == 3 and np.abs(near[window]).sum() >= 2:
            sides[window] += near[window]
    return np.sign(sides)


def trend_of_seven(values: np.ndarray, limits: Limits) -> np.ndarray:
    """The side is the point's, as for every NHS rule; a point on the mean takes the trend's direction."""
    steps = np.where(np.abs(np.diff(values)) > limits.tolerance, np.sign(np.diff(values)), 0).astype(int)
    direction = np.zeros(len(values), dtype=int)
    for i in range(6, len(values)):
        if abs(steps[i - 6 : i].sum()) == 6:
            direction[i - 6 : i + 1] = steps[i - 1]
    side = limits.beyond(values, 0)
    return np.where(direction == 0, 0, np.where(side == 0, direction, side))


def _runs(side: np.ndarray, length: int, passes_over_the_mean: bool) -> np.ndarray:
    """Return the side of the points of each run: of all that end it, as soon as it has `length`, the last `length`."""
    at = np.flatnonzero(side)
    if not len(at):
        return np.zeros(len(side), dtype=int)
    ends = side[at][1:] != side[at][:-1]
    if not passes_over_the_mean:
        ends |= np.diff(at) > 1
    order = np.arange(len(at))
    begins = np.maximum.accumulate(np.where(np.r_[True, ends], order, 0))
    latest = np.cumsum(side != 0) - 1
    run: np.ndarray = np.where(latest < 0, 0, (order - begins + 1)[latest] * side[at][latest])
    if not passes_over_the_mean:
        run = np.where(side == 0, 0, run)
    reached: np.ndarray = _reaching(run >= length, length) - _reaching(run <= -length, length)
    return reached


def _reaching(ends: np.ndarray, length: int) -> np.ndarray:
    """Return 1 for each point at or up to `length` - 1 before an end, else 0."""
    counts = np.concatenate([[0], np.cumsum(ends), np.full(length - 1, ends.sum())])
    return (counts[length:] > counts[: len(ends)]).astype(int)


WHEELER = RuleSet(
    "wheeler",
    1,
    8,
    (
        ("outside the limits", outside),
        ("8 on one side", eight_on_one_side),
        ("3 of 4 near a limit", three_of_four_beyond_the_midpoint),
    ),
)
NHS = RuleSet(
    "nhs",
    1,
    7,
    (
        ("outside the limits", outside),
        ("7 on one side", seven_on_one_side),
        ("trend of 7", trend_of_seven),
        ("2 of 3 near a limit", two_of_three_near_a_limit),
    ),
)
RULE_SETS = {rules.name: rules for rules in (WHEELER, NHS)}


def rule_set(name: str) -> RuleSet:
    """Return the newest version of a rule set by name. Raises ValueError if there is none of that name."""
    try:
        return RULE_SETS[name]
    except KeyError:
        raise ValueError(f"There is no rule set “{name}”. Choose one of {', '.join(RULE_SETS)}.") from None
