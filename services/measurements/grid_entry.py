"""Measurements of one metric, typed or pasted into a grid, and saved as one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.units import unit
from services.core.transaction import get_part, open_engagement, transaction
from services.measurements.batches import MAX_OBSERVATIONS, Rows, latest_values, put_measurements
from services.measurements.corrections import counting_values
from services.parsing.cell import BadCell, is_blank
from services.parsing.cells import Parser
from services.parsing.clock_changes import CLOCK_BACK, is_beside_a_change, never_reason, twice_reason
from services.parsing.dates import Moment
from services.parsing.doubts import Doubt
from services.parsing.number_parsers import WholeNumber
from services.parsing.odd_numbers import is_percentage
from services.parsing.value_column import value_column

BY_HAND = "Entered by hand"
_READERS: dict[str, Parser] = {
    "at": Moment(),
    "n": WholeNumber(0, MAX_OBSERVATIONS),
}
_LABELS = {"at": "moment", "value": "value", "n": "n"}


@dataclass(frozen=True)
class SavedRows:
    """How many rows were saved, and what looks odd about them."""

    count: int
    doubts: list[Doubt]


def save_rows(actor: Actor, slug: str, metric_id: int, typed: Sequence[Mapping[str, Any]]) -> SavedRows:
    """Store rows with the cells `at`, `value`, `n` and `note` as one batch. Those without any cell are blank ones
    between others, and are passed over.

    A day alone means its midnight, and a time without an offset is in the engagement's zone. A value that replaces
    another one needs a note that says why. Raises Invalid, with the row's number, if a cell can't be read; nothing is
    stored then.
    """
    with transaction(actor, "record measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        metric = get_part(session, engagement, Metric, metric_id)
        numbers = [number for number, row in enumerate(typed, start=1) if row]
        filled = [row for row in typed if row]
        cells = {name: _read_column(name, [row.get(name) for row in filled], numbers) for name in _READERS}
        zone = ZoneInfo(engagement.zone)
        at = [_in_zone(number, cell, zone) for number, cell in zip(numbers, cells["at"], strict=True)]
        notes = [row.get("note") for row in filled]
        values, doubts = read_values(session, metric, [row.get("value") for row in filled], numbers)
        rows = Rows(
            metric_id=[metric.id] * len(filled),
            at=at,
            value=values,
            n=cells["n"],
            note=notes,
            given=[written if isinstance(written := row.get("value"), str) else None for row in filled],
            reason=_reasons(session, engagement, metric, at, values, notes, numbers),
            numbers=numbers,
        )
        batch = put_measurements(session, engagement, rows, BY_HAND, actor.today(engagement.zone))
        return SavedRows(batch.count, doubts)


def read_values(
    session: Session, metric: Metric, cells: Sequence[Any], numbers: Sequence[int]
) -> tuple[list[float | None], list[Doubt]]:
    """Return the values of one metric in its unit, None for a blank cell, and what looks odd about them. `numbers` are
    those of the rows for people.

    Raises Invalid, with the row, if a cell can't be read.
    """
    column = value_column(cells, numbers)
    declared = unit(metric.unit)
    usual = {0: latest_values(session, metric.id)} if is_percentage(declared) else {}
    read = column.read([declared], np.zeros(len(cells), int), usual)
    for row, refusal in read.refused.items():
        raise Invalid(f"Row {numbers[row]}: {refusal.sentence}. Nothing was saved.")
    return [None if np.isnan(value) else value for value in read.value.tolist()], read.doubts


def _reasons(
    session: Session,
    engagement: Engagement,
    metric: Metric,
    at: list[Any],
    values: list[float | None],
    notes: list[Any],
    numbers: Sequence[int],
) -> list[str | None]:
    """Return the notes of rows that replace another value. Raises Invalid if such a row has none."""
    moments = [moment for moment in at if moment is not None]
    counting = counting_values(session, engagement, [metric.id], moments) if moments else {}
    measure = unit(metric.unit)
    reasons: list[str | None] = []
    for number, moment, value, note in zip(numbers, at, values, notes, strict=True):
        replaced = None if moment is None else counting.get((metric.id, moment))
        if replaced is None or value is None or value == replaced.value:
            reasons.append(None)
        elif not (note or "").strip():
            raise Invalid(
                f"Row {number} would take the place of {measure.format(replaced.value)} at the same moment: say why in "
                "its note. Nothing was saved."
            )
        else:
            reasons.append(note)
    return reasons


def _read_column(name: str, cells: list[Any], numbers: Sequence[int]) -> list[Any]:
    read = _READERS[name].for_column([cell for cell in cells if not is_blank(cell)])
    values = []
    for number, cell in zip(numbers, cells, strict=True):
        value = None if is_blank(cell) else read(cell)
        if isinstance(value, BadCell):
            raise Invalid(
                f"The {_LABELS[name]} of row {number}, “{cell}”, has to be {value.expected}. Nothing was saved."
            )
        values.append(value)
    return values


def _in_zone(number: int, at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return the moment that a clock in the zone shows. Raises Invalid where it shows that time twice, or never."""
    if at is None or at.tzinfo is not None:
        return at
    if change := is_beside_a_change(at, zone):
        reason = twice_reason(at, zone) if change == CLOCK_BACK else never_reason(at, zone)
        raise Invalid(f"The moment of row {number} is not one: {reason}. Nothing was saved.")
    return at.replace(tzinfo=zone)
