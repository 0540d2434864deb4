"""Whether a metric changed at a date: one answer from its points, for a sentence, a page and a file alike.

change = judge_change(days, values, direction="lower", scale="log", date=20_395, target=90.0)
change.verdict          "confirmed better", "leaning worse", "no change", "too early" ...
change.odds             1200.0: the points are so many times likelier if something changed
change.first            the first look at which that was claimed; change.faded: it isn't any more
change.estimate         before, since, and one factor or difference with its own interval
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.confirmation import (
    CONFIRMED,
    LEANING,
    MAX_LOG,
    MIN_BASELINE,
    MIN_SINCE,
    Confirmation,
    finite_odds,
    first_confirmation,
    side_of_most,
)
from analysis.counts import dispersion, odds_of_counts
from analysis.estimate import Estimate, estimate_of, estimate_of_counts
from analysis.explanations import DENSE_STARTS, MAX_RAMPS, SHAPES, STEP, changes_anywhere, changes_at
from analysis.level_forecast import LevelForecast, level_forecast, settled_from
from analysis.noise import MAX_VALUE, neighbour_correlation
from analysis.odds import Odds, odds_of
from analysis.process_behaviour import favourable
from analysis.progress import Direction
from analysis.scales import Bounds, JudgedScale
from analysis.series import Series, Taken, series_of

Word = Literal["confirmed", "leaning", "no change", "too early"]
Towards = Literal["better", "worse"]
CLAIMS = ("confirmed", "leaning")
EVEN_CHANCE = 0.5  # of a steady drift: above it, a drift is likelier than none


@dataclass(frozen=True)
class FirstConfirmed:
    """When a change was first claimed: day, points since the date by then (weeks where `taken` so), odds,
    direction.
    """

    day: float
    points: int
    odds: float
    towards: Towards


@dataclass(frozen=True)
class Change:
    """What the points of a metric say about a change. Days count from the origin that the caller chose.

    towards: better or worse, where a change is confirmed or leaning.
    odds: at the last look; None while it is too early.
    first: the first confirmation, remembered.
    faded: there was one, and by now its odds are below 2 or the points lean the other way.
    against_most: odds of 6 and more that most points don't bear out, so that nothing is confirmed.
    date: the first day after which a change is asked for.
    date_found: nobody named the date; `began` was found in the data.
    began: when the change began: the named date, else where it likeliest did. That is given also where nothing is
        claimed, to be proposed: "Did this change on ...?"
    ramp_points: 1 for a step, 4 or 13 for a ramp over so many points, by the likeliest explanation.
    n_baseline, n_since: points before and since the date; weeks where `taken` is "weeks".
    phi: the correlation between neighbours.
    drifting: if nothing changed, a steady drift is likelier than a level.
    estimate: before and since `began`, or the date.
    look_days, look_odds: the odds after each point since the date, for a chart.
    """

    word: Word
    towards: Towards | None
    odds: float | None
    first: FirstConfirmed | None
    faded: bool
    against_most: bool
    date: float | None
    date_found: bool
    began: float | None
    ramp_points: int | None
    n_baseline: int
    n_since: int
    taken: Taken
    scale: JudgedScale
    phi: float
    drifting: bool
    estimate: Estimate | None
    forecast: LevelForecast
    look_days: Floats
    look_odds: Floats

    @property
    def shape(self) -> Literal["step", "ramp"] | None:
        """Return whether the likeliest change is a step or a ramp; None without one."""
        if self.ramp_points is None:
            return None
        return "step" if self.ramp_points == STEP else "ramp"

    @property
    def verdict(self) -> str:
        """Return "confirmed better", "confirmed worse", "leaning better" ..., "no change" or "too early"."""
        return f"{self.word} {self.towards}" if self.towards else self.word

    @property
    def missing(self) -> str:
        """Return what is missing while it is too early, such as "the baseline has 3 of 4 points"; else ""."""
        periods = "weeks" if self.taken == "weeks" else "points"
        if self.n_baseline < MIN_BASELINE:
            return f"the baseline has {self.n_baseline} of {MIN_BASELINE} {periods}"
        return f"{self.n_since} of {MIN_SINCE} {periods} since" if self.n_since < MIN_SINCE else ""


def judge_change(
    days: Floats,
    values: Floats,
    *,
    direction: Direction,
    date: float | None = None,
    baseline_until: float | None = None,
    scale: JudgedScale = "linear",
    bounds: Bounds | None = None,
    counts: bool = False,
    target: float | None = None,
) -> Change:
    """Return what the measurements `values` on `days` say about a change. They come in any order.

    `date` is the first day after which a change is asked for: a go-live, or a named cause. Without one, it is
    looked for in all points since `baseline_until`, the baseline's last day, or since the first 8 points.
    `scale` is the definition's (`scales.default_scale`), `bounds` are those of a percentage of a whole, and
    `counts` says that values are numbers of events. What isn't a finite number is left out.
    """
    series = series_of(
        days, values, date=date, baseline_until=baseline_until, scale=scale, bounds=bounds, counts=counts
    )
    metric = _Metric(direction, bounds, target)
    if series.baseline < MIN_BASELINE or series.since < MIN_SINCE:
        return _change(series, metric, _Claim("too early", 0), None, None)
    odds = _odds(series)
    claim = _claim(series, odds)
    return _change(series, metric, claim, odds, _course(series, odds, claim))


@dataclass(frozen=True)
class _Metric:
    direction: Direction
    bounds: Bounds | None
    target: float | None


@dataclass(frozen=True)
class _Claim:
    word: Word
    side: int
    first: Confirmation | None = None
    faded: bool = False
    against_most: bool = False


@dataclass(frozen=True)
class _Course:
    """How the likeliest change goes: its first point, and that at which it is complete, since the date."""

    start: int
    length: int
    settled: int


def _odds(series: Series) -> Odds:
    if series.taken == "counts":
        return odds_of_counts(series.values, series.baseline)
    return odds_of(series.values, series.baseline, looks=series.looks)


def _claim(series: Series, odds: Odds) -> _Claim:
    """Return what may be claimed at the last look.

    A change that was confirmed stays so while its odds are 2 and more. Nothing is claimed that the plain
    means contradict: a metric that stopped improving isn't called worse while it is better than it was.
    """
    now, side = float(odds.log_odds[-1]), int(odds.side[-1])
    first = first_confirmation(odds, series.looks, partial(_side_at, series, odds))
    enough = now >= np.log(CONFIRMED)
    claimed = enough and side != 0 and side == _side_at(series, odds, np.array([-1]))[0]
    leans = now >= np.log(LEANING) and side != 0 and side == _side_of_means(series)
    held = leans and first is not None and first.side == side
    word: Word = "confirmed" if claimed or held else "leaning" if leans else "no change"
    return _Claim(
        word,
        side,
        first,
        faded=first is not None and not (word == "confirmed" and first.side == side),
        against_most=enough and word != "confirmed",
    )


def _course(series: Series, odds: Odds, claim: _Claim) -> _Course | None:
    """Return how the likeliest change goes; None where nothing is claimed.

    Without a named date, it is looked for among all points since the baseline, and proposed if not claimed.
    """
    claimed = claim.word in CLAIMS
    likeliest = [_likeliest(odds)] if claimed else []
    if series.date_found and series.taken != "counts":
        search = _search(series)
        if claimed or search.log_odds[-1] >= np.log(LEANING):
            likeliest.insert(0, _likeliest(search))
    if not claimed:
        return likeliest[0] if likeliest else None
    return next(
        (course for course in likeliest if _side_of_means(series, course.start) == claim.side),
        _Course(0, STEP, 0),
    )


def _likeliest(odds: Odds) -> _Course:
    at = int(odds.likeliest[-1])
    return _Course(int(odds.changes.start[at]), int(odds.changes.length[at]), settled_from(odds))


def _search(series: Series) -> Odds:
    """Return the odds, at the last look, of a change that may begin anywhere since the baseline."""
    last = series.looks.at(np.array([-1]))
    coarse = odds_of(series.values, series.baseline, changes_anywhere(series.since), last)
    start = int(coarse.changes.start[coarse.likeliest[-1]])
    within_a_ramp = max(SHAPES) if series.since > MAX_RAMPS else 0
    near = start // DENSE_STARTS
    around = np.arange(max(start - near - within_a_ramp, 0), min(start + near + 1, series.since))
    if len(around) == 1:
        return coarse
    fine = changes_at(around, np.full(len(around), 1 / len(around)))
    return replace(odds_of(series.values, series.baseline, fine, last), log_odds=coarse.log_odds)


def _side_at(series: Series, odds: Odds, at: Ints) -> Floats:
    """Return the side of most points at some looks; of counts the odds', as most points hold no event."""
    if series.taken == "counts":
        side: Floats = odds.side[at]
        return side
    return side_of_most(series.values, series.baseline, series.looks.at(at))


