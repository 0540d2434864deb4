"""Measurements of a file, by whole columns: which are new, which correct what is stored, and which are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.journal import ADDED, CHANGED
from models.metrics import Measurement, Metric
from models.names import same_text
from models.units import unit
from reports.metrics.measurements import counting
from services.imports.kinds import MEASUREMENTS
from services.imports.measurements import Measured
from services.imports.names import Names
from services.imports.plans import Plan, PlannedRow, differences
from services.imports.problems import Problem
from services.measurements.batches import (
    Rows,
    accepted_time,
    accepted_values,
    out_of_bounds,
    outside_of_time,
    put_measurements,
)
from services.parsing.quantities import spelled
from services.parsing.sheet import shown
from store.states import counted

MOST_TOLD = 200
"""Rows of a plan that are told one by one."""
NO_METRIC = 0


def carry_out_measurements(
    session: Session, engagement: Engagement, measured: Measured, source: str, today: date
) -> Plan:
    """Store what is new or differs, as one batch; a value that is corrected stays readable beneath the new one."""
    plan = Plan(MEASUREMENTS, source, problems=measured.problems, notes=measured.notes)
    metrics = _metrics(session, engagement)
    metric_id = _metric_ids(session, engagement, measured, metrics, plan)
    _check_moments(measured, engagement.zone, today, plan)
    value = _values(measured, metric_id, metrics, plan)
    if plan.problems or not len(measured):
        plan.problems.sort()
        plan.seal()
        return plan
    stored = _stored(session, engagement, metric_id, measured.at)
    n, note = _kept(measured.n, stored and stored.n), _kept(measured.note, stored and stored.note)
    if stored is None:
        found = same = np.zeros(len(measured), bool)
    else:
        found = stored.found
        same = found & (stored.value == value) & _alike(n, stored.n) & _alike(note, stored.note)
    plan.unchanged = int(same.sum())
    plan.changed = int((found & ~same).sum())
    plan.added = len(measured) - plan.unchanged - plan.changed
    if not plan.changes:
        plan.seal()
        return plan
    reason = [f"Import of {source}" if each else None for each in found] if found.any() else None
    rows = Rows(metric_id, measured.at, value, n, note, measured.written, reason)
    if same.any():
        rows = _those(~same, rows)
    batch = put_measurements(session, engagement, rows, source, today)
    plan.batch_id = batch.id
    _tell(plan, measured, engagement.zone, ~same, found, stored, (value, n, note))
    plan.seal(batch.digest)
    return plan


def _metrics(session: Session, engagement: Engagement) -> dict[str, Metric]:
    query = select(Metric).where(Metric.engagement_id == engagement.id)
    return {metric.slug: metric for metric in session.scalars(query)}


def _metric_ids(
    session: Session, engagement: Engagement, measured: Measured, metrics: Mapping[str, Metric], plan: Plan
) -> np.ndarray:
    """Each row's metric by its id; what isn't defined, or is retired, is a problem of each of its rows."""
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
            retired = f"“{shown(slug)}” is retired; take it up again before you measure it"
            plan.problems.add(
                names.problem(int(line), "metric", slug)
                or Problem(int(line), "metric", shown(slug), "a metric that is in use", retired)
            )
    return ids[measured.metric]


def _check_moments(measured: Measured, zone: str, today: date, plan: Plan) -> None:
    outside = outside_of_time(measured.at, zone, today) & ~np.isnat(measured.at)
    for i in np.flatnonzero(outside):
        written = _local(measured.at[i : i + 1], zone)[0]
        plan.problems.add(Problem(int(measured.lines[i]), "at", written, f"a date {accepted_time(today)}"))


def _values(
    measured: Measured, metric_id: np.ndarray, metrics: Mapping[str, Metric], plan: Plan
) -> np.ndarray:
    """All values in their metrics' units."""
    by_id = {metric.id: metric for metric in metrics.values()}
    value = measured.value + 0.0
    read: dict[tuple[int, str], float | Invalid] = {}
    for i, text in measured.with_unit.items():
        metric = by_id.get(int(metric_id[i]))
        if metric is None:
            continue
        key = (metric.id, text)
        if key not in read:
            read[key] = _parsed(metric, text)
        if isinstance(found := read[key], Invalid):
            says = str(found).removesuffix(".")
            expected = f"a value in {metric.unit}"
            plan.problems.add(Problem(int(measured.lines[i]), "value", shown(text), expected, says))
        else:
            value[i] = found
    for metric in by_id.values():
        for i in np.flatnonzero(out_of_bounds(metric, metric_id, value)):
            expected = f"{accepted_values(metric)}, as “{metric.name}” is in {metric.unit}"
            plan.problems.add(Problem(int(measured.lines[i]), "value", spelled(float(value[i])), expected))
    return value


