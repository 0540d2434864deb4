"""The inventory: its systems, what depends on what, and what hurts. Each list is saved whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.base import Part
from models.engagement import Engagement
from models.errors import HeadwayError, Invalid
from models.interviews import Friction
from models.inventory import (
    CRITICALITIES,
    DEPENDENCY_KINDS,
    FREQUENCIES,
    HIGHEST_SEVERITY,
    LIFECYCLES,
    LOWEST_SEVERITY,
    Dependency,
    PainPoint,
    System,
)
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.wording import count, listed
from models.workflows import WorkflowSystem
from services.core.preconditions import dated
from services.core.transaction import expect_version, opened, part_of, transaction
from services.core.validation import LONGEST_NAME, about, given, one_of, optional, whole_number

Fields = Mapping[str, Any]
Seen = tuple[int, int]
"""A row's id, and the version of it that was on screen."""
ChangedRow = tuple[int, int, Fields]
"""A row's id, the version that was on screen, and the fields that were changed."""


def save_systems(
    actor: Actor,
    slug: str,
    *,
    changed: Iterable[ChangedRow] = (),
    added: Iterable[Fields] = (),
    removed: Iterable[Seen] = (),
) -> None:
    """Save a list of systems as it was edited. Fields are the columns of System.

    Raises Invalid, Conflict or NotFound with a sentence that names the row; then nothing was saved.
    """
    with transaction(actor, "edit the systems") as session:
        engagement = opened(session, slug, Action.EDIT_INVENTORY)
        _save(session, engagement, System, put_system, actor.today(engagement.zone), changed, added, removed)


def save_dependencies(
    actor: Actor,
    slug: str,
    *,
    changed: Iterable[ChangedRow] = (),
    added: Iterable[Fields] = (),
    removed: Iterable[Seen] = (),
) -> None:
    """Save a list of dependencies as it was edited. Fields are `from` and `to` (names of systems), `kind` and `note`.

    Raises as `save_systems` does.
    """

    def put(session: Session, engagement: Engagement, fields: Fields, *rest: Any) -> Dependency:
        ends = {"from": "from_id", "to": "to_id"}
        return put_dependency(session, engagement, _with_ids(session, engagement, fields, ends), *rest)

    with transaction(actor, "edit the dependencies") as session:
        engagement = opened(session, slug, Action.EDIT_INVENTORY)
        _save(session, engagement, Dependency, put, actor.today(engagement.zone), changed, added, removed)


def save_pain_points(
    actor: Actor,
    slug: str,
    *,
    changed: Iterable[ChangedRow] = (),
    added: Iterable[Fields] = (),
    removed: Iterable[Seen] = (),
) -> None:
    """Save a list of pain points as it was edited. Fields are `system` (its name) and the columns of PainPoint.

    Raises as `save_systems` does.
    """

    def put(session: Session, engagement: Engagement, fields: Fields, *rest: Any) -> PainPoint:
        fields = _with_ids(session, engagement, fields, {"system": "system_id"})
        return put_pain_point(session, engagement, fields, *rest)

    with transaction(actor, "edit the pain points") as session:
        engagement = opened(session, slug, Action.EDIT_INVENTORY)
        _save(session, engagement, PainPoint, put, actor.today(engagement.zone), changed, added, removed)


def put_system(
    session: Session, engagement: Engagement, fields: Fields, row: System | None, today: date
) -> System:
    """Set a system, or add one. Names are unique in whatever spelling.

    A review is its owner's at that time: whoever owns the system later has to review it again.
    """
    row = row or System(engagement_id=engagement.id, name="", standalone=False)
    with session.no_autoflush:
        if "name" in fields or not row.name:
            row.name = _free_name(session, engagement, row, fields.get("name"))
        for column in {"kind", "owner", "technology"} & fields.keys():
            setattr(row, column, optional(column, fields[column], LONGEST_NAME))
        for column, choices in [("criticality", CRITICALITIES), ("lifecycle", LIFECYCLES)]:
            if column in fields:
                setattr(row, column, _choice(column, fields[column], choices) if fields[column] else None)
        if "standalone" in fields:
            row.standalone = bool(fields["standalone"])
        if "note" in fields:
            row.note = optional("note", fields["note"])
        if "reviewed_on" in fields:
            with about("reviewed_on"):
                _review(session, engagement, row, fields["reviewed_on"], today)
    _keep(session, row)
    _systems(session, engagement)[normalize_name(row.name)] = row
    return row


