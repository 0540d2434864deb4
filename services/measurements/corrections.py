"""Corrections: another value takes the place of one that counted, with a reason. Both stay readable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Measurement, Metric
from models.people import Actor
from models.permissions import Action
from models.prepared import Prepared
from models.units import unit
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import MAX_TEXT, required_text
from services.measurements.batches import Rows, put_measurements
from store.metric_aggregates import COUNTING_MEASUREMENTS
from store.states import measurement_filter

BY_CORRECTION = "Correction"


def correct(actor: Actor, slug: str, metric_id: int, at: datetime, value: str, reason: str) -> float:
    """Let `value` (as a person writes it) count at the moment `at` instead of what counts there. Returns the number.

    Raises Invalid without a reason, where nothing was measured at that moment, or where nothing would change.
    """
    with transaction(actor, "correct a measurement") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        metric = get_part(session, engagement, Metric, metric_id)
        why = required_text("reason for the correction", reason, MAX_TEXT)
        number = _read(metric, value)
        stands = counting_values(session, engagement, [metric.id], [at]).get((metric.id, at))
        if stands is None:
            raise Invalid(
                "Nothing was measured at that moment, so there is nothing to correct. Nothing was saved."
            )
        if stands.value == number:
            raise Invalid(f"{unit(metric.unit).say(number)} is what counts already. Nothing was saved.")
        rows = Rows([metric.id], [at], [number], given=[value.strip()], reason=[why])
        put_measurements(session, engagement, rows, BY_CORRECTION, actor.today(engagement.zone))
        return number


def _read(metric: Metric, value: str) -> float:
    try:
        return unit(metric.unit).parse(required_text("value", value))
    except Invalid as wrong:
        told = str(wrong).removesuffix(" Nothing was saved.")
        raise Invalid(f"{told} Nothing was saved.") from wrong


# In order of batch, so that the newest value of a moment is the one that stays.
_STANDING = Prepared(
    COUNTING_MEASUREMENTS.with_only_columns(
        Measurement.metric_id, Measurement.at, Measurement.value, Measurement.n, Measurement.note
    )
    .where(Measurement.at >= bindparam("first"), Measurement.at <= bindparam("last"))
    .order_by(Measurement.batch_id)
)


@dataclass(frozen=True)
class CountingValue:
    """What counts of a metric at a moment."""

    value: float
    n: int | None
    note: str | None


def counting_values(
    session: Session, engagement: Engagement, metric_ids: list[int], moments: list[datetime]
) -> dict[tuple[int, datetime], CountingValue]:
    """What counts of these metrics from the first to the last of `moments` (aware), by metric and moment."""
    connection = session.connection()
    parameters = measurement_filter(connection, engagement.id).parameters(metric_ids)
    found = _STANDING.rows(connection, **parameters, first=min(moments), last=max(moments))
    return {(metric_id, at): CountingValue(value, n, note) for metric_id, at, value, n, note in found}
