"""Measurements are stored in batches. They are never altered; a batch can be withdrawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.measurements import Measurement, MeasurementBatch, digest_of_measurements
from models.metrics import Metric
from models.number_digits import joined_decimals
from models.people import Actor
from models.permissions import Action
from models.units import Unit, unit
from models.wording import day_month
from services.core.bulk import insert_measurements
from services.core.changes import insert_part
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import EARLIEST, MAX_TEXT, optional_text, required_text

MAX_OBSERVATIONS = 2_000_000_000
"""The largest `n`: it has to fit the column."""
MAX_USUAL = 100
"""Values of a metric that tell what is usual for it."""


@dataclass(frozen=True)
class Rows:
    """Measurements as columns of one length.

    `at` has aware datetimes, dates (midnight in the engagement's zone) or, as an array of datetime64, moments in UTC;
    a row without a moment is refused.
    `value` has numbers in the metric's unit, or texts such as "90 s". `n` (the number of observations behind a value),
    `note` and `reason` (why it replaces another value of its moment) have None in rows without one, or are None as a
    whole. `given` has the values as they were written, where `value` doesn't tell. `numbers` are the row
    numbers to show in messages: 1, 2 and so on where it is None.
    """

    metric_id: Sequence[int] | np.ndarray
    at: Sequence[datetime | date | None] | np.ndarray
    value: Sequence[float | str | None] | np.ndarray
    n: Sequence[int | None] | None = None
    note: Sequence[str | None] | None = None
    given: Sequence[str | None] | None = None
    reason: Sequence[str | None] | None = None
    numbers: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.metric_id)

    def number(self, position: int) -> str:
        """Return the number of the row at a position (from 0), as it is written for people."""
        return f"{position + 1 if self.numbers is None else self.numbers[position]:,}"


@dataclass(frozen=True)
class Columns:
    """Checked measurements in order of metric and moment, as they are stored. `at` is datetime64[us] in UTC."""

    metric_id: np.ndarray
    at: np.ndarray
    value: np.ndarray
    n: list[int | None] | None
    note: list[str | None] | None
    given: list[str | None] | None
    reason: list[str | None] | None

    def of(self, rows: Sequence[int] | np.ndarray) -> Columns:
        """Return the measurements at these positions."""
        return Columns(**{name: _some(column, rows) for name, column in vars(self).items()})

    def moments(self) -> dict[int, np.ndarray]:
        """Return the moments (datetime64[us] in UTC) of each metric, by its id."""
        ids, first = np.unique(self.metric_id, return_index=True)
        return dict(zip(ids.tolist(), np.split(self.at, first[1:]), strict=True))


def _some(column: Any, rows: Sequence[int] | np.ndarray) -> Any:
    if isinstance(column, np.ndarray):
        return column[rows]
    return column and none_if_empty([column[row] for row in rows])


def none_if_empty(column: list[Any]) -> list[Any] | None:
    """Return the column, or None if no row has a cell in it."""
    return None if all(cell is None for cell in column) else column


@dataclass(frozen=True)
class Batch:
    """Measurements that were stored together: their number, and their digest."""

    id: int
    count: int
    digest: str


def record(actor: Actor, slug: str, rows: Rows, source: str) -> int:
    """Store measurements as one batch, and return its id. Of several at one moment, that of the newest batch counts.

    `source` says where they come from. Raises Invalid, with the row's number, if one can't be accepted; nothing is
    stored then.
    """
    with transaction(actor, "record measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        return put_measurements(session, engagement, rows, source, actor.today(engagement.zone)).id


def withdraw(actor: Actor, slug: str, batch_id: int) -> None:
    """Withdraw a batch: its measurements don't count any more, and stay readable. Raises Invalid if it is withdrawn."""
    with transaction(actor, "withdraw measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        batch = get_part(session, engagement, MeasurementBatch, batch_id)
        if batch.withdrawn:
            raise Invalid("These measurements were withdrawn already. Nothing was changed.")
        batch.withdrawn = True


def reinstate(actor: Actor, slug: str, batch_id: int) -> None:
    """Let a withdrawn batch count again. Raises Invalid if it isn't withdrawn."""
    with transaction(actor, "reinstate measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        batch = get_part(session, engagement, MeasurementBatch, batch_id)
        if not batch.withdrawn:
            raise Invalid("These measurements count already. Nothing was changed.")
        batch.withdrawn = False


def put_measurements(session: Session, engagement: Engagement, rows: Rows, source: str, today: date) -> Batch:
    """Check measurements and store them as one batch, in a transaction that opened the engagement. Raises Invalid."""
    metrics = _metrics_of(session, engagement, rows)
    columns = _checked(rows, metrics, engagement.zone, today)
    return put_columns(session, engagement, metrics, columns, required_text("source", source))


def put_columns(
    session: Session,
    engagement: Engagement,
    metrics: Mapping[int, Metric],
    columns: Columns,
    source: str,
    new: bool = False,
) -> Batch:
    """Store checked measurements of these metrics (by id) as one batch.

    `new`: it is known that nothing counted at any of their moments.
    """
    slugs = {metric_id: metric.slug for metric_id, metric in metrics.items()}
    count, digest = len(columns.value), digest_of_measurements(slugs, **vars(columns))
    batch_id = insert_part(
        session,
        MeasurementBatch,
        engagement_id=engagement.id,
        source=source,
        withdrawn=False,
        count=count,
        digest=digest,
    )
    batch = Batch(batch_id, count, digest)
    insert_measurements(session, batch.id, **vars(columns))
    work = session.info["work"]
    for metric_id, moments in columns.moments().items():
        work.measured.add(metric_id)
        work.new.pop(metric_id, None)
        if new:
            work.new[metric_id] = moments
    return batch


def _metrics_of(session: Session, engagement: Engagement, rows: Rows) -> dict[int, Metric]:
    ids = {int(metric_id) for metric_id in np.unique(np.asarray(rows.metric_id, dtype=np.int64))}
    if not ids:
        raise Invalid("There are no measurements in it. Nothing was saved.")
    query = select(Metric).where(Metric.engagement_id == engagement.id, Metric.id.in_(ids))
    metrics = {metric.id: metric for metric in session.scalars(query)}
    if len(metrics) < len(ids):
        raise NotFound("There is no such metric any more. Nothing was saved.")
    for metric in metrics.values():
        if not metric.active:
            raise Invalid(
                f"“{metric.name}” is retired: reactivate it before you measure it. Nothing was saved."
            )
    return metrics


def _checked(rows: Rows, metrics: dict[int, Metric], zone: str, today: date) -> Columns:
    columns_given = (rows.at, rows.value, rows.n, rows.note, rows.given, rows.reason, rows.numbers)
    lengths = {len(column) for column in columns_given if column is not None}
    if lengths != {len(rows)}:
        raise Invalid("The columns of the measurements differ in length. Nothing was saved.")
    metric_id = np.asarray(rows.metric_id, dtype=np.int64)
    at = _moments(rows, zone, today)
    value = _values(rows, metric_id, metrics)
    n, note, reason = (
        _observations(rows),
        _texts("note", rows.note, rows),
        _texts("reason", rows.reason, rows),
    )
    columns = in_order(Columns(metric_id, at, value, n, note, _as_given(rows, value), reason))
    repeated = (np.diff(columns.metric_id) == 0) & (np.diff(columns.at) == np.timedelta64(0))
    if repeated.any():
        order = np.lexsort((at, metric_id))
        first, second = sorted(order[int(np.argmax(repeated)) :][:2])
        raise Invalid(
            f"Rows {rows.number(first)} and {rows.number(second)} are measurements of the same metric at the same "
            "moment: leave one of them out. Nothing was saved."
        )
    return columns


def in_order(columns: Columns) -> Columns:
    """Return the measurements in order of metric and moment."""
    order = np.lexsort((columns.at, columns.metric_id))
    return columns if (np.diff(order) == 1).all() else columns.of(order)


def _as_given(rows: Rows, value: np.ndarray) -> list[str | None] | None:
    """Return the values as they were written; None for those whose number is written the same way."""
    written = rows.given
    if written is None:
        if isinstance(rows.value, np.ndarray) and rows.value.dtype.kind in "fiu":
            return None
        written = [value if isinstance(value, str) else None for value in rows.value]
    return _texts("value", as_written(written, value.tolist()), rows)


def as_written(written: Sequence[str | None], numbers: Sequence[float]) -> list[str | None] | None:
    """Return how values were written; None for those whose number is written the same way, and if all are."""
    decimals = joined_decimals(numbers)
    # The cast is true where each is a text that isn't empty.
    if all(written) and ",".join(cast("Sequence[str]", written)) == decimals:
        return None
    return none_if_empty(
        [
            None if text is None or text == decimal.removesuffix(".0") else text
            for text, decimal in zip(written, decimals.split(","), strict=True)
        ]
    )


def _moments(rows: Rows, zone: str, today: date) -> np.ndarray:
    at = rows.at
    if not (isinstance(at, np.ndarray) and at.dtype.kind == "M"):
        in_utc = [_in_utc(rows.number(row), moment, ZoneInfo(zone)) for row, moment in enumerate(at)]
        moments = np.asarray(in_utc, dtype="datetime64[us]")
    else:
        moments = np.asarray(at, dtype="datetime64[us]")
    outside = is_outside_period(moments, zone, today)
    if outside.any():
        row = int(np.argmax(outside))
        date_text = "no date" if np.isnat(moments[row]) else f"dated {str(moments[row])[:10]}"
        raise Invalid(
            f"Row {rows.number(row)} is {date_text}: a measurement has to be {accepted_period_text(today)}. "
            "Nothing was saved."
        )
    return moments


def is_outside_period(moments: np.ndarray, zone: str, today: date) -> np.ndarray:
    """Return a mask of the moments (datetime64 in UTC) that aren't accepted: missing, too early, or after today."""
    first, end = (np.datetime64(limit.replace(tzinfo=None), "us") for limit in accepted_period(zone, today))
    outside: np.ndarray = np.isnat(moments) | (moments < first) | (moments >= end)
    return outside


@lru_cache(maxsize=64)
def accepted_period(zone: str, today: date) -> tuple[datetime, datetime]:
    """Return the first moment that is accepted for a measurement, and the end of the last day, as moments in UTC."""
    days = (EARLIEST, today + timedelta(days=1))
    first, end = (_midnight(day, ZoneInfo(zone)).replace(tzinfo=UTC) for day in days)
    return first, end


def accepted_period_text(today: date) -> str:
    """Return the accepted dates as a text."""
    return f"from {day_month(EARLIEST)} {EARLIEST.year} to {day_month(today)} {today.year}"


def _in_utc(number: str, at: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    if at is None:
        return None
    if not isinstance(at, datetime):
        return _midnight(at, zone)
    if at.tzinfo is None:
        raise Invalid(f"Row {number} has a time without a time zone. Nothing was saved.")
    return at.astimezone(UTC).replace(tzinfo=None)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)


def _values(rows: Rows, metric_id: np.ndarray, metrics: dict[int, Metric]) -> np.ndarray:
    value = rows.value
    if not (isinstance(value, np.ndarray) and value.dtype.kind in "fiu"):
        units = {metric.id: unit(metric.unit) for metric in metrics.values()}
        value = [_value(rows.number(row), cell, units[int(metric_id[row])]) for row, cell in enumerate(value)]
    # Zero has one sign, so that equal values have equal digests.
    numbers = np.asarray(value, dtype=np.float64) + 0.0
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers)))
        raise Invalid(f"The value of row {rows.number(row)} has to be a number. Nothing was saved.")
    for metric in metrics.values():
        outside = out_of_bounds(metric, metric_id, numbers)
        if outside.any():
            row = int(np.argmax(outside))
            raise Invalid(
                f"Row {rows.number(row)} says {numbers[row]:g}, but “{metric.name}” is in {metric.unit}: "
                f"{bounds_text(metric)}. Nothing was saved."
            )
    return numbers


