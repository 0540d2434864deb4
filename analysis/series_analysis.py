"""Everything that the points of a metric show, computed once: phases, limits, verdict, effect, forecast."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import process_behaviour
from analysis.effect import Effect, effect_of, scale_of
from analysis.forecast import Forecast, forecast_of
from analysis.plain_numbers import format_plain
from analysis.process_behaviour import Capability, Phase, Proposal, Variation
from analysis.progress import Direction, Scale, progress
from analysis.rule_sets import RuleSet, rule_set
from analysis.verdict import RECENT, Verdict, verdict_of

DAY = np.timedelta64(1, "D")
NamedPhase = date | tuple[date, str]


@dataclass(frozen=True)
class SeriesAnalysis:
    """What a series says. `at` are UTC times and `values` numbers in the metric's unit, sorted by time;
    `begins` holds the position and cause of each phase after the first."""

    at: pd.DatetimeIndex
    values: np.ndarray
    direction: Direction
    rules: RuleSet
    scale: Scale
    baseline: int | None
    begins: tuple[tuple[int, str], ...]
    target: float | None
    target_on: date | None
    bounds: tuple[float, float] | None
    say: Callable[[float], str]

    @cached_property
    def phases(self) -> list[Phase]:
        return process_behaviour.phases_of(self.values, self.baseline, self.begins, self.rules)

    @property
    def current(self) -> Phase | None:
        return self.phases[-1] if self.phases else None

    @cached_property
    def verdict(self) -> Verdict:
        return verdict_of(
            self.values,
            self.baseline,
            self.direction,
            self.rules,
            self.scale,
            bounded=self.bounds is not None,
        )

    @cached_property
    def effect(self) -> Effect | None:
        """Against the baseline: the phase that a person began, if it is long enough and agrees with the last
        6 points, else those.
        """
        phase, recent = self.current, self.verdict.recent
        if phase is None or recent is None or not phase.start or phase.n < RECENT:
            return recent
        before, now = self.values[: self.baseline], self.values[phase.start :]
        whole = effect_of(before, now, self.direction, self.scale, bounded=self.bounds is not None)
        agrees = whole is not None and whole.difference * recent.difference > 0
        return whole if agrees else recent

    @property
    def variation(self) -> Variation | None:
        return process_behaviour.variation(self.current, self.direction) if self.current else None

    @property
    def assurance(self) -> Capability | None:
        return (
            process_behaviour.assurance(self.current, self.target, self.direction) if self.current else None
        )

    @property
    def capability(self) -> Capability | None:
        return (
            process_behaviour.capability(self.current, self.target, self.direction) if self.current else None
        )

    @property
    def proposal(self) -> Proposal | None:
        return process_behaviour.proposal(self.values, self.current, self.rules) if self.current else None

    @property
    def progress(self) -> float | None:
        """The part of the way from baseline to target, by the scale; 1 is there."""
        effect = self.effect
        return progress(effect.baseline, effect.current, self.target, self.scale) if effect else None

    @property
    def steady_baseline(self) -> bool:
        """Whether no rule points at a point that the first limits rest on."""
        first = self.phases[0] if self.phases else None
        return not first or all(signal.index >= first.limits.n for signal in first.signals)

    @property
    def changed_at(self) -> pd.Timestamp | None:
        """When the change began: at the phase that a person named, else at the likeliest split since the
        baseline. Of a mere signal, its first day."""
        signal, phase = self.verdict.signal, self.current
        if signal is None or phase is None:
            return None
        if self.verdict.word == "signal":
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
        }[self.verdict.word]

    @cached_property
    def forecast(self) -> Forecast | None:
        """For the target's date, else for the next measurement; None with fewer than two points."""
        if self.current is None or len(self.values) < 2:
            return None
        days = (self.at - self.at[0]).to_numpy() / DAY
        on = days[-1] + float(np.median(np.diff(days)))
        if self.target_on is not None:
            on = float((pd.Timestamp(self.target_on, tz="UTC") - self.at[0]).to_timedelta64() / DAY)
        return forecast_of(
            days[self.current.start :],
            self.values[self.current.start :],
            on,
            self.rules,
            target=self.target,
            direction=self.direction,
            scale=self.scale,
            bounds=self.bounds,
            unexplained=self.unexplained,
        )

    @property
    def forecast_on(self) -> pd.Timestamp | None:
        return self.at[0] + pd.Timedelta(days=self.forecast.on) if self.forecast else None


def analyse_series(
    frame: pd.DataFrame,
    *,
    direction: Direction,
    baseline_until: date | None = None,
    phases: Sequence[NamedPhase] = (),
    target: float | None = None,
    target_on: date | None = None,
    rules: str = "wheeler",
    scale: Scale | None = None,
    bounds: tuple[float, float] | None = None,
    say: Callable[[float], str] = format_plain,
) -> SeriesAnalysis:
    """Return the analysis of the points of `frame`, whose columns are `at` (a date or time) and `value`.

    `baseline_until` is the baseline's last day; without it the first phase is the baseline, and without
    phases the limits rest on all points. `phases` holds the first day of each later phase, alone or with its
    cause. `scale` is the metric's own; None chooses logarithms for positive skewed points. `say` writes a
    value with its unit. Points without a number are left out. ValueError, with a sentence, for what can't be
    judged.
    """
    if direction not in ("lower", "higher"):
        raise ValueError(f"“{direction}” is no direction. Choose lower or higher.")
    at, values = _series(frame)
    named = sorted((p if isinstance(p, tuple) else (p, "")) for p in phases)
    starts = [(_position(at, day), cause) for day, cause in named]
    begins = tuple((index, cause) for index, cause in starts if 0 < index < len(values))
    baseline = begins[0][0] if begins else None
    if baseline_until is not None:
        frozen = _position(at, baseline_until + timedelta(days=1))
        baseline = min(frozen, baseline or frozen)
        if not baseline and len(values):
            raise ValueError(
                f"No point lies in the baseline, which ends on {baseline_until}. Choose a later day."
            )
    if scale is None:
        split = baseline or max(len(values) - RECENT, 0)
        scale = scale_of(values[:split], values[split:])
    return SeriesAnalysis(
        at, values, direction, rule_set(rules), scale, baseline, begins, target, target_on, bounds, say
    )


def _series(frame: pd.DataFrame) -> tuple[pd.DatetimeIndex, np.ndarray]:
    missing = {"at", "value"} - set(frame.columns)
    if missing:
        raise ValueError(
            f"The points need the columns at and value; {' and '.join(sorted(missing))} is missing."
        )
    at = pd.to_datetime(frame["at"], utc=True, errors="coerce", format="ISO8601")
    values = pd.to_numeric(frame["value"], errors="coerce").astype(float)
    kept = (at.notna() & np.isfinite(values)).to_numpy()
    at, values = at[kept], values[kept]
    order = np.argsort(at.to_numpy(), kind="stable")
    return pd.DatetimeIndex(at.iloc[order]), values.to_numpy()[order]


def _position(at: pd.DatetimeIndex, day: date) -> int:
    """How many points lie before the start of a day."""
    return int(at.searchsorted(pd.Timestamp(day, tz="UTC")))