def _side_of_means(series: Series, start: int = 0) -> int:
    before, since = np.split(np.clip(series.values, -MAX_VALUE, MAX_VALUE), [series.baseline + start])
    return int(np.sign(since.mean() - before.mean()))


def _change(
    series: Series, metric: _Metric, claim: _Claim, odds: Odds | None, course: _Course | None
) -> Change:
    phi = float(odds.phi if odds else neighbour_correlation(series.values[: series.baseline]))
    start = course.start if course and series.date_found else 0
    return Change(
        word=claim.word,
        towards=_towards(claim.side, metric.direction) if claim.word in CLAIMS else None,
        odds=finite_odds(float(odds.log_odds[-1])) if odds else None,
        first=_first(series, claim.first, metric.direction),
        faded=claim.faded,
        against_most=claim.against_most,
        date=series.date,
        date_found=series.date_found,
        began=_began(series, start) if course else None,
        ramp_points=course.length if course else None,
        n_baseline=series.baseline,
        n_since=series.since,
        taken=series.taken,
        scale=series.scale,
        phi=phi,
        drifting=bool(odds and odds.drift > EVEN_CHANCE),
        estimate=_estimate(series, metric, start, phi),
        forecast=_forecast(series, metric, course, phi),
        look_days=series.look_days,
        look_odds=np.exp(np.minimum(odds.log_odds, MAX_LOG)) if odds else np.zeros(len(series.look_days)),
    )


