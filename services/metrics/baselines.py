"""Taking a metric's baseline from its measurements, with a record of the points it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from analysis.limits import limits_of
from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import BASELINE_POINTS, Metric
from models.people import Actor
from models.permissions import Action
from models.wording import count, day_month
from services.core.transaction import expect_version, get_part, open_engagement, transaction
from services.core.validation import EARLIEST, date_between
from services.metrics.definitions import put_metric
from store.baselines import digest_of_points, midnight
from store.measurements import counting_measurements
from store.states import measurement_filter


@dataclass(frozen=True)
class Baseline:
    """A baseline from `n` points of the days `since` to `until`.

    `value` and `spread` (one standard deviation, estimated from the moving ranges) are in the metric's unit; `digest`
    is that of the points.
    """

    since: date
    until: date
    n: int
    value: float
    spread: float
    digest: str
    method: str

    def columns(self) -> dict[str, Any]:
        """Return the metric's columns that it fills."""
        of = {"since": self.since, "until": self.until, "n": self.n, "spread": self.spread}
        of |= {"digest": self.digest, "method": self.method}
        return {"baseline": self.value} | {f"baseline_{name}": value for name, value in of.items()}


def take_baseline(
    actor: Actor, slug: str, metric_id: int, since: date | None, until: date | None, *, seen: int | None
) -> Baseline:
    """Set the baseline from the measurements of `since` (None: of the first) to `until`, both days included.

    Its value is the metric's statistic of those points: their median, or their mean. Raises Invalid if there are too
    few to estimate their spread, Conflict if somebody else changed the metric since the version `seen`.
    """
    with transaction(actor, "take a baseline") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        metric = get_part(session, engagement, Metric, metric_id)
        expect_version(session, metric, seen)
        until = date_between("the baseline's last day", until, EARLIEST, actor.today(engagement.zone))
        baseline = compute_baseline(session, engagement, metric, since, until)
        put_metric(session, engagement, baseline.columns(), metric, actor.today(engagement.zone))
        return baseline


def compute_baseline(
    session: Session, engagement: Engagement, metric: Metric, since: date | None, until: date
) -> Baseline:
    """Return the baseline of those days. Raises Invalid if they have too few points."""
    connection = session.connection()
    rows = counting_measurements(connection, measurement_filter(connection, engagement.id), [metric.id])
    inside = rows["at"] < midnight(until + timedelta(days=1), engagement.zone)
    if since is not None:
        inside &= rows["at"] >= midnight(since, engagement.zone)
    rows = rows[inside]
    if len(rows) < BASELINE_POINTS:
        raise Invalid(
            f"From {'the beginning' if since is None else day_month(since)} to {day_month(until)} there "
            f"{'is' if len(rows) == 1 else 'are'} {count(len(rows), 'measurement')}; a baseline takes at least "
            f"{BASELINE_POINTS}. Nothing was saved."
        )
    values = rows["value"].to_numpy()
    limits = limits_of(values)
    assert limits is not None, "limits_of needs fewer points than a baseline"
    statistic = "median" if metric.statistic == "median" else "mean"
    return Baseline(
        since=since or engagement.date_of(rows["at"].iloc[0].to_pydatetime()),
        until=until,
        n=len(rows),
        value=float(np.median(values) if statistic == "median" else values.mean()),
        spread=limits.sigma,
        digest=digest_of_points(metric, rows["at"].dt.tz_convert("UTC").dt.tz_localize(None), values),
        method=f"{statistic} of the measurements",
    )
