"""Measurements: what was measured arrives in batches, is never altered, and a batch can be withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.metrics import MeasurementBatch, Metric, digest_of_measurements
from models.number_digits import joined_decimals
from models.people import Actor
from models.permissions import Action
from models.units import unit
from models.wording import day_month
from services.core.bulk import insert_measurements
from services.core.changes import insert_part
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import EARLIEST, MAX_TEXT, optional_text, required_text

MAX_OBSERVATIONS = 2_000_000_000
"""The greatest `n`: it has to fit the column."""


@dataclass(frozen=True)
class Rows:
    """Measurements as columns of one length.

    `at` holds aware datetimes, dates (midnight in the engagement's zone) or, as an array of datetime64, moments in
    UTC. `value` holds numbers in the metric's unit, or texts such as "90 s". `n` (how many observations a value sums
    up), `note` and `reason` (why it takes the place of another value of its moment) hold None where there is none, or
    are None as a whole. `given` holds the values as they were written, where that is known better than from `value`.
    """

    metric_id: Sequence[int] | np.ndarray
    at: Sequence[datetime | date] | np.ndarray
    value: Sequence[float | str] | np.ndarray
    n: Sequence[int | None] | None = None
    note: Sequence[str | None] | None = None
    given: Sequence[str | None] | None = None
    reason: Sequence[str | None] | None = None

    def __len__(self) -> int:
        return len(self.metric_id)


@dataclass(frozen=True)
class Columns:
    """The same, checked and in order of metric and moment: what is stored. `at` is datetime64[us] in UTC."""

    metric_id: np.ndarray
    at: np.ndarray
    value: np.ndarray
    n: list[int | None] | None
    note: list[str | None] | None
    given: list[str | None] | None
    reason: list[str | None] | None

    def of(self, rows: Sequence[int] | np.ndarray) -> Columns:
        """Some of the measurements, by their positions."""
        return Columns(**{name: _some(column, rows) for name, column in vars(self).items()})

    def moments(self) -> dict[int, np.ndarray]:
        """The moments of each metric, by its id."""
        ids, first = np.unique(self.metric_id, return_index=True)
        return dict(zip(ids.tolist(), np.split(self.at, first[1:]), strict=True))


def _some(column: Any, rows: Sequence[int] | np.ndarray) -> Any:
    if isinstance(column, np.ndarray):
        return column[rows]
    return column and if_any([column[row] for row in rows])


def if_any(column: list[Any]) -> list[Any] | None:
    """The cells of a column; None where no row has any."""
    return None if all(cell is None for cell in column) else column


@dataclass(frozen=True)
class Batch:
    """What was stored as one: how many measurements, and the digest of them."""

    id: int
    count: int
    digest: str


def record(actor: Actor, slug: str, rows: Rows, source: str) -> int:
    """Store measurements as one batch, and return its id. Of several at the same moment the newest batch's counts.

    `source` says where they come from. Raises Invalid, naming the row, where one can't be accepted; nothing is
    stored then.
    """
    with transaction(actor, "record measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        return put_measurements(session, engagement, rows, source, actor.today(engagement.zone)).id


def withdraw(actor: Actor, slug: str, batch_id: int) -> None:
    """Take a batch back: it counts as if it had never arrived, and its rows stay readable."""
    with transaction(actor, "withdraw measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        batch = get_part(session, engagement, MeasurementBatch, batch_id)
        if batch.withdrawn:
            raise Invalid("These measurements were withdrawn already. Nothing was changed.")
        batch.withdrawn = True


def reinstate(actor: Actor, slug: str, batch_id: int) -> None:
    """A withdrawn batch counts again."""
    with transaction(actor, "reinstate measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        batch = get_part(session, engagement, MeasurementBatch, batch_id)
        if not batch.withdrawn:
            raise Invalid("These measurements count already. Nothing was changed.")
        batch.withdrawn = False


def put_measurements(session: Session, engagement: Engagement, rows: Rows, source: str, today: date) -> Batch:
    """Check measurements and store them as one batch, within a transaction in which the engagement was opened."""
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
    """Store measurements of these metrics (by id) that were checked as one batch.

    `new`: it is known that nothing counted at any of their moments.
    """
    told = vars(columns)
    slugs = {metric_id: metric.slug for metric_id, metric in metrics.items()}
    kept = {"count": len(columns.value), "digest": digest_of_measurements(slugs, **told)}
    whose = {"engagement_id": engagement.id, "source": source, "withdrawn": False}
    batch = Batch(insert_part(session, MeasurementBatch, **whose, **kept), **kept)
    insert_measurements(session, batch.id, **told)
    work = session.info["work"]
    for metric_id, moments in columns.moments().items():
        work.measured.add(metric_id)
        work.new.pop(metric_id, None)
        if new:
            work.new[metric_id] = moments
    return batch


def _metrics_of(session: Session, engagement: Engagement, rows: Rows) -> dict[int, Metric]:
    ids = {int(each) for each in np.unique(np.asarray(rows.metric_id, dtype=np.int64))}
    if not ids:
        raise Invalid("There are no measurements in it. Nothing was saved.")
    query = select(Metric).where(Metric.engagement_id == engagement.id, Metric.id.in_(ids))
    metrics = {metric.id: metric for metric in session.scalars(query)}
    if len(metrics) < len(ids):
        raise NotFound("There is no such metric any more. Nothing was saved.")
    for metric in metrics.values():
        if not metric.active:
            raise Invalid(
                f"“{metric.name}” is retired: take it up again before you measure it. Nothing was saved."
            )
    return metrics


def _checked(rows: Rows, metrics: dict[int, Metric], zone: str, today: date) -> Columns:
    told = (rows.at, rows.value, rows.n, rows.note, rows.given, rows.reason)
    lengths = {len(column) for column in told if column is not None}
    if lengths != {len(rows)}:
        raise Invalid("The columns of the measurements differ in length. Nothing was saved.")
    metric_id = np.asarray(rows.metric_id, dtype=np.int64)
    at = _moments(rows.at, zone, today)
    value = _values(rows.value, metric_id, metrics)
    n, note, reason = _observations(rows.n), _texts("note", rows.note), _texts("reason", rows.reason)
    given_ = _as_given(rows, value)
    columns = in_order(Columns(metric_id, at, value, n, note, given_, reason))
    again = (np.diff(columns.metric_id) == 0) & (np.diff(columns.at) == np.timedelta64(0))
    if again.any():
        order = np.lexsort((at, metric_id))
        first, second = sorted(order[int(np.argmax(again)) :][:2])
        raise Invalid(
            f"Rows {first + 1:,} and {second + 1:,} are measurements of the same metric at the same moment: "
            "leave one of them out. Nothing was saved."
        )
    return columns


def in_order(columns: Columns) -> Columns:
    """The same measurements in order of metric and moment."""
    order = np.lexsort((columns.at, columns.metric_id))
    return columns if (np.diff(order) == 1).all() else columns.of(order)


def _as_given(rows: Rows, value: np.ndarray) -> list[str | None] | None:
    """The values as they were written; None where that is how the number is written anyway."""
    written = rows.given
    if written is None:
        if isinstance(rows.value, np.ndarray) and rows.value.dtype.kind in "fiu":
            return None
        written = [each if isinstance(each, str) else None for each in rows.value]
    return _texts("value", as_written(written, value.tolist()))


def as_written(written: Sequence[str | None], numbers: Sequence[float]) -> list[str | None] | None:
    """How values were written; None where that is how the number is written anyway, also as a whole."""
    digits = joined_decimals(numbers)
    if None not in written and ",".join(written) == digits:
        return None
    return if_any(
        [
            None if each is None or each == plainly.removesuffix(".0") else each
            for each, plainly in zip(written, digits.split(","), strict=True)
        ]
    )


def _moments(at: Sequence[datetime | date] | np.ndarray, zone: str, today: date) -> np.ndarray:
    if not (isinstance(at, np.ndarray) and at.dtype.kind == "M"):
        at = [_in_utc(row, when, ZoneInfo(zone)) for row, when in enumerate(at)]
    moments = np.asarray(at, dtype="datetime64[us]")
    outside = outside_of_time(moments, zone, today)
    if outside.any():
        row = int(np.argmax(outside))
        said = "no date" if np.isnat(moments[row]) else f"dated {str(moments[row])[:10]}"
        raise Invalid(
            f"Row {row + 1:,} is {said}: a measurement has to be {accepted_time(today)}. Nothing was saved."
        )
    return moments


def outside_of_time(moments: np.ndarray, zone: str, today: date) -> np.ndarray:
    """Which moments (datetime64 in UTC) can't be those of a measurement: none at all, too early, or after today."""
    first, end = (np.datetime64(each.replace(tzinfo=None), "us") for each in span_of_time(zone, today))
    return np.isnat(moments) | (moments < first) | (moments >= end)


