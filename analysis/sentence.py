"""The analysis of a series as one sentence: did it change, when, by how much, and will the target be met."""

from collections.abc import Callable

import pandas as pd

from analysis.effect import Effect
from analysis.series_analysis import SeriesAnalysis
from analysis.verdict import FALSE_CLAIMS, MIN_BASELINE, RECENT

LIKELY = 0.9  # chance; beyond it the 80% interval lies wholly on one side of the target
MAX_DAYS_WITHOUT_YEAR = 300  # a series that spans more has dates with their year


def describe(judgement: SeriesAnalysis) -> str:
    """Return the whole sentence, such as "Better since 1 Nov 2014, confirmed: ... , and the target of 5 is hit or
    miss.".
    """
    parts = [_change(judgement), _target(judgement)]
    return ", and ".join(part for part in parts if part) + "."


def caveat(judgement: SeriesAnalysis) -> str:
    """Return what stands beside every "confirmed": how often the rule claims falsely, and whether the baseline is
    steady.
    """
    independent, dependent = (round(100 * rate) for rate in FALSE_CLAIMS)
    told = (
        f"Of 100 metrics that did not change, up to {independent} would be called confirmed too, better or worse (about "
        f"half of them each), and up to {dependent} where each point resembles the one before it."
    )
    return told if judgement.steady_baseline else f"{told} Here the baseline itself holds signals."


def day(at: pd.Timestamp, judgement: SeriesAnalysis) -> str:
    with_year = (judgement.at[-1] - judgement.at[0]).days > MAX_DAYS_WITHOUT_YEAR
    return f"{at.day} {at:%b %Y}" if with_year else f"{at.day} {at:%b}"


def _change(judgement: SeriesAnalysis) -> str:
    verdict, effect, changed_at = judgement.verdict, judgement.effect, judgement.changed_at
    if not verdict.enough or (effect is None and verdict.word == "noise"):
        return _too_few(judgement)
    if verdict.word == "confirmed" and verdict.direction and effect and changed_at is not None:
        since = _since(judgement, changed_at)
        return f"{verdict.direction.title()} since {since}, confirmed: {_growth(judgement, effect)}"
    if verdict.signal is not None and changed_at is not None:
        when = "since" if verdict.lasts and verdict.signal.index < len(judgement.at) - 1 else "on"
        text = f"A signal for the {verdict.direction} {when} {day(changed_at, judgement)}"
        return f"{text} ({verdict.signal.rule}), not confirmed{_against_baseline(judgement)}"
    return f"No change shown{_against_baseline(judgement)}"


def _growth(judgement: SeriesAnalysis, effect: Effect) -> str:
    say = judgement.say
    if effect is not judgement.verdict.recent:
        mean = "geometric mean" if effect.scale == "log" else "average"
        went = f"the {mean} went from {say(effect.baseline)} to {say(effect.current)}"
    else:
        went = _averages(judgement, effect)
    if effect.factor is None:
        return f"{went}, a difference of {say(effect.difference)} (95% interval {_span(effect, say)})"
    return f"{went}, {_factor(effect.factor)} (95% interval {_span(effect, say)})"


def _against_baseline(judgement: SeriesAnalysis) -> str:
    """What the points say short of a confirmed change; an interval only with points enough for one."""
    recent, say = judgement.verdict.recent, judgement.say
    if recent is None:
        return f": 1 of {RECENT} points since the baseline"
    if recent.n_current < RECENT:
        return f": {_averages(judgement, recent)}"
    return f": {_averages(judgement, recent)}, anything {_span(recent, say)}"


def _averages(judgement: SeriesAnalysis, recent: Effect) -> str:
    say = judgement.say
    before = "before" if judgement.baseline is None else "in the baseline"
    which = f"last {RECENT}" if recent.n_current == RECENT else f"{recent.n_current}"
    mean = "have a geometric mean of" if recent.scale == "log" else "average"
    since = "" if recent.n_current == RECENT else " since the baseline"
    return f"the {which} points{since} {mean} {say(recent.current)} against {say(recent.baseline)} {before}"


def _too_few(judgement: SeriesAnalysis) -> str:
    before, after = judgement.verdict.n_baseline, judgement.verdict.n_recent
    if judgement.baseline is None:
        return f"Too few points to tell: {len(judgement.values)} of {MIN_BASELINE + RECENT}"
    if before < MIN_BASELINE:
        return f"Too few points to tell: the baseline has {before} of {MIN_BASELINE}"
    return f"Too few points to tell: {after} of {RECENT} since the baseline"


def _since(judgement: SeriesAnalysis, changed_at: pd.Timestamp) -> str:
    when = day(changed_at, judgement)
    phase = judgement.current
    if phase is None or not phase.start:
        return f"about {when}"
    return f"{when} ({phase.cause})" if phase.cause else when


def _span(effect: Effect, say: Callable[[float], str]) -> str:
    """Return the 95% interval: "from 1.2x worse to 1.6x better", "from 2x to 3.6x better", or of the difference."""
    if effect.factor_interval is None:
        if effect.difference_interval is None:
            return "unknown, since the points do not vary"
        least, most = effect.difference_interval
        return f"from {say(least)} to {say(most)} apart"
    low, high = effect.factor_interval
    if high is None:
        return f"from {_factor(low)} on" if low else "at all"
    if not low:
        return f"up to {_factor(high)}"
    (smallest, word), (largest, other) = _factor(low).split(" "), _factor(high).split(" ")
    first = smallest if word == other else f"{smallest} {word}"
    return f"from {first} to {largest} {other}"


def _factor(factor: float) -> str:
    """ "2.6x better", "1.2x worse"."""
    times, word = (factor, "better") if factor >= 1 else (1 / factor, "worse")
    rounded = float(f"{times:.2g}") if times < 100 else float(round(times))
    return f"{rounded:,g}x {word}"


def _target(judgement: SeriesAnalysis) -> str:
    capability = judgement.capability
    if judgement.target is None or capability is None:
        return ""
    target, forecast = judgement.say(judgement.target), judgement.forecast
    held = {
        "trial": f"whether it holds the target of {target} is too early to say",
        "consistently meets": f"as it runs now it consistently meets the target of {target}",
        "consistently misses": f"as it runs now it consistently misses the target of {target}",
        "hit or miss": f"as it runs now the target of {target} is hit or miss",
    }[capability]
    if forecast is None or judgement.target_on is None or judgement.forecast_on is None:
        return held
    when = day(judgement.forecast_on, judgement)
    if judgement.forecast_on <= judgement.at[-1]:
        return f"{held} (its day, {when}, has passed)"
    if not forecast.possible and capability == "trial":
        return f"it is too early to say whether it holds the target of {target} by {when}: {forecast.why_not}"
    if forecast.interval is None or forecast.chance is None:
        return f"{held} (for {when} not forecastable yet: {forecast.why_not})"
    low, high = (judgement.say(end) for end in forecast.interval)
    return f"{held}; on {when} it {_outlook(forecast.chance)} (80% interval {low} to {high})"


def _outlook(chance: float) -> str:
    if chance >= LIKELY:
        return "will likely be met"
    if chance <= 1 - LIKELY:
        return "will likely be missed"
    return f"may be met or missed, a {round(100 * chance)}% chance"
