"""The rows of one request, checked a field at a time: every bad one is named, with its field and a sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import NoneType
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
    Columns,
    accepted_time,
    accepted_values,
    as_written,
    in_order,
    span_of_time,
)
from services.strict_json import Written

FIELDS = ("metric", "at", "value", "n", "note", "reason")
_FIELDS = frozenset(FIELDS)
_Read = Callable[..., list[Any]]
LARGEST = sys.float_info.max
LONGEST_NUMBER = 400
"""Characters: the longest exact writing of a double has fewer."""
_1970, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@dataclass(frozen=True)
class BadRow:
    """`row` counts from 1."""

    row: int
    field: str
    problem: str


@dataclass
class Checked:
    """Rows that can be stored, and what is wrong with those that can't. `unchanged` counts those that say what counts
    already; `corrected` those that take another value's place."""

    bad: list[BadRow] = field(default_factory=list)
    columns: Columns | None = None
    unchanged: int = 0
    corrected: int = 0


def checked(
    session: Session, engagement: Engagement, metrics: Mapping[str, Metric], rows: list[Any], today: date
) -> Checked:
    """Rows as JSON holds them, checked against the metrics (by their short names) and against what counts now."""
    reader = _Reader(metrics, engagement.zone, today)
    cells = reader.read(rows)
    if reader.bad:
        return Checked(sorted(reader.bad, key=lambda bad: bad.row))
    span = [_datetime(min(cells.at)), _datetime(max(cells.at))]
    stands = standing_at(session, engagement, sorted(set(cells.metric_id)), span)
    result = Checked()
    if stands:
        cells = cells.of(_not_standing(cells, stands, reader, result))
    if cells.at and not result.bad:
        result.columns = cells.columns()
    return result


@dataclass(frozen=True)
class _Cells:
    """What rows say, a list a field; `at` in whole microseconds since 1970, in UTC: numpy takes those ten times as fast
    as datetimes. `n`, `note` and `reason` are None where no row has any."""

    metric_id: list[int]
    at: list[int]
    value: list[float]
    written: list[str]
    n: list[int | None] | None
    note: list[str | None] | None
    reason: list[str | None] | None

    def of(self, rows: list[int]) -> _Cells:
        """Some of the rows, by their positions."""
        return _Cells(*(cells and [cells[row] for row in rows] for cells in vars(self).values()))

    def columns(self) -> Columns:
        """The same as it is stored."""
        return in_order(
            Columns(
                metric_id=np.array(self.metric_id, dtype=np.int64),
                at=np.array(self.at, dtype=np.int64).view("datetime64[us]"),
                value=np.array(self.value, dtype=np.float64),
                n=_if_any(self.n),
                note=_if_any(self.note),
                given=as_written(list(map(str.strip, self.written)), self.value),
                reason=_if_any(self.reason),
            )
        )


def _if_any(cells: list[Any] | None) -> list[Any] | None:
    return None if cells is None or all(cell is None for cell in cells) else cells


@dataclass(frozen=True, eq=False)
class _Known:
    """What reading a row needs to know of its metric."""

    id: int
    active: bool
    unit: Unit
    bounds: tuple[float, float]
    accepted: str

    def values(self, given: list[Any]) -> list[float]:
        """The numbers that rows give as its values. Raises Invalid."""
        numbers = _numbers(given) if {*map(type, given)} == {Written} else list(map(self._value, given))
        if min(numbers) < self.bounds[0] or max(numbers) > self.bounds[1]:
            raise Invalid(self.accepted)
        return numbers

    def _value(self, given: Any) -> float:
        if type(given) is Written:
            return _numbers([given])[0]
        if type(given) is str:
            return self.unit.parse(optional("value", given, LONGEST_TEXT) or "")
        raise Invalid("It has to be a number, or a text such as “4 h”.")


