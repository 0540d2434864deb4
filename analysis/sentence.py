"""What a series shows in a few short sentences: did it change, since when, how sure that is, by how much, and will the
target be met.
"""

import math

from analysis import welch_sentence
from analysis.confirmation import CONFIRMED
from analysis.dates_text import day_text
from analysis.odds_analysis import OddsAnalysis
from analysis.series_analysis import SeriesAnalysis
from analysis.size_text import size_text
from analysis.target_text import target_text
from analysis.welch_analysis import WelchAnalysis

GO_LIVE = "go-live"
MAX_ODDS = 1_000  # said as "over 1,000 to 1"
# Of 100 metrics that did not change, looked at after each of 13 points, so many are called confirmed at any look, better
# or worse: where points are independent, and where they resemble their neighbours, drift, jump or are mostly zero. The
# largest of tests/bench/false_claims.py, rounded up.
FALSE_CLAIMS = (3, 7)


def describe(analysis: SeriesAnalysis) -> str:
    """Return all of it, such as "Better since go-live on 3 Nov: confirmed by 3 points (odds over 1,000 to 1). ..."."""
    if isinstance(analysis, WelchAnalysis):
        return welch_sentence.describe(analysis)
    assert isinstance(analysis, OddsAnalysis), "there are two versions of the rules"
    parts = [_proof(analysis), _size(analysis), _faded(analysis), target_text(analysis)]
    return " ".join(part for part in parts if part)


def caveat(analysis: SeriesAnalysis) -> str:
    """Return what is printed beside every "confirmed": how often the rule claims falsely."""
    if isinstance(analysis, WelchAnalysis):
        return welch_sentence.caveat(analysis)
    independent, dependent = FALSE_CLAIMS
    return (
        f"Of 100 unchanged metrics, looked at after each of 13 points, up to {independent} are called confirmed, up to "
        f"{dependent} where points resemble their neighbours, drift, jump or are mostly zero."
    )


def odds_text(odds: float) -> str:
    """Return odds as people say them: "over 1,000 to 1", "48 to 1", "3.4 to 1". They are rounded down."""
    if odds > MAX_ODDS:
        return f"over {MAX_ODDS:,} to 1"
    if odds >= 10:
        return f"{math.floor(odds):,} to 1"
    if odds >= 0.1:
        return f"{math.floor(odds * 10) / 10:g} to 1"
    return "under 0.1 to 1"


def _proof(analysis: OddsAnalysis) -> str:
    change = analysis.change
    if change.word == "too early":
        return _too_early(analysis)
    assert change.odds is not None, "there are odds once there are points enough"
    odds = odds_text(change.odds)
    if change.word == "no change":
        against = " Most points don't bear them out." if change.against_most else ""
        drift = " The points drift steadily." if change.drifting else ""
        return f"No change shown{_since_date(analysis)} (odds {odds}).{against}{drift}"
    since = f"since {_began(analysis)}{_gradually(analysis)}"
    if change.word == "leaning":
        return f"Leaning {change.towards} {since}, {odds}; {CONFIRMED:g} to 1 confirms."
    assert change.towards is not None, "a claim has a direction"
    return f"{change.towards.title()} {since}: confirmed {_confirmation(analysis, odds)}."


def _confirmation(analysis: OddsAnalysis, odds: str) -> str:
    """Return by how many points it is confirmed; once odds sank below 6, since when it is."""
    change = analysis.change
    if change.odds is not None and change.odds < CONFIRMED and change.first and not change.faded:
        first = odds_text(change.first.odds)
        when = day_text(analysis.first_confirmed_at, analysis)
        return f"on {when} (odds {first} then, {odds} now)"
    points = "1 week" if change.n_since == 1 else f"{change.n_since} {_periods(analysis)}"
    return f"by {points} (odds {odds})"


def _periods(analysis: OddsAnalysis) -> str:
    return "weeks" if analysis.change.taken == "weeks" else "points"


def _too_early(analysis: OddsAnalysis) -> str:
    """Return what is missing. Without any division of the points, nothing can be "since" something."""
    change = analysis.change
    if change.date is None:
        measured = "1 point" if len(analysis.values) == 1 else f"{len(analysis.values)} points"
        return f"Too early to tell: {measured}, and no date since which a change is asked for."
    since = "" if change.missing.startswith("the baseline") else _since_date(analysis)
    return f"Too early to tell: {change.missing.removesuffix(' since')}{since}."


def _since_date(analysis: OddsAnalysis) -> str:
    """Return " since go-live on 3 Nov" where a date was named, " since the baseline" otherwise."""
    if analysis.named is None:
        return "" if analysis.baseline is None else " since the baseline"
    return f" since {_named(analysis)}"


def _named(analysis: OddsAnalysis) -> str:
    assert analysis.named is not None, "a named date"
    when, cause = day_text(analysis.named.on, analysis), analysis.named.cause
    if cause == GO_LIVE:
        return f"{GO_LIVE} on {when}"
    return f"{when} ({cause})" if cause else when


def _began(analysis: OddsAnalysis) -> str:
    """Return since when: the named date, or one that was found in the data."""
    if analysis.named is not None:
        return _named(analysis)
    return f"about {day_text(analysis.changed_at, analysis)} (found in the data)"


def _gradually(analysis: OddsAnalysis) -> str:
    change = analysis.change
    if change.shape != "ramp":
        return ""
    return f", gradually over about {change.ramp_points} {_periods(analysis)}"


def _size(analysis: OddsAnalysis) -> str:
    """Return before and since, one size with its interval, and the latest value."""
    estimate, format_value = analysis.estimate, analysis.format_value
    if estimate is None or analysis.word == "too early":
        return ""
    before, since = format_value(estimate.before), format_value(estimate.since)
    size = size_text(estimate, analysis.direction, format_value, analysis.bounds)
    return f"{before} before, {since} since, {size}; latest {format_value(float(analysis.values[-1]))}."


def _faded(analysis: OddsAnalysis) -> str:
    first, at = analysis.change.first, analysis.first_confirmed_at
    if first is None or not analysis.change.faded:
        return ""
    return f"Confirmed {first.towards} on {day_text(at, analysis)} ({odds_text(first.odds)}); it faded since."
