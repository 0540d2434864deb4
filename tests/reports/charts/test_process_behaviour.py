from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis.judge import study
from reports.charts.process_behaviour import MOST_IN_LINE, MOST_POINTS, frames_of, process_behaviour

MONDAY = date(2026, 1, 5)
CALM = [50, 52, 49, 51, 48, 50, 53, 49, 51, 50, 52, 48]


def drawn(values, **how):
    at = [MONDAY + timedelta(weeks=i) for i in range(len(values))]
    judgement = study(pd.DataFrame({"at": at, "value": values}), direction="lower", **how)
    chart = process_behaviour(*frames_of(judgement), target=judgement.target, sentence=judgement.sentence)
    return chart.to_dict()


def rows(chart, mark, **look):
    """The data rows behind the layers of a mark, by what the mark looks like."""
    layers = [
        layer
        for layer in chart["layer"]
        if layer["mark"]["type"] == mark and look.items() <= layer["mark"].items()
    ]
    return [row for layer in layers for row in chart["datasets"][layer["data"]["name"]]]


def test_signals_are_amber_diamonds_and_the_others_dots():
    chart = drawn([*CALM, 30, 51], baseline_until=MONDAY + timedelta(weeks=11))
    (signal,) = rows(chart, "point", shape="diamond", color="#C77700")
    assert (signal["value"], signal["signal"], signal["moment"]) == (30, "outside the limits", "30 Mar 2026")
    assert len(rows(chart, "point")) == 14


def test_each_phase_is_a_segment_with_its_cause_and_the_frozen_limits_end_with_the_baseline():
    golive = MONDAY + timedelta(weeks=16)
    chart = drawn(
        [*CALM, *CALM[:8]], baseline_until=MONDAY + timedelta(weeks=11), phases=[(golive, "Go-live")]
    )
    assert [row["cause"] for row in rows(chart, "text", align="right")] == ["Go-live"]
    (based, after), (held,) = rows(chart, "rect", opacity=0.26), rows(chart, "rect", opacity=0.13)
    assert based["until"] == held["until"] < held["to"] == after["from"]
    assert after["until"] == after["to"]
    assert based["mean"] == pytest.approx(np.mean(CALM))


def test_the_target_is_a_dashed_line_with_its_words():
    chart = drawn(CALM, target=45)
    assert rows(chart, "rule", strokeDash=[6, 4]) == [{"value": 45, "words": "Target"}]
    assert not rows(drawn(CALM), "rule", strokeDash=[6, 4])


def test_a_band_of_what_is_never_negative_ends_at_zero():
    (band,) = rows(drawn([0, 9, 1, 8, 0, 7]), "rect", opacity=0.26)
    assert band["lower"] == 0
    (band,) = rows(drawn([-1, 9, 1, 8, 0, 7]), "rect", opacity=0.26)
    assert band["lower"] < -1


def test_the_sentence_is_read_to_those_who_cannot_see_the_chart():
    assert drawn([*CALM, 51, 30])["description"].startswith(
        "Process behaviour of 14 points, 1 signal. A signal for the better on 6 Apr"
    )


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0], [5.0] * 30])
def test_few_or_constant_points_make_a_chart_without_a_signal(values):
    chart = drawn(values)
    assert not rows(chart, "point", shape="diamond") if values else "No measurements yet." in str(chart)


def test_of_very_many_points_the_latest_are_drawn_with_every_extreme_and_every_signal():
    values = np.random.default_rng(1).normal(50, 2, MOST_POINTS + 500).tolist()
    chart = drawn(values)
    line = [row["value"] for row in rows(chart, "line")]
    latest = values[-MOST_POINTS:]
    assert line[-1] == values[-1]
    assert (min(line), max(line)) == (min(latest), max(latest))
    assert MOST_IN_LINE <= len(line) < MOST_POINTS
    signals = [row["value"] for row in rows(chart, "point") if row["signal"]]
    assert set(signals) <= set(line)


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="signal"):
        process_behaviour(pd.DataFrame({"at": [], "value": []}), pd.DataFrame())
