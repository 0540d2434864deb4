"""States: an engagement with all its parts, detached, never modified, and the same however it was found.

A state is loaded live, or rebuilt at an earlier revision from the journal. Both end in the same rows, and
`assemble` makes the state of them. Live states are cached by (engagement, revision): a new revision is a new key, so
nothing here is ever stale.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, bindparam, func, select
from sqlalchemy.orm import RelationshipDirection

from models.base import Base, Part
from models.checkpoints import Replay
from models.database import read_connection
from models.engagement import Engagement
from models.errors import NotFound
from models.journal import REMOVED, JournalEntry, as_json, entry_fields, from_json
from models.metrics import MetricAggregate, StoredMetricAggregate
from models.people import Actor
from models.permissions import Action
from models.privacy import Erasure
from models.single_flight import SingleFlight
from models.summarise import summarise
from models.summary import Summary
from store.access import Access, access
from store.checkpoints import replay
from store.metric_aggregates import (
    MeasurementFilter,
    current_filter,
    metric_aggregates,
    midnight_after,
)
from store.table_rows import rows_of, rows_of_each, table_of

Rows = dict[str, list[dict[str, Any]]]
_AnyPart = TypeVar("_AnyPart", bound=Part)
_AnyRow = TypeVar("_AnyRow", bound=Base)

# Bookkeeping of what arrived and of who read what, which no rule asks about.
_NOT_IN_STATES = {
    "import_run",
    "import_mapping",
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
    "notice",
    "note",
    "note_mention",
}
KINDS: dict[str, type[Part]] = {cls.__tablename__: cls for cls in Part.__subclasses__()}
_PARTS = {kind: cls for kind, cls in KINDS.items() if kind not in _NOT_IN_STATES}
STATE_KINDS = ["engagement", *_PARTS]
_ERASURES = select(func.count()).select_from(Erasure).where(Erasure.engagement_id == bindparam("id"))
# What a live state is read from, by engagement_id.
TABLES = [*map(table_of, _PARTS.values()), table_of(StoredMetricAggregate)]

MAX_CACHED_STATES = 256
MAX_STATES_FROM_WRITES = 64
# The only states that are modified: of each engagement the newest, by the one transaction that takes it out of here.
_from_writes: OrderedDict[tuple[URL, int], tuple[Engagement, Summary]] = OrderedDict()
_cached: OrderedDict[tuple[str, int, int, int | None], Engagement] = OrderedDict()
_lock = threading.Lock()
_making = SingleFlight()


def state(actor: Actor, slug: str, at_revision: int | None = None) -> Engagement:
    """Return the engagement as it is now, or as it was at an earlier revision.

    Raise NotFound if the actor isn't a member, or the engagement never had that revision.
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        revision = granted.revision if at_revision is None else at_revision
        _refuse_unknown(revision, granted)
        # An erasure changes what earlier states say, so it is part of their key; it makes a newest one of its own.
        erasures = None
        if at_revision is not None:
            erasures = connection.execute(_ERASURES, {"id": granted.engagement_id}).scalar_one()
        key = (str(connection.engine.url), granted.engagement_id, revision, erasures)
        with _lock:
            if key in _cached:
                _cached.move_to_end(key)
                return _cached[key]

        def make() -> Engagement:
            is_live = revision == granted.revision
            made = (
                load(connection, granted.engagement_id)
                if is_live
                else rebuild(connection, granted.engagement_id, revision)
            )
            with _lock:
                _cached[key] = made
                while len(_cached) > MAX_CACHED_STATES:
                    _cached.popitem(last=False)
            return made

        return _making.run(key, make)


@lru_cache(maxsize=MAX_CACHED_STATES)
def summary_of(engagement: Engagement) -> Summary:
    """Return the summary of a state, made once: neither is ever modified."""
    return summarise(engagement)


def _refuse_unknown(revision: int, granted: Access) -> None:
    if not 1 <= revision <= granted.revision:
        raise NotFound(f"There is no revision {revision}: this engagement is at revision {granted.revision}.")


