"""Odds of a change where a point holds few events: the exact Poisson comparison of totals.

Given the total of events, how many of them came since a date is binomial, whatever the rate was
(Przyborowski and Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika
1940). With k0 events in t0 points before, k1 in t1 points since and the rate times rho, the likelihood
ratio of "times rho" to "no change" is

    rho^k1 ((t0 + t1) / (t0 + rho t1))^(k0 + k1)

Its average over a prior for rho is the Bayes factor, and an e-value: where nothing changed, its mean is 1.
Events that cluster vary more than Poisson's: then the ratio is taken to the power of 1 / dispersion, which
only lowers that mean (Jensen's inequality; the quasi-likelihood of Wedderburn, Biometrika 1974).
"""

import numpy as np

from analysis.arrays import Floats
from analysis.explanations import FROM_DATE, MIN_POINTS, SHAPES, STEP, Changes
from analysis.odds import Odds, total_odds

# Events a point in the baseline below which points are taken as counts.
FEW_EVENTS = 2.0
# Prior of ln rho: normal, standard deviation 1 (two thirds of changes are by a factor of 0.37 to 2.7), on a
# grid.
LOG_RATES = np.linspace(-3, 3, 25)
RATES = np.exp(LOG_RATES)
RATE_WEIGHTS = np.exp(-(LOG_RATES**2) / 2) / np.exp(-(LOG_RATES**2) / 2).sum()
# Dispersion (variance over mean) is taken together with so many imagined points that say 1.5.
PRIOR_POINTS = 4
PRIOR_DISPERSION = 1.5
BLOCK = 64  # looks that are worked out at a time
MAX_EVENTS = 1e9  # more in one point is no count


def few_events(values: Floats, baseline: int) -> bool:
    """Return whether the baseline holds whole numbers of events, and fewer than two a point."""
    first = values[:baseline]
    whole = bool(((first >= 0) & (first == np.floor(first))).all())
    return baseline > 0 and whole and float(first.mean()) < FEW_EVENTS


def odds_of_counts(counts: Floats, baseline: int, changes: Changes = FROM_DATE) -> Odds:
    """Return the odds that series of shape (..., points) changed after their first `baseline` points.

    Only the steps among the changes are compared; they carry the weight of the ramps as well.
    """
    counts = np.clip(np.asarray(counts, dtype=float), 0, MAX_EVENTS)
    steps = np.flatnonzero(changes.length == STEP)
    start, weight = changes.start[steps][:, None], changes.weight[steps][:, None] / SHAPES[STEP]
    looks = np.arange(1, counts.shape[-1] - baseline + 1)
    running = np.cumsum(counts, axis=-1)
    total = running[..., None, baseline:]
    before = running[..., np.minimum(baseline - 1 + start, counts.shape[-1] - 1)]
    since = np.maximum(looks - start, 1)
    spread = dispersion(counts, baseline)[..., None, :]
    gain, way = _averaged(total - before, total, since / (baseline + start), spread)
    logs = np.where(looks - start >= MIN_POINTS[STEP], gain + np.log(weight), -np.inf)
    none = np.zeros(counts.shape[:-1])
    only_steps = Changes(changes.start[steps], changes.length[steps], changes.weight[steps] / SHAPES[STEP])
    return total_odds([logs], [way], none, only_steps, none)


def dispersion(counts: Floats, baseline: int) -> Floats:
    """Return the variance over the mean at each look, around the means before and since; at least 1."""
    since = np.arange(1, counts.shape[-1] - baseline + 1)
    index = _chi_square(counts[..., :baseline])[..., -1:] + _chi_square(counts[..., baseline:])
    index = index + PRIOR_POINTS * PRIOR_DISPERSION
    spread: Floats = np.maximum(index / (baseline + since - 2 + PRIOR_POINTS), 1.0)
    return spread


def _chi_square(counts: Floats) -> Floats:
    """Return the sum of squares around the mean over the mean, of the points up to each."""
    events, squares = counts.cumsum(axis=-1), (counts**2).cumsum(axis=-1)
    mean = events / np.arange(1, counts.shape[-1] + 1)
    index: Floats = np.divide(squares - mean * events, mean, out=np.zeros_like(mean), where=mean > 0)
    return index


def _averaged(k1: Floats, total: Floats, exposure: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return the log of the average ratio over rho, and which way the change goes by it (-1 to 1).

    `exposure` is t1 / t0.
    """
    exposure = np.broadcast_to(exposure, total.shape[:-2] + exposure.shape)
    total, spread = np.broadcast_to(total, k1.shape), np.broadcast_to(spread, k1.shape)
    blocks = [
        _average(*(part[..., first : first + BLOCK] for part in (k1, total, exposure, spread)))
        for first in range(0, k1.shape[-1], BLOCK)
    ]
    logs, ways = (np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))
    return logs, ways


def _average(k1: Floats, total: Floats, exposure: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return the same at some looks."""
    logs = np.log(1 + exposure)[..., None] - np.log(1 + exposure[..., None] * RATES)
    logs *= total[..., None]
    logs += k1[..., None] * LOG_RATES
    logs /= spread[..., None]
    largest = logs.max(axis=-1)
    logs -= largest[..., None]
    parts = np.exp(logs, out=logs)
    average = parts @ RATE_WEIGHTS
    return np.log(average) + largest, parts @ (RATE_WEIGHTS * np.sign(LOG_RATES)) / average
