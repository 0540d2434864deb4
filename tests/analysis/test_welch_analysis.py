"""Version 1 of the rules: a metric that was signed under it is judged as it was."""

import numpy as np
import pytest

from analysis import sentence
from analysis.analyse import analyse_series
from analysis.odds_analysis import OddsAnalysis
from tests.analysis.test_judge import CDI, INTERVENTION, after_week, weekly

BASELINE = [10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9]


def judged(later, **how):
    how = {"direction": "lower", "baseline_until": after_week(12)} | how
    return analyse_series(weekly(BASELINE + later), version=1, **how)


def test_both_versions_can_be_read_side_by_side():
    old, new = (analyse_series(CDI, direction="lower", phases=[INTERVENTION], version=v) for v in (1, 2))
    assert (old.version, old.odds, old.verdict) == (1, None, "confirmed better")
    assert (new.version, new.verdict) == (2, "confirmed better")
    assert isinstance(new, OddsAnalysis)
    assert sentence.describe(old) == (
        "Better since 1 Nov 2014 (the intervention), confirmed: the average went from 13 to 5.01, 2.6x better "
        "(2x to 3.6x)."
    )
    assert sentence.caveat(old).startswith(
        "Of 100 metrics that did not change, up to 4 would be called confirmed too"
    )


@pytest.mark.parametrize(
    ("later", "verdict", "text"),
    [
        (
            [1, 2, 1],
            "leaning better",
            "A signal for the better since 30 Mar (outside the limits), not confirmed: ",
        ),
        (
            [10, 2, 10],
            "leaning better",
            "A signal for the better on 6 Apr (outside the limits), not confirmed: ",
        ),
        ([10, 11, 9, 10, 9, 11], "no change", "No change shown: the last 6 points average 10 against 10"),
        (
            [1] * 6,
            "confirmed better",
            "Better since about 30 Mar, confirmed: the last 6 points average 1 against 10",
        ),
        ([], "too early", "Too few points to tell: 0 of 6 since the baseline"),
    ],
)
def test_six_points_and_a_signal_confirm(later, verdict, text):
    analysis = judged(later)
    assert analysis.verdict == verdict
    assert sentence.describe(analysis).startswith(text)


def test_its_scale_is_chosen_by_the_data_and_its_forecast_needs_ten_points():
    skewed = np.exp(np.random.default_rng(2).normal(0, 1, 20))
    analysis = analyse_series(weekly(skewed), direction="lower", baseline_until=after_week(12), version=1)
    assert analysis.scale == "log"
    assert judged([10] * 3, phases=[(after_week(13), "x")]).forecast.why_not.endswith(
        "10 points that a forecast needs"
    )
