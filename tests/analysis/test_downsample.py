"""Long series keep their shape with fewer points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.downsample import MAX_POINTS, downsample

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300)


@given(VALUES, st.integers(4, 100))
def test_first_last_and_extremes_are_kept(values, most):
    kept = downsample(np.array(values), most)
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert min(values) == min(values[i] for i in kept)
    assert max(values) == max(values[i] for i in kept)


@given(VALUES, st.integers(4, 100))
def test_no_more_than_most_points_are_kept_each_once_and_in_order(values, most):
    kept = downsample(np.array(values), most)
    assert len(kept) <= max(most, 0)
    assert list(kept) == sorted(set(kept))


def test_a_short_series_is_kept_whole():
    assert list(downsample(np.arange(MAX_POINTS))) == list(range(MAX_POINTS))
    assert len(downsample(np.array([]))) == 0


def test_fewer_than_four_points_are_refused():
    with pytest.raises(ValueError, match="fewer than 4 points"):
        downsample(np.arange(10), most=3)
