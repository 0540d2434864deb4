"""Version 1 of the rules: a signal in the last 6 points, and Welch's test of them against the baseline.

Only metrics that were signed under it are judged by it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, cast

import pandas as pd

from analysis import process_behaviour
from analysis.effect import Effect, effect_of
from analysis.estimate import Estimate
from analysis.forecast import Forecast, forecast_of
from analysis.process_behaviour import Proposal
from analysis.progress import Scale
from analysis.series_analysis import SeriesAnalysis, Towards, Word
from analysis.welch_verdict import RECENT, Verdict, verdict_of

WORDS: dict[str, Word] = {"confirmed": "confirmed", "signal": "leaning"}


@dataclass(frozen=True)
class WelchAnalysis(SeriesAnalysis):
    """A series judged by version 1 of the rules; `scale` is linear or log."""

    version: ClassVar[int] = 1

    @property
    def word(self) -> Word:
        return WORDS.get(self.comparison.word) or ("no change" if self.comparison.enough else "too early")

    @property
    def towards(self) -> Towards | None:
        return self.comparison.direction

    @property
    def odds(self) -> float | None:
        return None

    @property
    def date_found(self) -> bool:
        return self.current is not None and not self.current.start

    @property
    def estimate(self) -> Estimate | None:
        return estimate_of_effect(self.effect) if self.effect else None

    @property
    def _scale(self) -> Scale:
        return cast(Scale, self.scale)

    @cached_property
    def comparison(self) -> Verdict:
        return verdict_of(
            self.values,
            self.baseline,
            self.direction,
            self.rules,
            self._scale,
            bounded=self.bounds is not None,
        )

    @cached_property
    def effect(self) -> Effect | None:
        """Against the baseline: the phase that a person began, if it is long enough and agrees with the last
        6 points, else those.
        """
        phase, recent = self.current, self.comparison.recent
        if phase is None or recent is None or not phase.start or phase.n < RECENT:
            return recent
        before, now = self.values[: self.baseline], self.values[phase.start :]
        whole = effect_of(before, now, self.direction, self._scale, bounded=self.bounds is not None)
        agrees = whole is not None and whole.difference * recent.difference > 0
        return whole if agrees else recent

    @property
    def proposal(self) -> Proposal | None:
        return process_behaviour.proposal(self.values, self.current, self.rules) if self.current else None

    @property
    def changed_at(self) -> pd.Timestamp | None:
        """When the change began: at the phase that a person named, else at the likeliest split since the
        baseline. Of a mere signal, its first day."""
        signal, phase = self.comparison.signal, self.current
        if signal is None or phase is None:
            return None
        if self.comparison.word == "signal":
            return self.at[signal.index]
        if phase.start:
            return self.at[phase.start]
        if self.proposal:
            return self.at[self.proposal.index]
        start = process_behaviour.earliest_split(phase)
        return self.at[start + process_behaviour.change_point(self.values[start:])]

    @property
    def unexplained(self) -> str:
        """Why the current phase can't be continued into the future: what changed in it has no named cause."""
        if self.current is None or self.current.start or (self.baseline is None and self.proposal is None):
            return ""
        return {
            "noise": "",
            "signal": "the latest points hold a signal, and its cause is not named",
            "confirmed": "the level changed, and no cause is named that begins a new phase",
        }[self.comparison.word]

    def _forecast_for(self, on: float) -> Forecast:
        assert self.current is not None, "a forecast rests on a phase"
        start = self.current.start
        return forecast_of(
            self.days[start:],
            self.values[start:],
            on,
            self.rules,
            target=self.target,
            direction=self.direction,
            scale=self._scale,
            bounds=self.bounds,
            unexplained=self.unexplained,
        )


def estimate_of_effect(effect: Effect) -> Estimate:
    """Return the effect with the names of version 2."""
    return Estimate(
        n_before=effect.n_baseline,
        n_since=effect.n_current,
        before=effect.baseline,
        since=effect.current,
        difference=effect.difference,
        difference_interval=effect.difference_interval,
        factor=effect.factor,
        factor_interval=effect.factor_interval,
    )
