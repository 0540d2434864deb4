"""Version 2 of the rules: how many times likelier the points are if the metric changed (`analysis.change`)."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from analysis.change import Change, judge_change
from analysis.estimate import Estimate
from analysis.forecast import Forecast
from analysis.process_behaviour import Proposal
from analysis.series_analysis import CLAIMS, DAY, SeriesAnalysis, Towards, Word

MAX_JUDGED = 512
"""Judgements remembered: numbers only, a few kB each."""


@dataclass(frozen=True)
class NamedDate:
    """The first day after which a change is asked for, and the cause that a person named, or a go-live."""

    on: pd.Timestamp
    cause: str


@lru_cache(MAX_JUDGED)
def _judged(days: bytes, values: bytes, **how: Any) -> Change:
    """Return what the points say of a change, judged once: every page asks, and most changes leave the points alone."""
    return judge_change(np.frombuffer(days), np.frombuffer(values), **how)


@dataclass(frozen=True)
class OddsAnalysis(SeriesAnalysis):
    """A series judged by version 2 of the rules.

    `named` is the date of the change, None to look for it. `counts` says that values are numbers of events.
    """

    named: NamedDate | None = None
    counts: bool = False

    version: ClassVar[int] = 2

    @cached_property
    def change(self) -> Change:
        """Return what the points say of a change; its days count from midnight before the first point."""
        until = None
        if self.named is None and self.baseline:
            until = self._day(self.at[self.baseline - 1].normalize())
        return _judged(
            np.asarray(self._days, float).tobytes(),
            np.asarray(self.values, float).tobytes(),
            direction=self.direction,
            date=None if self.named is None else self._day(self.named.on),
            baseline_until=until,
            scale=self.scale,
            bounds=self.bounds,
            counts=self.counts,
            target=self.target,
        )

    @property
    def word(self) -> Word:
        return self.change.word

    @property
    def towards(self) -> Towards | None:
        return self.change.towards

    @property
    def odds(self) -> float | None:
        return self.change.odds

    @property
    def estimate(self) -> Estimate | None:
        return self.change.estimate

    @property
    def changed_at(self) -> pd.Timestamp | None:
        return self.moment(self.change.began) if self.change.word in CLAIMS else None

    @property
    def date_found(self) -> bool:
        return self.change.date_found

    @property
    def first_confirmed_at(self) -> pd.Timestamp | None:
        """Return the first moment at which a change was confirmed."""
        return self.moment(self.change.first.day) if self.change.first else None

    @property
    def proposal(self) -> Proposal | None:
        """Return where the change begins that was found in the data: only a person can name its cause."""
        began = self.moment(self.change.began)
        if began is None or not self.change.date_found:
            return None
        index = int(self.at.searchsorted(began))
        taken = {start for start, _ in self.begins}
        if not 0 < index < len(self.at) or index in taken:
            return None
        return Proposal(index, "the points changed there")

    def moment(self, day: float | None) -> pd.Timestamp | None:
        """Return the moment of a day of `change`."""
        return None if day is None else self._origin + pd.Timedelta(days=day)

    @property
    def _origin(self) -> pd.Timestamp:
        return self.at[0].normalize()

    @property
    def _days(self) -> np.ndarray:
        return (self.at - self._origin).to_numpy() / DAY if len(self.at) else np.zeros(0)

    def _day(self, moment: pd.Timestamp) -> float:
        return float((moment - self._origin) / DAY) if len(self.at) else 0.0

    def _forecast_for(self, on: float) -> Forecast:
        level = self.change.forecast
        if on <= self.days[-1]:
            return Forecast(on, level.n, "its day has passed")
        if level.why_not:
            return Forecast(on, level.n, level.why_not)
        return Forecast(on, level.n, "", "level", level.value, level.interval, level.chance)
