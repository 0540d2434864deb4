"""Corrections: a value replaces the one that counted at its moment, with a reason. Both stay readable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.measurements import Measurement
from models.metrics import Metric
from models.names import same_text
from models.people import Actor
from models.permissions import Action
from models.prepared import Prepared
from models.units import unit
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import MAX_TEXT, required_text
from services.measurements.batches import Rows, put_measurements
from services.parsing.displayed_number import read_number
from services.parsing.number_result import Refusal
from store.metric_aggregates import COUNTING_MEASUREMENTS
from store.states import measurement_filter

BY_CORRECTION = "Correction"


def correct(actor: Actor, slug: str, metric_id: int, at: datetime, value: str, reason: str) -> float:
    """Replace the value that counts at the moment `at` by `value`, a text as a person writes it. Returns its number.

    How many observations it sums up stays as it is, and so does its note, unless that says why it replaced another.

    Raises Invalid without a reason, if nothing was measured at that moment, or if nothing would change.
    """
    with transaction(actor, "correct a measurement") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        metric = get_part(session, engagement, Metric, metric_id)
        comment = required_text("reason for the correction", reason, MAX_TEXT)
        number = _parse(metric, value)
        counting = counting_values(session, engagement, [metric.id], [at]).get((metric.id, at))
        if counting is None:
            raise Invalid(
                "Nothing was measured at that moment, so there is nothing to correct. Nothing was saved."
            )
        if counting.value == number:
            raise Invalid(f"{unit(metric.unit).format(number)} is what counts already. Nothing was saved.")
        rows = Rows(
            [metric.id],
            [at],
            [number],
            [counting.n],
            [counting.note_beside(number)],
            given=[value.strip()],
            reason=[comment],
        )
        put_measurements(session, engagement, rows, BY_CORRECTION, actor.today(engagement.zone))
        return number


def _parse(metric: Metric, value: str) -> float:
    number = read_number(required_text("value", value), metric.unit)
    if isinstance(number, Refusal):
        raise Invalid(f"{number.sentence}. Nothing was saved.")
    return number.value


# In order of batch, so that of several values of a moment the newest is the last.
_SELECT_COUNTING = Prepared(
    COUNTING_MEASUREMENTS.with_only_columns(
        Measurement.metric_id,
        Measurement.at,
        Measurement.value,
        Measurement.n,
        Measurement.note,
        Measurement.reason,
    )
    .where(Measurement.at >= bindparam("first"), Measurement.at <= bindparam("last"))
    .order_by(Measurement.batch_id)
)


@dataclass(frozen=True)
class CountingValue:
    """The measurement that counts for a metric at a moment; `value` is in the metric's unit."""

    value: float
    n: int | None
    note: str | None
    reason: str | None

    def note_beside(self, value: float) -> str | None:
        """Return the note that stays where `value` takes its place: one that says why its own value replaced another goes
        with that."""
        return None if self.note == self.reason and self.value != value else self.note

    def is_repeated_by(self, value: float, n: int | None, note: str | None) -> bool:
        """Return whether a measurement of the same moment says the same again."""
        return (self.value, self.n) == (value, n) and same_text(self.note, note)


def counting_values(
    session: Session, engagement: Engagement, metric_ids: list[int], moments: list[datetime]
) -> dict[tuple[int, datetime], CountingValue]:
    """Return what counts for these metrics from the first to the last of `moments` (aware), by metric and moment."""
    connection = session.connection()
    parameters = measurement_filter(connection, engagement.id).parameters(metric_ids)
    rows = _SELECT_COUNTING.rows(connection, **parameters, first=min(moments), last=max(moments))
    return {(metric_id, at): CountingValue(*columns) for metric_id, at, *columns in rows}
