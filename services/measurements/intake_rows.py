"""The rows of one request, checked a field at a time: every bad one is named, with its field and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from msgspec import ValidationError
from msgspec.json import Decoder
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric
from models.names import same_text
from models.number_digits import joined_decimals
from models.units import unit
from services.core.strict_json import Written
from services.core.validation import MAX_TEXT, optional_text
from services.measurements.batches import (
    MAX_OBSERVATIONS,
    Columns,
    accepted_time,
    accepted_values,
    as_written,
    if_any,
    in_order,
    out_of_bounds,
    outside_of_time,
)
from services.measurements.corrections import CountingValue, counting_values
from services.measurements.intake_body import BadRow, Request
from services.parsing.sheet import shown

_Read = Callable[..., Any]
MAX_NUMBER_LENGTH = 400
"""Characters: the longest exact writing of a double has fewer."""
_NO_NUMBER = "It has to be a number, or a text such as “4 h”."
_1970, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_IN_UTC = pa.timestamp("us", tz="UTC")
_NUMBERS = Decoder(list[float])


@dataclass
class Checked:
    """Rows that can be stored, and what is wrong with those that can't. `unchanged` counts those that say what counts
    already; `corrected` those that take another value's place."""

    bad: list[BadRow] = field(default_factory=list)
    columns: Columns | None = None
    unchanged: int = 0
    corrected: int = 0


def check_rows(
    session: Session, engagement: Engagement, metrics: Mapping[int, Metric], request: Request, today: date
) -> Checked:
    """The rows of a request, checked against the metrics (by their ids) and against what counts now."""
    reader = _Reader(request, metrics, engagement.zone, today)
    columns = reader.read()
    if columns is None:
        return Checked(sorted(reader.bad, key=lambda bad: bad.row))
    span = [at.item().replace(tzinfo=UTC) for at in (columns.at.min(), columns.at.max())]
    stands = counting_values(session, engagement, np.unique(columns.metric_id).tolist(), span)
    result = Checked()
    if stands:
        columns = columns.of(_not_standing(columns, stands, metrics, result))
    if len(columns.at) and not result.bad:
        result.columns = in_order(columns)
    return result


class _Reader:
    """Reads the rows of one request and gathers what is wrong with them."""

    def __init__(self, request: Request, metrics: Mapping[int, Metric], zone: str, today: date) -> None:
        self.zone, self.today = zone, today
        self.metrics, self.by_slug = metrics, {metric.slug: metric for metric in metrics.values()}
        self.numbers, self.cells, self.bad = request.numbers, request.cells, [*request.bad]
        self.plainly = False

    def read(self) -> Columns | None:
        """What the rows say; None where there is something in `bad` then."""
        ids, at = self._column("metric", self._metric), self._column("at", self._at)
        value = self._column("value", self._value, ids, self.cells["value"])
        rest = {
            name: if_any(self._column(name, read)) if name in self.cells else None
            for name, read in _NOT_NEEDED.items()
        }
        self._refuse_repeated(ids, at)
        if self.bad:
            return None
        given = None if self.plainly else as_written([*map(_text_of, self.cells["value"])], value.tolist())
        return Columns(np.array(ids, dtype=np.int64), at, value, given=given, **rest)

    def _column(self, name: str, read: _Read, *columns: list[Any]) -> Any:
        """The rows' cells as `read` returns them, given what it reads them from; None, and a bad row, for each that it
        refuses.

        They are read all at once, and only where that is refused one by one, to tell which it is.
        """
        columns = columns or (self.cells[name],)
        with suppress(Invalid):
            return read(*columns)
        found: list[Any] = []
        for number, *cells in zip(self.numbers, *columns, strict=True):
            try:
                found.extend(read(*([cell] for cell in cells)))
            except Invalid as wrong:
                self._refuse(number, name, str(wrong).removesuffix(" Nothing was saved."))
                found.append(None)
        return found

    def _refuse(self, number: int, name: str, problem: str) -> None:
        self.bad.append(BadRow(number, name, problem))

    def _metric(self, slugs: list[Any]) -> list[int]:
        if {*map(type, slugs)} != {str}:
            raise Invalid(f"It has to be a metric's short name. {self._names()}")
        ids = {}
        for slug in {*slugs}:
            metric = self.by_slug.get(slug)
            if metric is None:
                raise Invalid(f"“{shown(slug)}” is no metric here. {self._names()}")
            if not metric.active:
                raise Invalid(f"“{slug}” is retired: take it up again before you measure it.")
            ids[slug] = metric.id
        return list(map(ids.__getitem__, slugs))

    def _names(self) -> str:
        return f"Metrics are: {', '.join(sorted(self.by_slug)) or 'none yet'}."

    def _at(self, texts: list[Any]) -> np.ndarray:
        try:
            if {*map(type, texts)} != {str}:
                raise ValueError
            at = moments(texts, self.zone)
        except (ValueError, OverflowError):
            raise Invalid(
                "It has to be a date such as 2026-11-20, or with a time such as 2026-11-20T14:30Z."
            ) from None
        if outside_of_time(at, self.zone, self.today).any():
            raise Invalid(f"It has to be {accepted_time(self.today)}.")
        return at

    def _value(self, ids: list[int | None], given: list[Any]) -> Any:
        if ids == [None]:
            # What it should be, only its metric tells.
            return ids
        if None in ids:
            raise Invalid("Not all of them can be read at once.")
        metrics = [self.metrics[each] for each in {*ids}]
        if {*map(type, given)} == {Written}:
            value, self.plainly = _numbers(given)
        else:
            value = np.array([self._number(*each) for each in zip(ids, given, strict=True)])
        for metric in metrics:
            if out_of_bounds(metric, ids, value).any():
                raise Invalid(f"It has to be {accepted_values(metric)}, as it is in {metric.unit}.")
        return value

    def _number(self, metric_id: int, given: Any) -> float:
        if type(given) is str:
            return unit(self.metrics[metric_id].unit).parse(optional_text("value", given, MAX_TEXT) or "")
        if type(given) is not Written:
            raise Invalid(_NO_NUMBER)
        return _numbers([given])[0][0]

    def _refuse_repeated(self, ids: list[int | None], at: Any) -> None:
        if isinstance(at, np.ndarray) and (np.diff(np.sort(at)) != np.timedelta64(0)).all():
            return
        first: dict[tuple[Any, Any], int] = {}
        for number, moment in zip(self.numbers, zip(ids, at, strict=True), strict=True):
            earlier = number if None in moment else first.setdefault(moment, number)
            if earlier != number:
                self._refuse(number, "at", f"Row {earlier} is of the same metric at the same moment.")


