"""How far a number has come: as a factor, and as a part of the way to its target."""

import math
from typing import Literal

Direction = Literal["lower", "higher"]
Scale = Literal["linear", "log"]


def times_better(
    baseline: float | None, current: float | None, direction: Direction, *, bounded: bool = False
) -> float | None:
    """Return current against baseline as a factor, above 1 when better: 4 h -> 90 s with lower better is 160.

    None where a factor has no meaning: a value that is missing, zero or negative, or a measure with bounds
    (from 90 % to 99 % is not "1.1 times better").
    """
    if bounded or baseline is None or current is None or not (_positive(baseline) and _positive(current)):
        return None
    return _finite(baseline / current if direction == "lower" else current / baseline)


def progress(
    baseline: float | None, current: float | None, target: float | None, scale: Scale = "linear"
) -> float | None:
    """Return the part of the way from baseline (0) to target (1); below 0 is worse than baseline, above 1 beyond.

    Linear (c - b) / (t - b); log ln(b/c) / ln(b/t), for measures that improve by factors. None where
    there is no way to go, a value is missing, or a logarithm has no meaning.
    """
    if baseline is None or current is None or target is None:
        return None
    values = (baseline, current, target)
    if not all(math.isfinite(value) for value in values):
        return None
    if scale == "log":
        if not all(_positive(value) for value in values):
            return None
        baseline, current, target = (math.log(value) for value in values)
    way = target - baseline
    return _finite((current - baseline) / way) if way else None


def _positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
