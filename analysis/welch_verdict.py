"""Noise, signal or confirmed: whether a metric changed against its baseline, and in which direction.

Confirmed: the last 6 points hold a signal against the baseline's limits, and differ from the baseline in the
same direction with Welch's p < 0.05. Signal: the last 6 points hold a signal. Noise: neither, also for lack
of points.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.effect import Effect, effect_of, scale_of
from analysis.limits import limits_of
from analysis.process_behaviour import favourable
from analysis.progress import Direction, Scale
from analysis.rule_sets import RuleSet, Signal

RECENT = 6  # points that are looked at for a change
MIN_BASELINE = 6  # points; on fewer, limits and variance say next to nothing
SIGNIFICANT = 0.05
# Of unchanged metrics, the part called "confirmed" at one look, better or worse: with independent points, normal or
# skewed, and where neighbours resemble each other (autocorrelation 0.5), over both rule sets and baselines of 12 and 24
# points. Whoever looks every week sees more of them: version 2 of the rules counts that.
FALSE_CLAIMS = (0.04, 0.23)

Word = Literal["noise", "signal", "confirmed"]


@dataclass(frozen=True)
class Verdict:
    """`direction` is None for noise. `recent` compares the last points with the baseline, if enough.

    `signal` is the first of the last points that signals towards the latest one's side, by its strongest rule;
    `lasts` tells whether every point after it signals so too.
    """

    word: Word
    direction: Literal["better", "worse"] | None
    n_baseline: int
    n_recent: int
    recent: Effect | None
    signal: Signal | None
    lasts: bool = False

    @property
    def enough(self) -> bool:
        """Whether there were points enough to tell at all."""
        return self.n_baseline >= MIN_BASELINE and self.n_recent > 0

    def __str__(self) -> str:
        return f"{self.word} {self.direction}" if self.direction else self.word


def verdict_of(
    values: np.ndarray,
    baseline: int | None,
    direction: Direction,
    rules: RuleSet,
    scale: Scale | None = None,
    *,
    bounded: bool = False,
) -> Verdict:
    """Return the verdict on successive values; `baseline` is how many of the first ones the limits rest on.

    Without a baseline the limits rest on all points, and the last 6 are compared with all before them.
    `scale` None chooses by the data (see `effect.scale_of`).
    """
    values = np.asarray(values, dtype=float)
    reference = max(len(values) - RECENT, 0) if baseline is None else baseline
    start = max(reference, len(values) - RECENT)
    before, recent = values[:reference], values[start:]
    if len(before) < MIN_BASELINE or not len(recent):
        return Verdict("noise", None, len(before), len(recent), None, None)
    limits = limits_of(values if baseline is None else before)
    signals = [signal for signal in rules.signals(values, limits) if signal.index >= start]
    effect = effect_of(before, recent, direction, scale or scale_of(before, recent), bounded=bounded)
    if not signals:
        return Verdict("noise", None, len(before), len(recent), effect, None)
    # A point's signals come in the order of the rule set, which begins with the strongest.
    signal = next(signal for signal in signals if signal.side == signals[-1].side)
    alike = {other.index for other in signals if other.side == signal.side}
    lasts = alike.issuperset(range(signal.index, len(values)))
    evidence = (len(before), len(recent), effect, signal, lasts)
    if effect is not None and _differs(effect, len(recent)):
        side = int(np.sign(effect.difference))
        if any(signal.side == side for signal in signals):
            return Verdict("confirmed", _towards(side, direction), *evidence)
    return Verdict("signal", _towards(signal.side, direction), *evidence)


def _differs(effect: Effect, points: int) -> bool:
    return points == RECENT and effect.p is not None and effect.p < SIGNIFICANT


def _towards(side: int, direction: Direction) -> Literal["better", "worse"]:
    return "better" if side == favourable(direction) else "worse"
