"""From the points of a metric to what they show, by the version of the rules that its definition names."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from analysis.arrays import Floats
from analysis.effect import scale_of
from analysis.odds_analysis import NamedDate, OddsAnalysis
from analysis.plain_numbers import format_plain
from analysis.progress import Direction, Scale
from analysis.rule_sets import rule_set
from analysis.scales import JudgedScale
from analysis.series_analysis import SeriesAnalysis
from analysis.welch_analysis import WelchAnalysis
from analysis.welch_verdict import RECENT

NamedDay = date | tuple[date, str]


def analyse_series(
    frame: pd.DataFrame,
    *,
    direction: Direction,
    baseline_until: date | None = None,
    phases: Sequence[NamedDay] = (),
    changed_on: NamedDay | None = None,
    target: float | None = None,
    target_on: date | None = None,
    rules: str = "wheeler",
    version: int = OddsAnalysis.version,
    scale: JudgedScale | None = None,
    bounds: tuple[float, float] | None = None,
    counts: bool = False,
    samples: bool = False,
    format_value: Callable[[float], str] = format_plain,
) -> SeriesAnalysis:
    """Return the analysis of the points of `frame`, whose columns are `at` (a date or time) and `value`.

    `baseline_until` is the baseline's last day; without it the first phase is the baseline, and without
    phases the limits rest on all points. `phases` holds the first day of each later phase, alone or with its
    cause; `changed_on` is the day after which a change is asked for, by default that of the first phase. `scale`
    is that of the definition, None for a linear one (version 1 chooses logarithms for positive skewed points).
    `counts` says that values are numbers of events. `samples` says that they are shares or rates of as many
    observations as the column `n` holds, if there is one: then each point has limits of its own. `format_value` writes a
    value with its unit. Points without a number are left out. Raises ValueError, with a sentence, for
    what can't be judged.
    """
    if direction not in ("lower", "higher"):
        raise ValueError(f"“{direction}” is no direction. Choose lower or higher.")
    at, values, observations = _series(frame)
    named = sorted(map(_named, phases))
    starts = [(_position(at, day), cause) for day, cause in named]
    begins = tuple((index, cause) for index, cause in starts if 0 < index < len(values))
    baseline = _baseline(at, baseline_until, begins)
    common: dict[str, Any] = {
        "at": at, "values": values, "direction": direction, "rules": rule_set(rules), "baseline": baseline,
        "begins": begins, "target": target, "target_on": target_on, "bounds": bounds, "format_value": format_value,
        "observations": observations if samples else None,
    }  # fmt: skip
    if version == WelchAnalysis.version:
        return WelchAnalysis(scale=_welch_scale(scale, values, baseline), **common)
    change = changed_on or next(
        (one for one in named if baseline_until is None or one[0] > baseline_until), None
    )
    return OddsAnalysis(
        scale=scale or "linear", named=change and _named_date(change), counts=counts, **common
    )


def _named(day: NamedDay) -> tuple[date, str]:
    return day if isinstance(day, tuple) else (day, "")


def _named_date(day: NamedDay) -> NamedDate:
    on, cause = _named(day)
    return NamedDate(pd.Timestamp(on, tz="UTC"), cause)


def _baseline(at: pd.DatetimeIndex, until: date | None, begins: tuple[tuple[int, str], ...]) -> int | None:
    """Return how many points the first limits rest on; None for all of the first phase."""
    baseline = begins[0][0] if begins else None
    if until is None:
        return baseline
    frozen = _position(at, until + timedelta(days=1))
    baseline = min(frozen, baseline or frozen)
    if not baseline and len(at):
        raise ValueError(f"No point lies in the baseline, which ends on {until}. Choose a later day.")
    return baseline


def _welch_scale(scale: JudgedScale | None, values: Floats, baseline: int | None) -> Scale:
    if scale is not None:
        return "log" if scale == "log" else "linear"
    split = baseline or max(len(values) - RECENT, 0)
    return scale_of(values[:split], values[split:])


def _series(frame: pd.DataFrame) -> tuple[pd.DatetimeIndex, Floats, Floats | None]:
    missing = {"at", "value"} - set(frame.columns)
    if missing:
        raise ValueError(
            f"The points need the columns at and value; {' and '.join(sorted(missing))} is missing."
        )
    at, values = _moments(frame["at"]), _numbers(frame["value"])
    usable = np.flatnonzero(at.notna() & np.isfinite(values))
    order = usable[np.argsort(at.asi8[usable], kind="stable")]
    n = None if "n" not in frame else _numbers(frame["n"])[order]
    return at[order], values[order], n


def _moments(given: pd.Series) -> pd.DatetimeIndex:
    """Return moments in UTC, NaT for what is none."""
    known = isinstance(given.dtype, pd.DatetimeTZDtype)
    at = given if known else pd.to_datetime(given, utc=True, errors="coerce", format="ISO8601")
    return pd.DatetimeIndex(at).tz_convert("UTC")


def _numbers(given: pd.Series) -> Floats:
    """Return numbers, NaN for what is none."""
    known = is_numeric_dtype(given.dtype)
    numbers: Floats = (given if known else pd.to_numeric(given, errors="coerce")).to_numpy(
        float, na_value=np.nan
    )
    return numbers


def _position(at: pd.DatetimeIndex, day: date) -> int:
    """Return how many points lie before the start of a day."""
    return int(at.searchsorted(pd.Timestamp(day, tz="UTC")))
