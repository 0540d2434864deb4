"""Measurements of one metric, typed or pasted into a grid, and saved as one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.units import unit
from services.core.transaction import get_part, open_engagement, transaction
from services.measurements.batches import MAX_OBSERVATIONS, Rows, put_measurements
from services.measurements.corrections import counting_values
from services.parsing.cells import Parser
from services.parsing.dates import Moment
from services.parsing.numbers import WholeNumber
from services.parsing.quantities import Quantity
from services.parsing.sheet import BadCell, is_blank

BY_HAND = "Entered by hand"
_READERS: dict[str, Parser] = {
    "at": Moment(),
    "value": Quantity(),
    "n": WholeNumber(0, MAX_OBSERVATIONS),
}
_LABELS = {"at": "moment", "value": "value", "n": "n"}


def save_rows(actor: Actor, slug: str, metric_id: int, typed: Sequence[Mapping[str, Any]]) -> int:
    """Store rows with the cells `at`, `value`, `n` and `note` as one batch, and return how many there were.

    A day alone means its midnight, and a time without an offset is in the engagement's zone. A value that replaces
    another one needs a note that says why. Raises Invalid, with the row's number, if a cell can't be read; nothing is
    stored then.
    """
    with transaction(actor, "record measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        metric = get_part(session, engagement, Metric, metric_id)
        cells = {name: _read_column(name, [row.get(name) for row in typed]) for name in _READERS}
        zone = ZoneInfo(engagement.zone)
        at, notes = [_in_zone(cell, zone) for cell in cells["at"]], [row.get("note") for row in typed]
        rows = Rows(
            metric_id=[metric.id] * len(typed),
            at=at,
            value=cells["value"],
            n=cells["n"],
            note=notes,
            given=[written if isinstance(written := row.get("value"), str) else None for row in typed],
            reason=_reasons(session, engagement, metric, at, cells["value"], notes),
        )
        return put_measurements(session, engagement, rows, BY_HAND, actor.today(engagement.zone)).count


def _reasons(
    session: Session,
    engagement: Engagement,
    metric: Metric,
    at: list[Any],
    values: list[Any],
    notes: list[Any],
) -> list[str | None]:
    """Return the notes of rows that replace another value. Raises Invalid if such a row has none."""
    moments = [moment for moment in at if moment is not None]
    counting = counting_values(session, engagement, [metric.id], moments) if moments else {}
    measure = unit(metric.unit)
    reasons: list[str | None] = []
    for row, (moment, value, note) in enumerate(zip(at, values, notes, strict=True), start=1):
        replaced = None if moment is None else counting.get((metric.id, moment))
        if replaced is None or value is None or measure.parse(value) == replaced.value:
            reasons.append(None)
        elif not (note or "").strip():
            raise Invalid(
                f"Row {row} would take the place of {measure.format(replaced.value)} at the same moment: say why in its "
                "note. Nothing was saved."
            )
        else:
            reasons.append(note)
    return reasons


def _read_column(name: str, cells: list[Any]) -> list[Any]:
    read = _READERS[name].for_column([cell for cell in cells if not is_blank(cell)])
    values = []
    for row, cell in enumerate(cells, start=1):
        value = None if is_blank(cell) else read(cell)
        if isinstance(value, BadCell):
            raise Invalid(
                f"The {_LABELS[name]} of row {row}, “{cell}”, has to be {value.expected}. Nothing was saved."
            )
        values.append(value)
    return values


def _in_zone(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=zone)
