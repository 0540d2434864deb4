"""The 30-60-90 chart."""

from datetime import date, timedelta

import pandas as pd
import pytest

from reports.charts.plan import PHASES, Phase
from reports.charts.plan import plan as drawn
from tests.reports.charts.component_reader import Chart

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


def plan(*given, phases=PHASES):
    return Chart(drawn(*given, phases=phases))


def at(day, low=0, high=90):
    """The place of the end of a day of the cycle, on an axis from the end of one day to that of another."""
    return pytest.approx(100 * (day - low) / (high - low), abs=0.01)


def stretches(chart, look):
    return [(mark.left, mark.right) for mark in chart.of(look)]


def test_a_stretch_runs_from_the_start_of_its_first_day_to_the_end_of_its_last():
    chart = plan(milestones(INTERVIEWED), DAY_1)
    assert stretches(chart, "hw-planned") == [(at(0), at(30))]
    assert stretches(chart, "hw-forecast") == [(at(1), at(33))]


def test_a_milestone_without_a_forecast_has_its_mark_on_the_due_date_and_no_second_bar():
    chart = plan(milestones(INTERVIEWED, PLANNED), DAY_1)
    assert chart.rows_of("hw-planned") == ["End users interviewed", "Training begun"]
    assert chart.rows_of("hw-forecast") == ["End users interviewed"]
    done, planned = chart.of("hw-mark")
    assert (done.left, planned.left) == (at(33), at(85))
    assert (done.looks - planned.looks, planned.looks - done.looks) == ({"hw-circle"}, {"hw-square"})


def test_a_forecast_end_alone_starts_where_the_plan_does():
    chart = plan(milestones(("Metrics signed", 10, 30, None, 40, "at risk", "")), DAY_1)
    assert stretches(chart, "hw-forecast") == [(at(9), at(40))]


def test_what_was_done_before_its_planned_start_is_one_day_long():
    chart = plan(milestones(("Metrics signed", 10, 30, None, 4, "done", "")), DAY_1)
    assert stretches(chart, "hw-forecast") == [(at(3), at(4))]


def test_today_is_a_rule_with_words_and_notes_step_behind_it():
    chart = plan(milestones(INTERVIEWED, SIGNED), DAY_1, date(2026, 11, 20))
    (rule,) = chart.of("hw-today")
    assert rule.left == at(46.5)
    assert chart.texts("hw-now") == ["Today, day 47"]
    notes = {note.text: note.left for note in chart.of("hw-note")}
    assert notes == {"3 d late": at(33), "14 d late": at(46.5)}


def test_without_today_no_rule_is_drawn():
    assert plan(milestones(SIGNED), DAY_1).of("hw-today") == []


def test_soon_after_day_90_the_axis_grows():
    chart = plan(milestones(SIGNED), DAY_1, day(100).date())
    assert chart.of("hw-band")[-1].right == at(90, high=100)
    assert chart.of("hw-today")[0].left == at(99.5, high=100)


def test_long_after_day_90_todays_rule_stops_at_the_end_and_points_on():
    chart = plan(milestones(SIGNED), DAY_1, day(400).date())
    assert chart.of("hw-band")[-1].right == at(90, high=120)
    assert chart.of("hw-today")[0].left == 100
    assert chart.texts("hw-now") == ["Today, day 400 →"]


def test_a_forecast_beyond_the_axis_stops_at_its_end_and_points_on():
    chart = plan(milestones(("First workflow live", 31, 60, 35, 500, "off track", "440 d late")), DAY_1)
    assert stretches(chart, "hw-forecast") == [(at(34, high=120), 100)]
    assert chart.texts("hw-note") == ["440 d late →"]


def test_a_note_near_the_end_stands_before_its_mark_where_the_plot_is_narrow():
    late = ("First workflow live", 31, 60, 35, 88, "off track", "28 d late")
    chart = plan(milestones(INTERVIEWED, late), DAY_1)
    near, far = chart.of("hw-note")
    assert "hw-far" not in near.looks
    assert "hw-far" in far.looks
    assert far.places["--mark"] == at(88)


def test_a_note_that_stepped_behind_today_is_told_where_its_mark_is_too():
    done = ("Metrics signed", 10, 69, 12, 75, "done", "6 d late")
    (note,) = plan(milestones(done), DAY_1, day(85).date()).of("hw-note")
    assert (note.left, note.places["--mark"]) == (at(84.5), at(75))


def test_before_day_1_the_rule_says_how_long_until_then():
    chart = plan(milestones(PLANNED), DAY_1, date(2026, 10, 4))
    assert chart.texts("hw-now") == ["Today, 1 d before day 1"]
    assert chart.of("hw-band")[0].left == at(0, low=-1)
    assert plan(milestones(PLANNED), DAY_1, DAY_1).texts("hw-now") == ["Today, day 1"]


@pytest.mark.parametrize(("day_number", "side"), [(2, "left"), (47, "left"), (89, "right")])
def test_near_an_end_of_the_axis_todays_words_stand_within_it(day_number, side):
    (words,) = plan(milestones(PLANNED), DAY_1, day(day_number).date()).of("hw-now")
    assert set(words.places) == {side}
    assert ("hw-around" in words.looks) == (day_number == 47)


def test_phases_are_bands_with_their_days_and_names():
    chart = plan(milestones(SIGNED), DAY_1, phases=[Phase("Understand", 1, 30), Phase("Prove", 31, 60)])
    assert chart.texts("hw-phase") == ["Days 1-30Understand", "Days 31-60Prove"]
    assert stretches(chart, "hw-band") == stretches(chart, "hw-phase") == [(0, 50), (50, 100)]


def test_the_axis_tells_dates_and_the_days_that_a_plan_speaks_of():
    chart = plan(milestones(SIGNED), DAY_1)
    assert chart.texts("hw-label")[:3] == ["5 Oct\nDay 1", "19 Oct\nDay 15", "3 Nov\nDay 30"]
    assert chart.of("hw-label")[-1].left == 100


def test_rows_keep_the_order_given_and_the_words_count_them():
    chart = plan(milestones(SIGNED, INTERVIEWED, PLANNED), DAY_1, date(2026, 11, 20))
    assert chart.names == ["Metrics signed", "End users interviewed", "Training begun"]
    assert chart.description == "30-60-90 chart of 3 milestones: 2 done, 1 planned. Today, day 47."


def test_a_row_tells_its_dates_to_who_points_at_it():
    assert plan(milestones(INTERVIEWED), DAY_1).tooltips == [
        "End users interviewed\nStatus: Done\nPlanned from: 5 Oct 2026\nDue: 3 Nov 2026\n"
        "Done or expected: 6 Nov 2026\nNote: 3 d late"
    ]


def test_an_unknown_status_is_refused():
    with pytest.raises(ValueError, match="brilliant"):
        drawn(milestones(("Metrics signed", 10, 30, None, 4, "brilliant", "")), DAY_1)
