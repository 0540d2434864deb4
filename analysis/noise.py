"""The noise of a series: points resemble their neighbours, as in an autoregressive process, AR(1).

`phi` is the correlation between neighbours. It is estimated on the baseline and pulled towards what weekly
business metrics usually show, because a short baseline says little about it.
"""

import numpy as np

from analysis.arrays import Floats

# Kendall, "Note on bias in the estimation of autocorrelation" (Biometrika 1954): the expected lag-1
# autocorrelation of n points is about phi - (1 + 4 phi) / n, so (n r + 1) / (n - 4) is nearly unbiased.
KENDALL = 4
PHI_MIN, PHI_MAX = 0.0, 0.7
PRIOR_POINTS = 8  # imagined points
PRIOR_PHI = 0.3  # what they say
# Values count as this at most: their squares stay finite.
MAX_VALUE = 1e150


def neighbour_correlation(baseline: Floats) -> Floats:
    """Return phi for each series of baseline points, shape (..., n) -> (...), each within 0 and 0.7.

    Four points or fewer say nothing about it: then phi is 0.3.
    """
    n = baseline.shape[-1]
    if n <= KENDALL:
        return np.full(baseline.shape[:-1], PRIOR_PHI)
    baseline = np.clip(baseline, -MAX_VALUE, MAX_VALUE)
    centred = baseline - baseline.mean(axis=-1, keepdims=True)
    square = (centred**2).sum(axis=-1)
    product = (centred[..., 1:] * centred[..., :-1]).sum(axis=-1)
    r = np.divide(product, square, out=np.zeros_like(square), where=square > 0)
    unbiased = np.clip((n * r + 1) / (n - KENDALL), PHI_MIN, PHI_MAX)
    mixed: Floats = (n * unbiased + PRIOR_POINTS * PRIOR_PHI) / (n + PRIOR_POINTS)
    return mixed


def whitened(columns: Floats, phi: Floats) -> Floats:
    """Return columns, (..., points), changed so that AR(1) noise becomes independent and keeps its variance.

    The first point stays; each later one loses phi times the one before, over sqrt(1 - phi^2) (Prais and
    Winsten, 1954). `phi` has the shape (...) or one that broadcasts to it.
    """
    phi = np.asarray(phi)[..., None]
    first = np.broadcast_to(columns[..., :1], np.broadcast_shapes(columns[..., :1].shape, phi.shape))
    return np.concatenate(
        [first, (columns[..., 1:] - phi * columns[..., :-1]) / np.sqrt(1 - phi**2)], axis=-1
    )


def inflation(n: int, phi: float) -> float:
    """Return by which factor the variance of a mean of n AR(1) points exceeds that of n independent ones.

    1 + 2 sum over lags j of (1 - j/n) phi^j (Bayley and Hammersley, "The effective number of independent
    observations in an autocorrelated time series", 1946).
    """
    lags = np.arange(1, n)
    return float(1 + 2 * ((1 - lags / n) * phi**lags).sum())


def effective_df(free: float, phi: float) -> float:
    """Return the degrees of freedom of a sum of squares of AR(1) noise; `free` if points were independent.

    They are (1 - phi^2) / (1 + phi^2) times as many (Bartlett, "Some aspects of the time-correlation
    problem in regard to tests of significance", Journal of the Royal Statistical Society 1935); at least 1.
    """
    return round(max(free * (1 - phi**2) / (1 + phi**2), 1.0), 3)
