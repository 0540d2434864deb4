"""Notes and reasons of measurements that name a person, and taking the name out of them.

A batch of measurements is journalled as one, with the digest of its rows. Where a note changes, the batch gets the digest
of what is left, through the journal: what arrived, and what an erasure left of it, stay provable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.measurements import Measurement, MeasurementBatch, digest_of_measurements
from models.metrics import Metric
from models.names import NameFinder
from store.table_rows import table_of

_TABLE = table_of(Measurement)
_TEXT_COLUMNS = ("note", "reason")


@dataclass(frozen=True)
class Note:
    """What somebody wrote beside one value: `texts` by column, those that say the name."""

    metric_id: int
    slug: str
    at: datetime
    batch_id: int
    texts: dict[str, str]


def notes_mentioning(session: Session, engagement_id: int, finder: NameFinder) -> Iterator[Note]:
    """Yield the notes of an engagement's measurements that say a name, in order of metric and moment."""
    columns = [getattr(Measurement, column) for column in _TEXT_COLUMNS]
    query = (
        select(Measurement.metric_id, Metric.slug, Measurement.at, Measurement.batch_id, *columns)
        .join(Metric, Metric.id == Measurement.metric_id)
        .where(Metric.engagement_id == engagement_id, or_(*(column.is_not(None) for column in columns)))
        .order_by(Measurement.metric_id, Measurement.at, Measurement.batch_id)
    )
    for metric_id, slug, at, batch_id, *cells in session.execute(query):
        mentions = {
            name: cell for name, cell in zip(_TEXT_COLUMNS, cells, strict=True) if cell and finder.is_in(cell)
        }
        if mentions:
            yield Note(metric_id, slug, at, batch_id, mentions)


def clear_notes(session: Session, engagement_id: int, finder: NameFinder, instead: str) -> None:
    """Put `instead` in the place of a name in every note, and give the batches the digests of what is left."""
    notes = list(notes_mentioning(session, engagement_id, finder))
    for note in notes:
        left = {column: finder.replace(text, instead) for column, text in note.texts.items()}
        where = (
            _TABLE.c.metric_id == note.metric_id,
            _TABLE.c.at == note.at,
            _TABLE.c.batch_id == note.batch_id,
        )
        session.execute(update(_TABLE).where(*where).values(left))
    for batch_id in sorted({note.batch_id for note in notes}):
        session.get_one(MeasurementBatch, batch_id).digest = digest_of_batch(session, batch_id)


def digest_of_batch(session: Session, batch_id: int) -> str:
    """Return the digest of a batch's rows as they are stored now (models/metrics.py)."""
    query = select(Metric.slug, _TABLE).join(_TABLE, _TABLE.c.metric_id == Metric.id)
    rows = session.execute(
        query.where(_TABLE.c.batch_id == batch_id).order_by(_TABLE.c.metric_id, _TABLE.c.at)
    ).all()
    columns: dict[str, list[Any]] = {
        name: [getattr(row, name) for row in rows] for name in ("n", "note", "given", "reason")
    }
    return digest_of_measurements(
        {row.metric_id: row.slug for row in rows},
        np.array([row.metric_id for row in rows], dtype=np.int64),
        np.array([row.at.replace(tzinfo=None) for row in rows], dtype="datetime64[us]"),
        np.array([row.value for row in rows]),
        **{
            name: cells if any(cell is not None for cell in cells) else None
            for name, cells in columns.items()
        },
    )
