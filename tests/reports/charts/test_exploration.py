"""A metric's chart to explore."""

import json
from datetime import date, timedelta

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analysis.analyse import analyse_series
from models.units import unit
from reports.charts.exploration import Exploration, exploration, may_be_log
from reports.charts.process_behaviour import frames_of, x_scale
from tests.reports.charts.drawing import parts_named

MONDAY = date(2026, 1, 5)
CALM = [50, 52, 49, 51, 48, 50, 53, 49, 51, 50, 52, 48]
ODD = """Rating [v2].x "it's" \\ {a: 1} 🚀 <b> datum.value"""
GOLIVE = MONDAY + timedelta(weeks=12)


def explored(values, name: str = "touches", cause: str = "Go-live", **how) -> Exploration:
    """The chart of weekly values whose second phase begins with the thirteenth."""
    at = [MONDAY + timedelta(weeks=week) for week in range(len(values))]
    phases = [(GOLIVE, cause)] if len(values) > 12 else []
    judgement = analyse_series(pd.DataFrame({"at": at, "value": values}), direction="lower", phases=phases)
    points, segments = frames_of(judgement)
    return exploration(
        points.assign(note=[None] * (len(points) - 1) + [ODD]),
        segments,
        unit(name),
        sentence="It fell.",
        **how,
    )


def parameter(chart: Exploration, name: str) -> dict:
    return next(given for given in chart.specification["params"] if given["name"] == name)


def tooltip_of(chart: Exploration) -> list[str]:
    (lines,) = parts_named(chart.specification["vconcat"][0], "tooltip")
    return [line["title"] for line in lines]


@pytest.mark.parametrize("log", [False, True])
def test_it_is_a_valid_specification_with_words_for_who_cant_see_it(log):
    chart = explored([*CALM, 20, 21, 19], log=log, weeks=4, target=15.0)
    alt.Chart.from_dict(chart.specification | {"vconcat": chart.specification["vconcat"]}, validate=True)
    assert chart.specification["description"].startswith("Process behaviour of 15 points")
    assert chart.specification["description"].endswith("It fell.")
    assert chart.specification["config"]["text"]["color"] == "currentColor"


def test_its_time_axis_reaches_as_far_as_that_of_its_picture():
    chart = explored(CALM)
    times = chart.data["points"]["time"]
    ends = chart.data["ends"]["time"].tolist()
    span = x_scale(times)
    assert ends == [span.low, span.high]
    assert [parameter(chart, name)["value"] for name in ("first", "last")] == ends
    assert ends[0] < times.min() < times.max() < ends[1]


def test_it_draws_each_phase_with_its_limits_its_mean_and_its_cause():
    data = explored([*CALM, 20, 21, 19], target=15.0, target_label="Target 15").data
    assert data["means"]["mean"].tolist() == pytest.approx([np.mean(CALM), 20])
    assert len(data["begun"]) == 1
    assert [*data["early"]["cause"], *data["late"]["cause"]] == ["Go-live"]
    assert data["target"].to_dict("records") == [{"target": 15.0, "label": "Target 15"}]
    assert data["points"]["phase"].tolist() == ["–"] * 12 + ["Go-live"] * 3


def test_what_people_typed_is_data_and_never_part_of_the_specification():
    chart = explored([*CALM, 20, 21, 19], name="touches", cause=ODD, target=15.0, target_label=ODD)
    assert "🚀" not in json.dumps(chart.specification, ensure_ascii=False)
    assert ODD in [*chart.data["early"]["cause"], *chart.data["late"]["cause"]]
    assert chart.data["points"]["note"].tolist()[-1] == ODD


def test_the_tooltip_tells_only_what_there_is_to_tell():
    assert tooltip_of(explored([*CALM, 50])) == ["Date", "Value", "Note", "Phase"]
    assert tooltip_of(explored(CALM)) == ["Date", "Value", "Note"]
    signals = tooltip_of(explored([*CALM[:11], 5]))
    assert signals == ["Date", "Value", "Note", "Signal"]


def test_levels_are_written_as_people_write_them_on_either_scale():
    hours = [4.0, 4.2, 0.03]
    assert parameter(explored(hours, "h"), "texts")["value"] == ["0 h", "2 h", "4 h", "6 h", "8 h", "10 h"]
    chart = explored(hours, "h", log=True)
    texts, levels = parameter(chart, "texts")["value"], parameter(chart, "levels")["value"]
    assert (texts[0], texts[-1]) == ("1 min", "12 h")
    assert levels == sorted(levels)
    assert parameter(chart, "low")["value"] == levels[0] <= min(hours)
    assert parameter(chart, "high")["value"] == levels[-1] >= max(hours)


def test_a_log_scale_is_for_values_above_zero_and_its_limits_end_at_its_axis():
    def may(values, target=None):
        return may_be_log(pd.DataFrame({"value": values}), target)

    assert may([1, 2])
    assert not may([0, 2])
    assert not may([1, 2], target=0)
    chart = explored([1, 90, 2, 80, 1], log=True)
    assert (chart.data["bands"]["lower"] >= parameter(chart, "low")["value"]).all()


def test_it_begins_zoomed_to_the_newest_weeks_where_there_are_more():
    first, last = parameter(explored([*CALM, *CALM], weeks=4), "zoom")["value"]["x"]
    newest = pd.Timestamp(MONDAY + timedelta(weeks=23)).timestamp() * 1000
    assert last >= newest
    assert first <= newest - 4 * 7 * 86_400_000 <= last
    assert "value" not in parameter(explored(CALM, weeks=13), "zoom")
    assert "value" not in parameter(explored(CALM), "zoom")


def test_two_charts_share_nothing():
    one, other = explored(CALM), explored([value * 2 for value in CALM], weeks=4)
    assert parameter(one, "high")["value"] != parameter(other, "high")["value"]
    assert "value" not in parameter(one, "zoom")
