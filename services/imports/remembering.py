"""What the columns and words of an engagement's earlier files meant, for the next file."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.imports import ImportMapping
from models.metrics import Metric
from services.imports.choices import Choices
from services.imports.kinds import Kind
from services.imports.table import Table
from services.parsing.cells import loose

A_HEADER = ""


def with_remembered(connection: Connection, engagement_id: int, kind: Kind, choices: Choices) -> Choices:
    """Return `choices` with what earlier files of that kind meant."""
    query = select(ImportMapping.column, ImportMapping.given, ImportMapping.meaning).where(
        ImportMapping.engagement_id == engagement_id, ImportMapping.kind == kind.name
    )
    headers: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    for column, given, meaning in connection.execute(query).tuples():
        if column == A_HEADER:
            headers[given] = meaning
        else:
            words.setdefault(column, {})[given] = meaning
    return replace(choices, remembered=headers, remembered_words=words)


def metrics_of(connection: Connection, engagement_id: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names and the units of the engagement's metrics that are measured, by their short names."""
    query = select(Metric.slug, Metric.name, Metric.unit).where(
        Metric.engagement_id == engagement_id, Metric.active
    )
    rows = connection.execute(query).all()
    return {row.slug: row.name for row in rows}, {row.slug: row.unit for row in rows}


def remember(session: Session, engagement: Engagement, kind: Kind, table: Table) -> None:
    """Keep what each header and value meant that isn't called as ours."""
    wanted = {
        (A_HEADER, loose(header)): meaning
        for header, meaning in zip(table.headers, table.meanings, strict=True)
        if meaning is not None and loose(header) and loose(header).replace(" ", "_") != meaning
    }
    wanted |= {
        (column, loose(text)): word for column, meant in table.meant.items() for text, word in meant.items()
    }
    if not wanted:
        return
    query = select(ImportMapping).where(
        ImportMapping.engagement_id == engagement.id, ImportMapping.kind == kind.name
    )
    stored = {(row.column, row.given): row for row in session.scalars(query)}
    for (column, given), meaning in wanted.items():
        if row := stored.get((column, given)):
            row.meaning = meaning
        else:
            session.add(
                ImportMapping(
                    engagement_id=engagement.id, kind=kind.name, column=column, given=given, meaning=meaning
                )
            )
