"""Taking back what one act did, with the journal as the source, as long as nothing was built upon it since."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Table, Text, UniqueConstraint, bindparam, func, inspect, select
from sqlalchemy.orm import Session

from models.base import Base, Part
from models.engagement import Engagement
from models.errors import Conflict
from models.interviews import Friction, Interview
from models.inventory import Dependency, System
from models.journal import ADDED, CHANGED, REMOVED, JournalEntry, as_json, from_json
from models.measurements import MeasurementBatch
from models.names import normalize_name, same_text
from models.notes import ABOUT, Note
from models.trials import Trial
from models.wording import count, day_month, join_list, nouns
from models.workflows import Rehearsal, Workflow, WorkflowSystem

MAX_REASONS = 3
"""Reasons that a refusal tells; it says how many more there are."""
# What counts a change, not what is known.
_BOOKKEEPING = {"id", "version", "created_at"}


@cache
def kinds() -> dict[str, type[Part]]:
    """Return the class of each table whose changes are journalled."""
    return {cls.__tablename__: cls for cls in Part.__subclasses__()}


def reverse_act(session: Session, engagement: Engagement, act: list[JournalEntry], what: str) -> None:
    """Take back what these entries of one act did: what was added goes, what was changed or removed is as it was before.

    Measurements are withdrawn: they don't count any more, and stay readable. Raises Conflict, and takes nothing back,
    where somebody changed one of these records since or something else refers to them; the sentence begins with `what`.
    """
    _refuse_changed(session, engagement, act, what)
    _refuse_depended_on(session, act, what)
    moved: dict[tuple[str, int], int] = {}
    for entry in _in_reverse(act):
        _reverse(session, entry, moved)


def _in_reverse(act: list[JournalEntry]) -> Iterator[JournalEntry]:
    """Yield the entries from the last to the first; of those that were flushed together, what others refer to is added
    first, and goes last."""
    place = {table.name: number for number, table in enumerate(Base.metadata.sorted_tables)}
    for change, entries in groupby(reversed(act), key=lambda entry: entry.change):
        together = list(entries)
        if change in (ADDED, REMOVED):
            together.sort(key=lambda entry: place[entry.kind], reverse=change == ADDED)
        yield from together


def _refuse_changed(session: Session, engagement: Engagement, act: list[JournalEntry], what: str) -> None:
    """Raise Conflict unless each row is as the act left it; what was changed and changed back is."""
    removed = {(entry.kind, entry.row_id) for entry in act if entry.change == REMOVED}
    touched = {(entry.kind, entry.row_id) for entry in act} - removed
    left = _rows_after(session, engagement, touched, act[-1].sequence)
    reasons = []
    recorded = {entry.row_id for entry in act if _is_recorded_batch(entry)}
    for (kind, row_id), fields in left.items():
        if kind == MeasurementBatch.__tablename__ and row_id in recorded:
            continue  # withdrawn by hand since, there is nothing left to withdraw
        row = session.get(kinds()[kind], row_id)
        now = {name: as_json(getattr(row, name)) for name in fields} if row is not None else None
        if now is None or any(
            not same_text(fields[name], now[name]) for name in fields.keys() - _BOOKKEEPING
        ):
            who = _last_change(session, engagement, kind, row_id)
            reasons.append(f"{_called(session, kind, fields)} was {'changed' if now else 'removed'} {who}")
    for entry in act:
        if entry.change == REMOVED and _is_there_again(session, entry):
            reasons.append(f"{_called(session, entry.kind, entry.fields['before'])} was added again")
        elif entry.change != ADDED and _is_taken(session, entry, act):
            reasons.append(f"{_called(session, entry.kind, _as_before(session, entry))} was added anew")
    _refuse(what, reasons)


def _is_recorded_batch(entry: JournalEntry) -> bool:
    """Return whether the entry recorded measurements: those stay readable, as they are withdrawn and never removed."""
    return entry.kind == MeasurementBatch.__tablename__ and entry.change == ADDED


def _as_before(session: Session, entry: JournalEntry) -> dict[str, Any]:
    """Return the fields that the entry's row has once it is taken back."""
    before: dict[str, Any] = entry.fields["before"]
    row = session.get(kinds()[entry.kind], entry.row_id) if entry.change != REMOVED else None
    return before if row is None else {name: as_json(getattr(row, name)) for name in _names(row)} | before


