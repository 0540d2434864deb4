"""Measurements of a file, by whole columns: which are new, which correct what is stored, and which are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.journal import ADDED, CHANGED
from models.measurements import Measurement
from models.metrics import Metric
from models.names import same_text
from models.units import unit
from services.imports.kinds import MEASUREMENTS
from services.imports.measurements import Measured
from services.imports.names import Names
from services.imports.plans import Plan, PlannedRow, differences
from services.imports.problems import Problem
from services.measurements.batches import (
    Rows,
    accepted_period_text,
    bounds_text,
    is_outside_period,
    latest_values,
    out_of_bounds,
    put_measurements,
)
from services.measurements.corrections import counting_values
from services.parsing.cell import shown
from services.parsing.displayed import plain_text
from services.parsing.odd_numbers import is_percentage
from services.parsing.value_column import UNKNOWN
from store.measurements import counting_measurements
from store.states import measurement_filter

MAX_SHOWN = 200  # rows of a plan that are listed one by one
NO_METRIC = 0


def carry_out_measurements(
    session: Session, engagement: Engagement, measured: Measured, source: str, today: date
) -> Plan:
    """Store what is new or differs, as one batch; a value that is corrected stays readable beneath the new one."""
    plan = Plan(
        MEASUREMENTS, source, problems=measured.problems, notes=measured.notes, doubts=measured.doubts
    )
    metrics = _metrics(session, engagement)
    metric_id = _metric_ids(session, engagement, measured, metrics, plan)
    _check_moments(measured, engagement.zone, today, plan)
    value = _values(session, measured, metric_id, metrics, plan)
    if plan.problems or not len(measured):
        plan.problems.sort()
        plan.seal()
        return plan
    stored = _stored(session, engagement, metric_id, measured.at)
    n, note = measured.n, measured.note
    exists = same = np.zeros(len(measured), bool)
    if stored is not None:
        # A column that the file doesn't have stays as it is stored.
        n = stored.n if n is None else n
        if note is None:
            note = _notes_beside(session, engagement, metric_id, measured.at, value, stored)
        exists = stored.exists
        same = exists & (stored.value == value) & _equal(n, stored.n) & _equal(note, stored.note)
    plan.unchanged = int(same.sum())
    plan.changed = int((exists & ~same).sum())
    plan.added = len(measured) - plan.unchanged - plan.changed
    if not plan.changes:
        plan.seal()
        return plan
    reason = [f"Import of {source}" if each else None for each in exists] if exists.any() else None
    rows = Rows(metric_id, measured.at, value, n, note, measured.written, reason)
    if same.any():
        rows = _selected(~same, rows)
    batch = put_measurements(session, engagement, rows, source, today)
    plan.batch_id = batch.id
    units = {metric.slug: metric.unit for metric in metrics.values()}
    _list_rows(plan, measured, engagement.zone, ~same, exists, stored, (value, n, note), units)
    plan.seal(batch.digest)
    return plan


def _metrics(session: Session, engagement: Engagement) -> dict[str, Metric]:
    query = select(Metric).where(Metric.engagement_id == engagement.id)
    return {metric.slug: metric for metric in session.scalars(query)}


def _metric_ids(
    session: Session, engagement: Engagement, measured: Measured, metrics: Mapping[str, Metric], plan: Plan
) -> np.ndarray:
    """Return each row's metric by its id; what isn't defined, or is retired, is a problem of each of its rows."""
    names = Names(session, engagement, Metric.slug, "a metric that is defined")
    ids = np.full(
        len(measured.metrics) + 1, NO_METRIC
    )  # the last one is what -1, a metric that was not read, points at
    for code, slug in enumerate(measured.metrics):
        metric = metrics.get(slug)
        if metric is not None and metric.active:
            ids[code] = metric.id
            continue
        for line in measured.lines[measured.metric == code]:
            retired = f"“{shown(slug)}” is retired; reactivate it before you measure it"
            plan.problems.add(
                names.problem(int(line), "metric", slug)
                or Problem(int(line), "metric", shown(slug), "a metric that is in use", retired)
            )
    of_rows: np.ndarray = ids[measured.metric]
    return of_rows


def _check_moments(measured: Measured, zone: str, today: date, plan: Plan) -> None:
    outside = is_outside_period(measured.at, zone, today) & ~np.isnat(measured.at)
    for i in map(int, np.flatnonzero(outside)):
        written = _local(measured.at[i : i + 1], zone)[0]
        plan.problems.add(
            Problem(int(measured.lines[i]), "at", written, f"a date {accepted_period_text(today)}")
        )


def _values(
    session: Session, measured: Measured, metric_id: np.ndarray, metrics: Mapping[str, Metric], plan: Plan
) -> np.ndarray:
    """Return all values in their metrics' units, and tell what is wrong or odd about them."""
    if measured.values is None:
        return np.full(len(measured), np.nan)
    known = [metric for metric in metrics.values() if (metric_id == metric.id).any()]
    code = np.full(len(measured), UNKNOWN)
    for i, metric in enumerate(known):
        code[metric_id == metric.id] = i
    usual = {
        i: latest_values(session, metric.id)
        for i, metric in enumerate(known)
        if is_percentage(unit(metric.unit))
    }
    read = measured.values.read([unit(metric.unit) for metric in known], code, usual)
    plan.doubts += read.doubts
    for i, refusal in read.refused.items():
        expected = f"a value in {known[code[i]].unit}"
        plan.problems.add(
            Problem(int(measured.lines[i]), "value", shown(refusal.seen), expected, refusal.sentence)
        )
    for metric in known:
        for row in np.flatnonzero(out_of_bounds(metric, metric_id, read.value)):
            expected = f"{bounds_text(metric)}, as “{metric.name}” is in {metric.unit}"
            plan.problems.add(
                Problem(int(measured.lines[row]), "value", plain_text(float(read.value[row])), expected)
            )
    return read.value + 0.0


