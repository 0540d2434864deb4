"""The scale that a definition is judged on, and the way there and back."""

import numpy as np
import pytest

from analysis.scales import default_scale, off_scale, on_scale, usable_scale

PERCENT = (0.0, 100.0)


@pytest.mark.parametrize(
    ("duration_or_rate", "bounds", "baseline", "target", "scale"),
    [
        (True, None, 4.0, 1.0, "log"),
        (True, None, None, None, "log"),
        (True, None, 0.0, 1.0, "linear"),
        (False, None, 12.0, 2.0, "linear"),
        (True, PERCENT, 60.0, 80.0, "linear"),
        (True, PERCENT, 90.0, 99.0, "logit"),
        (False, PERCENT, 4.0, 20.0, "logit"),
        (False, PERCENT, None, None, "linear"),
    ],
)
def test_a_definition_has_its_scale_before_anything_is_measured(
    duration_or_rate, bounds, baseline, target, scale
):
    given = {"bounds": bounds, "baseline": baseline, "target": target}
    assert default_scale(duration_or_rate=duration_or_rate, **given) == scale


@pytest.mark.parametrize(("scale", "bounds"), [("linear", None), ("log", None), ("logit", PERCENT)])
def test_what_is_put_on_a_scale_comes_back(scale, bounds):
    values = np.array([0.5, 20.0, 99.5])
    back = [off_scale(float(x), scale, bounds) for x in on_scale(values, 3, scale, bounds)]
    assert back == pytest.approx(values.tolist())


def test_zero_counts_as_half_of_the_smallest_value_so_far():
    logs = on_scale(np.array([4.0, 2.0, 0.0, 1.0, 0.0]), 2, "log", None)
    assert np.exp(logs) == pytest.approx([4, 2, 1, 1, 0.5])


def test_a_baseline_of_zero_or_outside_the_bounds_is_linear():
    assert usable_scale("log", np.array([0.0, 1.0]), None) == "linear"
    assert usable_scale("logit", np.array([50.0, 101.0]), PERCENT) == "linear"
    assert usable_scale("logit", np.array([50.0]), None) == "linear"
