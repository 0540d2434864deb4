"""Everything that the points of a metric show, computed once. Two versions of the rules judge whether it changed.

Version 2 compares odds (`analysis.odds_analysis`), version 1 used Welch's test (`analysis.welch_analysis`): what was
signed under it stays judged by it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from analysis import process_behaviour
from analysis.arrays import Floats
from analysis.estimate import Estimate
from analysis.forecast import Forecast
from analysis.process_behaviour import Capability, Phase, Proposal, Variation
from analysis.progress import Direction, Scale, progress
from analysis.rule_sets import RuleSet
from analysis.scales import JudgedScale

DAY = np.timedelta64(1, "D")
Word = Literal["confirmed", "leaning", "no change", "too early"]
Towards = Literal["better", "worse"]
CLAIMS = ("confirmed", "leaning")


@dataclass(frozen=True)
class SeriesAnalysis(ABC):
    """What a series says. `at` are UTC times and `values` numbers in the metric's unit, sorted by time.

    `baseline` counts the points that the first limits rest on; `begins` holds the position and cause of each phase
    after the first. `observations` says of how many each point is a share or a rate, NaN where that isn't known.
    """

    at: pd.DatetimeIndex
    values: Floats
    direction: Direction
    rules: RuleSet
    scale: JudgedScale
    baseline: int | None
    begins: tuple[tuple[int, str], ...]
    target: float | None
    target_on: date | None
    bounds: tuple[float, float] | None
    format_value: Callable[[float], str]
    observations: Floats | None

    version: ClassVar[int]

    @property
    @abstractmethod
    def word(self) -> Word:
        """Return how sure it is that the metric changed."""

    @property
    @abstractmethod
    def towards(self) -> Towards | None:
        """Return the direction of a change that is confirmed or leaning."""

    @property
    @abstractmethod
    def odds(self) -> float | None:
        """Return how many times likelier the points are if something changed; None where that isn't known."""

    @property
    @abstractmethod
    def estimate(self) -> Estimate | None:
        """Return the size of the change, with its interval."""

    @property
    @abstractmethod
    def changed_at(self) -> pd.Timestamp | None:
        """Return when the change that is claimed began; None where none is."""

    @property
    @abstractmethod
    def date_found(self) -> bool:
        """Return whether nobody named that moment, so that it was found in the data."""

    @property
    @abstractmethod
    def proposal(self) -> Proposal | None:
        """Return where a new phase may begin."""

    @abstractmethod
    def _forecast_for(self, on: float) -> Forecast:
        """Return the forecast for a day, counted from the first point."""

    @property
    def verdict(self) -> str:
        """Return "confirmed better", "leaning worse" ..., "no change" or "too early"."""
        return f"{self.word} {self.towards}" if self.towards else self.word

    @cached_property
    def phases(self) -> list[Phase]:
        return process_behaviour.phases_of(
            self.values, self.baseline, self.begins, self.rules, self.observations
        )

    @property
    def current(self) -> Phase | None:
        return self.phases[-1] if self.phases else None

    @property
    def variation(self) -> Variation | None:
        return process_behaviour.variation(self.current, self.direction) if self.current else None

    @property
    def assurance(self) -> Capability | None:
        if self.current is None:
            return None
        return process_behaviour.assurance(self.current, self.target, self.direction)

    @property
    def capability(self) -> Capability | None:
        if self.current is None:
            return None
        return process_behaviour.capability(self.current, self.target, self.direction)

    @property
    def progress(self) -> float | None:
        """Return the part of the way from baseline to target, by the scale; 1 is there."""
        size = self.estimate
        scale: Scale = "log" if self.scale == "log" else "linear"
        return progress(size.before, size.since, self.target, scale) if size else None

    @property
    def steady_baseline(self) -> bool:
        """Return whether no rule points at a point that the first limits rest on."""
        first = self.phases[0] if self.phases else None
        return not first or all(signal.index >= first.limits.n for signal in first.signals)

    @cached_property
    def forecast(self) -> Forecast | None:
        """Return the forecast for the target's date, else for the next measurement; None with fewer than two points."""
        if self.current is None or len(self.values) < 2:
            return None
        on = self.days[-1] + float(np.median(np.diff(self.days)))
        if self.target_on is not None:
            on = float((pd.Timestamp(self.target_on, tz="UTC") - self.at[0]).to_timedelta64() / DAY)
        return self._forecast_for(on)

    @property
    def forecast_on(self) -> pd.Timestamp | None:
        return self.at[0] + pd.Timedelta(days=self.forecast.on) if self.forecast else None

    @cached_property
    def days(self) -> Floats:
        """Return the days since the first point, of each point."""
        days: Floats = (self.at - self.at[0]).to_numpy() / DAY if len(self.at) else np.zeros(0)
        return days
