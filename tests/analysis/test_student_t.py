import pytest
import scipy  # whose parts are imported when they are asked for
from hypothesis import given
from hypothesis import strategies as st

from analysis import student_t

DF = st.floats(0.5, 5000)


@given(st.floats(-60, 60), DF)
def test_the_distribution_agrees_with_scipy(t, df):
    assert student_t.cdf(t, df) == pytest.approx(scipy.stats.t.cdf(t, df), abs=1e-10)
    assert student_t.two_sided_p(t, df) == pytest.approx(
        2 * scipy.stats.t.sf(abs(t), df), rel=1e-8, abs=1e-300
    )


@given(st.floats(0.001, 0.999), st.floats(0.9, 5000))
def test_the_quantile_agrees_with_scipy(chance, df):
    assert student_t.quantile(chance, df) == pytest.approx(scipy.stats.t.ppf(chance, df), rel=1e-7, abs=1e-9)


@given(st.floats(0, 1), st.floats(0.2, 500), st.floats(0.2, 500))
def test_the_incomplete_beta_function_agrees_with_scipy(x, a, b):
    assert student_t.regularised_beta(x, a, b) == pytest.approx(
        scipy.special.betainc(a, b, x), rel=1e-8, abs=1e-13
    )


@pytest.mark.parametrize(("chance", "df"), [(0, 5), (1, 5), (0.5, 0)])
def test_a_quantile_that_does_not_exist_is_refused(chance, df):
    with pytest.raises(ValueError, match="between 0 and 1"):
        student_t.quantile(chance, df)
