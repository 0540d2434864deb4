"""What judging metrics costs: one long series with a searched date, and all metrics of a review."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from analysis.analyse import analyse_series
from tests.bench import Measured, Stage, bench, ratio

POINTS, METRICS, POINTS_OF_A_METRIC = 2_000, 40, 120
# Milliseconds that one long series and the metrics of a review may take.
ONE_SERIES, A_REVIEW = 30, 500
DAY_1 = date(2021, 1, 4)


def a_series(points: int, days_apart: int, seed: int) -> pd.DataFrame:
    """Points around 4 that fall to 3 soon after the first half, which is the baseline."""
    chance = np.random.default_rng(seed)
    level = np.where(np.arange(points) < points // 2 + 3, 4.0, 3.0)
    at = [DAY_1 + timedelta(days=days_apart * n) for n in range(points)]
    return pd.DataFrame({"at": pd.to_datetime(at), "value": level * np.exp(chance.normal(0, 0.05, points))})


def judge(frame: pd.DataFrame) -> None:
    """Judge a series whose first half is its baseline; nobody says since when a change is expected."""
    half = frame["at"].iloc[len(frame) // 2].date()
    judged = analyse_series(frame, direction="lower", scale="log", baseline_until=half)
    assert judged.towards == "better", judged.verdict


@bench("judgement of 2,000 weekly points", limit=1.0, kinds=("sqlite",))
def weekly_points(stage: Stage) -> Measured:
    """with a searched date, against the 30 ms that it may take"""
    frame = a_series(POINTS, 7, 14)
    return Measured(ratio(lambda: judge(frame), lambda: None, stage.runs).ours, ONE_SERIES)


@bench("judgement of 2,000 daily points", limit=1.0, kinds=("sqlite",))
def daily_points(stage: Stage) -> Measured:
    """with a searched date, against the 30 ms that it may take"""
    frame = a_series(POINTS, 1, 14)
    return Measured(ratio(lambda: judge(frame), lambda: None, stage.runs).ours, ONE_SERIES)


@bench("judgement of 40 metrics", limit=1.0, kinds=("sqlite",))
def metrics_of_a_review(stage: Stage) -> Measured:
    """of 120 points each, against the 0.5 s that they may take"""
    frames = [a_series(POINTS_OF_A_METRIC, 1, seed) for seed in range(METRICS)]
    return Measured(
        ratio(lambda: [judge(frame) for frame in frames], lambda: None, stage.runs).ours, A_REVIEW
    )
