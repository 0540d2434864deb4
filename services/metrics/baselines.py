"""Taking a metric's baseline from what was measured, so that it says which points it rests on."""

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
    """`value` and `spread` (one standard deviation, as the moving ranges tell it) in the metric's unit; `digest` is
    that of the points it rests on."""

    since: date
    until: date
    n: int
    value: float
    spread: float
    digest: str
    method: str


def take_baseline(
    actor: Actor, slug: str, metric_id: int, since: date | None, until: date | None, *, seen: int | None
) -> Baseline:
    """Make what was measured from `since` (None: from the first) to `until`, both days included, the baseline.

    It is the metric's statistic of those points: their median, or their mean. Raises Invalid where they are too few to
    tell how much they vary.
    """
    with transaction(actor, "take a baseline") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        metric = get_part(session, engagement, Metric, metric_id)
        expect_version(session, metric, seen)
        until = date_between("the baseline's last day", until, EARLIEST, actor.today(engagement.zone))
        taken = baseline_of(session, engagement, metric, since, until)
        given: dict[str, Any] = {
            "baseline": taken.value,
            "baseline_since": taken.since,
            "baseline_until": taken.until,
            "baseline_n": taken.n,
            "baseline_spread": taken.spread,
            "baseline_digest": taken.digest,
            "baseline_method": taken.method,
        }
        put_metric(session, engagement, given, metric, actor.today(engagement.zone))
        return taken


def baseline_of(
    session: Session, engagement: Engagement, metric: Metric, since: date | None, until: date
) -> Baseline:
    """The baseline that those days make."""
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
    middle = "median" if metric.statistic == "median" else "mean"
    return Baseline(
        since=since or engagement.date_of(rows["at"].iloc[0].to_pydatetime()),
        until=until,
        n=len(rows),
        value=float(np.median(values) if middle == "median" else values.mean()),
        spread=limits_of(values).sigma,
        digest=digest_of_points(metric, rows["at"].dt.tz_convert("UTC").dt.tz_localize(None), values),
        method=f"{middle} of the measurements",
    )