@lru_cache(maxsize=64)
def span_of_time(zone: str, today: date) -> tuple[datetime, datetime]:
    """From when on, and before when, something can have been measured."""
    days = (EARLIEST, today + timedelta(days=1))
    first, end = (_midnight(day, ZoneInfo(zone)).replace(tzinfo=UTC) for day in days)
    return first, end


def accepted_time(today: date) -> str:
    """What `outside_of_time` lets through, in words."""
    return f"from {day_month(EARLIEST)} {EARLIEST.year} to {day_month(today)} {today.year}"


def _in_utc(row: int, when: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    if when is None:
        return None
    if not isinstance(when, datetime):
        return _midnight(when, zone)
    if when.tzinfo is None:
        raise Invalid(f"Row {row + 1:,} has a time without a time zone. Nothing was saved.")
    return when.astimezone(UTC).replace(tzinfo=None)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)


def _values(
    value: Sequence[float | str] | np.ndarray, metric_id: np.ndarray, metrics: dict[int, Metric]
) -> np.ndarray:
    if not (isinstance(value, np.ndarray) and value.dtype.kind in "fiu"):
        units = {each.id: unit(each.unit) for each in metrics.values()}
        value = [_value(row, one, units[int(metric_id[row])]) for row, one in enumerate(value)]
    # Zero has one sign, so that equal values have equal digests.
    numbers = np.asarray(value, dtype=np.float64) + 0.0
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers)))
        raise Invalid(f"The value of row {row + 1:,} has to be a number. Nothing was saved.")
    for metric in metrics.values():
        outside = out_of_bounds(metric, metric_id, numbers)
        if outside.any():
            row = int(np.argmax(outside))
            raise Invalid(
                f"Row {row + 1:,} says {numbers[row]:g}, but “{metric.name}” is in {metric.unit}: "
                f"{accepted_values(metric)}. Nothing was saved."
            )
    return numbers


