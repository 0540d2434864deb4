"""The systems of the inventory. A list of them is saved whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from analysis.survey import code_text, parse_code
from models.base import Part
from models.contracts import Contract
from models.decisions import Decision
from models.engagement import Engagement
from models.errors import Invalid
from models.interviews import Friction
from models.inventory import CRITICALITIES, LIFECYCLES, Dependency, PainPoint, System
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.replacements import Replacement
from models.wording import count, join_list
from models.workflows import WorkflowSystem
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import (
    EARLIEST,
    MAX_NAME,
    blame_field,
    date_between,
    one_of,
    optional_text,
    required_text,
    verbatim_text,
)
from services.inventory.lists import ChangedRow, Fields, ListOf, RowVersion, save_list, store


def save(
    actor: Actor,
    slug: str,
    *,
    changed: Iterable[ChangedRow] = (),
    added: Iterable[Fields] = (),
    removed: Iterable[RowVersion] = (),
) -> None:
    """Save a list of systems as it was edited. Fields are the columns of System.

    Raises Invalid, Conflict or NotFound with a sentence that names the row; nothing was saved then.
    """
    with transaction(actor, "edit the systems") as session:
        engagement = open_engagement(session, slug, Action.EDIT_INVENTORY)
        today = actor.today(engagement.zone)
        save_list(session, engagement, _SYSTEMS, today, changed, added, removed)


def put_system(
    session: Session, engagement: Engagement, fields: Fields, row: System | None, today: date
) -> System:
    """Set `fields` of a system, or of a new one. Raises Invalid, also where the name is taken.

    Names are compared in whatever spelling (models/names.py). A review counts for the owner at that time: whoever owns
    the system later has to review it again.
    """
    row = row or System(engagement_id=engagement.id, name="", standalone=False)
    with session.no_autoflush:
        if "name" in fields or not row.name:
            row.name = _free_name(session, engagement, row, fields.get("name"))
        for column in {"kind", "owner", "technology"} & fields.keys():
            setattr(row, column, optional_text(column, fields[column], MAX_NAME))
        for column, choices in [("criticality", CRITICALITIES), ("lifecycle", LIFECYCLES)]:
            if column in fields:
                setattr(row, column, choice(column, fields[column], choices) if fields[column] else None)
        if "standalone" in fields:
            row.standalone = bool(fields["standalone"])
        if "note" in fields:
            row.note = optional_text("note", fields["note"])
        if "code" in fields:
            with blame_field("code"):
                row.code = _code(session, engagement, row, fields["code"])
        if "reviewed_on" in fields:
            with blame_field("reviewed_on"):
                _set_review(session, engagement, row, fields["reviewed_on"], today)
    store(session, row)
    _systems_by_name(session, engagement)[normalize_name(row.name)] = row
    return row


def remove_system(session: Session, row: System) -> None:
    """Remove a system. Raises Invalid with the counts of what refers to it, where anything does."""
    references: list[tuple[type[Part], ColumnElement[bool], str, str | None]] = [
        (
            Dependency,
            or_(Dependency.from_id == row.id, Dependency.to_id == row.id),
            "dependency",
            "dependencies",
        ),
        (PainPoint, PainPoint.system_id == row.id, "pain point", None),
        (Friction, Friction.system_id == row.id, "friction", None),
        (WorkflowSystem, WorkflowSystem.system_id == row.id, "workflow", None),
        (Contract, Contract.system_id == row.id, "contract", None),
        (Decision, Decision.system_id == row.id, "decision", None),
        (Replacement, or_(Replacement.old_id == row.id, Replacement.new_id == row.id), "replacement", None),
    ]
    counts = [
        (session.scalar(select(func.count()).select_from(kind).where(refers)) or 0, singular, plural)
        for kind, refers, singular, plural in references
    ]
    texts = [count(number, singular, plural) for number, singular, plural in counts if number]
    if texts:
        verb = "names" if sum(number for number, _, _ in counts) == 1 else "name"
        raise Invalid(
            f"It can't be removed: {join_list(texts, most=4)} {verb} it. Nothing was saved: "
            "remove those first, or say that the system is retiring."
        )
    session.delete(row)


def get_system(session: Session, engagement: Engagement, what: str, system_id: int | None) -> System:
    """Return the system with that id. Raises Invalid where None was chosen as the `what`, NotFound where it is gone."""
    if system_id is None:
        raise Invalid(f"Choose the {what}. Nothing was saved.")
    return get_part(session, engagement, System, system_id)


def system_named(session: Session, engagement: Engagement, name: str) -> System:
    """Return the system of that name, in whatever spelling. Raises Invalid where there is none."""
    row = _find_system(session, engagement, name)
    if row is None:
        raise Invalid(
            f"There is no system “{name.strip()}” in the inventory: add it first. Nothing was saved."
        )
    return row


def with_system_ids(
    session: Session, engagement: Engagement, fields: Fields, columns: dict[str, str]
) -> Fields:
    """Return `fields` with ids in the place of names of systems; `columns` has the id's column for the name's."""
    return {
        columns.get(column, column): system_named(session, engagement, value).id
        if column in columns and value
        else value
        for column, value in fields.items()
    }


def choice(what: str, value: str | None, choices: list[str]) -> str:
    """Return `value`, however it is capitalised and spaced. Raises Invalid where it is none of `choices`."""
    return one_of(what, " ".join(value.split()).lower() if value else None, choices)


def _systems_by_name(session: Session, engagement: Engagement) -> dict[str, System]:
    """Return the engagement's systems by the keys of their names.

    Queried once a transaction, since a list of a thousand systems asks for each of its names. A row that was renamed
    or removed meanwhile is still in it.
    """
    cache: dict[int, dict[str, System]] = session.info.setdefault("systems by name", {})
    if engagement.id not in cache:
        rows = session.scalars(select(System).where(System.engagement_id == engagement.id)).all()
        cache[engagement.id] = {normalize_name(row.name): row for row in rows}
    return cache[engagement.id]


def _find_system(session: Session, engagement: Engagement, name: str) -> System | None:
    row = _systems_by_name(session, engagement).get(normalize_name(name))
    if row is None or row not in session or row in session.deleted:
        return None
    return row if normalize_name(row.name) == normalize_name(name) else None


def _free_name(session: Session, engagement: Engagement, row: System, name: str | None) -> str:
    """Return `name` as it is stored. Raises Invalid where another system has it, however it is spelled."""
    name = required_text("name of the system", name)
    other = _find_system(session, engagement, name)
    if other is not None and other is not row:
        raise Invalid(f"There is a system “{other.name}” already. Nothing was saved.")
    return name


def _code(session: Session, engagement: Engagement, row: System, code: str | None) -> str | None:
    """Return where a system's code lies, as it is stored. Raises Invalid where another system has one of its paths."""
    text = verbatim_text("code", code)
    if text is None:
        return None
    own = set(parse_code(text))
    for other in _systems_by_name(session, engagement).values():
        if other is row or other not in session or other in session.deleted or not other.code:
            continue
        if taken := sorted(own & set(parse_code(other.code)), key=str):
            where = code_text(taken)
            raise Invalid(f"The code of “{other.name}” lies in “{where}” already. Nothing was saved.")
    return code_text(parse_code(text))


def _set_review(
    session: Session, engagement: Engagement, row: System, reviewed_on: date | None, today: date
) -> None:
    if reviewed_on is None:
        row.reviewed_on = row.reviewed_by = None
    # A list that repeats the date of a review doesn't make it the new owner's.
    elif reviewed_on != row.reviewed_on or row.reviewed_by is None:
        # An inventory is often older than the engagement: its reviews are what they are.
        row.reviewed_on = date_between("the review", reviewed_on, EARLIEST, today)
        row.reviewed_by = row.owner


_SYSTEMS = ListOf(System, put_system, remove_system, lambda session, row: f"“{row.name}”")
