"""Checking the rows of a request, one field at a time: every bad row is listed, with its field and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import NoneType
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from msgspec import ValidationError
from msgspec.json import Decoder
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric
from models.number_digits import joined_decimals
from models.units import unit
from services.core.strict_json import RawNumber
from services.core.validation import MAX_TEXT, optional_text
from services.measurements.batches import (
    MAX_OBSERVATIONS,
    Columns,
    accepted_period_text,
    as_written,
    bounds_text,
    in_order,
    is_outside_period,
    latest_values,
    none_if_empty,
    out_of_bounds,
)
from services.measurements.corrections import CountingValue, counting_values
from services.measurements.intake_body import BadRow, Request
from services.parsing.cell import shown
from services.parsing.clock_changes import moment_in
from services.parsing.doubts import Doubt
from services.parsing.number_result import WORD
from services.parsing.odd_numbers import (
    FRACTIONS,
    MIXED_PERCENT,
    PercentColumn,
    is_percentage,
    odd_percentages,
)
from services.parsing.value_column import value_column

_Parse = Callable[..., Any]
MAX_NUMBER_LENGTH = 400
"""Characters: the longest exact decimal of a double has fewer."""
_NO_NUMBER = "It has to be a number, or a text such as “4 h”."
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_UTC_TIMESTAMP = pa.timestamp("us", tz="UTC")
_DATE_LENGTH = len("2026-11-20")
_NUMBERS = Decoder(list[float])


@dataclass
class CheckedRows:
    """The rows to store (None without any) and the bad ones.

    `unchanged` is the number of rows that are what counts already, `corrected` of those that replace another value.
    `doubts` is what looks odd in the rows, by their numbers in the request.
    """

    bad: list[BadRow] = field(default_factory=list)
    columns: Columns | None = None
    unchanged: int = 0
    corrected: int = 0
    doubts: list[Doubt] = field(default_factory=list)


def check_rows(
    session: Session, engagement: Engagement, metrics: Mapping[int, Metric], request: Request, today: date
) -> CheckedRows:
    """Check the rows of a request against the metrics (by their ids) and the measurements that count now."""
    reader = _Reader(session, request, metrics, engagement.zone, today)
    columns = reader.read()
    if columns is None:
        return CheckedRows(sorted(reader.bad, key=lambda bad: bad.row))
    span = [at.item().replace(tzinfo=UTC) for at in (columns.at.min(), columns.at.max())]
    counting = counting_values(session, engagement, np.unique(columns.metric_id).tolist(), span)
    result = CheckedRows(doubts=reader.doubts)
    if counting:
        columns = _that_differ(columns, counting, metrics, result)
    if len(columns.at) and not result.bad:
        result.columns = in_order(columns)
    return result


class _Reader:
    """Parses the rows of one request, and collects the bad ones."""

    def __init__(
        self, session: Session, request: Request, metrics: Mapping[int, Metric], zone: str, today: date
    ) -> None:
        self.session, self.doubts = session, list[Doubt]()
        self.zone, self.today = zone, today
        self.metrics, self.by_slug = metrics, {metric.slug: metric for metric in metrics.values()}
        self.numbers, self.cells, self.bad = request.numbers, request.cells, [*request.bad]
        self.is_plain = False

    def read(self) -> Columns | None:
        """Return the parsed rows; None if there are bad ones."""
        ids, at = self._column("metric", self._metric), self._column("at", self._at)
        value = self._column("value", self._value, ids, self.cells["value"])
        optional = {
            name: none_if_empty(self._column(name, parse)) if name in self.cells else None
            for name, parse in _OPTIONAL.items()
        }
        self._refuse_repeated(ids, at)
        if self.bad:
            return None
        self._look_at_percentages(ids, value)
        given = None if self.is_plain else as_written([*map(_text_of, self.cells["value"])], value.tolist())
        return Columns(np.array(ids, dtype=np.int64), at, value, given=given, **optional)

    def _column(self, name: str, parse: _Parse, *columns: list[Any]) -> Any:
        """Return the cells as `parse` returns them, given the columns that it needs (the field's own by default).

        They are parsed all at once. Only if that is refused they are parsed one by one: a cell that is refused becomes
        None, and its row is noted as bad.
        """
        columns = columns or (self.cells[name],)
        with suppress(Invalid):
            return parse(*columns)
        values: list[Any] = []
        for number, *cells in zip(self.numbers, *columns, strict=True):
            try:
                values.extend(parse(*([cell] for cell in cells)))
            except Invalid as wrong:
                self._refuse(number, name, str(wrong).removesuffix(" Nothing was saved."))
                values.append(None)
        return values

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
                raise Invalid(f"“{slug}” is retired: reactivate it before you measure it.")
            ids[slug] = metric.id
        return list(map(ids.__getitem__, slugs))

    def _names(self) -> str:
        return f"Metrics are: {', '.join(sorted(self.by_slug)) or 'none yet'}."

    def _at(self, texts: list[Any]) -> np.ndarray:
        try:
            if {*map(type, texts)} != {str}:
                raise ValueError
            at = parse_moments(texts, self.zone)
        except (ValueError, OverflowError):
            raise Invalid(
                "It has to be a date such as 2026-11-20, or with a time such as 2026-11-20T14:30Z."
            ) from None
        if is_outside_period(at, self.zone, self.today).any():
            raise Invalid(f"It has to be {accepted_period_text(self.today)}.")
        return at

    def _value(self, ids: list[int | None], given: list[Any]) -> Any:
        if ids == [None]:
            # Its metric is unknown, and so is what the value should be.
            return ids
        if None in ids:
            raise Invalid("Not all of them can be read at once.")
        metric_ids = cast(
            "list[int]", ids
        )  # None of them is None, but that is too slow to show to a type checker.
        if {*map(type, given)} == {RawNumber}:
            value, self.is_plain = _numbers(given)
        else:
            value = self._texts(metric_ids, given)
        for metric_id in {*metric_ids}:
            metric = self.metrics[metric_id]
            if out_of_bounds(metric, metric_ids, value).any():
                raise Invalid(f"It has to be {bounds_text(metric)}, as it is in {metric.unit}.")
        return value

    def _texts(self, ids: list[int], given: list[Any]) -> np.ndarray:
        """Return values of which some are texts, read together as the column of a file is. Raises Invalid."""
        cells = [self._cell(cell) for cell in given]
        known = list(dict.fromkeys(ids))
        lines = self.numbers if len(cells) == len(self.numbers) else [1] * len(cells)
        read = value_column(cells, lines).read(
            [unit(self.metrics[metric_id].unit) for metric_id in known], np.array(list(map(known.index, ids)))
        )
        for refusal in read.refused.values():
            raise Invalid(f"{refusal.sentence}.")
        if len(cells) == len(self.numbers):
            self.doubts = [doubt for doubt in read.doubts if doubt.kind not in (FRACTIONS, MIXED_PERCENT)]
        return read.value

    def _cell(self, given: Any) -> str | float:
        if type(given) is RawNumber:
            return float(_numbers([given])[0][0])
        text = optional_text("value", given, MAX_TEXT) if type(given) is str else None
        if text is None:
            raise Invalid(_NO_NUMBER)
        return text

    def _look_at_percentages(self, ids: Sequence[int], values: np.ndarray) -> None:
        """Note the metrics in percent whose values may be shares of one: 0.62 where 62 is meant."""
        of_rows = np.array(ids)
        given = self.cells["value"]
        with_sign = np.array([type(cell) is str and WORD.search(cell) is not None for cell in given], bool)
        for metric_id in {*ids}:
            own = of_rows == metric_id
            may_be_shares = with_sign[own].any() or (np.abs(values[own]) <= 1).any()
            if is_percentage(unit(self.metrics[metric_id].unit)) and may_be_shares:
                usual = latest_values(self.session, metric_id)
                lines = np.asarray(self.numbers)[own]
                seen = [given[i] for i in np.flatnonzero(own).tolist()]
                self.doubts += odd_percentages(PercentColumn(lines, values[own], with_sign[own], usual, seen))

    def _refuse_repeated(self, ids: list[int | None], at: Any) -> None:
        if isinstance(at, np.ndarray) and (np.diff(np.sort(at)) != np.timedelta64(0)).all():
            return
        first: dict[tuple[Any, Any], int] = {}
        for number, moment in zip(self.numbers, zip(ids, at, strict=True), strict=True):
            earlier = number if None in moment else first.setdefault(moment, number)
            if earlier != number:
                self._refuse(number, "at", f"Row {earlier} is of the same metric at the same moment.")


def parse_moments(texts: list[str], zone: str) -> np.ndarray:
    """Return moments in UTC (datetime64[us]) from texts in ISO 8601; those without an offset are in the zone.

    Raises ValueError or OverflowError, and Invalid for an hour that a clock there shows twice or never.
    """
    # Twice as fast, with the same result: it accepts nothing but moments with an offset.
    with suppress(pa.ArrowInvalid):
        at: np.ndarray = pa.array(texts, pa.string()).cast(_UTC_TIMESTAMP).to_numpy()
        return at
    parsed = [datetime.fromisoformat(text) for text in texts]
    own = ZoneInfo(zone)
    aware = [_aware(at, text, own) for at, text in zip(parsed, texts, strict=True)]
    return np.array([(at - _EPOCH) // _MICROSECOND for at in aware]).view("datetime64[us]")


def _aware(at: datetime, text: str, zone: ZoneInfo) -> datetime:
    if at.tzinfo is not None:
        return at
    # A date alone is the beginning of the day, also where the clock has no midnight that night.
    return at.replace(tzinfo=zone) if len(text) <= _DATE_LENGTH else moment_in(zone, at)


def _numbers(written: list[RawNumber]) -> tuple[np.ndarray, bool]:
    """Return the numbers, and whether each is written as this program would write it."""
    texts = b",".join(written)
    try:
        # Zero has one sign, so that equal values have equal digests.
        numbers = np.array(_NUMBERS.decode(b"[%b]" % texts)) + 0.0
    except ValidationError:
        raise Invalid(_wrong_with(written)) from None
    is_plain = texts.decode() == joined_decimals(numbers.tolist())
    if not is_plain and (longest := max(map(len, written))) > MAX_NUMBER_LENGTH:
        raise Invalid(f"It has {longest:,} digits; {MAX_NUMBER_LENGTH} is the most.")
    return numbers, is_plain


def _wrong_with(written: list[RawNumber]) -> str:
    try:
        list(map(float, written))
    except ValueError:
        return _NO_NUMBER
    return "It is larger than a number can be."


def _text_of(given: Any) -> str:
    return given.strip() if type(given) is str else bytes(given).decode()


def _n(cells: list[Any]) -> list[int | None]:
    numbers = [float(n) if type(n) is RawNumber else n for n in cells]
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


_OPTIONAL: dict[str, _Parse] = {
    "n": _n,
    "note": partial(_text, "note"),
    "reason": partial(_text, "reason"),
}


def _that_differ(
    columns: Columns,
    counting: Mapping[tuple[int, datetime], CountingValue],
    metrics: Mapping[int, Metric],
    result: CheckedRows,
) -> Columns:
    """Return the rows that differ from what counts; those that lack a reason are noted as bad.

    What the request doesn't have, `n` or `note`, stays as it is stored.
    """
    empty: list[None] = [None] * len(columns.at)
    n, notes = list(columns.n or empty), list(columns.note or empty)
    required = (columns.metric_id.tolist(), columns.at.tolist(), columns.value.tolist())
    differing = []
    for row, (metric_id, at, value, reason) in enumerate(
        zip(*required, columns.reason or empty, strict=True)
    ):
        replaced = counting.get((metric_id, at.replace(tzinfo=UTC)))
        if replaced is None:
            differing.append(row)
            continue
        if columns.n is None:
            n[row] = replaced.n
        if columns.note is None:
            notes[row] = replaced.note_beside(value)
        if replaced.is_repeated_by(value, n[row], notes[row]):
            result.unchanged += 1
            continue
        differing.append(row)
        result.corrected += 1
        if reason is None and replaced.value != value:
            text = unit(metrics[metric_id].unit).format(replaced.value)
            problem = f"It takes the place of {text} at the same moment: say why in its reason."
            result.bad.append(BadRow(row + 1, "reason", problem))
    return replace(columns, n=none_if_empty(n), note=none_if_empty(notes)).of(differing)
