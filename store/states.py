"""States: an engagement with all its parts, detached, never modified, and the same however it was found.

A state is loaded live, or rebuilt at an earlier revision from the journal. Both end in the same rows, and
`assemble` makes the state of them. Live states are kept by (engagement, revision): a new revision is a new key, so
nothing here is ever stale.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, bindparam, func, select
from sqlalchemy.orm import RelationshipDirection

from models.base import Base, Part
from models.database import reading
from models.engagement import Engagement
from models.errors import NotFound
from models.journal import REMOVED, JournalEntry, as_json, entry_fields, from_json
from models.metrics import Reading, StoredReading
from models.people import Actor
from models.permissions import Action
from models.privacy import Erasure
from models.summary import Summary, summarise
from store.access import Access, access
from store.metric_aggregates import Counted, counted_now, counted_of, midnight_after, readings
from store.table_rows import rows_of

Rows = dict[str, list[dict[str, Any]]]
_AnyPart = TypeVar("_AnyPart", bound=Part)

# Bookkeeping of what arrived and of who read what, which no rule asks about.
_NOT_IN_STATES = {
    "import_run",
    "measurement_batch",
    "erasure",
    "handover",
    "invitation",
    "review_passage",
    "review_reading",
    "review_download",
    "sign_off_request",
    "sign_off_item",
    "sign_off_link",
    "sign_off_event",
    "sign_off_receipt",
}
KINDS: dict[str, type[Base]] = {cls.__tablename__: cls for cls in Part.__subclasses__()}
_PARTS = {kind: cls for kind, cls in KINDS.items() if kind not in _NOT_IN_STATES}
_ERASURES = select(func.count()).select_from(Erasure).where(Erasure.engagement_id == bindparam("id"))
# What a live state is read from, by engagement_id.
TABLES = [cls.__table__ for cls in (*_PARTS.values(), StoredReading)]

KEPT_STATES = 256
LEFT_STATES = 64
# The only ones that are modified: of each engagement the newest, by the one transaction that takes it out of here.
_left: OrderedDict[tuple[URL, int], tuple[Engagement, Summary]] = OrderedDict()
_kept: OrderedDict[tuple[str, int, int, int | None], Engagement] = OrderedDict()
_lock = threading.Lock()


def state(actor: Actor, slug: str, at_revision: int | None = None) -> Engagement:
    """The engagement as it is now, or as it was at an earlier revision.

    Raises NotFound where the actor isn't a member, or the engagement never had that revision.
    """
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        revision = found.revision if at_revision is None else at_revision
        _refuse_unknown(revision, found)
        # An erasure changes what earlier states say, so it is part of their key; it makes a newest one of its own.
        erasures = None
        if at_revision is not None:
            erasures = connection.execute(_ERASURES, {"id": found.engagement_id}).scalar_one()
        key = (str(connection.engine.url), found.engagement_id, revision, erasures)
        with _lock:
            if key in _kept:
                _kept.move_to_end(key)
                return _kept[key]
        if revision == found.revision:
            made = load(connection, found.engagement_id)
        else:
            made = rebuild(connection, found.engagement_id, revision)
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT_STATES:
            _kept.popitem(last=False)
    return made


@lru_cache(maxsize=KEPT_STATES)
def summary_of(engagement: Engagement) -> Summary:
    """The summary of a state, made once: neither is ever modified."""
    return summarise(engagement)


def _refuse_unknown(revision: int, found: Access) -> None:
    if not 1 <= revision <= found.revision:
        raise NotFound(f"There is no revision {revision}: this engagement is at revision {found.revision}.")


def load(connection: Connection, engagement_id: int) -> Engagement:
    """The state that the tables hold."""
    made = {kind: parts_of(connection, cls, engagement_id) for kind, cls in _PARTS.items()}
    engagement = itself(connection, engagement_id)
    _link(engagement, made)
    for fields in rows_of(connection, StoredReading.__table__, "engagement_id", engagement_id):
        metric = made["metric"][fields.pop("metric_id")]
        del fields["engagement_id"]
        metric.reading = Reading(**fields)
    return engagement


def leave(connection: Connection, engagement: Engagement, summary: Summary) -> None:
    """Leave a state that a transaction made and hands to nobody, and its summary, for the next one to carry on."""
    key = (connection.engine.url, engagement.id)
    with _lock:
        _left[key] = engagement, summary
        _left.move_to_end(key)
        while len(_left) > LEFT_STATES:
            _left.popitem(last=False)


def carried_on(
    connection: Connection, engagement_id: int, since: str, revision: int, head: str
) -> tuple[Engagement, Summary] | None:
    """The state that this process left with the head `since`, as of a revision with which measurements arrived and
    nothing else; None where it left none. Its readings, and its summary, are from before, for the caller to renew.

    A head names all that a state holds, and the one of a transaction that failed never comes again.
    """
    with _lock:
        left = _left.pop((connection.engine.url, engagement_id), None)
    if left is None or left[0].head != since:
        return None
    left[0].__dict__.update(revision=revision, head=head)
    return left


def itself(connection: Connection, engagement_id: int) -> Engagement:
    """The engagement's own row; no session knows it, and it knows no parts."""
    row = rows_of(connection, Engagement.__table__, "id", engagement_id)
    return _hydrated(Engagement, row)[engagement_id]


