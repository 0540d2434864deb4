"""What depends on what. A list of dependencies is saved whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.inventory import DEPENDENCY_KINDS, Dependency, System
from models.people import Actor
from models.permissions import Action
from services.core.transaction import open_engagement, transaction
from services.core.validation import optional_text
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
    """Save a list of dependencies as it was edited. Fields are `from` and `to` (names of systems), `kind` and `note`.

    Raises Invalid, Conflict or NotFound with a sentence that names the row; nothing was saved then.
    """
    with transaction(actor, "edit the dependencies") as session:
        engagement = open_engagement(session, slug, Action.EDIT_INVENTORY)
        today = actor.today(engagement.zone)
        save_list(session, engagement, _DEPENDENCIES, today, changed, added, removed)


def put_dependency(
    session: Session, engagement: Engagement, fields: Fields, row: Dependency | None, today: date
) -> Dependency:
    """Set `fields` of a dependency, or of a new one.

    Raises Invalid where a system would depend on itself, or the same dependency is there already.
    """
    row = row or Dependency(engagement_id=engagement.id)
    with session.no_autoflush:
        for column, what in [("from_id", "system that depends"), ("to_id", "system that it depends on")]:
            if column in fields or getattr(row, column) is None:
                setattr(row, column, get_system(session, engagement, what, fields.get(column)).id)
        if "kind" in fields or not row.kind:
            row.kind = choice("kind of dependency", fields.get("kind"), DEPENDENCY_KINDS)
        if "note" in fields:
            row.note = optional_text("note", fields["note"])
        _refuse_invalid_pair(session, row)
    store(session, row)
    return row


def _put_by_names(
    session: Session, engagement: Engagement, fields: Fields, row: Dependency | None, today: date
) -> Dependency:
    columns = {"from": "from_id", "to": "to_id"}
    fields = with_system_ids(session, engagement, fields, columns)
    return put_dependency(session, engagement, fields, row, today)


def _refuse_invalid_pair(session: Session, row: Dependency) -> None:
    dependent, needed = _names(session, row)
    if row.from_id == row.to_id:
        raise Invalid(f"“{needed}” can't depend on itself. Nothing was saved.")
    duplicate = session.scalar(
        select(Dependency.id).where(
            Dependency.engagement_id == row.engagement_id,
            Dependency.from_id == row.from_id,
            Dependency.to_id == row.to_id,
            Dependency.kind == row.kind,
            Dependency.id.is_distinct_from(row.id),
        )
    )
    if duplicate is not None:
        raise Invalid(
            f"That “{dependent}” depends on “{needed}” ({row.kind}) is there already. Nothing was saved."
        )


def _names(session: Session, row: Dependency) -> tuple[str, str]:
    return session.get_one(System, row.from_id).name, session.get_one(System, row.to_id).name


def _label(session: Session, row: Dependency) -> str:
    dependent, needed = _names(session, row)
    return f"“{dependent}” to “{needed}”"


def _remove(session: Session, row: Dependency) -> None:
    session.delete(row)


_DEPENDENCIES = ListOf(Dependency, _put_by_names, _remove, _label)
