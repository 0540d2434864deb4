"""The 30-60-90 chart."""

from datetime import date, timedelta

import pandas as pd
import pytest

from reports.charts.plan import Phase, plan
from tests.reports.charts.drawing import marks, texts

DAY_1 = date(2026, 10, 5)


def day(number):
    return pd.NaT if pd.isna(number) else pd.Timestamp(DAY_1 + timedelta(days=number - 1))


def milestones(*rows):
    columns = ["milestone", "start", "due", "forecast_start", "forecast_end", "status", "note"]
    frame = pd.DataFrame(rows, columns=columns)
    for column in columns[1:5]:
        frame[column] = pd.to_datetime([day(number) for number in frame[column].astype(object)])
    return frame


INTERVIEWED = ("End users interviewed", 1, 30, 2, 33, "done", "3 d late")
SIGNED = ("Metrics signed", 10, 30, 12, 44, "done", "14 d late")
PLANNED = ("Training begun", 61, 85, None, None, "planned", "")


def bars(chart, bar):
    """The (start, end) of the bars of the plan (bar 0) or of the forecast (bar 1)."""
    layer = marks(chart, "bar")[bar]
    return [(row[layer.encoding["x"]["field"]], row[layer.encoding["x2"]["field"]]) for row in layer.rows]


def x_domain(chart):
    return marks(chart, "bar")[0].encoding["x"]["scale"]["domain"]


def test_a_stretch_runs_from_the_start_of_its_first_day_to_the_end_of_its_last():
    chart = plan(milestones(INTERVIEWED), DAY_1)
    assert bars(chart, 0) == [(0, 30)]
    assert bars(chart, 1) == [(1, 33)]


def test_a_milestone_without_a_forecast_has_its_mark_on_the_due_date_and_no_second_bar():
    chart = plan(milestones(INTERVIEWED, PLANNED), DAY_1)
    assert len(bars(chart, 0)) == 2
    assert len(bars(chart, 1)) == 1
    (mark,) = marks(chart, "point")
    assert mark.values("mark") == [33, 85]
    assert mark.values("status") == ["done", "planned"]


def test_a_forecast_end_alone_starts_where_the_plan_does():
    chart = plan(milestones(("Metrics signed", 10, 30, None, 40, "at risk", "")), DAY_1)
    assert bars(chart, 1) == [(9, 40)]


def test_what_was_done_before_its_planned_start_is_one_day_long():
    chart = plan(milestones(("Metrics signed", 10, 30, None, 4, "done", "")), DAY_1)
    assert bars(chart, 1) == [(3, 4)]


def test_today_is_a_rule_with_words_and_notes_step_behind_it():
    chart = plan(milestones(INTERVIEWED, SIGNED), DAY_1, date(2026, 11, 20))
    (rule,) = marks(chart, "rule")
    assert rule.values("today") == [46.5]
    assert "Today, day 47" in texts(chart)
    notes = next(layer for layer in marks(chart, "text") if "note" in layer.rows[0])
    assert dict(zip(notes.values("note"), notes.values("note_at"), strict=True)) == {
        "3 d late": 33,
        "14 d late": 46.5,
    }


def test_without_today_no_rule_is_drawn():
    assert marks(plan(milestones(SIGNED), DAY_1), "rule") == []


def test_soon_after_day_90_the_axis_grows():
    assert x_domain(plan(milestones(SIGNED), DAY_1, day(100).date())) == [0, 100]


def test_long_after_day_90_todays_rule_stops_at_the_end_and_points_on():
    chart = plan(milestones(SIGNED), DAY_1, day(400).date())
    assert x_domain(chart) == [0, 120]
    assert marks(chart, "rule")[0].values("today") == [120]
    assert "Today, day 400 →" in texts(chart)


def test_a_forecast_beyond_the_axis_stops_at_its_end_and_points_on():
    chart = plan(milestones(("First workflow live", 31, 60, 35, 500, "off track", "440 d late")), DAY_1)
    assert bars(chart, 1) == [(34, 120)]
    assert "440 d late →" in texts(chart)


def test_before_day_1_the_rule_says_how_long_until_then():
    chart = plan(milestones(PLANNED), DAY_1, date(2026, 10, 4))
    assert "Today, 1 d before day 1" in texts(chart)
    assert x_domain(chart)[0] == -1
    assert "Today, day 1" in texts(plan(milestones(PLANNED), DAY_1, DAY_1))


def test_phases_are_bands_with_their_days_and_names():
    chart = plan(milestones(SIGNED), DAY_1, phases=[Phase("Understand", 1, 30), Phase("Prove", 31, 60)])
    (bands,) = marks(chart, "rect")
    assert list(zip(bands.values("days"), bands.values("name"), strict=True)) == [
        ("1-30", "Understand"),
        ("31-60", "Prove"),
    ]
    told = [
        layer.look["text"]["expr"] for layer in marks(chart, "text") if "expr" in str(layer.look.get("text"))
    ]
    assert "'Days ' + datum.days" in told[0]
    assert "datum.name" in told[1]
    assert list(zip(bands.values("first"), bands.values("last"), strict=True)) == [(0, 30), (30, 60)]


def test_rows_keep_the_order_given_and_the_words_count_them():
    chart = plan(milestones(SIGNED, INTERVIEWED, PLANNED), DAY_1, date(2026, 11, 20))
    assert marks(chart, "bar")[0].encoding["y"]["scale"]["domain"] == [
        "Metrics signed",
        "End users interviewed",
        "Training begun",
    ]
    assert chart.description == "30-60-90 chart of 3 milestones: 2 done, 1 planned. Today, day 47."


def test_an_unknown_status_is_refused():
    with pytest.raises(ValueError, match="brilliant"):
        plan(milestones(("Metrics signed", 10, 30, None, 4, "brilliant", "")), DAY_1)
