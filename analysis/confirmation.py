"""When odds are enough to claim a change, when it was first claimed, and whether it has faded since."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.noise import MAX_VALUE
from analysis.odds import Looks, Odds

CONFIRMED = 6.0  # odds from which a change is claimed
LEANING = 2.0  # odds from which the points lean; a confirmed change fades below
MIN_BASELINE = 4  # points
MIN_SINCE = 2  # points
MAX_LOG = 690.0  # log odds are cut there, so that odds are finite
BLOCK = 64  # looks that are checked at a time


@dataclass(frozen=True)
class Confirmation:
    """The first look at which a change was claimed, by position; the points since the date, and the odds, by
    then; side +1 for upwards, -1 for downwards.
    """

    look: int
    points: int
    odds: float
    side: int


def side_of_most(values: Floats, baseline: int, looks: Looks) -> Floats:
    """Return the side to which most points went by each look: +1, -1, or 0 where they didn't, (..., looks).

    Most points went if more than half of those since the date lie nearer to their own mean than to the
    baseline's, or a standard deviation of the baseline away from it. One wild point moves the mean, and not
    most points. So claims are fewer where noise is skewed, has outliers or is mostly zero, and no fewer
    after a step or a ramp (tests/bench/false_claims.py).
    """
    values, latest = np.clip(values, -MAX_VALUE, MAX_VALUE), np.clip(looks.value, -MAX_VALUE, MAX_VALUE)
    first, since = values[..., :baseline], values[..., baseline : baseline + looks.point.max() + 1]
    before, spread = first.mean(axis=-1)[..., None], first.std(axis=-1, ddof=1)[..., None]
    sums = np.concatenate([np.zeros_like(since[..., :1]), since.cumsum(axis=-1)], axis=-1)
    points = looks.point + 1
    gone = (sums[..., looks.point] + latest) / points - before
    way, far = np.sign(gone), np.minimum(np.abs(gone) / 2, spread)
    counted = np.arange(since.shape[-1]) < looks.point[:, None]
    beyond = (((since - before)[..., None, :] * way[..., None]) > far[..., None]) & counted
    went = np.count_nonzero(beyond, axis=-1) + ((latest - before) * way > far)
    sides: Floats = np.where(2 * went > points, way, 0.0)
    return sides


def claimed_sides(values: Floats, baseline: int, odds: Odds, looks: Looks) -> Floats:
    """Return +1 or -1 at each look at which a change up or down is claimed, else 0: (..., looks)."""
    most = side_of_most(values, baseline, looks)
    return np.where((odds.log_odds >= np.log(CONFIRMED)) & (most == odds.side), most, 0.0)


def first_confirmation(odds: Odds, looks: Looks, side_at: Callable[[Ints], Floats]) -> Confirmation | None:
    """Return the first claim of one series. `side_at` gives the side of most points at some looks."""
    candidates = np.flatnonzero(odds.log_odds >= np.log(CONFIRMED))
    for begin in range(0, len(candidates), BLOCK):
        some = candidates[begin : begin + BLOCK]
        claimed = some[(side_at(some) == odds.side[some]) & (odds.side[some] != 0)]
        if len(claimed):
            look = int(claimed[0])
            points, side = int(looks.point[look]) + 1, int(odds.side[look])
            return Confirmation(look, points, finite_odds(float(odds.log_odds[look])), side)
    return None


def finite_odds(log_odds: float) -> float:
    """Return odds as a number that is never infinite."""
    return float(np.exp(min(log_odds, MAX_LOG)))
