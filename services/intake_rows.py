"""The rows of one request, checked one by one: every bad one is named, with its field and a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric
from models.units import Unit, unit
from services.checks import LONGEST_TEXT, optional
from services.corrections import Standing, standing_at
from services.imports.sheet import shown
from services.measurements import (
    MOST_OBSERVATIONS,
    Rows,
    accepted_time,
    accepted_values,
    span_of_time,
)
from services.strict_json import Written

FIELDS = ("metric", "at", "value", "n", "note", "reason")
_KNOWN = frozenset(FIELDS)


@dataclass(frozen=True)
class BadRow:
    """`row` counts from 1."""

    row: int
    field: str
    problem: str


@dataclass
class Checked:
    """Rows that can be stored, and what is wrong with those that can't. `unchanged` counts those that say what counts
    already; `corrected` those that take another value's place; `moments` are those of the rows, by metric."""

    bad: list[BadRow] = field(default_factory=list)
    rows: Rows | None = None
    unchanged: int = 0
    corrected: int = 0
    moments: dict[int, list[datetime]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    metric_id: int
    at: datetime
    value: float
    given: str | None
    n: int | None
    note: str | None
    reason: str | None


class _Reader:
    """Reads rows of one engagement and gathers what is wrong with them."""

    def __init__(self, metrics: Mapping[str, Metric], zone: str, today: date) -> None:
        self.metrics, self.zone, self.today = metrics, ZoneInfo(zone), today
        self.first, self.end = span_of_time(zone, today)
        self.units: dict[int, Unit] = {metric.id: unit(metric.unit) for metric in metrics.values()}
        self.bad: list[BadRow] = []

    def read(self, number: int, row: Any) -> _Row | None:
        found = len(self.bad)
        if not isinstance(row, dict):
            self.bad.append(BadRow(number, "", "A measurement is an object with metric, at and value."))
            return None
        if not row.keys() <= _KNOWN:
            for name in row.keys() - _KNOWN:
                self._bad(number, name, f"There is no such field; a measurement has {', '.join(FIELDS)}.")
        metric = self._metric(number, row.get("metric"))
        at = self._at(number, row.get("at"))
        value, given = (None, None) if metric is None else self._value(number, metric, row.get("value"))
        n = self._n(number, row.get("n"))
        note, reason = (self._text(number, name, row.get(name)) for name in ("note", "reason"))
        if len(self.bad) > found or metric is None or at is None or value is None:
            return None
        return _Row(metric.id, at, value, given, n, note, reason)

    def _bad(self, number: int, name: str, problem: str) -> None:
        self.bad.append(BadRow(number, shown(name), problem))

    def _metric(self, number: int, slug: Any) -> Metric | None:
        metric = self.metrics.get(slug) if isinstance(slug, str) else None
        if metric is None:
            said = (
                f"“{shown(slug)}” is no metric here"
                if isinstance(slug, str)
                else "It has to be a metric's short name"
            )
            self._bad(
                number, "metric", f"{said}. Metrics are: {', '.join(sorted(self.metrics)) or 'none yet'}."
            )
            return None
        if not metric.active:
            self._bad(number, "metric", f"“{slug}” is retired: take it up again before you measure it.")
            return None
        return metric

    def _at(self, number: int, text: Any) -> datetime | None:
        try:
            at = datetime.fromisoformat(text) if isinstance(text, str) else None
            # Told in UTC, so that a moment is found however it was written.
            at = at and (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
            if at is not None and self.first <= at < self.end:
                return at
        except (ValueError, OverflowError):
            at = None
        expected = "a date such as 2026-11-20, or with a time such as 2026-11-20T14:30Z"
        self._bad(number, "at", f"It has to be {expected if at is None else accepted_time(self.today)}.")
        return None

    def _value(self, number: int, metric: Metric, value: Any) -> tuple[float | None, str | None]:
        measure = self.units[metric.id]
        try:
            if isinstance(value, Written):
                read, written = float(value) + 0.0, value.text
            elif isinstance(value, str):
                written = optional("value", value, LONGEST_TEXT)
                read = measure.parse(written or "")
            else:
                raise Invalid("It has to be a number, or a text such as “4 h”.")
        except Invalid as wrong:
            self._bad(number, "value", str(wrong).removesuffix(" Nothing was saved."))
            return None, None
        if not math.isfinite(read):
            self._bad(number, "value", "It is larger than a number can be.")
            return None, None
        if measure.bounds and not measure.bounds[0] <= read <= measure.bounds[1]:
            self._bad(number, "value", f"It has to be {accepted_values(metric)}, as it is in {metric.unit}.")
            return None, None
        return read, written

    def _n(self, number: int, n: Any) -> int | None:
        if n is None:
            return None
        if not (isinstance(n, Written) and n.is_integer() and 0 <= n <= MOST_OBSERVATIONS):
            self._bad(number, "n", f"It has to be a whole number from 0 to {MOST_OBSERVATIONS:,}.")
            return None
        return int(n)

    def _text(self, number: int, name: str, text: Any) -> str | None:
        if text is None:
            return None
        try:
            if not isinstance(text, str):
                raise Invalid("It has to be a text.")
            return optional(name, text, LONGEST_TEXT)
        except Invalid as wrong:
            self._bad(number, name, str(wrong).removesuffix(" Nothing was saved."))
            return None


def checked(
    session: Session, engagement: Engagement, metrics: Mapping[str, Metric], rows: list[Any], today: date
) -> Checked:
    """Rows as JSON holds them, checked against the metrics (by their short names) and against what counts now."""
    reader = _Reader(metrics, engagement.zone, today)
    read = [
        (number, found) for number, row in enumerate(rows, start=1) if (found := reader.read(number, row))
    ]
    _note_repeated(read, reader)
    if reader.bad:
        return Checked(sorted(reader.bad, key=lambda bad: bad.row))
    ids = sorted({row.metric_id for _, row in read})
    stands = standing_at(session, engagement, ids, [row.at for _, row in read])
    kept: list[_Row] = []
    result = Checked()
    for number, row in read:
        now = stands.get((row.metric_id, row.at))
        if now is None:
            kept.append(row)
        elif now == Standing(row.value, row.n, row.note):
            result.unchanged += 1
        elif row.reason is None and now.value != row.value:
            said = reader.units[row.metric_id].say(now.value)
            problem = f"It takes the place of {said} at the same moment: say why in its reason."
            result.bad.append(BadRow(number, "reason", problem))
        else:
            result.corrected += 1
            kept.append(row)
    if not result.bad and kept:
        result.rows = _columns(kept)
        for row in kept:
            result.moments.setdefault(row.metric_id, []).append(row.at)
    return result


def _note_repeated(read: list[tuple[int, _Row]], reader: _Reader) -> None:
    first: dict[tuple[int, datetime], int] = {}
    for number, row in read:
        earlier = first.setdefault((row.metric_id, row.at), number)
        if earlier != number:
            reader.bad.append(
                BadRow(number, "at", f"Row {earlier} is of the same metric at the same moment.")
            )


def _columns(rows: list[_Row]) -> Rows:
    return Rows(
        metric_id=np.array([row.metric_id for row in rows], dtype=np.int64),
        at=np.array([row.at.replace(tzinfo=None) for row in rows], dtype="datetime64[us]"),
        value=np.array([row.value for row in rows], dtype=np.float64),
        n=[row.n for row in rows],
        note=[row.note for row in rows],
        given=[row.given for row in rows],
        reason=[row.reason for row in rows],
    )