def parts_of(connection: Connection, kind: type[_AnyPart], engagement_id: int) -> dict[int, _AnyPart]:
    """The engagement's rows of one kind, by id; no session knows them, and they know no other parts."""
    return _hydrated(kind, rows_of(connection, kind.__table__, "engagement_id", engagement_id))


def known_later(actor: Actor, slug: str, revision: int, on: date) -> Engagement:
    """The engagement at a revision as it judges an earlier date: without what was measured after `on`.

    Raises NotFound where it never had that revision.
    """
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        _refuse_unknown(revision, found)
        return rebuild(connection, found.engagement_id, revision, on)


def rebuild(
    connection: Connection, engagement_id: int, revision: int, until: date | None = None
) -> Engagement:
    """The state as it was at `revision`, replayed from the journal; with `until`, measured up to that date only."""
    rows = replayed(connection, engagement_id, revision)
    engagement = assemble(rows)
    metrics = {metric.id: metric for metric in engagement.metrics}
    counting = counted_of(rows["measurement_batch"])
    if until is not None:
        counting = replace(counting, until=midnight_after(until, engagement.zone))
    for metric_id, found in readings(connection, engagement, counting).items():
        metrics[metric_id].reading = found
    return engagement


def assemble(rows: Rows) -> Engagement:
    """The state of rows of every kind, the engagement's own with its `revision` and `head` among them.

    What was measured isn't in rows: each metric's `reading` is None.
    """
    made = {kind: _hydrated(cls, rows.get(kind, [])) for kind, cls in _PARTS.items()}
    (engagement,) = _hydrated(Engagement, rows["engagement"]).values()
    _link(engagement, made)
    return engagement


def replayed(connection: Connection, engagement_id: int, revision: int, kind: str | None = None) -> Rows:
    """The rows of every kind, or of one, at `revision`."""
    table = JournalEntry.__table__
    query = (
        select(
            JournalEntry.kind,
            JournalEntry.row_id,
            JournalEntry.change,
            JournalEntry.payload,
            JournalEntry.redacted,
            table.c.hash,
        )
        .where(JournalEntry.engagement_id == engagement_id, JournalEntry.sequence <= revision)
        .order_by(JournalEntry.sequence)
    )
    entries = connection.execute(query if kind is None else query.where(JournalEntry.kind == kind))
    found: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in ["engagement", *KINDS]}
    head = ""
    for kind, row_id, change, payload, redacted, head in entries:  # noqa: B007 (the last hash is the head)
        if change == REMOVED:
            del found[kind][row_id]
            continue
        after = entry_fields(payload, redacted)["after"]
        found[kind].setdefault(row_id, {}).update(after)
    typed = {
        kind: [
            _typed(Engagement if kind == "engagement" else KINDS[kind], row)
            for _, row in sorted(rows.items())
        ]
        for kind, rows in found.items()
    }
    for row in typed["engagement"]:
        row |= {"revision": revision, "head": head}
    return typed


