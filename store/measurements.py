"""Measurements as frames: those that count, corrected ones, and the batches in which they came."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Text, func, select, type_coerce

from models.database import read_connection
from models.journal import ADDED, JournalEntry
from models.measurements import Measurement, MeasurementBatch
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from store.access import Access, access
from store.metric_aggregates import MeasurementFilter
from store.states import measurement_filter

MEASUREMENTS = ["metric_id", "at", "value", "n", "note", "batch_id"]
MAX_REVISIONS = 200
"""Of a metric, so many values of corrected moments are returned at most."""
REVISIONS = [
    "at",
    "value",
    "n",
    "given",
    "reason",
    "note",
    "batch_id",
    "source",
    "by",
    "created_at",
    "status",
]
BATCHES = ["batch_id", "source", "by", "created_at", "rows", "first_at", "last_at", "withdrawn", "in_all"]


def measurements(
    actor: Actor, slug: str, metric_ids: Collection[int] | None = None, at_revision: int | None = None
) -> pd.DataFrame:
    """Return the measurements that count, of some metrics or all, now or as they were at an earlier revision.

    Columns: `metric_id`, `at` (datetime64, UTC), `value` (in the metric's unit), `n` (Int64), `note` and `batch_id`; in
    order of metric and moment, one a moment. Raise NotFound if the actor
    isn't a member.
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        ids = _ids(connection, granted, metric_ids)
        return counting_measurements(
            connection, measurement_filter(connection, granted.engagement_id, at_revision), ids
        )


def counting_measurements(
    connection: Connection, which: MeasurementFilter, metric_ids: Collection[int]
) -> pd.DataFrame:
    """Return the measurements of these metrics that count, with the columns of `measurements`."""
    query = which.query(metric_ids).with_only_columns(
        Measurement.metric_id,
        _moment(connection, Measurement.at),
        Measurement.value,
        Measurement.n,
        Measurement.note,
        Measurement.batch_id,
    )
    query = query.order_by(Measurement.metric_id, Measurement.at, Measurement.batch_id)
    frame = _framed(connection.execute(query).all(), MEASUREMENTS, moments=["at"])
    frame["n"] = frame["n"].astype("Int64")
    frame["value"] = frame["value"].astype(float)
    # The last of a moment is of the newest batch.
    return frame.drop_duplicates(["metric_id", "at"], keep="last", ignore_index=True)


def corrections(actor: Actor, slug: str, metric_id: int) -> pd.DataFrame:
    """Return every value of the moments that have more than one, newest moment first, newest value first within it.

    Columns: `at`, `value`, `n` (Int64), `given` (exactly as it was written, "" where that is the number), `reason`,
    `note`, `batch_id`, `source`, `by`, `created_at` and `status`: "counts", "superseded" or "withdrawn".
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        ids = _ids(connection, granted, [metric_id])
        again = _corrected(connection, ids)
        if not again:
            return pd.DataFrame(columns=REVISIONS)
        recorded = (JournalEntry.row_id == MeasurementBatch.id) & (JournalEntry.change == ADDED)
        query = (
            select(
                _moment(connection, Measurement.at),
                Measurement.value,
                Measurement.n,
                Measurement.given,
                Measurement.reason,
                Measurement.note,
                Measurement.batch_id,
                MeasurementBatch.source,
                JournalEntry.actor,
                _moment(connection, MeasurementBatch.created_at),
                MeasurementBatch.withdrawn,
            )
            .join(MeasurementBatch, MeasurementBatch.id == Measurement.batch_id)
            .join(JournalEntry, recorded & (JournalEntry.kind == MeasurementBatch.__tablename__))
            .where(
                Measurement.metric_id.in_(ids),
                Measurement.at.in_(again),
                JournalEntry.engagement_id == granted.engagement_id,
            )
            .order_by(Measurement.at.desc(), Measurement.batch_id.desc())
            .limit(MAX_REVISIONS)
        )
        rows = connection.execute(query).all()
    frame = _framed(rows, [*REVISIONS[:-1], "withdrawn"], moments=["at", "created_at"])
    frame["n"] = frame["n"].astype("Int64")
    return frame.assign(status=_value_status(frame["at"], frame.pop("withdrawn").astype(bool)))


def _value_status(at: pd.Series, withdrawn: pd.Series) -> list[str]:
    """Return the status of each value, newest first within a moment: the first that wasn't withdrawn counts."""
    counts = ~withdrawn & ~at.where(~withdrawn).duplicated()
    return [
        "withdrawn" if gone else "counts" if now else "superseded"
        for gone, now in zip(withdrawn, counts, strict=True)
    ]


def _corrected(connection: Connection, metric_ids: Collection[int]) -> list[datetime]:
    """Return the newest moments of these metrics that have more than one value.

    Asked apart: as a part of another query, Postgres may look for them once for each measurement.
    """
    query = (
        select(Measurement.at)
        .where(Measurement.metric_id.in_(metric_ids))
        .group_by(Measurement.at)
        .having(func.count() > 1)
        .order_by(Measurement.at.desc())
        .limit(MAX_REVISIONS)
    )
    return list(connection.scalars(query))


def batches(actor: Actor, slug: str, metric_id: int) -> pd.DataFrame:
    """Return the batches that brought measurements of one metric, newest first, the withdrawn ones too.

    Columns: `batch_id`, `source`, `by` (who recorded it), `created_at`, `rows` (how many of this metric), `first_at` and
    `last_at` (their moments), `withdrawn` and `in_all` (how many rows the whole batch has, of all metrics).
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        ids = _ids(connection, granted, [metric_id])
        imported = (
            select(
                Measurement.batch_id,
                func.count().label("rows"),
                func.min(_moment(connection, Measurement.at)).label("first_at"),
                func.max(_moment(connection, Measurement.at)).label("last_at"),
            )
            .where(Measurement.metric_id.in_(ids))
            .group_by(Measurement.batch_id)
            .subquery()
        )
        recorded = (JournalEntry.row_id == MeasurementBatch.id) & (JournalEntry.change == ADDED)
        query = (
            select(
                MeasurementBatch.id,
                MeasurementBatch.source,
                JournalEntry.actor,
                _moment(connection, MeasurementBatch.created_at),
                imported.c.rows,
                imported.c.first_at,
                imported.c.last_at,
                MeasurementBatch.withdrawn,
                MeasurementBatch.count,
            )
            .join(imported, imported.c.batch_id == MeasurementBatch.id)
            .join(JournalEntry, recorded & (JournalEntry.kind == MeasurementBatch.__tablename__))
            .where(JournalEntry.engagement_id == granted.engagement_id)
            .order_by(MeasurementBatch.id.desc())
        )
        rows = connection.execute(query).all()
    return _framed(rows, BATCHES, moments=["created_at", "first_at", "last_at"])


def _ids(connection: Connection, granted: Access, metric_ids: Collection[int] | None) -> list[int]:
    """Return the ids of the metrics asked for, without any of another engagement."""
    query = select(Metric.id).where(Metric.engagement_id == granted.engagement_id)
    if metric_ids is not None:
        query = query.where(Metric.id.in_(metric_ids))
    return list(connection.execute(query).scalars())


def _moment(connection: Connection, column: Any) -> Any:
    # SQLite holds text, which pandas reads by the column; the driver would make a datetime of every single one.
    return type_coerce(column, Text) if connection.dialect.name == "sqlite" else column


def _framed(rows: Sequence[Any], columns: list[str], moments: list[str]) -> pd.DataFrame:
    # Of each cell pandas asks what else it may be, and a database's row looks for a column of that name first.
    frame = pd.DataFrame.from_records([*map(tuple, rows)], columns=columns)
    for column in moments:
        frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601")
    return frame