def moments(texts: list[str], zone: str) -> np.ndarray:
    """Moments in UTC, as datetime64[us], of texts in ISO 8601; those without an offset are in the zone. Raises ValueError
    or OverflowError."""
    # In half of the time, and nothing is read otherwise: it takes nothing but moments with an offset.
    with suppress(pa.ArrowInvalid):
        return pa.array(texts, pa.string()).cast(_IN_UTC).to_numpy()
    read = [datetime.fromisoformat(text) for text in texts]
    aware = [at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone)) for at in read]
    return np.array([(at - _1970) // _MICROSECOND for at in aware]).view("datetime64[us]")


def _numbers(written: list[Written]) -> tuple[np.ndarray, bool]:
    """The numbers, and whether they are written as they would be anyway."""
    texts = b",".join(written)
    try:
        # Zero has one sign, so that equal values have equal digests.
        numbers = np.array(_NUMBERS.decode(b"[%b]" % texts)) + 0.0
    except ValidationError:
        raise Invalid(_wrong_with(written)) from None
    plainly = texts.decode() == joined_decimals(numbers.tolist())
    if not plainly and (longest := max(map(len, written))) > MAX_NUMBER_LENGTH:
        raise Invalid(f"It has {longest:,} digits; {MAX_NUMBER_LENGTH} is the most.")
    return numbers, plainly


def _wrong_with(written: list[Written]) -> str:
    try:
        list(map(float, written))
    except ValueError:
        return _NO_NUMBER
    return "It is larger than a number can be."


def _text_of(given: Any) -> str:
    return given.strip() if type(given) is str else bytes(given).decode()


def _n(cells: list[Any]) -> list[int | None]:
    numbers = [float(n) if type(n) is Written else n for n in cells]
    for number in numbers:
        if number is None:
            continue
        if type(number) not in (int, float) or not 0 <= number <= MAX_OBSERVATIONS or number != int(number):
            raise Invalid(f"It has to be a whole number from 0 to {MAX_OBSERVATIONS:,}.")
    return [None if number is None else int(number) for number in numbers]


def _text(name: str, cells: list[Any]) -> list[str | None]:
    if not {*map(type, cells)} <= {str, NoneType}:
        raise Invalid("It has to be a text.")
    # Most often one text is that of many rows.
    texts = {cell: optional_text(name, cell, MAX_TEXT) for cell in {*cells}}
    return [texts[cell] for cell in cells]


_NOT_NEEDED: dict[str, _Read] = {
    "n": _n,
    "note": partial(_text, "note"),
    "reason": partial(_text, "reason"),
}


def _not_standing(
    columns: Columns,
    stands: Mapping[tuple[int, datetime], CountingValue],
    metrics: Mapping[int, Metric],
    result: Checked,
) -> list[int]:
    """The positions of the rows that don't say what counts already; those that need a reason are noted as bad."""
    nothing: list[None] = [None] * len(columns.at)
    told = (columns.metric_id.tolist(), columns.at.tolist(), columns.value.tolist())
    maybe = (cells or nothing for cells in (columns.n, columns.note, columns.reason))
    kept = []
    for row, (metric_id, at, value, n, note, reason) in enumerate(zip(*told, *maybe, strict=True)):
        now = stands.get((metric_id, at.replace(tzinfo=UTC)))
        if now is not None and (now.value, now.n) == (value, n) and same_text(now.note, note):
            result.unchanged += 1
            continue
        kept.append(row)
        if now is not None:
            result.corrected += 1
            if reason is None and now.value != value:
                said = unit(metrics[metric_id].unit).say(now.value)
                problem = f"It takes the place of {said} at the same moment: say why in its reason."
                result.bad.append(BadRow(row + 1, "reason", problem))
    return kept
