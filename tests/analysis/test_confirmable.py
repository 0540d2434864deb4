"""From which day a change can be confirmed: what is promised at definition is what the odds then say."""

import numpy as np
import pytest

from analysis.change import judge_change
from analysis.confirmable import first_confirmable_day, periods_needed


@pytest.mark.parametrize(
    ("go_live", "cadence", "measured", "day"),
    [(50, 1, 0, 58), (50, 7, 0, 64), (30, 7, 0, 44), (50, 14, 0, None), (50, 14, 4, 78), (20, 7, 0, None)],
)
def test_the_first_day_depends_on_go_live_cadence_and_what_was_measured_before(
    go_live, cadence, measured, day
):
    assert first_confirmable_day(go_live, cadence, measured) == day


@pytest.mark.parametrize("baseline", [4, 7, 12])
def test_the_clearest_step_is_confirmed_by_then_and_not_before(baseline):
    needed = periods_needed(baseline, daily=False)
    days = 7.0 * np.arange(baseline + needed)
    values = np.where(np.arange(len(days)) < baseline, 10 + 1e-6 * (np.arange(len(days)) % 2), 1.0)
    full = judge_change(days, values, direction="lower", date=days[baseline])
    early = judge_change(days[:-1], values[:-1], direction="lower", date=days[baseline])
    assert (full.verdict, early.word) == ("confirmed better", "too early")
