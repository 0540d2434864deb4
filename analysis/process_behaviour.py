"""A metric as a process: its phases, each with its limits, signals, variation and capability.

A series is two arrays of one length, `days` (days since any origin, rising) and `values` (in the metric's
unit). The first phase is the baseline and what followed it unexplained: its limits rest on the baseline alone
and stay frozen. A later phase begins only where a person named its cause; its limits rest on all of its
points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from analysis.limits import Limits, limits_of
from analysis.progress import Direction
from analysis.rule_sets import RuleSet, Signal
from analysis.sample_limits import SampleLimits, sample_limits

MIN_POINTS_FOR_LIMITS = 12  # points; limits on fewer are trial limits (Wheeler)
MIN_SEGMENT = 4  # points on either side of a proposed change
Capability = Literal["consistently meets", "consistently misses", "hit or miss", "trial"]
Variation = Literal["common cause", "special cause improvement", "special cause concern"]


@dataclass(frozen=True)
class Phase:
    """Points start ... end - 1 of the series; the first `limits.n` of them carry the limits.

    `samples` holds the limits of each point where they differ by its number of observations; then `limits` are those of
    an average number.
    """

    start: int
    end: int
    cause: str
    limits: Limits
    signals: tuple[Signal, ...]
    samples: SampleLimits | None = None

    @property
    def n(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class Proposal:
    """Where the program sees a new phase; only a person, who knows the cause, can begin one."""

    index: int
    why: str


def phases_of(
    values: np.ndarray,
    baseline: int | None,
    begins: Sequence[tuple[int, str]],
    rules: RuleSet,
    observations: np.ndarray | None = None,
) -> list[Phase]:
    """Return the phases of a series. `baseline` counts the points that the first limits rest on (None: its whole
    phase); `begins` holds the position of each later phase's first point, rising, and its cause. `observations` says of
    how many each point is a share or a rate (NaN where that isn't known).
    """
    starts = [(0, ""), *begins]
    ends = [*(start for start, _ in begins), len(values)]
    phases = []
    for (start, cause), end in zip(starts, ends, strict=True):
        frozen = end if start or baseline is None else min(baseline, end)
        limits = limits_of(values[start:frozen])
        if limits is None:
            continue
        own = None if observations is None else observations[start:end]
        samples = None if own is None else sample_limits(values[start:end], own, limits.n)
        if samples is None:
            signals = rules.signals(values[start:end], limits, first=start)
        else:
            lower, upper = samples.average
            limits = replace(limits, mean=samples.mean, lower=lower, upper=upper)
            signals = rules.signals(samples.deviations, samples.standard, first=start)
        phases.append(Phase(start, end, cause, limits, tuple(signals), samples))
    return phases


def variation(phase: Phase, direction: Direction) -> Variation:
    """Return the NHS variation icon in words: what the latest point of the current phase shows."""
    latest = [signal for signal in phase.signals if signal.index == phase.end - 1]
    if not latest:
        return "common cause"
    good = favourable(direction)
    return "special cause improvement" if latest[0].side == good else "special cause concern"


def assurance(phase: Phase, target: float | None, direction: Direction) -> Capability | None:
    """Return the NHS assurance icon in words: the target against the phase's limits; "trial" while they rest on too
    few.

    None without a target. The icon is about the limits alone; `capability` says whether one may rely on it.
    """
    if target is None:
        return None
    if phase.limits.n < MIN_POINTS_FOR_LIMITS:
        return "trial"
    if phase.limits.sigma == 0 and abs(target - phase.limits.mean) <= phase.limits.tolerance:
        return "consistently meets"
    lower, upper = phase.limits.lower, phase.limits.upper
    if lower is None or upper is None:
        return "trial"
    if lower <= target <= upper:
        return "hit or miss"
    above = 1 if target > upper else -1
    return "consistently misses" if above == favourable(direction) else "consistently meets"


def capability(phase: Phase, target: float | None, direction: Direction) -> Capability | None:
    """As `assurance`, but not said of a process that just changed or isn't stable: "trial" before 12 stable
    points.

    Stable points are those of the phase that no rule points at; a signal at the latest point means that the
    limits no longer describe the process.
    """
    signalled = {signal.index for signal in phase.signals}
    stable = phase.n - len(signalled)
    if target is not None and (stable < MIN_POINTS_FOR_LIMITS or phase.end - 1 in signalled):
        return "trial"
    return assurance(phase, target, direction)


def proposal(values: np.ndarray, phase: Phase, rules: RuleSet) -> Proposal | None:
    """Return a new phase where the current one holds a sustained shift up to its latest point, else None."""
    side = phase.limits.beyond(values[phase.start : phase.end], 0)
    run = next((i for i, now in enumerate(side[::-1]) if now != side[-1]), len(side))
    if side[-1] == 0 or run < rules.run:
        return None
    where = "above" if side[-1] > 0 else "below"
    first = max(earliest_split(phase), phase.end - run - max(run, MIN_POINTS_FOR_LIMITS))
    split = first + change_point(values[first : phase.end])
    return Proposal(split, f"the last {run} points lie {where} the mean") if split > phase.start else None


def earliest_split(phase: Phase) -> int:
    """Return the position from which on a change is looked for, so that none is found within a frozen baseline."""
    frozen = phase.limits.n if phase.limits.n < phase.n else 0
    return phase.start + max(frozen - MIN_SEGMENT, 0)


def change_point(values: np.ndarray) -> int:
    """Return the split into two levels with the least squared error (the likeliest one for normal noise); 0 if too
    short.
    """
    values = np.asarray(values, dtype=float)
    n = len(values)
    splits = np.arange(MIN_SEGMENT, n - MIN_SEGMENT + 1)
    if not len(splits):
        return 0
    centred = values - values.mean()
    left = np.cumsum(centred)[splits - 1]
    explained = left**2 / splits + left**2 / (n - splits)
    return int(splits[int(np.argmax(explained))])


def favourable(direction: Direction) -> int:
    """Return the side of the mean that is better: +1 above, -1 below."""
    return 1 if direction == "higher" else -1
