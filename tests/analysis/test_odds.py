"""The odds of a change: the reference numbers, an independent way to compute them, and what never changes
them.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.explanations import FROM_DATE, Changes, changes_anywhere
from analysis.noise import inflation, neighbour_correlation, whitened
from analysis.odds import Looks, look_after_each, odds_of

REFERENCE = json.loads((Path(__file__).parent / "reference_odds.json").read_text())
SERIES = st.tuples(st.integers(4, 20), st.integers(2, 25), st.integers(0, 10_000)).map(
    lambda of: (of[0], np.random.default_rng(of[2]).normal(size=of[0] + of[1]).cumsum().round(3))
)


def last(values, baseline, **how):
    return float(odds_of(values, baseline, **how).log_odds[-1])


@pytest.mark.parametrize("case", REFERENCE, ids=lambda case: f"{case['baseline']} of {len(case['values'])}")
def test_the_reference_odds_are_reproduced(case):
    odds = odds_of(np.array(case["values"]), case["baseline"])
    assert np.exp(odds.log_odds[-1]) == pytest.approx(case["odds"], rel=1e-9)
    assert odds.side[-1] == case["side"]


def dense_log_likelihood(values, phi, columns, variances):
    """The same marginal likelihood from the whole covariance matrix, without whitening or running sums."""
    points = np.arange(len(values))
    cover = phi ** np.abs(points[:, None] - points)
    cover = cover + sum(v * np.outer(c, c) for c, v in zip(columns, variances, strict=True))
    inverse, ones = np.linalg.inv(cover), np.ones(len(values))
    level = (ones @ inverse @ values) / (ones @ inverse @ ones)
    squares = (values - level) @ inverse @ (values - level)
    _, size = np.linalg.slogdet(cover)
    return -(size + np.log(ones @ inverse @ ones)) / 2 - (len(values) - 1) / 2 * np.log(squares)


def dense_odds(values, baseline):
    phi = float(neighbour_correlation(values[:baseline]))
    time = np.arange(len(values))
    change = unchanged = 0.0
    for drift in ([], [time / baseline]):
        unchanged += 0.5 * np.exp(dense_log_likelihood(values, phi, drift, [1.0] * len(drift)))
        for start in range(13):
            weight = 0.5 if start == 0 else 0.5 / 12
            for length, part, needed in ((1, 0.5, 2), (4, 0.25, 3), (13, 0.25, 3)):
                if len(values) - baseline - start >= needed:
                    column = np.clip((time - baseline - start + 1) / length, 0, 1)
                    likelihood = dense_log_likelihood(
                        values, phi, [column, *drift], [4.0, 1.0][: 1 + len(drift)]
                    )
                    change += 0.5 * weight * part * np.exp(likelihood)
    return change / unchanged


@pytest.mark.parametrize("seed", range(6))
def test_the_odds_agree_with_the_whole_covariance_matrix_at_every_look(seed):
    rng = np.random.default_rng(seed)
    baseline, values = 5 + 2 * seed, np.concatenate([rng.normal(0, 1, 5 + 2 * seed), rng.normal(seed, 1, 15)])
    odds = np.exp(odds_of(values, baseline).log_odds)
    for look in range(1, 15):
        assert odds[look] == pytest.approx(dense_odds(values[: baseline + look + 1], baseline), rel=1e-8)


def test_one_point_alone_says_nothing():
    odds = odds_of(np.array([1.0, 2, 1, 2, 1, 50]), 5)
    assert odds.log_odds.tolist() == [-np.inf]
    assert odds.weights.sum() == 0


def test_an_unfinished_point_counts_less_and_a_finished_one_as_any_other():
    values = np.array([1.0, 2, 1, 2, 1.5, 1, 5, 5.5, 5])
    every = look_after_each(values, 6)
    finished = Looks(every.point[-1:], every.value[-1:], np.zeros(1))
    assert last(values, 6, looks=finished) == pytest.approx(last(values, 6))
    unfinished = Looks(every.point[-1:], every.value[-1:], np.full(1, 6.0))
    assert last(values[:-1], 6) < last(values, 6, looks=unfinished) < last(values, 6)


def test_where_a_change_began_is_told_by_the_weights():
    rng = np.random.default_rng(3)
    late = rng.normal(size=30)
    late[19:] += 8
    odds = odds_of(late, 12)
    assert (odds.changes.start[odds.likeliest[-1]], odds.changes.length[odds.likeliest[-1]]) == (7, 1)
    assert odds.weights.sum() == pytest.approx(1)
    ramp = rng.normal(size=30)
    ramp[12:] += 10 * np.clip(np.arange(1, 19) / 13, 0, 1)
    assert FROM_DATE.length[odds_of(ramp, 12).likeliest[-1]] == 13


@pytest.mark.parametrize("points", [1, 2, 31, 32, 33, 400])
def test_the_changes_that_are_looked_for_anywhere_share_all_weight(points):
    changes = changes_anywhere(points)
    assert changes.weight.sum() == pytest.approx(1)
    assert changes.start.max() < points
    assert FROM_DATE.weight.sum() == pytest.approx(1)


def test_many_series_at_once_are_judged_as_one_by_one():
    values = np.random.default_rng(1).normal(size=(7, 25))
    together = odds_of(values, 10)
    for one, log_odds, side in zip(values, together.log_odds, together.side, strict=True):
        alone = odds_of(one, 10)
        np.testing.assert_allclose(log_odds, alone.log_odds)
        np.testing.assert_array_equal(side, alone.side)


@settings(max_examples=100, deadline=None)
@given(SERIES, st.sampled_from([1e-12, 1 / 60, 3, 86400, 1e12]), st.sampled_from([-1e4, 0, 7, 1e5]))
def test_neither_unit_nor_origin_changes_the_odds(of, size, origin):
    baseline, values = of
    here, there = odds_of(values, baseline), odds_of((values + origin) * size, baseline)
    np.testing.assert_allclose(there.log_odds, here.log_odds, rtol=1e-6, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(SERIES)
def test_a_series_turned_over_has_the_same_odds_and_the_other_side(of):
    baseline, values = of
    here, there = odds_of(values, baseline), odds_of(-values, baseline)
    np.testing.assert_allclose(there.log_odds, here.log_odds)
    np.testing.assert_array_equal(there.side, -here.side)


@settings(max_examples=100, deadline=None)
@given(SERIES, st.integers(1, 10))
def test_later_points_never_change_an_earlier_look(of, fewer):
    baseline, values = of
    kept = max(len(values) - fewer, baseline + 1)
    np.testing.assert_allclose(
        odds_of(values, baseline).log_odds[: kept - baseline], odds_of(values[:kept], baseline).log_odds
    )


def odds_by_size(noise, baseline, sizes):
    step = np.arange(len(noise)) >= baseline
    return odds_of(noise + sizes[:, None] * step, baseline).log_odds[:, -1]


@settings(max_examples=100, deadline=None)
@given(st.integers(4, 24), st.integers(2, 20))
def test_a_larger_clean_step_has_larger_odds(baseline, since):
    noise = np.concatenate([np.resize([1.0, -1.0], n) for n in (baseline, since)])
    assert np.diff(odds_by_size(noise, baseline, np.geomspace(0.5, 100, 40))).min() > 0


@settings(max_examples=100, deadline=None)
@given(st.integers(4, 24), st.integers(2, 20), st.integers(0, 10_000))
def test_a_larger_step_in_noise_has_no_smaller_odds_but_for_the_shape_of_the_noise(baseline, since, seed):
    noise = np.random.default_rng(seed).normal(size=baseline + since)
    sizes = np.array([2.0, 4, 8, 16, 32, 64]) + noise[:baseline].mean() - noise[baseline:].mean()
    assert np.diff(odds_by_size(noise, baseline, sizes)).min() > -0.15


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(st.lists(NUMBERS, min_size=3, max_size=40), st.integers(1, 30))
def test_whatever_the_numbers_the_odds_are_numbers(values, baseline):
    odds = odds_of(np.array(values), min(baseline, len(values) - 1))
    assert not np.isnan(odds.log_odds).any()
    assert (odds.log_odds < np.inf).all()
    assert set(odds.side.tolist()) <= {-1, 0, 1}


@pytest.mark.parametrize("value", [0, 5, -3, 0.1, 1e300, -1e300, 5e-324])
def test_points_that_never_vary_never_speak_for_a_change(value):
    odds = odds_of(np.full(40, value), 12)
    assert (odds.log_odds < 1e-9).all()
    assert not odds.side.any()


def test_phi_is_held_between_0_and_07_and_pulled_towards_03():
    up_and_down, wander = np.tile([1.0, -1], 12), np.arange(24.0)
    assert neighbour_correlation(up_and_down) == pytest.approx(8 * 0.3 / 32)
    assert neighbour_correlation(wander) == pytest.approx((24 * 0.7 + 8 * 0.3) / 32)
    assert neighbour_correlation(np.arange(4.0)) == pytest.approx(0.3)


def test_whitening_makes_noise_independent_and_inflation_is_what_a_mean_varies_more():
    phi, n = 0.6, 9
    cover = phi ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    white = whitened(np.eye(n), np.array(phi)).T
    np.testing.assert_allclose(white @ cover @ white.T, np.eye(n), atol=1e-12)
    assert inflation(n, phi) == pytest.approx(cover.mean() * n)


def test_ramps_are_columns_that_rise_to_one():
    changes = Changes(np.array([1, 0]), np.array([4, 1]), np.array([0.5, 0.5]))
    assert changes.columns(6).tolist() == [[0, 0.25, 0.5, 0.75, 1, 1], [1] * 6]
    assert changes.min_points.tolist() == [4, 2]