@dataclass(frozen=True)
class _Stored:
    """What counts at each row's metric and moment; where `exists` is False, nothing does. `n` and `note` are lists."""

    exists: np.ndarray
    value: np.ndarray
    n: list[int | None]
    note: list[str | None]


def _stored(
    session: Session, engagement: Engagement, metric_id: np.ndarray, at: np.ndarray
) -> _Stored | None:
    """Return what is stored at these metrics and moments.

    None where none of the metrics was ever measured: the common case, which needs no comparison.
    """
    measured = select(Measurement.metric_id).limit(1)
    ids = [
        int(each)
        for each in np.unique(metric_id)
        if session.scalar(measured.where(Measurement.metric_id == int(each))) is not None
    ]
    if not ids:
        return None
    connection = session.connection()
    there = counting_measurements(connection, measurement_filter(connection, engagement.id), ids)
    there["at"] = there["at"].dt.tz_localize(None).astype("datetime64[us]")
    rows = pd.DataFrame({"metric_id": metric_id, "at": at}).merge(
        there, on=["metric_id", "at"], how="left", validate="one_to_one"
    )
    stored = rows["value"].notna().to_numpy()
    n = [None if missing else int(each) for each, missing in zip(rows["n"], rows["n"].isna(), strict=True)]
    note = [each if isinstance(each, str) else None for each in rows["note"]]
    return _Stored(stored, rows["value"].to_numpy(), n, note)


def _notes_beside(
    session: Session,
    engagement: Engagement,
    metric_id: np.ndarray,
    at: np.ndarray,
    value: np.ndarray,
    stored: _Stored,
) -> list[str | None]:
    """Return the note that stays at each row when its value takes the place of the stored one."""
    notes = list(stored.note)
    noted = np.array([note is not None for note in notes], bool)
    rows = np.flatnonzero(noted & (stored.value != value))
    if not len(rows):
        return notes
    moments = pd.DatetimeIndex(at[rows]).tz_localize(UTC).to_pydatetime().tolist()
    ids = metric_id[rows].tolist()
    counting = counting_values(session, engagement, sorted({*ids}), moments)
    for row, metric, moment in zip(rows, ids, moments, strict=True):
        notes[row] = counting[metric, moment].note_beside(value[row])
    return notes


def _equal(column: Sequence[Any] | None, stored: Sequence[Any]) -> np.ndarray:
    """Return where a column is as it is `stored`, however that text is composed; everywhere, where it is missing."""
    if column is None:
        return np.ones(len(stored), bool)
    return np.fromiter(
        (same_text(old, new) for new, old in zip(column, stored, strict=True)), bool, len(column)
    )


def _selected(mask: np.ndarray, rows: Rows) -> Rows:
    positions = [int(i) for i in np.flatnonzero(mask)]

    def of(column: Sequence[Any] | None) -> list[Any] | None:
        return [column[i] for i in positions] if column is not None else None

    metric_id, at, value = (np.asarray(column)[mask] for column in (rows.metric_id, rows.at, rows.value))
    return Rows(metric_id, at, value, of(rows.n), of(rows.note), of(rows.given), of(rows.reason))


def _list_rows(
    plan: Plan,
    measured: Measured,
    zone: str,
    moved: np.ndarray,
    exists: np.ndarray,
    stored: _Stored | None,
    columns: tuple[np.ndarray, Sequence[int | None] | None, Sequence[str | None] | None],
    units: Mapping[str, str],
) -> None:
    """Add the first rows that are added or changed to the plan, with units; corrections first, since they replace
    something."""
    shown_rows = np.concatenate([np.flatnonzero(moved & exists), np.flatnonzero(moved & ~exists)])[:MAX_SHOWN]
    value, n, note = columns
    for i, when in zip(map(int, shown_rows), _local(measured.at[shown_rows], zone), strict=True):
        in_unit = units[measured.metrics[measured.metric[i]]]
        after = _fields(value[i], in_unit, n[i] if n else None, note[i] if note else None)
        before = (
            _fields(stored.value[i], in_unit, stored.n[i], stored.note[i]) if stored and exists[i] else {}
        )
        label = f"{measured.metrics[measured.metric[i]]}, {when}"
        change = CHANGED if exists[i] else ADDED
        plan.rows.append(PlannedRow(int(measured.lines[i]), change, label, differences(before, after)))


def _fields(value: float, unit_name: str, n: int | None, note: str | None) -> dict[str, object]:
    return {"value": f"{plain_text(float(value))} {unit_name}", "n": n, "note": note}


def _local(at: np.ndarray, zone: str) -> list[str]:
    """Return moments as a clock in `zone` shows them: 2026-11-20, or 2026-11-20 14:30."""
    moments = pd.DatetimeIndex(at).tz_localize(UTC).tz_convert(ZoneInfo(zone))
    return [f"{when:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00") for when in moments]