def put_dependency(
    session: Session, engagement: Engagement, fields: Fields, row: Dependency | None, today: date
) -> Dependency:
    """Set a dependency, or add one: another than what is there, and not of a system on itself."""
    row = row or Dependency(engagement_id=engagement.id)
    with session.no_autoflush:
        for column, end in [("from_id", "system that depends"), ("to_id", "system that it depends on")]:
            if column in fields or getattr(row, column) is None:
                setattr(row, column, _system(session, engagement, end, fields.get(column)).id)
        if "kind" in fields or not row.kind:
            row.kind = _choice("kind of dependency", fields.get("kind"), DEPENDENCY_KINDS)
        if "note" in fields:
            row.note = optional("note", fields["note"])
        _refuse_wrong_pair(session, row)
    _keep(session, row)
    return row


def put_pain_point(
    session: Session, engagement: Engagement, fields: Fields, row: PainPoint | None, today: date
) -> PainPoint:
    """Set a pain point, or add one. A system has a pain point of one title once."""
    row = row or PainPoint(engagement_id=engagement.id)
    with session.no_autoflush:
        if "system_id" in fields or row.system_id is None:
            row.system_id = _system(
                session, engagement, "system that it hurts at", fields.get("system_id")
            ).id
        if "title" in fields or not row.title:
            row.title = given("title of the pain point", fields.get("title"))
        if "severity" in fields or row.severity is None:
            row.severity = whole_number("severity", fields.get("severity"), LOWEST_SEVERITY, HIGHEST_SEVERITY)
        if "frequency" in fields or not row.frequency:
            row.frequency = _choice("frequency", fields.get("frequency"), FREQUENCIES)
        if "note" in fields:
            row.note = optional("note", fields["note"])
        _refuse_second_pain_point(session, row)
    _keep(session, row)
    return row


def remove_system(session: Session, engagement: Engagement, row: System) -> None:
    """Remove a system that nothing names. Raises Invalid with a count of what does."""
    naming = [
        (
            Dependency,
            or_(Dependency.from_id == row.id, Dependency.to_id == row.id),
            "dependency",
            "dependencies",
        ),
        (PainPoint, PainPoint.system_id == row.id, "pain point", None),
        (Friction, Friction.system_id == row.id, "friction", None),
        (WorkflowSystem, WorkflowSystem.system_id == row.id, "workflow", None),
    ]
    counts = [
        (session.scalar(select(func.count()).select_from(kind).where(names_it)), one, many)
        for kind, names_it, one, many in naming
    ]
    said = [count(number, one, many) for number, one, many in counts if number]
    if said:
        verb = "names" if sum(number for number, _, _ in counts) == 1 else "name"
        raise Invalid(
            f"It can't be removed: {listed(said, most=4)} {verb} it. Nothing was saved: "
            "remove those first, or say that the system is retiring."
        )
    session.delete(row)


def remove_pain_point(session: Session, engagement: Engagement, row: PainPoint) -> None:
    """Remove a pain point that no friction leads to."""
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


def system_called(session: Session, engagement: Engagement, name: str) -> System:
    """The system of that name, in whatever spelling. Raises Invalid where there is none."""
    row = _system_called(session, engagement, name)
    if row is None:
        raise Invalid(
            f"There is no system “{name.strip()}” in the inventory: add it first. Nothing was saved."
        )
    return row


_REMOVALS: dict[type, Callable[[Session, Engagement, Any], None]] = {
    System: remove_system,
    PainPoint: remove_pain_point,
}


def _save(
    session: Session,
    engagement: Engagement,
    kind: type[Part],
    put: Callable[..., Part],
    today: date,
    changed: Iterable[ChangedRow],
    added: Iterable[Fields],
    removed: Iterable[Seen],
) -> None:
    """Remove first, so that what takes a removed row's place finds it free."""
    for row_id, seen in removed:
        row = part_of(session, engagement, kind, row_id)
        with _about(_said(session, row)):
            expect_version(session, row, seen)
            _REMOVALS.get(kind, lambda session, engagement, row: session.delete(row))(
                session, engagement, row
            )
    session.flush()
    for row_id, seen, fields in changed:
        row = part_of(session, engagement, kind, row_id)
        with _about(_said(session, row)):
            expect_version(session, row, seen)
            put(session, engagement, fields, row, today)
    for number, fields in enumerate(added, start=1):
        with _about(_said_of_new(number, fields)):
            put(session, engagement, fields, None, today)


