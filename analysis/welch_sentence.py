"""What version 1 of the rules says of a series, for metrics that were signed under it."""

import pandas as pd

from analysis.dates_text import day_text
from analysis.effect import Effect
from analysis.size_text import size_text
from analysis.target_text import target_text
from analysis.welch_analysis import WelchAnalysis, estimate_of_effect
from analysis.welch_verdict import FALSE_CLAIMS, MIN_BASELINE, RECENT


def describe(judgement: WelchAnalysis) -> str:
    """Return the sentences: whether it changed, when, by how much, and whether the target is met."""
    parts = [f"{_change(judgement)}.", target_text(judgement)]
    return " ".join(part for part in parts if part)


def caveat(judgement: WelchAnalysis) -> str:
    """Return what stands beside every "confirmed": how often the rule claims falsely, and whether the baseline is
    steady.
    """
    independent, dependent = (round(100 * rate) for rate in FALSE_CLAIMS)
    text = (
        f"Of 100 metrics that did not change, up to {independent} would be called confirmed too, better or worse (about "
        f"half of them each), and up to {dependent} where each point resembles the one before it."
    )
    return text if judgement.steady_baseline else f"{text} Here the baseline itself holds signals."


def _change(judgement: WelchAnalysis) -> str:
    verdict, effect, changed_at = judgement.comparison, judgement.effect, judgement.changed_at
    if not verdict.enough or (effect is None and verdict.word == "noise"):
        return _too_few(judgement)
    if verdict.word == "confirmed" and verdict.direction and effect and changed_at is not None:
        since = _since(judgement, changed_at)
        return f"{verdict.direction.title()} since {since}, confirmed: {_growth(judgement, effect)}"
    if verdict.signal is not None and changed_at is not None:
        when = "since" if verdict.lasts and verdict.signal.index < len(judgement.at) - 1 else "on"
        text = f"A signal for the {verdict.direction} {when} {day_text(changed_at, judgement)}"
        return f"{text} ({verdict.signal.rule}), not confirmed{_against_baseline(judgement)}"
    return f"No change shown{_against_baseline(judgement)}"


def _growth(judgement: WelchAnalysis, effect: Effect) -> str:
    format_value = judgement.format_value
    if effect is not judgement.comparison.recent:
        mean = "geometric mean" if effect.scale == "log" else "average"
        went = f"the {mean} went from {format_value(effect.baseline)} to {format_value(effect.current)}"
    else:
        went = _averages(judgement, effect)
    return f"{went}, {_size(judgement, effect)}"


def _against_baseline(judgement: WelchAnalysis) -> str:
    """Return what the points say short of a confirmed change; an interval only with points enough for one."""
    recent = judgement.comparison.recent
    if recent is None:
        return f": 1 of {RECENT} points since the baseline"
    if recent.n_current < RECENT:
        return f": {_averages(judgement, recent)}"
    return f": {_averages(judgement, recent)}, {_size(judgement, recent)}"


def _averages(judgement: WelchAnalysis, recent: Effect) -> str:
    format_value = judgement.format_value
    before = "before" if judgement.baseline is None else "in the baseline"
    which = f"last {RECENT}" if recent.n_current == RECENT else f"{recent.n_current}"
    mean = "have a geometric mean of" if recent.scale == "log" else "average"
    since = "" if recent.n_current == RECENT else " since the baseline"
    current, baseline = format_value(recent.current), format_value(recent.baseline)
    return f"the {which} points{since} {mean} {current} against {baseline} {before}"


def _too_few(judgement: WelchAnalysis) -> str:
    before, after = judgement.comparison.n_baseline, judgement.comparison.n_recent
    if judgement.baseline is None:
        return f"Too few points to tell: {len(judgement.values)} of {MIN_BASELINE + RECENT}"
    if before < MIN_BASELINE:
        return f"Too few points to tell: the baseline has {before} of {MIN_BASELINE}"
    return f"Too few points to tell: {after} of {RECENT} since the baseline"


def _since(judgement: WelchAnalysis, changed_at: pd.Timestamp) -> str:
    when = day_text(changed_at, judgement)
    phase = judgement.current
    if phase is None or not phase.start:
        return f"about {when}"
    return f"{when} ({phase.cause})" if phase.cause else when


def _size(judgement: WelchAnalysis, effect: Effect) -> str:
    estimate = estimate_of_effect(effect)
    return size_text(estimate, judgement.direction, judgement.format_value, judgement.bounds)
