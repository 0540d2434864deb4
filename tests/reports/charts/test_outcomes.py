"""Baseline -> current -> target."""

import numpy as np
import pandas as pd
import pytest

from reports.charts import outcomes as drawing
from reports.charts.theme import AMBER, GREEN
from tests.reports.charts.component_reader import Chart

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


def outcomes(metrics):
    return Chart(drawing.outcomes(metrics))


def bullets(metrics, **how):
    columns = ["metric", "baseline", "current", "target", "status", "label"]
    return Chart(drawing.bullets(pd.DataFrame(metrics, columns=columns), **how))


def test_each_metric_has_a_ring_and_each_measured_one_a_mark_with_its_factor():
    chart = outcomes(METRICS)
    assert chart.rows_of("hw-ring") == chart.names == list(METRICS["metric"])
    assert chart.rows_of("hw-mark") == ["Loan decision", "Releases", "Recovery", "No target"]
    assert chart.texts("hw-word") == ["160x", "1.3x", "0.7x", "2x"]


def test_a_mark_has_the_shape_and_colour_of_its_status_and_so_has_the_way_covered():
    marks = outcomes(METRICS).of("hw-mark")
    assert [mark.looks - {"hw-mark"} for mark in marks] == [
        {"hw-circle"}, {"hw-triangle-up"}, {"hw-diamond"}, {"hw-circle"},
    ]  # fmt: skip
    assert [mark.colour for mark in marks[:2]] == [GREEN, AMBER]
    assert [mark.colour for mark in outcomes(METRICS).of("hw-covered")[:2]] == [GREEN, AMBER]


def test_a_metric_without_a_current_value_has_only_ring_and_target():
    chart = outcomes(METRICS)
    assert "Onboarding" not in chart.rows_of("hw-covered")
    dotted = dict(zip(chart.rows_of("hw-to-go"), chart.of("hw-to-go"), strict=True))
    assert dotted["Onboarding"].left == chart.of("hw-ring")[0].left
    assert chart.rows_of("hw-goal") == ["Loan decision", "Releases", "Recovery", "Onboarding"]


def test_worse_than_baseline_has_room_left_of_the_ring():
    chart = outcomes(METRICS)
    assert chart.texts("hw-label") == ["0.5x", "1x", "2x", "5x", "10x", "20x", "50x", "100x", "200x"]
    ring, worse = chart.of("hw-ring")[2], chart.of("hw-mark")[2]
    assert 0 < worse.left < ring.left


def test_on_the_log_scale_ten_times_is_as_far_from_once_as_a_hundred_times_from_ten():
    places = {mark.text: mark.left for mark in outcomes(METRICS).of("hw-label")}
    assert places["10x"] - places["1x"] == pytest.approx(places["100x"] - places["10x"], abs=0.02)
    assert (places["0.5x"], places["200x"]) == (0, 100)


def test_none_left_is_drawn_at_the_end_of_the_axis():
    chart = outcomes(METRICS.assign(factor=[np.inf, 3, 0, 1, 1]))
    places = {mark.text: mark.left for mark in chart.of("hw-label")}
    marks = [mark.left for mark in chart.of("hw-mark")]
    assert (marks[0], marks[2]) == (100, 0)
    assert marks[3] == marks[4] == places["1x"] == 0


def test_a_row_tells_its_values_to_who_points_at_it():
    chart = outcomes(METRICS.head(1).assign(baseline_text="4 h", current_text="90 s", target_text="90 s"))
    assert chart.tooltips == [
        "Loan decision\nStatus: On track\nBaseline: 4 h\nCurrent: 90 s\nTarget: 90 s\nNow: 160x"
    ]


def test_percentages_lie_on_their_bounded_scale():
    chart = bullets(
        [("First-time-right", 71, 93, 98, "on track", "93 %"), ("Coverage", 40, None, 70, "not known", "")]
    )
    assert chart.texts("hw-label") == ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]
    assert [ring.left for ring in chart.of("hw-ring")] == [71, 40]
    assert [mark.left for mark in chart.of("hw-mark")] == [93]
    assert [(way.left, way.right) for way in chart.of("hw-to-go")] == [(93, 98), (40, 70)]


def test_a_value_outside_its_bounds_is_drawn_at_the_bound():
    chart = bullets([("Score", -3, 12, 11, "on track", "12")], bounds=(0, 10), unit="")
    assert (chart.of("hw-ring")[0].left, chart.of("hw-mark")[0].left) == (0, 100)