def as_rows(engagement: Engagement) -> Rows:
    """The rows that a state is made of, as JSON holds them: `assemble(typed(rows))` is the same state again."""
    parts: dict[type, str] = {cls: kind for kind, cls in _PARTS.items()}
    rows: Rows = {"engagement": [_as_row(engagement)], **{kind: [] for kind in _PARTS}}
    seen: set[int] = set()
    waiting: list[Any] = [engagement]
    while waiting:
        for value in vars(waiting.pop()).values():
            for part in value if isinstance(value, list) else [value]:
                if type(part) in parts and id(part) not in seen:
                    seen.add(id(part))
                    rows[parts[type(part)]].append(_as_row(part))
                    waiting.append(part)
    return {kind: sorted(found, key=lambda row: row["id"]) for kind, found in rows.items()}


def _as_row(part: Any) -> dict[str, Any]:
    """A part's columns; moments in UTC, whatever zone they were given in."""
    values = {column.name: getattr(part, column.name) for column in type(part).__table__.columns}
    moments = {name: value.astimezone(UTC) for name, value in values.items() if isinstance(value, datetime)}
    return {name: as_json(value) for name, value in (values | moments).items()}


def typed(rows: Rows) -> Rows:
    """Rows as JSON holds them, as the values of their columns."""
    kinds = {"engagement": Engagement, **_PARTS}
    return {kind: [_typed(kinds[kind], row) for row in some] for kind, some in rows.items() if kind in kinds}


def _typed(cls: type[Base], row: dict[str, Any]) -> dict[str, Any]:
    columns = cls.__table__.columns
    return {name: from_json(value, columns[name]) for name, value in row.items()}


def _hydrated(cls: type[Base], rows: Iterable[dict[str, Any]]) -> dict[int, Any]:
    """Instances of `cls` by id that no session knows. Their constructor is passed over: the rows are whole already."""
    new = cls.__mapper__.class_manager.new_instance
    made = {}
    for row in rows:
        instance = new()
        instance.__dict__.update(row)
        made[row["id"]] = instance
    return made


def _links() -> list[tuple[str, str, str, str, bool]]:
    """Every relationship among the parts: (kind, its name, the column, the other kind, whether it is a list)."""
    found = []
    for kind, cls in {"engagement": Engagement, **_PARTS}.items():
        for link in cls.__mapper__.relationships:
            (pair,) = link.local_remote_pairs
            is_list = link.direction is RelationshipDirection.ONETOMANY
            column = pair[1].name if is_list else pair[0].name
            found.append((kind, link.key, column, link.target.name, is_list))
    return found


_LINKS: list[tuple[str, str, str, str, bool]] = []


def _link(engagement: Engagement, made: dict[str, dict[int, Any]]) -> None:
    """Point the parts at each other, in order of id."""
    if not _LINKS:
        _LINKS.extend(_links())
    everything = {**made, "engagement": {engagement.id: engagement}}
    for kind, name, column, other, is_list in _LINKS:
        if not is_list:
            for instance in everything[kind].values():
                fields = instance.__dict__
                fields[name] = everything[other].get(fields[column])
            continue
        owners = everything[kind]
        for owner in owners.values():
            owner.__dict__[name] = []
        for instance in everything[other].values():
            owner = owners.get(instance.__dict__[column])
            if owner is not None:
                owner.__dict__[name].append(instance)


def counted(connection: Connection, engagement_id: int, at_revision: int | None = None) -> Counted:
    """Which measurement batches count now, or counted at an earlier revision."""
    if at_revision is None:
        return counted_now(connection, engagement_id)
    return counted_of(
        replayed(connection, engagement_id, at_revision, "measurement_batch")["measurement_batch"]
    )