def _is_taken(session: Session, entry: JournalEntry, act: list[JournalEntry]) -> bool:
    """Return whether a row got the name since that the entry's row had before the act, in whatever spelling."""
    kind = kinds()[entry.kind]
    fields = _typed(kind, _as_before(session, entry))
    # SQLite gives the id of a removed row to the next one.
    own = {each.row_id for each in act if each.kind == entry.kind and each.change != REMOVED}
    for columns in _keys(kind):
        if entry.change == CHANGED and not entry.fields["before"].keys() & columns.keys():
            continue
        same = {name: fields[name] for name, is_text in columns.items() if not is_text}
        texts = [name for name, is_text in columns.items() if is_text]
        query = select(kind.id, *(getattr(kind, name) for name in texts)).filter_by(**same)
        wanted = [_normalized(fields[name]) for name in texts]
        for row_id, *others in session.execute(query):
            is_same = row_id not in own and [_normalized(other) for other in others] == wanted
            if is_same and _was_touched_since(session, act[-1], entry.kind, row_id):
                return True
    return False


def _was_touched_since(session: Session, last: JournalEntry, kind: str, row_id: int) -> bool:
    query = select(JournalEntry.id).where(
        JournalEntry.engagement_id == last.engagement_id,
        JournalEntry.kind == kind,
        JournalEntry.row_id == row_id,
        JournalEntry.sequence > last.sequence,
    )
    return session.scalar(query.limit(1)) is not None


def _normalized(value: Any) -> Any:
    return normalize_name(value) if isinstance(value, str) else value


@cache
def _keys(kind: type[Part]) -> list[dict[str, bool]]:
    """Return what no two rows of a table share: for each such key its columns, and whether they are text."""
    table = cast(Table, kind.__table__)
    unique = [key for key in table.constraints if isinstance(key, UniqueConstraint)]
    return [{column.name: isinstance(column.type, Text) for column in key.columns} for key in unique]