def load(connection: Connection, engagement_id: int) -> Engagement:
    """Return the state that the tables hold."""
    rows = rows_of_each(connection, TABLES, "engagement_id", engagement_id)
    made: dict[str, dict[int, Any]] = {
        kind: _hydrated(cls, rows[table_of(cls).name]) for kind, cls in _PARTS.items()
    }
    engagement = load_row(connection, engagement_id)
    _link(engagement, made)
    for fields in rows[table_of(StoredMetricAggregate).name]:
        metric = made["metric"][fields.pop("metric_id")]
        del fields["engagement_id"]
        metric.aggregate = MetricAggregate(**fields)
    return engagement


def put_cached(connection: Connection, engagement: Engagement, summary: Summary) -> None:
    """Cache the state and summary of this transaction, for the next append-only one to update in place."""
    key = (connection.engine.url, engagement.id)
    with _lock:
        _from_writes[key] = engagement, summary
        _from_writes.move_to_end(key)
        while len(_from_writes) > MAX_STATES_FROM_WRITES:
            _from_writes.popitem(last=False)


def pop_cached(
    connection: Connection, engagement_id: int, since: str, revision: int, head: str
) -> tuple[Engagement, Summary] | None:
    """Take the state with the head `since` out of the cache, moved on to a revision that only added measurements.

    Return it with its summary, or None if it isn't cached. Its aggregates and the summary are from before: the caller
    renews them. A head names all that a state holds, and the one of a transaction that failed never comes again.
    """
    with _lock:
        cached = _from_writes.pop((connection.engine.url, engagement_id), None)
    if cached is None or cached[0].head != since:
        return None
    cached[0].__dict__.update(revision=revision, head=head)
    return cached


def load_row(connection: Connection, engagement_id: int) -> Engagement:
    """Return the engagement's own row, detached and without its parts."""
    row = rows_of(connection, table_of(Engagement), "id", engagement_id)
    return _hydrated(Engagement, row)[engagement_id]


def parts_of(connection: Connection, kind: type[_AnyPart], engagement_id: int) -> dict[int, _AnyPart]:
    """Return the engagement's rows of one kind by id, detached and without other parts."""
    return _hydrated(kind, rows_of(connection, table_of(kind), "engagement_id", engagement_id))


def known_later(actor: Actor, slug: str, revision: int, on: date) -> Engagement:
    """Return the engagement at a revision without what was measured after `on`: an earlier date, as it is judged now.

    Raise NotFound if it never had that revision.
    """
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.READ)
        _refuse_unknown(revision, granted)
        return rebuild(connection, granted.engagement_id, revision, on)


def rebuild(
    connection: Connection, engagement_id: int, revision: int, until: date | None = None
) -> Engagement:
    """Return the state at `revision`, replayed from the journal; with `until`, measured up to that date only."""
    then = replay_states(connection, engagement_id, revision)
    engagement = assemble(_typed_rows(then.rows, revision, then.head))
    metrics = {metric.id: metric for metric in engagement.metrics}
    which = _filter_of(then)
    if until is not None:
        which = replace(which, until=midnight_after(until, engagement.zone))
    for metric_id, aggregate in metric_aggregates(connection, engagement, which).items():
        metrics[metric_id].aggregate = aggregate
    return engagement


def assemble(rows: Rows) -> Engagement:
    """Return the state made of rows of every kind, the engagement's own with its `revision` and `head` among them.

    What was measured isn't in rows: each metric's `aggregate` is None.
    """
    made: dict[str, dict[int, Any]] = {
        kind: _hydrated(cls, rows.get(kind, [])) for kind, cls in _PARTS.items()
    }
    (engagement,) = _hydrated(Engagement, rows["engagement"]).values()
    _link(engagement, made)
    return engagement


