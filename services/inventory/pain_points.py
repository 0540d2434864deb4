"""Pain points of systems. A list of them is saved whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.interviews import Friction
from models.inventory import FREQUENCIES, HIGHEST_SEVERITY, LOWEST_SEVERITY, PainPoint, System
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.wording import count
from services.core.transaction import open_engagement, transaction
from services.core.validation import optional_text, required_text, whole_number
from services.inventory.lists import ChangedRow, Fields, ListOf, RowVersion, save_list, store
from services.inventory.systems import choice, get_system, with_system_ids


def save(
    actor: Actor,
    slug: str,
    *,
    changed: Iterable[ChangedRow] = (),
    added: Iterable[Fields] = (),
    removed: Iterable[RowVersion] = (),
) -> None:
    """Save a list of pain points as it was edited. Fields are `system` (its name) and the columns of PainPoint.

    Raises Invalid, Conflict or NotFound with a sentence that names the row; nothing was saved then.
    """
    with transaction(actor, "edit the pain points") as session:
        engagement = open_engagement(session, slug, Action.EDIT_INVENTORY)
        today = actor.today(engagement.zone)
        save_list(session, engagement, _PAIN_POINTS, today, changed, added, removed)


def put_pain_point(
    session: Session, engagement: Engagement, fields: Fields, row: PainPoint | None, today: date
) -> PainPoint:
    """Set `fields` of a pain point, or of a new one. Raises Invalid, also where its system has the title already."""
    row = row or PainPoint(engagement_id=engagement.id)
    with session.no_autoflush:
        if "system_id" in fields or row.system_id is None:
            system = get_system(session, engagement, "system that it hurts at", fields.get("system_id"))
            row.system_id = system.id
        if "title" in fields or not row.title:
            row.title = required_text("title of the pain point", fields.get("title"))
        if "severity" in fields or row.severity is None:
            row.severity = whole_number("severity", fields.get("severity"), LOWEST_SEVERITY, HIGHEST_SEVERITY)
        if "frequency" in fields or not row.frequency:
            row.frequency = choice("frequency", fields.get("frequency"), FREQUENCIES)
        if "note" in fields:
            row.note = optional_text("note", fields["note"])
        _refuse_duplicate_title(session, row)
    store(session, row)
    return row


def _put_by_name(
    session: Session, engagement: Engagement, fields: Fields, row: PainPoint | None, today: date
) -> PainPoint:
    fields = with_system_ids(session, engagement, fields, {"system": "system_id"})
    return put_pain_point(session, engagement, fields, row, today)


def remove_pain_point(session: Session, row: PainPoint) -> None:
    """Remove a pain point. Raises Invalid where a friction refers to it."""
    frictions = session.scalar(
        select(func.count()).select_from(Friction).where(Friction.pain_point_id == row.id)
    )
    if frictions:
        verb = "names" if frictions == 1 else "name"
        raise Invalid(
            f"It can't be removed: {count(frictions, 'friction')} {verb} it. Nothing was saved: "
            "take it off those first."
        )
    session.delete(row)


def _refuse_duplicate_title(session: Session, row: PainPoint) -> None:
    titles = session.scalars(
        select(PainPoint.title).where(
            PainPoint.system_id == row.system_id, PainPoint.id.is_distinct_from(row.id)
        )
    )
    if normalize_name(row.title) in {normalize_name(title) for title in titles}:
        name = session.get_one(System, row.system_id).name
        raise Invalid(f"“{name}” has a pain point “{row.title}” already. Nothing was saved.")


_PAIN_POINTS = ListOf(PainPoint, _put_by_name, remove_pain_point, lambda session, row: f"“{row.title}”")
