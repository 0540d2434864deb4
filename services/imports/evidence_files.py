"""The evidence as files in the templates' own columns: an export that is imported again changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import NotFound
from models.interviews import Interview, without_names
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.workflows import Workflow
from services.imports.kinds import MEASUREMENTS, Kind, kind_named
from services.imports.plans import format_value
from services.imports.records import QUANTITIES, RECORDS
from services.imports.templates import CREATED
from services.parsing.forced_text import defuse, keep_apostrophe
from store.access import Access, access
from store.measurements import counting_measurements
from store.states import measurement_filter

FORMATS = ("csv", "xlsx")
_OF_INTERVIEWS = {"interviews", "frictions"}
THREE_DECIMALS = 3

Row = dict[str, str]


def export_evidence(actor: Actor, slug: str, kind: str, format: str) -> bytes:
    """Return all records of a kind as a CSV or XLSX file. `kind` is one of an import's, `format` csv or xlsx.

    Interviewees whose names are hidden stay hidden. Raises NotFound and Forbidden as reading does.
    """
    if format not in FORMATS:
        raise NotFound(f"There is no export as {format}. Choose one of {', '.join(FORMATS)}.")
    of = kind_named(kind)
    with read_connection() as connection:
        action = Action.READ_INTERVIEWS if of.name in _OF_INTERVIEWS else Action.READ
        granted = access(connection, actor, slug, action)
        with Session(connection) as session:
            engagement = session.get_one(Engagement, granted.engagement_id)
            today = actor.today(engagement.zone)
            is_long = of is MEASUREMENTS
            rows = _measurements(session, granted) if is_long else _records(session, engagement, of, today)
    return _csv(of, rows) if format == "csv" else _xlsx(of, rows)


def _records(session: Session, engagement: Engagement, kind: Kind, today: date) -> list[Row]:
    records = RECORDS[kind.name](session, engagement, today)
    hide = _hiding(session, engagement)
    rows = []
    for record in records.stored.values():
        values = records.file_values(record)
        if isinstance(record, Metric):
            values |= {name: _quantity(getattr(record, name), record.unit) for name in QUANTITIES}
        if isinstance(record, Workflow):
            # The column holds when it was last rehearsed: one date, of however many there are.
            values |= {"rehearsed_on": values["rehearsed_on"][-1:]}
        rows.append({name: hide(format_value(values[name])) for name in kind.names})
    return rows


def _hiding(session: Session, engagement: Engagement) -> Callable[[str], str]:
    """Return what shows a text without the names of interviewees, if those are hidden."""
    if not engagement.hide_interviewees:
        return lambda text: text
    known = list(session.scalars(select(Interview).where(Interview.engagement_id == engagement.id)))

    class _Hidden:
        interviews, hide_interviewees = known, True

    return lambda text: without_names(_Hidden(), text) if text else text


def _measurements(session: Session, granted: Access) -> list[Row]:
    metrics = {
        row.id: row
        for row in session.scalars(
            select(Metric).where(Metric.engagement_id == granted.engagement_id, Metric.active)
        )
    }
    if not metrics:
        return []
    connection = session.connection()
    measurements = counting_measurements(
        connection, measurement_filter(connection, granted.engagement_id), list(metrics)
    )
    zone = ZoneInfo(granted.zone)
    return [
        {
            "metric": metrics[row.metric_id].slug,
            "at": _moment(row.at.to_pydatetime(), zone),
            "value": number_text(row.value),
            "n": "" if row.n is None or row.n != row.n else str(row.n),
            "note": row.note if isinstance(row.note, str) else "",
        }
        for row in measurements.astype({"n": object}).where(measurements.notna(), None).itertuples()
    ]


def _moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a midnight of the engagement's zone as its day, another moment with its offset."""
    local = at.astimezone(zone)
    return local.date().isoformat() if local.time() == time() else at.astimezone(UTC).isoformat(sep=" ")


def number_text(value: float) -> str:
    """Return a number that is read back as it is, in plain digits: never three decimals, which may be thousands."""
    text = f"{Decimal(repr(float(value))):f}"
    whole, point, decimals = text.partition(".")
    if decimals.strip("0") == "":
        return whole
    return f"{text}0" if point and len(decimals) == THREE_DECIMALS else text


def _quantity(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{number_text(value)} {unit}"


def _csv(kind: Kind, rows: Iterable[Row]) -> bytes:
    """Return the CSV in UTF-8 with its mark, so that a spreadsheet reads it right."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(kind.names)
    writer.writerows([defuse(row[name]) for name in kind.names] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(kind: Kind, rows: Iterable[Row]) -> bytes:
    file = io.BytesIO()
    safe: dict[str, Any] = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, safe) as book:
        book.set_properties({"title": kind.name, "created": CREATED})
        sheet = book.add_worksheet(kind.name)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, kind.names, book.add_format({"bold": True, "bottom": 1}))
        for line, row in enumerate(rows, 1):
            for position, name in enumerate(kind.names):
                if row[name]:
                    sheet.write_string(line, position, keep_apostrophe(row[name]))
    return file.getvalue()