def out_of_bounds(metric: Metric, metric_id: Sequence[int] | np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return a mask of the `numbers` of this metric that are outside its unit's bounds, such as 120 % of a whole."""
    bounds = unit(metric.unit).bounds
    if bounds is None:
        return np.zeros(len(numbers), bool)
    outside = (numbers < bounds[0]) | (numbers > bounds[1])
    of_metric: np.ndarray = np.asarray(metric_id) == metric.id
    return of_metric & outside


def latest_values(session: Session, metric_id: int) -> list[float]:
    """Return the values that were measured last: what is usual tells a share of one from a percentage.

    Only those that count: none that was withdrawn, or superseded by another of its moment.
    """
    query = (
        select(Measurement.at, Measurement.value)
        .join(MeasurementBatch, MeasurementBatch.id == Measurement.batch_id)
        .where(Measurement.metric_id == metric_id, MeasurementBatch.withdrawn.is_(False))
        .order_by(Measurement.at.desc(), Measurement.batch_id.desc())
    )
    newest: dict[datetime, float] = {}
    for at, value in session.execute(query.limit(MAX_USUAL)):
        newest.setdefault(at, value)
    return list(newest.values())


def bounds_text(metric: Metric) -> str:
    """Return the bounds of a bounded metric as a text."""
    minimum, maximum = unit(metric.unit).bounds or (-np.inf, np.inf)
    return f"from {minimum:g} to {maximum:g}"


def _value(number: str, value: Any, measure: Unit) -> float:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    if value is None or not str(value).strip():
        raise Invalid(f"Row {number} has no value. Nothing was saved.")
    try:
        return measure.parse(value)
    except Invalid as wrong:
        raise Invalid(f"Row {number}: {wrong} Nothing was saved.") from wrong


def _observations(rows: Rows) -> list[int | None] | None:
    if rows.n is None or all(n is None for n in rows.n):
        return None
    return [_observation_count(rows.number(row), n) for row, n in enumerate(rows.n)]


def _observation_count(number: str, n: float | None) -> int | None:
    if n is None or math.isnan(n):
        return None
    if not (0 <= n <= MAX_OBSERVATIONS and n == int(n)):
        raise Invalid(
            f"The n of row {number} has to be a whole number from 0 to {MAX_OBSERVATIONS:,}. Nothing was saved."
        )
    return int(n)


def _texts(what: str, texts: Sequence[str | None] | None, rows: Rows) -> list[str | None] | None:
    if texts is None or all(text is None for text in texts):
        return None
    # Often many rows have the same text.
    checked: dict[Any, str | None] = {}
    for row, cell in enumerate(texts):
        if cell not in checked:
            text = cell if isinstance(cell, str) else None
            checked[cell] = optional_text(f"{what} of row {rows.number(row)}", text, MAX_TEXT)
    return [checked[cell] for cell in texts]
