"""Lines of a file that are looked at and brought in on day 47, and what shows whether anything was written."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import engine
from models.imports import ImportRun
from models.journal import JournalEntry
from models.measurements import Measurement
from services.imports.applying import File, ImportRefused, ImportResult, Plan, import_file, preview
from services.metrics import definitions
from tests.builders import the_operator, the_state

DAY = 47


def imported(kind: str, *lines: str, **more: object) -> ImportResult:
    """What came of importing these lines on day 47."""
    return import_file(the_operator(DAY), "acme", a_file(kind, *lines, **more))


def a_file(kind: str, *lines: str, metric: str | None = None) -> File:
    return File(kind, "\n".join(lines).encode(), f"{kind}.csv", metric)


def previewed(kind: str, *lines: str) -> Plan:
    return preview(the_operator(DAY), "acme", a_file(kind, *lines))


def problems_of(kind: str, *lines: str) -> list[str]:
    """All that is wrong with these lines; the look finds it, and the import refuses it in the same words."""
    sentences = previewed(kind, *lines).problems.sentences()
    before = everything()
    with pytest.raises(ImportRefused) as refused:
        imported(kind, *lines)
    assert refused.value.plan.problems.sentences() == sentences
    assert everything() == before
    return sentences


def everything() -> tuple[int, int, int]:
    """What would show that anything was written: the revision, journal entries, and measurements."""
    with Session(engine()) as session:
        entries = session.scalar(select(func.count()).select_from(JournalEntry))
        return the_state().revision, entries, session.scalar(select(func.count()).select_from(Measurement))


def runs() -> list[ImportRun]:
    with Session(engine()) as session:
        return list(session.scalars(select(ImportRun).order_by(ImportRun.id)))


def a_metric(slug: str = "decision-time", unit: str = "h", direction: str = "lower", **more: object) -> int:
    definition = {"slug": slug, "name": slug, "unit": unit, "direction": direction, **more}
    return definitions.define(the_operator(DAY), "acme", definition)