def _rows_after(
    session: Session, engagement: Engagement, touched: set[tuple[str, int]], sequence: int
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the fields of each touched row as they were at `sequence`, replayed from the journal."""
    query = select(JournalEntry).where(
        JournalEntry.engagement_id == engagement.id,
        JournalEntry.kind.in_({kind for kind, _ in touched}),
        JournalEntry.sequence <= sequence,
    )
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for entry in session.scalars(query.order_by(JournalEntry.sequence)):
        key = (entry.kind, entry.row_id)
        if key in touched:
            before = {} if entry.change == ADDED else rows.get(key, {})
            rows[key] = before | entry.fields["after"]
    return rows


def _last_change(session: Session, engagement: Engagement, kind: str, row_id: int) -> str:
    query = select(JournalEntry.actor, JournalEntry.at).where(
        JournalEntry.engagement_id == engagement.id,
        JournalEntry.kind == kind,
        JournalEntry.row_id == row_id,
    )
    who, at = session.execute(query.order_by(JournalEntry.sequence.desc()).limit(1)).one()
    return f"by {who} on {day_month(engagement.date_of(at))}"


def _is_there_again(session: Session, entry: JournalEntry) -> bool:
    kind = kinds()[entry.kind]
    same = {
        name: value
        for name, value in _typed(kind, entry.fields["before"]).items()
        if name not in _BOOKKEEPING
    }
    return session.scalar(select(kind.id).filter_by(**same).limit(1)) is not None


def _refuse_depended_on(session: Session, act: list[JournalEntry], what: str) -> None:
    """Raise Conflict if anything refers to a row that goes, except for what goes with it."""
    going: dict[str, set[int]] = defaultdict(set)
    for entry in act:
        if entry.change == ADDED and not _is_recorded_batch(entry):
            going[entry.kind].add(entry.row_id)
    pointing: Counter[tuple[str, int, str]] = Counter()
    for table, column, target in _references(going):
        query = select(column, func.count()).where(column.in_(_written_out(going[target]))).group_by(column)
        if going.get(table.name):
            query = query.where(table.c.id.not_in(_written_out(going[table.name])))
        for row_id, number in session.execute(query).tuples():
            pointing[target, row_id, table.name] += number
    pointing += _notes_on(session, going)
    reasons = []
    for (target, row_id, table_name), number in sorted(pointing.items()):
        row = session.get_one(kinds()[target], row_id)
        label = _called(session, target, {name: getattr(row, name) for name in _names(row)})
        verb = "refers" if number == 1 else "refer"
        reasons.append(f"{count(number, *nouns(table_name))} {verb} to {label}")
    _refuse(what, reasons)


def _notes_on(session: Session, going: Mapping[str, set[int]]) -> Counter[tuple[str, int, str]]:
    """Count the notes on each row that goes: they refer to it without a key of the database."""
    return Counter({
        (kind, row_id, Note.__tablename__): number
        for kind in going.keys() & set(ABOUT)
        for row_id, number in session.execute(
            select(Note.row_id, func.count())
            .where(Note.kind == kind, Note.row_id.in_(_written_out(going[kind])))
            .group_by(Note.row_id)
        ).tuples()
    })  # fmt: skip


def _written_out(ids: set[int]) -> Any:
    # There may be more of them than a statement may have parameters.
    return bindparam(None, sorted(ids), expanding=True, literal_execute=True)


# The table of metrics' aggregates: they follow from the measurements, and go with them.
_DERIVED = {"reading"}


def _references(going: Iterable[str]) -> list[tuple[Any, Any, str]]:
    """Return each (table, column, table referred to) that points at one of these tables, without what is only derived."""
    return [
        (table, key.parent, key.column.table.name)
        for table in Base.metadata.sorted_tables
        if table.name not in _DERIVED
        for key in table.foreign_keys
        if key.column.table.name in going
    ]


def _refuse(what: str, reasons: list[str]) -> None:
    if reasons:
        raise Conflict(
            f"{what} can't be undone: since then, {join_list(reasons, most=MAX_REASONS)}. "
            "Nothing was changed: take that back first."
        )


def _reverse(session: Session, entry: JournalEntry, moved: dict[tuple[str, int], int]) -> None:
    """Take one entry back. `moved` has the new ids of rows whose own one was taken meanwhile."""
    kind = kinds()[entry.kind]
    fields = entry.fields
    if entry.change == REMOVED:
        _add_again(session, kind, _typed(kind, fields["before"]), moved)
    else:
        row = session.get_one(kind, entry.row_id)
        if isinstance(row, MeasurementBatch) and entry.change == ADDED:
            row.withdrawn = True
        elif entry.change == ADDED:
            session.delete(row)
        else:
            before = _typed(kind, fields["before"])
            for name, value in (before | _moved(kind, before, moved)).items():
                if name not in _BOOKKEEPING:
                    setattr(row, name, value)
    # One after the other: what refers to a row has to go before it does.
    session.flush()


def _add_again(
    session: Session, kind: type[Part], before: dict[str, Any], moved: dict[tuple[str, int], int]
) -> None:
    """Add a removed row as it was, under its own id where that is free: others may have referred to it."""
    fields = {name: value for name, value in before.items() if name != "version"}
    fields |= _moved(kind, fields, moved)
    own = fields["id"]
    if session.get(kind, own) is not None:
        del fields["id"]
    row = kind(**fields)
    session.add(row)
    session.flush()
    moved[kind.__tablename__, own] = row.id


def _moved(kind: type[Part], fields: dict[str, Any], moved: dict[tuple[str, int], int]) -> dict[str, Any]:
    """Return the references among `fields` to rows that were added again under another id."""
    return {
        key.parent.name: moved[key.column.table.name, fields[key.parent.name]]
        for key in cast(Table, kind.__table__).foreign_keys
        if (key.column.table.name, fields.get(key.parent.name)) in moved
    }


def _typed(kind: type[Part], fields: dict[str, Any]) -> dict[str, Any]:
    columns = cast(Table, kind.__table__).columns
    return {name: from_json(value, columns[name]) for name, value in fields.items()}


def _names(row: Part) -> list[str]:
    return [column.key for column in inspect(type(row)).column_attrs]


def _called(session: Session, kind: str, fields: dict[str, Any]) -> str:
    """Return a record's name in a sentence. Of interviews the date alone, since names may be hidden."""

    def name_of(table: type[Any], row_id: int) -> str:
        row = session.get(table, row_id)
        return f"“{row.name}”" if row is not None else "a removed one"

    match kinds()[kind]:
        case cls if cls is Dependency:
            return f"that {name_of(System, fields['from_id'])} needs {name_of(System, fields['to_id'])}"
        case cls if cls is Interview:
            return f"the interview of {as_json(fields['held_on'] or fields['planned_on'])}"
        case cls if cls is Friction:
            return f"a friction about “{fields['theme']}”"
        case cls if cls is WorkflowSystem:
            ends = name_of(Workflow, fields["workflow_id"]), name_of(System, fields["system_id"])
            return f"that {ends[0]} runs over {ends[1]}"
        case cls if cls is Rehearsal:
            return f"a rehearsal of {name_of(Workflow, fields['workflow_id'])}"
        case cls if cls is Trial:
            return f"a trial of “{fields['tool']}”"
    if name := fields.get("name") or fields.get("title"):
        return f"“{name}”"
    return f"a {kind.replace('_', ' ')}"
