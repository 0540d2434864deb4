"""How often the odds claim a change, on seeded series: `python -m tests.bench.false_claims`.

People look after every point. A false claim is any confirmation, better or worse, at any of 13 looks at a
series that did not change; power is a confirmation of the right direction by then, and the median points
that it took.
"""

from collections.abc import Callable, Iterator

import numpy as np

from analysis.arrays import Floats
from analysis.confirmation import CONFIRMED, claimed_sides
from analysis.counts import odds_of_counts
from analysis.odds import Looks, look_after_each, odds_of
from analysis.weeks import DAYS, weekly

SERIES = 2000
SEED = 90
BASELINES = (6, 8, 12, 24)
AFTER = 13
CHUNK = 250  # series judged at a time, so that arrays stay in the cache

Rng = np.random.Generator
Kind = Callable[[Rng, int, int, int], Floats]


def resembling(rng: Rng, series: int, points: int, phi: float) -> Floats:
    """Return AR(1) noise of variance 1, (series, points)."""
    noise = rng.standard_normal((series, points))
    for i in range(1, points):
        noise[:, i] = phi * noise[:, i - 1] + np.sqrt(1 - phi**2) * noise[:, i]
    return noise


def normal(rng: Rng, series: int, points: int, baseline: int) -> Floats:
    return rng.standard_normal((series, points))


def skewed(rng: Rng, series: int, points: int, baseline: int) -> Floats:
    """Lognormal, and judged on the linear scale: on its own, the logarithmic one, it is normal."""
    return np.exp(normal(rng, series, points, baseline))


def alike(phi: float) -> Kind:
    return lambda rng, series, points, baseline: resembling(rng, series, points, phi)


def drifting(rng: Rng, series: int, points: int, baseline: int) -> Floats:
    """0.3 standard deviations a point, up or down."""
    way = rng.choice([-0.3, 0.3], (series, 1))
    return normal(rng, series, points, baseline) + way * np.arange(points)


def outliers(rng: Rng, series: int, points: int, baseline: int) -> Floats:
    """One point in 20 lies 5 standard deviations off, on either side."""
    off = rng.choice([-5.0, 5.0], (series, points)) * (rng.random((series, points)) < 0.05)
    return normal(rng, series, points, baseline) + off


def jumped(rng: Rng, series: int, points: int, baseline: int) -> Floats:
    """A jump by 3 standard deviations in the middle of the baseline."""
    return normal(rng, series, points, baseline) + 3.0 * (np.arange(points) >= baseline // 2)


def mostly_zero(rng: Rng, series: int, points: int, baseline: int) -> Floats:
    """Four of five points are zero, the others exponential."""
    return rng.exponential(size=(series, points)) * (rng.random((series, points)) < 0.2)


KINDS: dict[str, Kind] = {
    "normal": normal,
    "skewed": skewed,
    "alike 0.3": alike(0.3),
    "alike 0.5": alike(0.5),
    "drift": drifting,
    "outliers": outliers,
    "jump": jumped,
    "zeros": mostly_zero,
}
# Changes in standard deviations at each point since the date.
CHANGES = {
    "3 sd": np.full(AFTER, 3.0),
    "6 sd": np.full(AFTER, 6.0),
    "ramp to 6 sd in 8": 6.0 * np.clip(np.arange(1, AFTER + 1) / 8, 0, 1),
}


def claims(values: Floats, baseline: int, looks: Looks | None = None) -> Floats:
    """Return +1 or -1 where a change up or down is claimed, else 0: (series, looks)."""
    looks = looks or look_after_each(values, baseline)
    some = (slice(at, at + CHUNK) for at in range(0, len(values), CHUNK))
    return np.concatenate([_claims(values[part], baseline, looks, part) for part in some])


def _claims(values: Floats, baseline: int, looks: Looks, part: slice) -> Floats:
    looks = Looks(looks.point, looks.value[part], looks.extra)
    return claimed_sides(values, baseline, odds_of(values, baseline, looks=looks), looks)


def false_claims(kind: str, baseline: int, series: int = SERIES, seed: int = SEED) -> float:
    """Return the part of unchanged series in which a change is claimed at any look."""
    values = KINDS[kind](np.random.default_rng(seed), series, baseline + AFTER, baseline)
    return float(claims(values, baseline).any(axis=1).mean())


def false_daily_claims(baseline: int, series: int = SERIES, seed: int = SEED) -> float:
    """Return the same for daily points, alike by 0.5 and 1 lower on weekends, that are looked at every day
    for 13 weeks.
    """
    days = np.arange(-baseline * DAYS, AFTER * DAYS, dtype=float)
    values = resembling(np.random.default_rng(seed), series, len(days), 0.5) - (days % DAYS >= 5)
    weeks = [weekly(days, one, 0.0) for one in values]
    looks = Looks(weeks[0].looks.point, np.stack([each.looks.value for each in weeks]), weeks[0].looks.extra)
    return float(claims(np.stack([each.values for each in weeks]), baseline, looks).any(axis=1).mean())


def false_count_claims(
    rate: float, baseline: int, series: int = SERIES, seed: int = SEED, clustered: bool = False
) -> float:
    """Return the same for counts of `rate` events a point; clustered ones have the variance rate +
    rate^2.
    """
    rng, shape = np.random.default_rng(seed), (series, baseline + AFTER)
    counts = rng.negative_binomial(1, 1 / (1 + rate), shape) if clustered else rng.poisson(rate, shape)
    some = [counts[at : at + CHUNK] for at in range(0, series, CHUNK)]
    odds = np.concatenate([odds_of_counts(part, baseline).log_odds for part in some])
    return float((odds >= np.log(CONFIRMED)).any(axis=1).mean())


def power(change: str, baseline: int, series: int = SERIES, seed: int = SEED) -> tuple[float, float]:
    """Return the part of normal series in which this change is claimed within 13 points, and the median
    points of all.
    """
    values = normal(np.random.default_rng(seed), series, baseline + AFTER, baseline)
    values[:, baseline:] += CHANGES[change]
    right = claims(values, baseline) > 0
    points = np.where(right.any(axis=1), right.argmax(axis=1) + 1, np.inf)
    return float(right.any(axis=1).mean()), float(np.median(points))


def report(series: int = SERIES) -> Iterator[str]:
    """Yield one line a case, in per cent, a column for each baseline."""
    yield f"{series} series a case, {AFTER} looks, seed {SEED}; baselines of {BASELINES} points"
    for kind in KINDS:
        yield _line(f"falsely claimed: {kind}", [false_claims(kind, n, series) for n in BASELINES])
    yield _line("falsely claimed: daily", [false_daily_claims(n, series) for n in BASELINES])
    for rate in (0.3, 1.0, 1.9):
        yield _line(
            f"falsely claimed: {rate} events", [false_count_claims(rate, n, series) for n in BASELINES]
        )
    yield _line(
        "falsely claimed: 1 clustered",
        [false_count_claims(1.0, n, series, clustered=True) for n in BASELINES],
    )
    for change in CHANGES:
        powers = [power(change, n, series) for n in BASELINES]
        median = ", ".join(f"{points:g}" for _, points in powers)
        yield f"{_line(f'confirmed: {change}', [part for part, _ in powers])}  median points {median}"


def _line(name: str, parts: list[float]) -> str:
    return f"{name:34}" + "".join(f"{part:8.1%}" for part in parts)


if __name__ == "__main__":
    for line in report():
        print(line, flush=True)