class _Reader:
    """Reads rows of one engagement and gathers what is wrong with them."""

    def __init__(self, metrics: Mapping[str, Metric], zone: str, today: date) -> None:
        self.zone, self.today = ZoneInfo(zone), today
        self.first, self.end = map(_microseconds, span_of_time(zone, today))
        self.metrics = {slug: _known(metric) for slug, metric in metrics.items()}
        self.numbers: Sequence[int] = ()
        self.objects: list[dict[str, Any]] = []
        self.bad: list[BadRow] = []

    def read(self, rows: list[Any]) -> _Cells:
        """What the rows say; where there is something in `bad` then, it has gaps."""
        present = self._take(rows)
        metrics, at = self._column("metric", self._metric), self._column("at", self._at)
        given = self._given("value")
        value = self._column("value", self._value, metrics, given)
        rest = {
            name: self._column(name, read) if name in present else None for name, read in _NOT_NEEDED.items()
        }
        ids = [metric and metric.id for metric in metrics]
        self._refuse_repeated(ids, at)
        return _Cells(ids, at, value, given, **rest)

    def _take(self, rows: list[Any]) -> set[str]:
        """Keep those rows that are objects, and return the names of all their fields."""
        self.numbers, self.objects = range(1, len(rows) + 1), rows
        if {*map(type, rows)} != {dict}:
            self.numbers = [number for number, row in enumerate(rows, start=1) if type(row) is dict]
            self.objects = [row for row in rows if type(row) is dict]
            for number in sorted({*range(1, len(rows) + 1)} - {*self.numbers}):
                self._refuse(number, "", "A measurement is an object with metric, at and value.")
        present = set().union(*self.objects)
        for number, row in zip(self.numbers, self.objects, strict=True) if present - _FIELDS else ():
            for name in row.keys() - _FIELDS:
                self._refuse(number, name, f"There is no such field; a measurement has {', '.join(FIELDS)}.")
        return present

    def _given(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.objects]

    def _column(self, name: str, read: _Read, *columns: list[Any]) -> list[Any]:
        """The rows' cells as `read` returns them, given what it reads them from; None, and a bad row, for each that it
        refuses.

        They are read all at once, and only where that is refused one by one, to tell which it is.
        """
        columns = columns or (self._given(name),)
        with suppress(Invalid):
            return read(*columns)
        found = []
        for number, *cells in zip(self.numbers, *columns, strict=True):
            try:
                found += read(*([cell] for cell in cells))
            except Invalid as wrong:
                self._refuse(number, name, str(wrong).removesuffix(" Nothing was saved."))
                found.append(None)
        return found

    def _refuse(self, number: int, name: str, problem: str) -> None:
        self.bad.append(BadRow(number, shown(name), problem))

    def _metric(self, slugs: list[Any]) -> list[_Known]:
        if {*map(type, slugs)} != {str}:
            raise Invalid(f"It has to be a metric's short name. {self._names()}")
        if unknown := {*slugs} - self.metrics.keys():
            raise Invalid(f"“{shown(unknown.pop())}” is no metric here. {self._names()}")
        metrics = [self.metrics[slug] for slug in slugs]
        if retired := next((slug for slug in {*slugs} if not self.metrics[slug].active), None):
            raise Invalid(f"“{retired}” is retired: take it up again before you measure it.")
        return metrics

    def _names(self) -> str:
        return f"Metrics are: {', '.join(sorted(self.metrics)) or 'none yet'}."

    def _at(self, texts: list[Any]) -> list[int]:
        try:
            if {*map(type, texts)} != {str}:
                raise ValueError
            moments = list(map(datetime.fromisoformat, texts))
            if None in {at.tzinfo for at in moments}:
                moments = [at if at.tzinfo else at.replace(tzinfo=self.zone) for at in moments]
            moments = [(at - _1970) // _MICROSECOND for at in moments]
        except (ValueError, OverflowError):
            raise Invalid(
                "It has to be a date such as 2026-11-20, or with a time such as 2026-11-20T14:30Z."
            ) from None
        if min(moments) < self.first or max(moments) >= self.end:
            raise Invalid(f"It has to be {accepted_time(self.today)}.")
        return moments

    def _value(self, metrics: list[_Known | None], given: list[Any]) -> list[float | None]:
        if len({*metrics}) != 1:
            return [self._value([each], [cell])[0] for each, cell in zip(metrics, given, strict=True)]
        return [None] * len(given) if metrics[0] is None else metrics[0].values(given)

    def _refuse_repeated(self, ids: list[int | None], at: list[int | None]) -> None:
        if len({*at}) == len(at):
            return
        moments = list(zip(ids, at, strict=True))
        if len({*moments}) == len(moments):
            return
        first: dict[tuple[int | None, int | None], int] = {}
        for number, moment in zip(self.numbers, moments, strict=True):
            earlier = number if None in moment else first.setdefault(moment, number)
            if earlier != number:
                self._refuse(number, "at", f"Row {earlier} is of the same metric at the same moment.")


def _known(metric: Metric) -> _Known:
    measure = unit(metric.unit)
    if measure.bounds is None:
        return _Known(
            metric.id, metric.active, measure, (-LARGEST, LARGEST), "It is larger than a number can be."
        )
    accepted = f"It has to be {accepted_values(metric)}, as it is in {metric.unit}."
    return _Known(metric.id, metric.active, measure, measure.bounds, accepted)


def _numbers(written: list[Written]) -> list[float]:
    if (longest := max(map(len, written))) > LONGEST_NUMBER:
        raise Invalid(f"It has {longest:,} digits; {LONGEST_NUMBER} is the most.")
    # Zero has one sign, so that equal values have equal digests.
    return [float(each) + 0.0 for each in written]


def _n(cells: list[Any]) -> list[int | None]:
    numbers = [None if n is None else float(n) if type(n) is Written else -1.0 for n in cells]
    for number in numbers:
        if number is not None and not (number.is_integer() and 0 <= number <= MOST_OBSERVATIONS):
            raise Invalid(f"It has to be a whole number from 0 to {MOST_OBSERVATIONS:,}.")
    return [None if number is None else int(number) for number in numbers]


def _text(name: str, cells: list[Any]) -> list[str | None]:
    if not {*map(type, cells)} <= {str, NoneType}:
        raise Invalid("It has to be a text.")
    # Most often one text is that of many rows.
    texts = {cell: optional(name, cell, LONGEST_TEXT) for cell in {*cells}}
    return [texts[cell] for cell in cells]


_NOT_NEEDED: dict[str, _Read] = {
    "n": _n,
    "note": partial(_text, "note"),
    "reason": partial(_text, "reason"),
}


def _microseconds(at: datetime) -> int:
    return (at - _1970) // _MICROSECOND


def _datetime(microseconds: int) -> datetime:
    return _1970 + microseconds * _MICROSECOND


def _not_standing(
    cells: _Cells, stands: Mapping[tuple[int, datetime], Standing], reader: _Reader, result: Checked
) -> list[int]:
    """The positions of the rows that don't say what counts already; those that need a reason are noted as bad."""
    units = {metric.id: metric.unit for metric in reader.metrics.values()}
    nothing: list[None] = [None] * len(cells.at)
    told = zip(cells.value, cells.n or nothing, cells.note or nothing, cells.reason or nothing, strict=True)
    kept = []
    for row, (value, n, note, reason) in enumerate(told):
        metric_id = cells.metric_id[row]
        now = stands.get((metric_id, _datetime(cells.at[row])))
        if now == Standing(value, n, note):
            result.unchanged += 1
            continue
        kept.append(row)
        if now is not None:
            result.corrected += 1
            if reason is None and now.value != value:
                said = units[metric_id].say(now.value)
                problem = f"It takes the place of {said} at the same moment: say why in its reason."
                result.bad.append(BadRow(row + 1, "reason", problem))
    return kept
