"""Odds of a change: how many times likelier the points are if something changed than if nothing did.

Each explanation is a regression whose noise has an unknown size, sigma, and resembles its neighbours
(`analysis.noise`):

- no change: a level, or a level with a steady drift;
- a change: the same, and a step or a ramp that begins at the date or later (`analysis.explanations`).

The level has a flat prior and sigma the prior 1 / sigma (right Haar): so odds depend on neither unit nor
origin, and given phi they are an e-process: where nothing changed, they reach x with a chance of 1 / x at
most, however often somebody looks (Ville's inequality; Hendriksen, de Heide and Grunwald, "Optional
stopping with Bayes factors", Bayesian Analysis 2021). Drift and change have normal priors in units of
sigma, so each marginal likelihood is least squares (O'Hagan and Forster, "Kendall's Advanced Theory of
Statistics 2B", 2004, chapter 11). With y and the columns X whitened, cleared of the level, V the prior
variances and T points:

    log L = -1/2 log |I + X V X'| - (T - 1)/2 log y'(I + X V X')^-1 y
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Ints
from analysis.explanations import FROM_DATE, MAX_LENGTH, Changes
from analysis.noise import MAX_VALUE, neighbour_correlation, whitened

WEIGHT_OF_DRIFT = 0.5
# Prior variances, in sigma^2: of the drift over the baseline's length, and of the size of the change.
VARIANCE_OF_DRIFT = 1.0
VARIANCE_OF_CHANGE = 4.0
# Differences below this part of a value are what arithmetic on doubles leaves over.
ROUNDING = 1e-9
# Deviations, in units of the baseline's largest, count as this at most: their squares stay finite.
MAX_DEVIATION = 1e100
# Looks that are worked out at a time: their arrays fit a processor's cache.
BLOCK = 256
TINY = float(np.finfo(float).tiny)

# Columns, or inner products by the names of two: 1 level, d drift, c change, y values.
# Shape (..., changes or 1, points or looks).
Products = dict[str, Floats]
# Positions of some changes and looks, as `np.nonzero` gives them.
Places = tuple[NDArray[np.intp], ...]


@dataclass(frozen=True)
class Looks:
    """Moments at which somebody looks at all points so far. The last may be unfinished (`analysis.weeks`).

    point: (looks,), position of the last point, counted from the date.
    value: (..., looks), what that point is so far.
    extra: (looks,), by how many sigma^2 its variance is larger than that of a finished point.
    """

    point: Ints
    value: Floats
    extra: Floats

    def at(self, some: Ints | slice) -> "Looks":
        """Return some of the looks, by position."""
        return Looks(self.point[some], self.value[..., some], self.extra[some])


def look_after_each(values: Floats, baseline: int) -> Looks:
    """Return one look after each point since the date."""
    since = values[..., baseline:]
    return Looks(np.arange(since.shape[-1]), since, np.zeros(since.shape[-1]))


@dataclass(frozen=True)
class Odds:
    """Odds at each look; where no looks are given, after each point since the date.

    log_odds: (..., looks), minus infinity while too few points follow the date.
    side: (..., looks), +1 where the change goes up, -1 where down, by the greater weight; 0 where undecided.
    likeliest: (..., looks), the position in `changes` of the one that carries most weight.
    weights: (..., changes), the part of "it changed" that each carries at the last look; all 0 at first.
    drift: (...), how likely at the last look a steady drift is, if nothing changed.
    phi: (...), the correlation between neighbours that was assumed.
    """

    log_odds: Floats
    side: Floats
    likeliest: Ints
    weights: Floats
    drift: Floats
    phi: Floats
    changes: Changes


def odds_of(values: Floats, baseline: int, changes: Changes = FROM_DATE, looks: Looks | None = None) -> Odds:
    """Return the odds that series of shape (..., points) changed after their first `baseline` points.

    Values are finite, on a scale on which noise has one size (`analysis.scales`). The baseline has at least
    one point, and one follows it.
    """
    values = np.asarray(values, dtype=float)
    points = values.shape[-1]
    looks = looks or look_after_each(values, baseline)
    both = _standardised(np.concatenate([values, looks.value], axis=-1), baseline)
    deviations, latest = both[..., :points], both[..., points:]
    phi = neighbour_correlation(deviations[..., :baseline])
    columns = _columns(deviations, baseline, phi)
    off = latest - deviations[..., baseline + looks.point]
    parts = _Parts.of(columns, points - baseline, changes, phi)
    blocks = [slice(first, first + BLOCK) for first in range(0, len(looks.point), BLOCK)]
    return _joined([_odds_at(parts, baseline, looks.at(block), off[..., block]) for block in blocks])


def _odds_at(parts: "_Parts", baseline: int, looks: Looks, off: Floats) -> Odds:
    """Return the odds at some looks; `off` as in `_products`."""
    changes = parts.rising.changes
    level = _without(_products(parts, looks, off), "1", 0.0)
    drift = _without(level, "d", 1 / VARIANCE_OF_DRIFT)
    half = (baseline + looks.point) / 2
    shares = _shares(level, drift, half)
    counts = looks.point + 1 >= changes.min_points[:, None]
    weight = np.where(counts, np.log(changes.weight)[:, None], -np.inf)
    logs = [
        _gain(world, half) + (share + weight) for share, world in zip(shares, (level, drift), strict=True)
    ]
    return total_odds(
        logs, [level["cy"], drift["cy"]], parts.rising.phi, changes, np.exp(shares[1, ..., 0, -1])
    )


def _joined(blocks: list[Odds]) -> Odds:
    """Return the odds at all looks from those of successive ones."""
    if len(blocks) == 1:
        return blocks[0]
    log_odds, side, likeliest = (
        np.concatenate([getattr(block, name) for block in blocks], axis=-1)
        for name in ("log_odds", "side", "likeliest")
    )
    return replace(blocks[-1], log_odds=log_odds, side=side, likeliest=likeliest)


def _standardised(values: Floats, baseline: int) -> Floats:
    """Return deviations from the baseline's mean, in units of its largest.

    Where the baseline is constant, the first other value is the unit. No later value changes an earlier one.
    """
    values = np.clip(values, -MAX_VALUE, MAX_VALUE)
    first = values[..., :baseline]
    size = np.maximum(np.abs(values), np.abs(first).max(axis=-1, keepdims=True))
    deviations = values - first.mean(axis=-1, keepdims=True)
    deviations = np.where(np.abs(deviations) > ROUNDING * size, deviations, 0.0)
    unit = np.abs(deviations[..., :baseline]).max(axis=-1, keepdims=True)
    other = np.take_along_axis(deviations, (deviations != 0).argmax(axis=-1)[..., None], axis=-1)
    unit = np.where(unit > 0, unit, np.abs(other))
    with np.errstate(over="ignore"):
        scaled = np.divide(deviations, unit, out=np.zeros_like(deviations), where=unit > 0)
    limited: Floats = np.clip(scaled, -MAX_DEVIATION, MAX_DEVIATION)
    return limited


def _columns(deviations: Floats, baseline: int, phi: Floats) -> Products:
    """Return the whitened columns of level, drift and values."""
    points = deviations.shape[-1]
    drift = (np.arange(points) - (baseline - 1) / 2) / baseline
    plain = {"1": np.ones(points), "d": drift, "y": deviations}
    return {name: whitened(column, phi)[..., None, :] for name, column in plain.items()}


@dataclass(frozen=True)
class _Parts:
    """What the looks of a series have in common, worked out once.

    since: the whitened columns since the date, (..., 1, since). before: running sums of the products of two columns over
    all points that lie before each of those.
    """

    since: Products
    before: Products
    rising: "_Rising"

    @staticmethod
    def of(columns: Products, since: int, changes: Changes, phi: Floats) -> "_Parts":
        """Return the parts of whitened columns, of which the last `since` points follow the date."""
        own = {name: column[..., -since:] for name, column in columns.items()}
        before = {
            pair: (columns[pair[0]] * columns[pair[1]]).cumsum(axis=-1)[..., -since - 1 : -1]
            for pair in ("11", "1d", "1y", "dd", "dy", "yy")
        }
        return _Parts(own, before, _Rising.of(changes, phi, own))


def _products(parts: _Parts, looks: Looks, off: Floats) -> Products:
    """Return the inner products of the whitened columns over all points up to each look.

    Whitening looks back one point only, so those before the last point are running sums. `off` is by how
    much the last point, as it was then, differs from what it became.
    """
    at, own = looks.point, (1 - parts.rising.phi**2)[..., None]
    trust = (own / (own + looks.extra))[..., None, :]
    last = {name: column[..., at] for name, column in parts.since.items()}
    last["y"] = last["y"] + (off / np.sqrt(own))[..., None, :]
    trusted = {name: trust * column for name, column in last.items()}
    products = {pair: sums[..., at] + trusted[pair[0]] * last[pair[1]] for pair, sums in parts.before.items()}
    latest, rising = parts.rising.at(at)
    for name, pair in (("1", "1c"), ("d", "cd"), ("y", "cy")):
        products[pair] = rising[name] + latest * trusted[name]
    products["cc"] = rising["c"] + trust * latest**2
    return products


@dataclass(frozen=True)
class _Rising:
    """The whitened columns of the changes, none written out: each is 0 until it starts, rises over at most 13 points, and
    keeps its level from then on.

    rise: the columns' values while they rise, and their level. heads: inner products of the rises, up to each of their
    points, with the columns "1", "d" and "y", and with themselves ("c"). sums: running sums of those columns.
    """

    changes: Changes
    phi: Floats
    rise: Floats
    heads: Products
    sums: Products

    @staticmethod
    def of(changes: Changes, phi: Floats, since: Products) -> "_Rising":
        """Return the changes beside the whitened columns since the date, (..., 1, since)."""
        whole = np.clip(np.arange(MAX_LENGTH + 1) / changes.length[:, None], 0, 1)
        rise = whitened(whole, phi[..., None])[..., 1:]
        length = since["y"].shape[-1]
        ahead = changes.start[:, None] + np.arange(MAX_LENGTH)
        within, ahead = ahead < length, np.minimum(ahead, length - 1)
        heads = {
            name: _running(rise * np.where(within, column[..., 0, ahead], 0.0))
            for name, column in since.items()
        }
        sums = {name: _running(column) for name, column in since.items()}
        level = np.broadcast_to(((1 - phi) / np.sqrt(1 - phi**2))[..., None, None], (*rise.shape[:-1], 1))
        counts = {"c": np.arange(length + 1, dtype=float)[None]}
        return _Rising(
            changes,
            phi,
            np.concatenate([rise, level], axis=-1),
            heads | {"c": _running(rise**2)},
            sums | counts,
        )

    def at(self, points: Ints) -> tuple[Floats, Products]:
        """Return the columns at some points, (..., changes, points), and their inner products over what lies before."""
        steps = points - self.changes.start[:, None]
        early = np.nonzero(steps <= MAX_LENGTH)
        risen = np.clip(steps[early], -1, MAX_LENGTH)
        level = self.rise[..., -1:]
        values = np.where(risen < 0, 0.0, self.rise[..., early[0], risen])
        latest = _with_early(np.broadcast_to(level, (*level.shape[:-1], len(points))).copy(), early, values)
        return latest, {name: self._before(name, points, early, risen) for name in self.heads}

    def _before(self, name: str, points: Ints, early: Places, risen: Ints) -> Floats:
        """Return what the rising points, and those at the level by their sums, add up to before each of the points."""
        heads, sums, level = self.heads[name], self.sums[name], self.rise[..., -1:]
        level = level**2 if name == "c" else level
        full = np.minimum(self.changes.start + MAX_LENGTH, sums.shape[-1] - 1)
        whole = heads[..., -1:] - level * sums[..., 0, full, None]
        before = heads[..., early[0], np.maximum(risen, 0)]
        return _with_early(level * sums[..., points] + whole, early, before)


def _running(values: Floats) -> Floats:
    """Return the sums of the values before each, and of all at the end: one more than there are values."""
    return np.concatenate([np.zeros_like(values[..., :1]), values.cumsum(axis=-1)], axis=-1)


def _with_early(values: Floats, early: Places, of_early: Floats) -> Floats:
    values[..., early[0], early[1]] = of_early
    return values


def _without(products: Products, column: str, penalty: float) -> Products:
    """Return the products of what a regression on `column` leaves of the others.

    `penalty` is 1 / the column's prior variance.
    """

    def against(other: str) -> Floats:
        return products["".join(sorted(column + other))]

    size = products[column * 2] + penalty
    rest = {pair: value for pair, value in products.items() if column not in pair}
    return {pair: value - against(pair[0]) * against(pair[1]) / size for pair, value in rest.items()}


def _shares(level: Products, drift: Products, half: Floats) -> Floats:
    """Return the log weights of "level" and "level with a drift" where nothing changed, (2, ..., 1, looks).

    `half` is (T - 1) / 2 at each look.
    """
    flat = np.log(1 - WEIGHT_OF_DRIFT) - half * np.log(np.maximum(level["yy"], TINY))
    sloped = np.log(WEIGHT_OF_DRIFT) - half * np.log(np.maximum(drift["yy"], TINY))
    sloped = sloped - np.log1p(VARIANCE_OF_DRIFT * level["dd"]) / 2
    shares: Floats = np.stack([flat, sloped]) - np.logaddexp(flat, sloped)
    return shares


def _gain(world: Products, half: Floats) -> Floats:
    """Return by how much each change raises the log likelihood of a world; 0 where nothing varies in it."""
    size = 1 + VARIANCE_OF_CHANGE * world["cc"]
    explained = VARIANCE_OF_CHANGE * world["cy"] ** 2 / (size * np.maximum(world["yy"], TINY))
    left = np.maximum(1 - explained, 1e-15)
    gain: Floats = np.log(size) / -2 - half * np.log(left)
    return gain * (world["yy"] > 0)


def total_odds(logs: list[Floats], way: list[Floats], phi: Floats, changes: Changes, drift: Floats) -> Odds:
    """Return the odds from the log weight of each change in each world, and which way it goes there by sign.

    Each list has an array of shape (..., changes, looks) for each world.
    """
    largest = np.max([log.max(axis=-2) for log in logs], axis=0)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    parts = [np.exp(log - largest[..., None, :]) for log in logs]
    weights = sum(parts[1:], start=parts[0])
    upward = sum((part * np.sign(up)).sum(axis=-2) for part, up in zip(parts, way, strict=True))
    with np.errstate(divide="ignore"):
        log_odds = np.log(weights.sum(axis=-2)) + largest
    last = weights[..., -1]
    total = last.sum(axis=-1, keepdims=True)
    parts_of_one = np.divide(last, total, out=np.zeros_like(last), where=total > 0)
    return Odds(log_odds, np.sign(upward), weights.argmax(axis=-2), parts_of_one, drift, phi, changes)
