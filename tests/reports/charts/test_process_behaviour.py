"""Process behaviour."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import sentence
from analysis.analyse import analyse_series
from models.units import unit
from reports.charts.process_behaviour import (
    MAX_DOTS,
    MAX_IN_LINE,
    MAX_POINTS,
    PHASE_COLUMNS,
    frames_of,
    process_behaviour,
)
from reports.charts.theme import GREEN
from tests.reports.charts.component_reader import Chart

MONDAY = date(2026, 1, 5)
COUNT, HOURS = unit("touches"), unit("h")
CALM = [50, 52, 49, 51, 48, 50, 53, 49, 51, 50, 52, 48]


def drawn(values, **how):
    at = [MONDAY + timedelta(weeks=i) for i in range(len(values))]
    judgement = analyse_series(pd.DataFrame({"at": at, "value": values}), direction="lower", **how)
    return Chart(
        process_behaviour(
            *frames_of(judgement), COUNT, target=judgement.target, sentence=sentence.describe(judgement)
        )
    )


def height_of(chart, value):
    """The place from the top where a value lies, by the levels that are named."""
    levels = {
        float(name): mark.places["top"] for name, mark in zip(chart.names, chart.of("hw-level"), strict=True)
    }
    low, high = min(levels), max(levels)
    return pytest.approx(100 * (high - value) / (high - low), abs=0.01)


def test_signals_are_diamonds_and_the_others_dots():
    chart = drawn([*CALM, 30, 51], baseline_until=MONDAY + timedelta(weeks=11))
    (signal,) = chart.of("hw-signal")
    assert signal.tooltip == "30 Mar 2026: 30 touches, outside the limits"
    assert signal.places["top"] == height_of(chart, 30)
    assert len(chart.of("hw-dot")) == 13
    assert chart.of("hw-dot")[0].tooltip == "5 Jan 2026: 50 touches"


def test_a_tooltip_has_n_and_note_where_they_are_known():
    at = [MONDAY + timedelta(weeks=i) for i in range(2)]
    judgement = analyse_series(pd.DataFrame({"at": at, "value": CALM[:2]}), direction="lower")
    points, phases = frames_of(judgement)
    points = points.assign(n=pd.array([12, None], dtype="Int64"), note=[None, "Two <b>returns</b>"])
    first, second = Chart(process_behaviour(points, phases, COUNT)).of("hw-dot")
    assert first.tooltip == "5 Jan 2026: 50 touches\nn: 12"
    assert second.tooltip == "12 Jan 2026: 52 touches\nNote: Two <b>returns</b>"


def test_a_count_of_none_is_in_the_tooltip():
    judgement = analyse_series(pd.DataFrame({"at": [MONDAY], "value": [0]}), direction="lower")
    points, phases = frames_of(judgement)
    (dot,) = Chart(process_behaviour(points.assign(n=[0]), phases, COUNT)).of("hw-dot")
    assert dot.tooltip == "5 Jan 2026: 0 touches\nn: 0"


def test_a_long_series_to_explore_has_dots_which_a_review_leaves_out():
    values = [value + week % 7 / 10 for week, value in enumerate(CALM * 100)] + [500.0, 501.0, 502.0]
    at = [MONDAY + timedelta(days=day) for day in range(len(values))]
    judgement = analyse_series(pd.DataFrame({"at": at, "value": values}), direction="lower")
    frames = frames_of(judgement)
    signals = len(Chart(process_behaviour(*frames, COUNT)).of("hw-signal"))
    assert not Chart(process_behaviour(*frames, COUNT)).of("hw-dot")
    chart = Chart(process_behaviour(*frames, COUNT, to_explore=True))
    assert len(chart.of("hw-signal")) == signals > 0
    assert 100 < len(chart.of("hw-dot")) + signals <= MAX_DOTS


def test_on_a_log_scale_equal_ratios_are_equally_far_apart():
    at = [MONDAY + timedelta(weeks=i) for i in range(3)]
    judgement = analyse_series(pd.DataFrame({"at": at, "value": [1, 10, 100]}), direction="lower")
    chart = Chart(process_behaviour(*frames_of(judgement), COUNT, log=True))
    first, second, third = (dot.places["top"] for dot in chart.of("hw-dot"))
    assert first - second == pytest.approx(second - third, abs=0.02)
    assert {"1", "10", "100"} <= set(chart.names)
    assert all(0 <= band.places["top"] <= 100 for band in chart.of("hw-limits"))


def test_the_strip_is_all_points_once_more():
    judgement = analyse_series(
        pd.DataFrame({"at": [MONDAY + timedelta(weeks=i) for i in range(12)], "value": CALM}),
        direction="lower",
    )
    frames = frames_of(judgement)
    assert not Chart(process_behaviour(*frames, COUNT)).of("hw-strip")
    assert len(Chart(process_behaviour(*frames, COUNT, to_explore=True)).of("hw-strip")) == 1


def test_points_of_different_samples_have_limits_of_their_own_and_small_ones_are_grey():
    at = [MONDAY + timedelta(weeks=i) for i in range(14)]
    n = [400] * 12 + [10, 400]
    frame = pd.DataFrame({"at": at, "value": [*CALM, 30, 51], "n": n})
    until = MONDAY + timedelta(weeks=11)
    judgement = analyse_series(frame, direction="lower", baseline_until=until, samples=True)
    chart = Chart(process_behaviour(*frames_of(judgement), COUNT))
    bands = chart.of("hw-limits")
    assert len(bands) == 14
    heights = [band.places["height"] for band in bands]
    assert heights[12] > 3 * heights[0]
    assert heights[13] == pytest.approx(heights[0], abs=0.01)
    assert [position for position, band in enumerate(bands) if "hw-held" in band.looks] == [12, 13]
    assert not chart.of("hw-signal")
    assert [dot.tooltip for dot in chart.of("hw-small")] == ["30 Mar 2026: 30 touches"]


def test_the_line_leads_through_every_point():
    chart = drawn(CALM)
    assert [top for _, top in chart.line] == [height_of(chart, value) for value in CALM]
    assert [left for left, _ in chart.line] == [dot.left for dot in chart.of("hw-dot")]


def test_each_phase_is_a_segment_with_its_cause_and_the_frozen_limits_end_with_the_baseline():
    golive = MONDAY + timedelta(weeks=16)
    chart = drawn(
        [*CALM, *CALM[:8]], baseline_until=MONDAY + timedelta(weeks=11), phases=[(golive, "Go-live")]
    )
    based, held, after = chart.of("hw-limits")
    assert "hw-held" in held.looks
    assert not {"hw-held"} & (based.looks | after.looks)
    (begun,), (cause,) = chart.of("hw-begun"), chart.of("hw-cause")
    assert (cause.text, begun.tooltip) == ("Go-live", "Go-live")
    assert 100 - cause.places["right"] == begun.left == after.left
    assert based.right == held.left < held.right == pytest.approx(after.left, abs=0.01)
    assert chart.of("hw-mean")[0].places["top"] == height_of(chart, np.mean(CALM))


def test_causes_that_would_lie_over_each_other_are_told_to_who_points_and_the_first_is_written():
    begins = [(MONDAY + timedelta(weeks=week), f"The cause of week {week}") for week in (2, 4, 30)]
    chart = drawn([50, 51] * 20, phases=begins)
    assert chart.texts("hw-cause") == ["The cause of week 2", "The cause of week 30"]
    assert [rule.tooltip for rule in chart.of("hw-begun")] == [cause for _, cause in begins]


def test_a_late_cause_begins_where_the_one_before_ends():
    begins = [(MONDAY + timedelta(weeks=week), f"Week {week}") for week in (8, 32)]
    early, late = drawn([50, 51] * 20, phases=begins).of("hw-cause")
    assert 100 - early.places["right"] == pytest.approx(late.left, abs=0.01)


def test_of_a_long_series_only_phases_that_reach_into_what_is_drawn_are_drawn():
    begins = [
        (MONDAY + timedelta(weeks=week), cause)
        for week, cause in ((100, "Old"), (700, "Newer"), (900, "New"))
    ]
    chart = drawn(np.random.default_rng(1).normal(50, 2, MAX_POINTS + 800).tolist(), phases=begins)
    assert chart.texts("hw-cause") == ["New"]
    assert [rule.tooltip for rule in chart.of("hw-begun")] == ["New"]
    assert all(mean.places["width"] > 0 for mean in chart.of("hw-mean"))


@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.3, 0.1 + 0.2, 5e-324]),
        min_size=1,
        max_size=9,
    ),
    st.sampled_from(["touches", "h", "weeks", "%", "EUR", "/ min"]),
)
def test_any_values_are_drawn_within_the_plot(values, name):
    at = [MONDAY + timedelta(weeks=i) for i in range(len(values))]
    points = pd.DataFrame({"at": at, "value": values, "signal": ""})
    phase = {"start": at[0], "end": at[-1], "frozen": at[-1], "cause": None}
    limits = pd.DataFrame([{**phase, "mean": values[0], "lower": min(values), "upper": max(values)}])
    chart = Chart(process_behaviour(points, limits, unit(name), target=values[-1]))
    assert len(chart.names) >= 2
    for mark in chart.marks:
        for begin, length in (("left", "width"), ("top", "height")):
            first = mark.places.get(begin, 0)
            assert -0.01 <= first <= first + mark.places.get(length, 0) <= 100.02


def test_the_target_is_a_dashed_line_with_its_words():
    chart = drawn(CALM, target=45)
    (line,), (words,) = chart.of("hw-target"), chart.of("hw-target-words")
    assert (line.colour, words.text) == (GREEN, "Target")
    assert line.places["top"] == words.places["top"] == height_of(chart, 45)
    assert not drawn(CALM).of("hw-target")


def test_a_band_of_what_is_never_negative_ends_at_zero():
    def lowest(chart):
        (band,) = chart.of("hw-limits")
        return band.places["top"] + band.places["height"]

    chart = drawn([0, 9, 1, 8, 0, 7])
    assert lowest(chart) == height_of(chart, 0)
    chart = drawn([-1, 9, 1, 8, 0, 7])
    assert lowest(chart) > height_of(chart, 0).expected


def test_the_sentence_is_read_to_those_who_cannot_see_the_chart():
    assert drawn([*CALM, 51, 30]).description.startswith(
        "Process behaviour of 14 points, 1 signal. No change shown (odds "
    )


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0], [5.0] * 30])
def test_few_or_constant_points_make_a_chart_without_a_signal(values):
    chart = drawn(values)
    assert not chart.of("hw-signal")
    assert len(chart.of("hw-dot")) == len(values)
    assert values or chart.text == "No measurements yet."


def test_durations_are_told_as_people_say_them():
    points = pd.DataFrame(
        {"at": [MONDAY, MONDAY + timedelta(weeks=1)], "value": [4, 0.025], "signal": ["", ""]}
    )
    chart = Chart(process_behaviour(points, pd.DataFrame(columns=PHASE_COLUMNS), HOURS))
    assert chart.names == ["0 h", "1 h", "2 h", "3 h", "4 h", "5 h"]
    assert [dot.tooltip for dot in chart.of("hw-dot")] == ["5 Jan 2026: 4 h", "12 Jan 2026: 90 s"]


def test_the_axis_of_what_is_never_negative_has_nothing_below_zero():
    assert drawn([1, 100, 2, 90]).names[0] == drawn([0, 0, 0]).names[0] == "0"
    assert drawn(CALM).names[0] == "40"
    assert drawn([-1, 100, 2, 90]).names[0].startswith("-")


def test_of_very_many_points_the_latest_are_drawn_with_every_extreme_and_every_signal():
    values = np.random.default_rng(1).normal(50, 2, MAX_POINTS + 500).tolist()
    chart = drawn(values)
    line = [top for _, top in chart.line]
    latest = values[-MAX_POINTS:]
    assert line[-1] == height_of(chart, values[-1])
    assert (max(line), min(line)) == (height_of(chart, min(latest)), height_of(chart, max(latest)))
    assert MAX_IN_LINE <= len(line) < MAX_POINTS
    assert not chart.of("hw-dot")
    signals = {signal.places["top"] for signal in chart.of("hw-signal")}
    assert signals
    assert signals <= set(line)


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="signal"):
        process_behaviour(pd.DataFrame({"at": [], "value": []}), pd.DataFrame(), COUNT)
