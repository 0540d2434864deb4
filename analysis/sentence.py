"""A judgement as one sentence: did it change, when, by how much, and will the target be met."""

import pandas as pd

from analysis.effect import Effect
from analysis.series_analysis import SeriesAnalysis
from analysis.verdict import FALSE_CLAIMS, LEAST_BASELINE, RECENT

LIKELY = 0.9  # chance; beyond it the 80% interval lies wholly on one side of the target
WITHOUT_YEAR = 300  # days that a series may span before its dates are said with their year


def describe(judgement: SeriesAnalysis) -> str:
    """The whole sentence, such as "Better since 1 Nov 2014, confirmed: ... , and the target of 5 is hit or
    miss.".
    """
    parts = [_change(judgement), _target(judgement)]
    return ", and ".join(part for part in parts if part) + "."


def caveat(judgement: SeriesAnalysis) -> str:
    """What stands beside every "confirmed": how often the rule claims falsely, and whether the baseline is
    steady.
    """
    independent, dependent = (round(100 * rate) for rate in FALSE_CLAIMS)
    told = (
        f"Of 100 metrics that did not change, up to {independent} would be called confirmed too, better or worse (about "
        f"half of them each), and up to {dependent} where each point resembles the one before it."
    )
    return told if judgement.steady_baseline else f"{told} Here the baseline itself holds signals."


def day(at: pd.Timestamp, judgement: SeriesAnalysis) -> str:
    with_year = (judgement.at[-1] - judgement.at[0]).days > WITHOUT_YEAR
    return f"{at.day} {at:%b %Y}" if with_year else f"{at.day} {at:%b}"


def _change(judgement: SeriesAnalysis) -> str:
    verdict, effect = judgement.verdict, judgement.effect
    if not verdict.enough or (effect is None and verdict.word == "noise"):
        return _too_few(judgement)
    if verdict.word == "confirmed":
        return f"{verdict.direction.title()} since {_since(judgement)}, confirmed: {_grown(judgement)}"
    if verdict.word == "signal":
        when = "since" if verdict.lasts and verdict.signal.index < len(judgement.at) - 1 else "on"
        told = f"A signal for the {verdict.direction} {when} {day(judgement.changed_at, judgement)}"
        return f"{told} ({verdict.signal.rule}), not confirmed{_against_baseline(judgement)}"
    return f"No change shown{_against_baseline(judgement)}"


def _grown(judgement: SeriesAnalysis) -> str:
    effect, say = judgement.effect, judgement.say
    if effect is not judgement.verdict.recent:
        mean = "geometric mean" if effect.scale == "log" else "average"
        went = f"the {mean} went from {say(effect.baseline)} to {say(effect.current)}"
    else:
        went = _averages(judgement)
    if effect.factor is None:
        return f"{went}, a difference of {say(effect.difference)} (95% interval {_span(effect, say)})"
    return f"{went}, {_factor(effect.factor)} (95% interval {_span(effect, say)})"


def _against_baseline(judgement: SeriesAnalysis) -> str:
    """What the points say short of a confirmed change; an interval only with points enough for one."""
    recent, say = judgement.verdict.recent, judgement.say
    if recent is None:
        return f": 1 of {RECENT} points since the baseline"
    if recent.n_current < RECENT:
        return f": {_averages(judgement)}"
    return f": {_averages(judgement)}, anything {_span(recent, say)}"


def _averages(judgement: SeriesAnalysis) -> str:
    recent, say = judgement.verdict.recent, judgement.say
    before = "before" if judgement.baseline is None else "in the baseline"
    which = f"last {RECENT}" if recent.n_current == RECENT else f"{recent.n_current}"
    mean = "have a geometric mean of" if recent.scale == "log" else "average"
    since = "" if recent.n_current == RECENT else " since the baseline"
    return f"the {which} points{since} {mean} {say(recent.current)} against {say(recent.baseline)} {before}"


def _too_few(judgement: SeriesAnalysis) -> str:
    before, after = judgement.verdict.n_baseline, judgement.verdict.n_recent
    if judgement.baseline is None:
        return f"Too few points to tell: {len(judgement.values)} of {LEAST_BASELINE + RECENT}"
    if before < LEAST_BASELINE:
        return f"Too few points to tell: the baseline has {before} of {LEAST_BASELINE}"
    return f"Too few points to tell: {after} of {RECENT} since the baseline"


def _since(judgement: SeriesAnalysis) -> str:
    when = day(judgement.changed_at, judgement)
    phase = judgement.current
    if not phase.start:
        return f"about {when}"
    return f"{when} ({phase.cause})" if phase.cause else when


def _span(effect: Effect, say) -> str:
    """The 95% interval: "from 1.2x worse to 1.6x better", "from 2x to 3.6x better", or of the difference."""
    if effect.factor_interval is None:
        if effect.difference_interval is None:
            return "unknown, since the points do not vary"
        low, high = effect.difference_interval
        return f"from {say(low)} to {say(high)} apart"
    low, high = effect.factor_interval
    if high is None:
        return f"from {_factor(low)} on" if low else "at all"
    if not low:
        return f"up to {_factor(high)}"
    (least, one), (most, other) = _factor(low).split(" "), _factor(high).split(" ")
    return f"from {least} to {most} {other}" if one == other else f"from {least} {one} to {most} {other}"


def _factor(factor: float) -> str:
    """ "2.6x better", "1.2x worse"."""
    times, word = (factor, "better") if factor >= 1 else (1 / factor, "worse")
    rounded = float(f"{times:.2g}") if times < 100 else float(round(times))
    return f"{rounded:,g}x {word}"


def _target(judgement: SeriesAnalysis) -> str:
    if judgement.target is None or judgement.current is None:
        return ""
    target, forecast = judgement.say(judgement.target), judgement.forecast
    held = {
        "trial": f"whether it holds the target of {target} is too early to say",
        "consistently meets": f"as it runs now it consistently meets the target of {target}",
        "consistently misses": f"as it runs now it consistently misses the target of {target}",
        "hit or miss": f"as it runs now the target of {target} is hit or miss",
    }[judgement.capability]
    if forecast is None or judgement.target_on is None:
        return held
    when = day(judgement.forecast_on, judgement)
    if judgement.forecast_on <= judgement.at[-1]:
        return f"{held} (its day, {when}, has passed)"
    if not forecast.possible and judgement.capability == "trial":
        return f"it is too early to say whether it holds the target of {target} by {when}: {forecast.why_not}"
    if not forecast.possible:
        return f"{held} (for {when} not forecastable yet: {forecast.why_not})"
    low, high = (judgement.say(end) for end in forecast.interval)
    return f"{held}; on {when} it {_outlook(forecast.chance)} (80% interval {low} to {high})"


def _outlook(chance: float) -> str:
    if chance >= LIKELY:
        return "will likely be met"
    if chance <= 1 - LIKELY:
        return "will likely be missed"
    return f"may be met or missed, a {round(100 * chance)}% chance"
