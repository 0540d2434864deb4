"""Baseline -> current -> target."""

import numpy as np
import pandas as pd

from reports.charts.outcomes import bullets, outcomes
from tests.reports.charts.drawing import marks, texts

METRICS = pd.DataFrame(
    [
        ("Loan decision", 160, 160, "on track", "160x"),
        ("Releases", 1.3, 12, "at risk", "1.3x"),
        ("Recovery", 0.7, 4, "off track", "0.7x"),
        ("Onboarding", np.nan, 7, "not known", ""),
        ("No target", 2, np.nan, "on track", "2x"),
    ],
    columns=["metric", "factor", "target_factor", "status", "label"],
)


def test_each_metric_has_a_ring_and_each_measured_one_a_mark_with_its_factor():
    chart = outcomes(METRICS)
    ring, mark = marks(chart, "point")
    assert ring.values("zero") == [1] * 5
    assert mark.values("metric") == ["Loan decision", "Releases", "Recovery", "No target"]
    assert texts(chart) == ["160x", "1.3x", "0.7x", "2x"]


def test_a_metric_without_a_current_value_has_only_ring_and_target():
    dotted, covered = marks(outcomes(METRICS), "rule")
    assert "Onboarding" not in covered.values("metric")
    assert dict(zip(dotted.values("metric"), dotted.values("reached"), strict=True))["Onboarding"] == 1
    (tick,) = marks(outcomes(METRICS), "tick")
    assert tick.values("metric") == ["Loan decision", "Releases", "Recovery", "Onboarding"]


def test_worse_than_baseline_has_room_left_of_the_ring():
    x = marks(outcomes(METRICS), "point")[0].encoding["x"]
    assert x["scale"]["type"] == "log"
    assert x["scale"]["domain"] == [0.5, 200]
    assert x["axis"]["values"] == [0.5, 1, 2, 5, 10, 20, 50, 100, 200]


def test_none_left_is_drawn_at_the_end_of_the_axis():
    chart = outcomes(METRICS.assign(factor=[np.inf, 3, 0, 1, 1]))
    mark = marks(chart, "point")[1]
    assert mark.values("now") == [200, 3, 1, 1, 1]


def test_percentages_lie_on_their_bounded_scale():
    rows = [("First-time-right", 71, 93, 98, "on track", "93 %"), ("Coverage", 40, None, 70, "not known", "")]
    frame = pd.DataFrame(rows, columns=["metric", "baseline", "current", "target", "status", "label"])
    chart = bullets(frame)
    ring, mark = marks(chart, "point")
    assert ring.encoding["x"]["scale"]["domain"] == [0, 100]
    assert ring.values("zero") == [71, 40]
    assert mark.values("now") == [93]
    assert chart.to_dict()["params"] == [{"name": "unit", "value": " %"}]


def test_a_value_outside_its_bounds_is_drawn_at_the_bound():
    rows = [("Score", -3, 12, 11, "on track", "12")]
    frame = pd.DataFrame(rows, columns=["metric", "baseline", "current", "target", "status", "label"])
    ring, mark = marks(bullets(frame, bounds=(0, 10), unit=""), "point")
    assert (ring.values("zero"), mark.values("now")) == ([0], [10])
