"""Checks against the database before a record is set: whether its date is possible, and whether it is new."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import Part
from models.engagement import Engagement
from models.errors import Invalid
from models.names import normalize_name
from models.plan import Cycle
from models.wording import day_month
from services.core.validation import date_between


def day_1_of(session: Session, engagement: Engagement) -> date:
    """Return day 1 of the engagement's first cycle."""
    return session.execute(
        select(func.min(Cycle.day_1)).where(Cycle.engagement_id == engagement.id)
    ).scalar_one()


def evidence_date(
    session: Session, engagement: Engagement, what: str, value: date | None, today: date
) -> date:
    """Return `value`, a date from day 1 to today. Raises Invalid for any other, and for any while day 1 is to come.

    `what` names the evidence in the refusal.
    """
    first = day_1_of(session, engagement)
    if today < first:
        raise Invalid(
            f"The engagement begins on {day_month(first)} {first.year}, so there is no date for {what} yet. "
            "Nothing was saved."
        )
    return date_between(what, value, first, today)


def refuse_duplicate(
    session: Session, engagement: Engagement, kind: type[Part], row: Part | None, **key: object
) -> None:
    """Raise Invalid where there is another record of the same key, such as name="Score", however that is spelled.

    `row` is the record that is being set, if there is one already.
    """
    query = select(kind.id, *(getattr(kind, column) for column in key)).where(
        kind.engagement_id == engagement.id,
        *(getattr(kind, column) == value for column, value in key.items() if not isinstance(value, str)),
    )
    with session.no_autoflush:
        others = session.execute(query if row is None else query.where(kind.id != row.id)).all()
    same = [normalize_name(value) if isinstance(value, str) else value for value in key.values()]
    if any(
        [normalize_name(value) if isinstance(value, str) else value for value in other[1:]] == same
        for other in others
    ):
        label = " on ".join(f"“{value}”" if isinstance(value, str) else str(value) for value in key.values())
        raise Invalid(f"There is a {kind.__tablename__} {label} already. Nothing was saved.")
