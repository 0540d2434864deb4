"""How a metric stands: missing, stale or unsigned is never on track, and neither unit nor direction changes a status."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.outcomes import outcome
from models.status import Status
from models.units import unit
from tests.builders import a_measure, a_summary, on_day

SUMMARY = a_summary()
GOOD = {Status.ON_TRACK, Status.DONE}
SEVERITY = [Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK]

amounts = st.floats(0.001, 10_000)
plan_days = st.integers(1, 120)


def a_signed(**given):
    """A weekly metric from 4 h to 1 h by day 90, signed and measured."""
    measured = {"seal": "signed", "signed_on": on_day(5), "measured": 9, "baseline_points": 9, "current": 2.0}
    return a_measure(**(measured | {"last_on": on_day(60)} | given))


def outcome_on(metric, day=60):
    return outcome(SUMMARY, metric, on_day(day))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"baseline": None}, "no baseline"),
        ({"target": None}, "no target"),
        ({"current": None, "last_on": None}, "never measured"),
        ({"last_on": on_day(52)}, "last measured 8 days ago, expected every 7 days"),
        ({"last_on": on_day(58), "cadence_days": 1}, "last measured 2 days ago, expected daily"),
        ({"seal": "unsigned"}, "not signed by the sponsor"),
        ({"seal": "broken"}, "changed since the sponsor signed it"),
        ({"target": 4.0}, "its target is no better than its baseline"),
        ({"target": 5.0, "current": 6.0}, "its target is no better than its baseline"),
    ],
)
def test_what_is_missing_is_said(given, reason):
    result = outcome_on(a_signed(**given))
    assert (result.status, result.reason) == (Status.NOT_KNOWN, reason)


@given(
    baseline=amounts,
    current=amounts,
    target=amounts,
    day=plan_days,
    lacks=st.sampled_from(["baseline", "target", "current", "freshness", "signature", "seal"]),
)
def test_missing_stale_or_unsigned_is_never_on_track(baseline, current, target, day, lacks):
    metric = a_signed(baseline=baseline, current=current, target=target, last_on=on_day(day))
    if lacks in ("baseline", "target", "current"):
        metric = replace(metric, **{lacks: None})
    elif lacks == "freshness":
        metric = replace(metric, last_on=on_day(day) - timedelta(days=metric.cadence_days + 1))
    else:
        metric = replace(metric, seal="unsigned" if lacks == "signature" else "broken")
    assert outcome_on(metric, day).status not in GOOD


def is_clear(result):
    """Not so close to where a status changes, nor a way so short, that the last bit of a number decides."""
    marks = (1, -0.15, result.expected - 0.15)
    metric = result.metric
    return abs(metric.target / metric.baseline - 1) > 1e-6 and all(
        abs(result.progress - mark) > 1e-6 for mark in marks
    )


@given(baseline=amounts, current=amounts, target=amounts, day=plan_days)
def test_a_higher_is_better_metric_mirrors_a_lower_is_better_one(baseline, current, target, day):
    lower = outcome_on(a_signed(baseline=baseline, current=current, target=target, last_on=on_day(day)), day)
    mirrored = a_signed(
        baseline=1 / baseline, current=1 / current, target=1 / target, direction="higher", last_on=on_day(day)
    )
    assume(is_clear(lower))
    assert outcome_on(mirrored, day).status is lower.status


losses = st.floats(-100, -0.01)


@given(baseline=losses, current=losses, target=losses, day=plan_days)
def test_below_zero_the_mirror_is_the_sign(baseline, current, target, day):
    fields = {"unit": "points", "baseline": baseline, "last_on": on_day(day)}
    rising = outcome_on(a_signed(current=current, target=target, direction="higher", **fields), day)
    assume(is_clear(rising))
    # Linear for both: a target of nothing at all has no logarithm.
    shifted = {"baseline": 0.0, "current": baseline - current, "target": baseline - target}
    assert outcome_on(a_signed(**(fields | shifted)), day).status is rising.status


@given(
    baseline=amounts,
    current=amounts,
    target=amounts,
    day=plan_days,
    into=st.sampled_from(["s", "min", "days", "weeks", "months", "ms"]),
)
def test_another_unit_never_changes_the_status(baseline, current, target, day, into):
    hours, other = unit("h"), unit(into)
    metric = a_signed(baseline=baseline, current=current, target=target, last_on=on_day(day))
    converted = {
        name: hours.convert(getattr(metric, name), other) for name in ("baseline", "current", "target")
    }
    result = outcome_on(metric, day)
    assume(is_clear(result))
    assert outcome_on(replace(metric, unit=into, **converted), day).status is result.status


@given(current=amounts, better=st.floats(0.01, 1), day=plan_days, target=st.floats(0.001, 3.9))
def test_a_better_value_never_stands_worse(current, better, day, target):
    metric = a_signed(current=current, target=target, last_on=on_day(day))
    before, after = (
        outcome_on(each, day).status for each in (metric, replace(metric, current=current * better))
    )
    assert SEVERITY.index(after) <= SEVERITY.index(before)


@given(day=plan_days, current=amounts)
def test_a_target_that_is_reached_is_on_track_whatever_the_day(day, current):
    metric = a_signed(target=current * 2, baseline=current * 3, current=current, last_on=on_day(day))
    result = outcome_on(metric, day)
    assert (result.status, result.reason) == (Status.ON_TRACK, "target reached")


def test_the_reason_names_no_factor_that_could_argue_with_the_verdicts():
    assert outcome_on(a_signed(current=0.5, target=0.01)).factor == 8
    assert "x " not in outcome_on(a_signed(current=0.5, target=0.01)).reason


def test_a_little_noise_around_the_baseline_is_not_called_a_change_for_the_worse():
    assert outcome_on(a_signed(current=4.1, last_on=on_day(33)), 33).status is Status.ON_TRACK
    assert outcome_on(a_signed(current=6.0, last_on=on_day(20)), 20).status is Status.AT_RISK
    assert outcome_on(a_signed(current=6.0)).status is Status.OFF_TRACK


def test_a_metric_that_is_behind_is_told_where_it_should_be():
    # 30 of the 60 days from day 30 to day 90: half of the way.
    result = outcome_on(a_signed(current=3.9))
    assert result.status is Status.AT_RISK
    assert result.reason.endswith("1% of the way to its target, should be at 50% by now")


def test_almost_all_of_the_way_is_not_all_of_it():
    result = outcome_on(a_signed(current=1.001, last_on=on_day(91)), 91)
    assert result.status is Status.OFF_TRACK
    assert "99% of the way to its target, which was due" in result.reason
