"""Time lines, sparklines and the saturation curve."""

import numpy as np
import pandas as pd

from analysis.downsample import MOST_POINTS
from reports.charts import theme
from reports.charts.saturation import saturation
from reports.charts.sparklines import sparklines
from reports.charts.timeline import timeline
from tests.reports.charts.drawing import marks, texts

DAYS = pd.date_range("2026-10-01", periods=50, freq="D")
POINTS = pd.DataFrame({"at": DAYS, "value": np.linspace(14400, 90, 50)})


def test_a_time_line_has_a_dot_a_value_and_leaves_gaps_out():
    points = POINTS.assign(value=POINTS["value"].where(POINTS.index != 7))
    (dots,) = marks(timeline(points), "point")
    assert len(dots.rows) == 49
    assert dots.rows[0]["moment"] == "1 Oct 2026"


def test_moments_stay_as_written_whatever_their_time_zone():
    here = POINTS.assign(at=DAYS.tz_localize("Pacific/Auckland"))
    assert marks(timeline(here), "point")[0].values("time") == marks(timeline(POINTS), "point")[0].values(
        "time"
    )


def test_baseline_and_target_are_rules_with_their_words():
    chart = timeline(
        POINTS, baseline=14400, baseline_label="Baseline 4 h", target=90, target_label="Target 90 s"
    )
    assert [layer.values("value") for layer in marks(chart, "rule")] == [[14400], [90]]
    assert texts(chart) == ["Baseline 4 h", "Target 90 s"]


def test_a_baseline_beyond_the_values_widens_the_axis():
    y = marks(timeline(POINTS, baseline=20000), "point")[0].encoding["y"]
    assert y["scale"]["domain"][1] > 20000


def test_a_log_axis_is_drawn_when_asked_and_possible():
    log = marks(timeline(POINTS, log=True), "point")[0].encoding["y"]["scale"]
    assert (log["type"], log["domain"]) == ("log", [50, 20000])
    linear = marks(timeline(POINTS.assign(value=POINTS["value"] - 90), log=True), "point")[0].encoding["y"][
        "scale"
    ]
    assert "type" not in linear


def test_durations_have_ticks_that_people_have_words_for():
    chart = timeline(POINTS, log=True, label_expr=theme.DURATION_LABEL, ticks=theme.DURATION_TICKS)
    y = marks(chart, "point")[0].encoding["y"]
    assert y["axis"]["values"] == [60, 600, 3600, 14400]
    assert y["scale"]["domain"] == [60, 14400]


def test_a_long_unit_stands_beside_the_axis_and_a_short_one_behind_its_numbers():
    short, long = timeline(POINTS, unit="ms"), timeline(POINTS, unit="per 10,000 days")
    assert short.to_dict()["params"] == [{"name": "unit", "value": " ms"}]
    assert marks(long, "point")[0].encoding["y"]["axis"]["title"] == "per 10,000 days"


def test_labels_of_events_close_together_stand_on_rows_of_their_own():
    events = pd.DataFrame(
        {"at": DAYS[[10, 12, 40]], "label": ["Event stream live", "Credit check moved", "Batch off"]}
    )
    chart = timeline(POINTS, events=events)
    heights = {row["label"]: layer.look["y"] for layer in marks(chart, "text") for row in layer.rows}
    assert heights == {"Event stream live": -20, "Credit check moved": -4, "Batch off": -4}


def test_long_series_are_drawn_with_fewer_points_and_keep_their_peak():
    values = np.zeros(20_000)
    values[12_345] = 99
    frame = pd.DataFrame({"at": pd.date_range("2026-01-01", periods=20_000, freq="min"), "value": values})
    chart = timeline(frame)
    (line,) = marks(chart, "line")
    assert len(line.rows) <= MOST_POINTS
    assert max(line.values("value")) == 99
    assert chart.description.startswith("Time line of 20000 values")


def test_one_value_alone_is_still_drawn():
    assert len(marks(timeline(POINTS.head(1)), "point")[0].rows) == 1


def test_sparklines_are_one_chart_each_line_on_its_own_scale():
    one = POINTS.assign(metric="Loan decision", status="on track", label="90 s")
    two = POINTS.assign(metric="Throughput", value=POINTS["value"] * 1000, status="at risk", label="90,000")
    flat = POINTS.assign(metric="Flat", value=5, status="not known", label="5")
    chart = sparklines(pd.concat([one, two, flat]))
    (line,) = marks(chart, "line")
    frame = pd.DataFrame(line.rows)
    assert list(frame.groupby("metric")["level"].max()[["Loan decision", "Throughput", "Flat"]]) == [
        1,
        1,
        0.5,
    ]
    assert frame[frame["metric"] == "Loan decision"]["level"].iloc[-1] == 0
    assert line.encoding["y"]["scale"]["domain"] == ["Loan decision", "Throughput", "Flat"]
    assert sorted(texts(chart)) == ["5", "90 s", "90,000"]


def test_the_latest_value_decides_a_sparklines_status():
    frame = POINTS.assign(metric="Loan decision", status="at risk", label="90 s")
    frame.loc[frame.index[-1], "status"] = "done"
    (end,) = marks(sparklines(frame), "point")
    assert end.values("status") == ["done"]
    assert set(marks(sparklines(frame), "line")[0].values("status")) == {"done"}


def test_the_saturation_curve_marks_where_interviews_stopped_teaching():
    frame = pd.DataFrame({"interview": list("abcd"), "new": [2, 1, 0, 0], "cumulative": [2, 3, 3, 3]})
    chart = saturation(frame, stopped_after=2)
    assert marks(chart, "bar")[0].values("new") == [2, 1, 0, 0]
    assert marks(chart, "line")[0].values("cumulative") == [2, 3, 3, 3]
    assert marks(chart, "rule")[0].values("after") == [2.5]
    assert texts(chart) == ["Nothing new after interview 2"]
    assert marks(saturation(frame), "rule") == []