def _first(series: Series, first: Confirmation | None, direction: Direction) -> FirstConfirmed | None:
    towards = _towards(first.side, direction) if first else None
    if first is None or towards is None:
        return None
    return FirstConfirmed(float(series.look_days[first.look]), first.points, first.odds, towards)


def _towards(side: int, direction: Direction) -> Towards | None:
    if not side:
        return None
    return "better" if side == favourable(direction) else "worse"


def _began(series: Series, position: int) -> float:
    """Return the named date, else the day of the change's first point."""
    if not series.date_found and series.date is not None:
        return series.date
    return float(series.days[series.baseline + position])


def _estimate(series: Series, metric: _Metric, start: int, phi: float) -> Estimate | None:
    before, since = np.split(series.values, [series.baseline + start])
    if series.taken != "counts":
        return estimate_of(
            before,
            since,
            direction=metric.direction,
            scale=series.scale,
            bounds=metric.bounds,
            phi=phi,
        )
    if not len(before) or not len(since):
        return None
    return estimate_of_counts(
        (float(before.sum()), float(since.sum())),
        (len(before), len(since)),
        direction=metric.direction,
        spread=float(dispersion(series.values, len(before))[-1]),
    )


def _forecast(series: Series, metric: _Metric, course: _Course | None, phi: float) -> LevelForecast:
    """Return the forecast of one measurement, from those since the change is complete, or since the named date."""
    if series.taken == "counts":
        return LevelForecast(series.since, "too few events a point for a forecast")
    first = series.baseline + course.settled if course else 0 if series.date_found else series.baseline
    measured, days = series.measured, series.measured_days
    level = measured[days >= series.days[first]] if first < len(series.days) else measured[:0]
    before = 0 if series.date is None else int(np.searchsorted(days, series.date))
    if series.taken == "weeks":
        phi = float(neighbour_correlation(measured[:before]))
    return level_forecast(
        level,
        since=max(len(measured) - before, len(level)),
        scale=series.scale,
        bounds=metric.bounds,
        phi=phi,
        never_negative=bool(series.scale == "linear" and (measured >= 0).all()),
        target=metric.target,
        direction=metric.direction,
    )