def out_of_bounds(metric: Metric, metric_id: Sequence[int] | np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Which of `numbers` are values of this metric that its unit doesn't have: 120 % of a whole."""
    bounds = unit(metric.unit).bounds
    if bounds is None:
        return np.zeros(len(numbers), bool)
    return (np.asarray(metric_id) == metric.id) & ((numbers < bounds[0]) | (numbers > bounds[1]))


def accepted_values(metric: Metric) -> str:
    """What `out_of_bounds` lets through of a bounded metric, in words."""
    least, most = unit(metric.unit).bounds or (-np.inf, np.inf)
    return f"from {least:g} to {most:g}"


def _value(row: int, value: Any, measure: Any) -> float:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    if value is None or not str(value).strip():
        raise Invalid(f"Row {row + 1:,} has no value. Nothing was saved.")
    try:
        return measure.parse(value)
    except Invalid as wrong:
        raise Invalid(f"Row {row + 1:,}: {wrong} Nothing was saved.") from wrong


def _observations(n: Sequence[int | None] | None) -> list[int | None] | None:
    if n is None or all(each is None for each in n):
        return None
    told: list[int | None] = []
    for row, each in enumerate(n):
        missing = each is None or each != each
        if not missing and not (0 <= each <= MAX_OBSERVATIONS and each == int(each)):
            raise Invalid(
                f"The n of row {row + 1:,} has to be a whole number from 0 to {MAX_OBSERVATIONS:,}. "
                "Nothing was saved."
            )
        told.append(None if missing else int(each))
    return told


def _texts(what: str, texts: Sequence[str | None] | None) -> list[str | None] | None:
    if texts is None or all(each is None for each in texts):
        return None
    told: dict[Any, str | None] = {}
    for row, each in enumerate(texts):
        if each not in told:
            text = each if isinstance(each, str) else None
            told[each] = optional_text(f"{what} of row {row + 1:,}", text, MAX_TEXT)
    return [told[each] for each in texts]
