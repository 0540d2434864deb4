"""Measurements typed or pasted into a grid: cells as people write them, of one metric, saved as one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.errors import Invalid
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from services.imports.dates import Moment
from services.imports.numbers import WholeNumber
from services.imports.quantities import Quantity
from services.imports.sheet import BadCell, is_blank
from services.measurements import MOST_OBSERVATIONS, Rows, put_measurements
from services.transaction import opened, part_of, transaction

BY_HAND = "Entered by hand"
_READ_BY = {"at": Moment(), "value": Quantity(), "n": WholeNumber(0, MOST_OBSERVATIONS)}
_CALLED = {"at": "moment", "value": "value", "n": "n"}


def enter(actor: Actor, slug: str, metric_id: int, typed: Sequence[Mapping[str, Any]]) -> int:
    """Store rows with the cells `at`, `value`, `n` and `note` as one batch, and return how many there were.

    A day alone is its midnight and a time without an offset is meant in the engagement's zone. Raises Invalid, naming
    the row, where a cell can't be read; nothing is stored then.
    """
    with transaction(actor, "record measurements") as session:
        engagement = opened(session, slug, Action.RECORD_MEASUREMENTS)
        metric = part_of(session, engagement, Metric, metric_id)
        cells = {name: _read(name, [row.get(name) for row in typed]) for name in _READ_BY}
        zone = ZoneInfo(engagement.zone)
        rows = Rows(
            metric_id=[metric.id] * len(typed),
            at=[_in_zone(when, zone) for when in cells["at"]],
            value=cells["value"],
            n=cells["n"],
            note=[row.get("note") for row in typed],
        )
        return put_measurements(session, engagement, rows, BY_HAND, actor.today(engagement.zone)).count


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