def replayed(connection: Connection, engagement_id: int, revision: int, kind: str | None = None) -> Rows:
    """Return the rows of every kind, or of one, at `revision`, replayed from the journal."""
    table = table_of(JournalEntry)
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
    by_kind: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in ["engagement", *KINDS]}
    head = ""
    for kind, row_id, change, payload, redacted, head in entries:  # noqa: B007 (the last hash is the head)
        if change == REMOVED:
            del by_kind[kind][row_id]
            continue
        after = entry_fields(payload, redacted)["after"]
        by_kind[kind].setdefault(row_id, {}).update(after)
    return _typed_rows(by_kind, revision, head)


def _typed_rows(by_kind: Mapping[str, Mapping[int, dict[str, Any]]], revision: int, head: str) -> Rows:
    typed = {
        kind: [
            typed_row(Engagement if kind == "engagement" else KINDS[kind], row)
            for _, row in sorted(rows.items())
        ]
        for kind, rows in by_kind.items()
    }
    for row in typed["engagement"]:
        row |= {"revision": revision, "head": head}
    return typed


def replay_states(connection: Connection, engagement_id: int, revision: int) -> Replay:
    """Return what states are made of at `revision`, replayed from the newest checkpoint before it."""
    return replay(connection, engagement_id, revision, STATE_KINDS)


def _filter_of(replayed: Replay) -> MeasurementFilter:
    return MeasurementFilter(tuple(sorted(replayed.withdrawn)), newest=replayed.newest_batch)


def as_rows(engagement: Engagement) -> Rows:
    """Return the rows of a state as JSON values: `assemble(typed(rows))` is the same state again."""
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
    return {kind: sorted(by_id, key=lambda row: row["id"]) for kind, by_id in rows.items()}


def _as_row(part: Any) -> dict[str, Any]:
    """Return a part's columns as JSON values; moments in UTC, whatever zone they were given in."""
    values = {column.name: getattr(part, column.name) for column in type(part).__table__.columns}
    moments = {name: value.astimezone(UTC) for name, value in values.items() if isinstance(value, datetime)}
    return {name: as_json(value) for name, value in (values | moments).items()}


def typed(rows: Rows) -> Rows:
    """Return rows of JSON values as rows of their columns' values."""
    kinds: dict[str, type[Base]] = {"engagement": Engagement, **_PARTS}
    return {
        kind: [typed_row(kinds[kind], row) for row in some] for kind, some in rows.items() if kind in kinds
    }


def typed_row(cls: type[Base], row: dict[str, Any]) -> dict[str, Any]:
    columns = table_of(cls).columns
    return {name: from_json(value, columns[name]) for name, value in row.items()}


def _hydrated(cls: type[_AnyRow], rows: Iterable[dict[str, Any]]) -> dict[int, _AnyRow]:
    """Return detached instances of `cls` by id. Their constructor is passed over: the rows are whole already."""
    new = cls.__mapper__.class_manager.new_instance
    made: dict[int, _AnyRow] = {}
    for row in rows:
        instance = new()
        instance.__dict__.update(row)
        made[row["id"]] = instance
    return made


def _links() -> list[tuple[str, str, str, str, bool]]:
    """Return every relationship among the parts: (kind, its name, the column, the other kind, whether it is a list)."""
    links = []
    kinds: dict[str, type[Base]] = {"engagement": Engagement, **_PARTS}
    for kind, cls in kinds.items():
        for link in cls.__mapper__.relationships:
            (pair,) = link.local_remote_pairs
            is_list = link.direction is RelationshipDirection.ONETOMANY
            column = pair[1].name if is_list else pair[0].name
            links.append((kind, link.key, column, link.target.name, is_list))
    return links


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


def measurement_filter(
    connection: Connection, engagement_id: int, at_revision: int | None = None
) -> MeasurementFilter:
    """Return the filter for the measurements that count now, or that counted at an earlier revision."""
    if at_revision is None:
        return current_filter(connection, engagement_id)
    return _filter_of(replay_states(connection, engagement_id, at_revision))
