import numpy as np
import pytest
import scipy  # whose parts are imported when they are asked for

from analysis.effect import effect_of, scale_of


@pytest.mark.parametrize("seed", range(20))
def test_welch_agrees_with_scipy(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.normal(50, 5, 12 + seed), rng.normal(48, 9, 6)
    effect = effect_of(before, after, "lower", "linear")
    expected = scipy.stats.ttest_ind(after, before, equal_var=False)
    assert effect.p == pytest.approx(expected.pvalue, rel=1e-8)
    interval = expected.confidence_interval(0.95)
    assert effect.difference_interval == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("seed", range(20))
def test_an_interval_of_the_factor_leaves_1_out_exactly_when_p_is_below_5_percent(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.gamma(9, 5, 12), rng.gamma(9, 4, 6)
    for scale in ("linear", "log"):
        for direction in ("lower", "higher"):
            effect = effect_of(before, after, direction, scale)
            low, high = effect.factor_interval
            assert low < effect.factor < (high or np.inf)
            assert (low > 1 or (high or np.inf) < 1) == (effect.p < 0.05)


def test_on_logarithms_the_factor_is_that_of_the_geometric_means():
    effect = effect_of(np.array([1, 10, 100.0]), np.array([0.1, 1, 10]), "lower", "log")
    assert effect.factor == pytest.approx(10)
    assert (effect.baseline, effect.current) == pytest.approx((10, 1))


def test_lower_and_higher_are_inverse():
    before, after = np.array([4.0, 5, 6, 5]), np.array([2.0, 3, 2, 2.5])
    for scale in ("linear", "log"):
        lower, higher = (effect_of(before, after, way, scale) for way in ("lower", "higher"))
        assert lower.factor == pytest.approx(1 / higher.factor)
        assert lower.factor_interval == pytest.approx([1 / end for end in reversed(higher.factor_interval)])


@pytest.mark.parametrize(
    ("before", "after"), [([-1, 2, 3], [1, 2, 3]), ([0, 0, 0], [1, 2, 3]), ([1, 2, 3], [0, 0, 0])]
)
def test_where_a_factor_has_no_meaning_the_difference_remains(before, after):
    effect = effect_of(np.array(before), np.array(after), "lower", "linear")
    assert effect.factor is None
    assert effect.difference == pytest.approx(np.mean(after) - np.mean(before))


def test_a_bounded_measure_has_no_factor():
    assert (
        effect_of(np.array([90.0, 91]), np.array([95.0, 96]), "higher", "linear", bounded=True).factor is None
    )


def test_points_that_do_not_vary_have_no_p_and_a_single_one_no_effect():
    effect = effect_of(np.full(6, 5.0), np.full(6, 4.0), "lower", "linear")
    assert (effect.p, effect.factor, effect.factor_interval) == (None, 1.25, None)
    assert effect_of(np.array([1.0]), np.array([1.0, 2]), "lower", "linear") is None


def test_a_decrease_that_may_be_to_nothing_has_no_upper_end():
    effect = effect_of(np.array([10.0, 12, 11, 9]), np.array([0.0, 5, 0, 1]), "lower", "linear")
    assert effect.factor_interval[1] is None
    assert effect.factor_interval[0] > 1


def test_positive_skewed_points_are_compared_by_logarithms():
    skewed = np.array([1, 1.2, 0.9, 1.1, 8, 1, 1.3, 0.8])
    assert scale_of(skewed, skewed) == "log"
    assert scale_of(skewed, np.array([0.0])) == "linear"
    assert scale_of(10 - skewed, skewed) == "linear"
    assert scale_of(skewed[:5], skewed) == "linear"