def _parsed(metric: Metric, text: str) -> float | Invalid:
    try:
        return unit(metric.unit).parse(text)
    except Invalid as refused:
        return refused


@dataclass(frozen=True)
class _Stored:
    """What counts at each row's metric and moment; where `found` is False, nothing does. `n` and `note` are lists."""

    found: np.ndarray
    value: np.ndarray
    n: list[int | None]
    note: list[str | None]


def _stored(
    session: Session, engagement: Engagement, metric_id: np.ndarray, at: np.ndarray
) -> _Stored | None:
    """None where none of the metrics was ever measured: the common case, which is told without a comparison."""
    measured = select(Measurement.metric_id).limit(1)
    ids = [
        int(each)
        for each in np.unique(metric_id)
        if session.scalar(measured.where(Measurement.metric_id == int(each))) is not None
    ]
    if not ids:
        return None
    connection = session.connection()
    there = counting(connection, counted(connection, engagement.id), ids)
    there["at"] = there["at"].dt.tz_localize(None).astype("datetime64[us]")
    rows = pd.DataFrame({"metric_id": metric_id, "at": at}).merge(
        there, on=["metric_id", "at"], how="left", validate="one_to_one"
    )
    found = rows["value"].notna().to_numpy()
    n = [None if missing else int(each) for each, missing in zip(rows["n"], rows["n"].isna(), strict=True)]
    note = [each if isinstance(each, str) else None for each in rows["note"]]
    return _Stored(found, rows["value"].to_numpy(), n, note)


def _kept(given: list | None, stored: list | None) -> list | None:
    """A column as the file gives it, or as it is stored where the file doesn't have it."""
    return stored if given is None else given


def _alike(new: Sequence, stored: Sequence) -> np.ndarray:
    return np.fromiter((same_text(b, a) for a, b in zip(new, stored, strict=True)), bool, len(new))


def _those(mask: np.ndarray, rows: Rows) -> Rows:
    kept = np.flatnonzero(mask)
    texts = (rows.n, rows.note, rows.given, rows.reason)
    return Rows(
        rows.metric_id[kept],
        rows.at[kept],
        rows.value[kept],
        *(column and [column[i] for i in kept] for column in texts),
    )


def _tell(
    plan: Plan,
    measured: Measured,
    zone: str,
    moved: np.ndarray,
    found: np.ndarray,
    stored: _Stored | None,
    columns: tuple[np.ndarray, list | None, list | None],
) -> None:
    """Tell the first rows that are added or changed; corrections first, since they replace something."""
    told = np.concatenate([np.flatnonzero(moved & found), np.flatnonzero(moved & ~found)])[:MOST_TOLD]
    value, n, note = columns
    for i, when in zip(told, _local(measured.at[told], zone), strict=True):
        after = _told(value[i], n and n[i], note and note[i])
        before = _told(stored.value[i], stored.n[i], stored.note[i]) if stored and found[i] else {}
        label = f"{measured.metrics[measured.metric[i]]}, {when}"
        change = CHANGED if found[i] else ADDED
        plan.rows.append(PlannedRow(int(measured.lines[i]), change, label, differences(before, after)))


def _told(value: float, n: int | None, note: str | None) -> dict[str, object]:
    return {"value": spelled(float(value)), "n": n, "note": note}


def _local(at: np.ndarray, zone: str) -> list[str]:
    """Moments as a clock in `zone` shows them: 2026-11-20, or 2026-11-20 14:30."""
    moments = pd.DatetimeIndex(at).tz_localize(UTC).tz_convert(ZoneInfo(zone))
    return [f"{when:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00") for when in moments]
