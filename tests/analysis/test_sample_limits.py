"""Limits of points that sum up different numbers of observations."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyse import analyse_series
from analysis.limits import SCALING, limits_of
from analysis.sample_limits import sample_limits

COUNTS = st.lists(st.integers(1, 5_000), min_size=4, max_size=30)


def shares(n: list[int], part: float, seed: int = 1) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return np.array([100 * chance.binomial(many, part) / many for many in n])


def test_the_limits_are_those_of_laneys_p_prime_chart():
    n, values = np.array([100.0, 50, 200, 80]), np.array([10.0, 14, 9, 15])
    mean = (values * n).sum() / n.sum()
    sd = np.sqrt(mean * (100 - mean) / n)
    z = (values - mean) / sd
    sigma_z = np.mean([abs(b - a) for a, b in pairwise(z)]) * SCALING / 3
    limits = sample_limits(values, n, 4)
    assert limits.mean == pytest.approx(mean)
    assert limits.upper == pytest.approx(mean + 3 * sigma_z * sd)
    assert limits.lower == pytest.approx(mean - 3 * sigma_z * sd)


@given(st.lists(st.floats(0, 100), min_size=4, max_size=30), st.integers(1, 1_000))
def test_with_one_number_of_observations_they_are_those_of_the_xmr_chart(values, n):
    plain = limits_of(np.array(values))
    own = sample_limits(np.array(values), np.full(len(values), float(n)), len(values))
    assert own.mean == pytest.approx(plain.mean, abs=1e-9)
    assert own.upper == pytest.approx(np.full(len(values), plain.upper), abs=1e-6)


@given(COUNTS)
def test_more_observations_never_have_wider_limits(n):
    limits = sample_limits(shares(n, 0.9), np.array(n, dtype=float), len(n))
    width = (limits.upper - limits.lower)[np.argsort(n)]
    assert (np.diff(width) <= 1e-9).all()
    assert limits.small.tolist() == [many < 20 for many in n]


def test_an_unchanged_share_has_no_more_signals_at_small_samples_than_at_large_ones():
    """Of n from 10 to 2,000 around 90 %, one width for all calls 14.5 % of the small ones a signal."""
    chance = np.random.default_rng(90)
    outside: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(200):
        n = np.exp(chance.uniform(np.log(10), np.log(2_000), 24)).astype(int)
        values = shares(list(n), 0.9, seed)
        limits = sample_limits(values, n.astype(float), 24)
        for small, signal in zip(n < 40, (values > limits.upper) | (values < limits.lower), strict=True):
            outside[bool(small)].append(bool(signal))
    assert np.mean(outside[True]) < 0.02
    assert np.mean(outside[False]) < 0.02


@pytest.mark.parametrize("n", [[10, 20, np.nan, 30], [10, 20, 0, 30]])
def test_where_one_number_of_observations_is_missing_none_count(n):
    assert sample_limits(np.array([1.0, 2, 3, 4]), np.array(n, dtype=float), 4) is None


def test_a_point_outside_its_own_limits_is_a_signal_and_a_small_sample_as_far_out_is_not():
    n = [400] * 12 + [10, 400]
    values = [90, 91, 89, 90, 92, 90, 89, 91, 90, 89, 90, 91, 70, 70]
    frame = pd.DataFrame({"at": pd.date_range("2026-01-05", periods=14, freq="7D"), "value": values, "n": n})
    until = pd.Timestamp("2026-03-29").date()
    judged = {"direction": "higher", "baseline_until": until, "bounds": (0.0, 100.0)}
    own = analyse_series(frame, samples=True, **judged)
    plain = analyse_series(frame, samples=False, **judged)
    assert {s.index for s in own.phases[0].signals} == {13}
    assert {s.index for s in plain.phases[0].signals} == {12, 13}


def test_numbers_as_large_as_there_are_stay_numbers():
    limits = sample_limits(np.full(4, 1e300), np.full(4, 1e300), 4)
    assert limits.mean == pytest.approx(1e300)
    assert np.isfinite(limits.upper).all()
