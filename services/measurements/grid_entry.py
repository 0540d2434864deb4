"""Measurements typed or pasted into a grid: cells as people write them, of one metric, saved as one batch."""

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
from services.parsing.dates import Moment
from services.parsing.numbers import WholeNumber
from services.parsing.quantities import Quantity
from services.parsing.sheet import BadCell, is_blank

BY_HAND = "Entered by hand"
_READ_BY = {"at": Moment(), "value": Quantity(), "n": WholeNumber(0, MAX_OBSERVATIONS)}
_CALLED = {"at": "moment", "value": "value", "n": "n"}


def save_rows(actor: Actor, slug: str, metric_id: int, typed: Sequence[Mapping[str, Any]]) -> int:
    """Store rows with the cells `at`, `value`, `n` and `note` as one batch, and return how many there were.

    A day alone is its midnight and a time without an offset is meant in the engagement's zone. A value that takes the
    place of another one needs a note that says why. Raises Invalid, naming the row, where a cell can't be read; nothing
    is stored then.
    """
    with transaction(actor, "record measurements") as session:
        engagement = open_engagement(session, slug, Action.RECORD_MEASUREMENTS)
        metric = get_part(session, engagement, Metric, metric_id)
        cells = {name: _read(name, [row.get(name) for row in typed]) for name in _READ_BY}
        zone = ZoneInfo(engagement.zone)
        at, notes = [_in_zone(when, zone) for when in cells["at"]], [row.get("note") for row in typed]
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
    """The note of what takes another value's place, which says why. Raises Invalid where there is none."""
    known = [when for when in at if when is not None]
    now = counting_values(session, engagement, [metric.id], known) if known else {}
    measure, reasons = unit(metric.unit), []
    for row, (when, value, note) in enumerate(zip(at, values, notes, strict=True), start=1):
        stands = None if when is None else now.get((metric.id, when))
        if stands is None or value is None or measure.parse(value) == stands.value:
            reasons.append(None)
        elif not (note or "").strip():
            raise Invalid(
                f"Row {row} would take the place of {measure.say(stands.value)} at the same moment: say why in its note. "
                "Nothing was saved."
            )
        else:
            reasons.append(note)
    return reasons


def _read(name: str, cells: list[Any]) -> list[Any]:
    read = _READ_BY[name].for_column([cell for cell in cells if not is_blank(cell)])
    found = []
    for row, cell in enumerate(cells, start=1):
        value = None if is_blank(cell) else read(cell)
        if isinstance(value, BadCell):
            raise Invalid(
                f"The {_CALLED[name]} of row {row}, “{cell}”, has to be {value.expected}. Nothing was saved."
            )
        found.append(value)
    return found


def _in_zone(when: datetime | None, zone: ZoneInfo) -> datetime | None:
    return when if when is None or when.tzinfo is not None else when.replace(tzinfo=zone)