@contextmanager
def _about(row: str) -> Iterator[None]:
    """A refusal within says which row of the list it is about."""
    try:
        yield
    except HeadwayError as refused:
        raise type(refused)(f"{row}: {refused}") from refused


def _said(session: Session, row: Any) -> str:
    if isinstance(row, Dependency):
        ends = [session.get_one(System, end).name for end in (row.from_id, row.to_id)]
        return f"“{ends[0]}” to “{ends[1]}”"
    return f"“{row.title if isinstance(row, PainPoint) else row.name}”"


def _said_of_new(number: int, fields: Fields) -> str:
    called = next((fields[column] for column in ("name", "title", "from") if fields.get(column)), None)
    return f"New row {number}, “{called}”" if called else f"New row {number}"


def _with_ids(session: Session, engagement: Engagement, fields: Fields, ends: dict[str, str]) -> Fields:
    """`fields` with the ids of the systems that they name."""
    return {
        ends.get(column, column): system_called(session, engagement, value).id
        if column in ends and value
        else value
        for column, value in fields.items()
    }


def _systems(session: Session, engagement: Engagement) -> dict[str, System]:
    """The engagement's systems by the keys of their names.

    Asked of the database once a transaction, since a list of a thousand systems asks for each of its names. A row that
    was renamed or removed meanwhile is still in it.
    """
    key = ("systems by name", engagement.id)
    if key not in session.info:
        rows = session.scalars(select(System).where(System.engagement_id == engagement.id)).all()
        session.info[key] = {normalize_name(row.name): row for row in rows}
    return session.info[key]


def _system_called(session: Session, engagement: Engagement, name: str) -> System | None:
    row = _systems(session, engagement).get(normalize_name(name))
    is_there = row is not None and row in session and row not in session.deleted
    return row if is_there and normalize_name(row.name) == normalize_name(name) else None


def _free_name(session: Session, engagement: Engagement, row: System, name: str | None) -> str:
    name = given("name of the system", name)
    other = _system_called(session, engagement, name)
    if other is not None and other is not row:
        raise Invalid(f"There is a system “{other.name}” already. Nothing was saved.")
    return name


def _review(
    session: Session, engagement: Engagement, row: System, reviewed_on: date | None, today: date
) -> None:
    if reviewed_on is None:
        row.reviewed_on = row.reviewed_by = None
    # A list that repeats the date of a review doesn't make it the new owner's.
    elif reviewed_on != row.reviewed_on or row.reviewed_by is None:
        row.reviewed_on = dated(session, engagement, "the review", reviewed_on, today)
        row.reviewed_by = row.owner


def _system(session: Session, engagement: Engagement, what: str, system_id: int | None) -> System:
    if system_id is None:
        raise Invalid(f"Choose the {what}. Nothing was saved.")
    return part_of(session, engagement, System, system_id)


def _choice(what: str, value: str | None, choices: list[str]) -> str:
    """One of `choices`, however it is capitalised and spaced."""
    return one_of(what, " ".join(value.split()).lower() if value else None, choices)


def _refuse_wrong_pair(session: Session, row: Dependency) -> None:
    dependent, needed = (session.get_one(System, end).name for end in (row.from_id, row.to_id))
    if row.from_id == row.to_id:
        raise Invalid(f"“{needed}” can't depend on itself. Nothing was saved.")
    twin = session.scalar(
        select(Dependency.id).where(
            Dependency.engagement_id == row.engagement_id,
            Dependency.from_id == row.from_id,
            Dependency.to_id == row.to_id,
            Dependency.kind == row.kind,
            Dependency.id.is_distinct_from(row.id),
        )
    )
    if twin is not None:
        raise Invalid(
            f"That “{dependent}” depends on “{needed}” ({row.kind}) is there already. Nothing was saved."
        )


def _refuse_second_pain_point(session: Session, row: PainPoint) -> None:
    titles = session.scalars(
        select(PainPoint.title).where(
            PainPoint.system_id == row.system_id, PainPoint.id.is_distinct_from(row.id)
        )
    )
    if normalize_name(row.title) in {normalize_name(title) for title in titles}:
        name = session.get_one(System, row.system_id).name
        raise Invalid(f"“{name}” has a pain point “{row.title}” already. Nothing was saved.")


def _keep(session: Session, row: Part) -> None:
    session.add(row)
    session.flush()
