"""What is read of sign-offs: the sheet that a sponsor signs, the requests with what happened to them, and the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from models.database import reading
from models.errors import Forbidden, NotFound
from models.metrics import Metric
from models.people import Actor, Member, Role, User
from models.permissions import Action
from models.sign_off import (
    EventKind,
    SignOffEvent,
    SignOffItem,
    SignOffLink,
    SignOffRecord,
    SignOffRequest,
)
from reports.metrics.definitions import Difference, difference
from reports.sign_off.cards import Card, card, waiting_for
from store.access import Access, access
from store.states import load

NO_RECORD = "There is no such record of a sign-off here."


@dataclass(frozen=True)
class Event:
    """Something that happened to a request."""

    kind: str
    by: str
    at: datetime
    detail: str | None
    link_id: int | None
    record_id: int | None


@dataclass(frozen=True)
class Request:
    """A request as members read it: `metrics` are names by id, `links` say until when each of its links signs."""

    id: int
    asked_by: str
    asked_of: str
    asked_of_id: int
    note: str | None
    asked_at: datetime
    metrics: dict[int, str]
    links: dict[int, datetime] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    @property
    def record_id(self) -> int | None:
        """The record of the answer, if there was one."""
        return next((event.record_id for event in self.events if event.record_id is not None), None)

    @property
    def revoked(self) -> Event | None:
        """What took the whole request back, if anything did."""
        kind = EventKind.REVOKED
        return next((event for event in self.events if event.kind == kind and event.link_id is None), None)

    @property
    def is_open(self) -> bool:
        return self.record_id is None and self.revoked is None

    @property
    def link_until(self) -> datetime | None:
        """Until when the newest link signs; None where there is none that wasn't taken back."""
        revoked = {event.link_id for event in self.events if event.kind == EventKind.REVOKED}
        return max((until for one, until in self.links.items() if one not in revoked), default=None)

    def stands(self, at: datetime) -> str:
        """What it has come to: "changes asked for", "signed", "taken back", "link expired" or "waiting".

        That a link has expired follows from the time; whoever opens it then is noted besides.
        """
        kinds = {event.kind for event in self.events}
        if EventKind.DECLINED in kinds:
            return "changes asked for"
        if EventKind.SIGNED in kinds:
            return "signed"
        if self.revoked is not None:
            return "taken back"
        expired = self.link_until is not None and self.link_until <= at
        return "link expired" if expired else "waiting"


@dataclass(frozen=True)
class Sheet:
    """All that a sponsor has before them: cards to answer, and the request that asks for it, if one does.

    `request` may be answered or revoked; then nothing is to be signed by it. `expires_at` is until when a link signs;
    `changed` tells what is no longer as it was when the request was made, by the metric's name.
    """

    slug: str
    name: str
    client: str
    signer: str
    cards: list[Card]
    request: Request | None
    expires_at: datetime | None
    changed: dict[str, list[Difference]]


def sheet(actor: Actor, slug: str, request_id: int | None = None) -> Sheet:
    """What this sponsor can sign: what the request, or the link that they came by, asks for; or all that is unsigned."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.SIGN)
        expires_at = None
        if actor.link_id is not None:
            link = connection.execute(select(SignOffLink).where(SignOffLink.id == actor.link_id)).one()
            request_id, expires_at = link.request_id, link.expires_at
        request = None if request_id is None else _request(connection, found, actor, request_id)
        items = _items(connection, request)
        state = load(connection, found.engagement_id)
    metrics = waiting_for(state)
    if request is not None:
        metrics = [metric for metric in state.metrics if metric.id in request.metrics]
    changed = {
        metric.name: _changed(metric, items[metric.id].number)
        for metric in metrics
        if metric.id in items and items[metric.id].digest != metric.digest()
    }
    cards = [card(state, metric, actor.user_id) for metric in metrics]
    return Sheet(state.slug, state.name, state.client, actor.name, cards, request, expires_at, changed)


def _items(connection: Connection, request: Request | None) -> dict[int, Row[Any]]:
    if request is None:
        return {}
    table = SignOffItem.__table__
    rows = connection.execute(select(table).where(table.c.request_id == request.id))
    return {row.metric_id: row for row in rows}


def _changed(metric: Metric, number: int) -> list[Difference]:
    then = next((version for version in metric.definitions if version.number == number), None)
    return [] if then is None else difference(then, metric)


def _request(connection: Connection, found: Access, actor: Actor, request_id: int) -> Request:
    request = next((one for one in _requests(connection, found) if one.id == request_id), None)
    if request is None:
        raise NotFound("There is no such request for a sign-off here.")
    if request.asked_of_id != actor.user_id:
        raise Forbidden("Somebody else was asked for this. Sign in as that person.")
    return request


def requests(actor: Actor, slug: str) -> list[Request]:
    """Every request of the engagement with what happened to it, the newest first."""
    with reading() as connection:
        return _requests(connection, access(connection, actor, slug, Action.READ))


def _requests(connection: Connection, found: Access) -> list[Request]:
    def of(table: Any, *columns: Any) -> Sequence[Row[Any]]:
        query = (
            select(*columns or [table]).where(table.engagement_id == found.engagement_id).order_by(table.id)
        )
        return connection.execute(query).all()

    its_metrics = select(Metric.id, Metric.name).where(Metric.engagement_id == found.engagement_id)
    its_people = select(User.id, User.name).join(SignOffRequest, SignOffRequest.asked_of_id == User.id)
    names = {row.id: row.name for row in connection.execute(its_metrics)}
    people = {row.id: row.name for row in connection.execute(its_people)}
    asked, links, events = defaultdict(dict), defaultdict(dict), defaultdict(list)
    for item in of(SignOffItem, SignOffItem.request_id, SignOffItem.metric_id):
        asked[item.request_id][item.metric_id] = names[item.metric_id]
    for link in of(SignOffLink, SignOffLink.request_id, SignOffLink.id, SignOffLink.expires_at):
        links[link.request_id][link.id] = link.expires_at
    for one in of(SignOffEvent):
        event = Event(one.kind, one.by, one.created_at, one.detail, one.link_id, one.record_id)
        events[one.request_id].append(event)
    made = [
        Request(
            row.id, row.asked_by, people[row.asked_of_id], row.asked_of_id, row.note, row.created_at,
            asked[row.id], links[row.id], events[row.id],
        )
        for row in of(SignOffRequest)
    ]  # fmt: skip
    return made[::-1]


def sponsors(actor: Actor, slug: str) -> dict[int, str]:
    """The sponsors who can be asked, by user id. Nobody asks themselves."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.ASK_FOR_SIGN_OFF)
        member = Member.engagement_id == found.engagement_id, Member.role == Role.SPONSOR
        query = (
            select(User.id, User.name).join(Member, Member.user_id == User.id).where(*member, ~User.disabled)
        )
        return {
            row.id: row.name
            for row in connection.execute(query.order_by(User.name))
            if row.id != actor.user_id
        }


@dataclass(frozen=True)
class Kept:
    """A record of a signing: its id, the digest under which it is kept, and what it says (models/sign_offs.record)."""

    id: int
    digest: str
    record: dict[str, Any]


def record(actor: Actor, slug: str, record_id: int) -> Kept:
    """The record of one signing, for members."""
    with reading() as connection:
        return _record(connection, access(connection, actor, slug, Action.READ), record_id)


def identities(actor: Actor, slug: str, record_ids: Collection[int]) -> dict[int, str]:
    """How each signer was known, as their record says it, by the record's id; for members."""
    with reading() as connection:
        found = access(connection, actor, slug, Action.READ)
        return {one: _record(connection, found, one).record["signer"]["identity"] for one in record_ids}


def own_record(actor: Actor, slug: str, record_id: int) -> Kept:
    """The record of a signing of one's own; by a link, of what was signed with that link."""
    with reading() as connection:
        kept = _record(connection, access(connection, actor, slug, Action.SIGN), record_id)
    if kept.record["signer"]["user_id"] != actor.user_id or actor.link_id not in (None, kept.record["link"]):
        raise NotFound(NO_RECORD)
    return kept


def _record(connection: Connection, found: Access, record_id: int) -> Kept:
    query = select(SignOffRecord.id, SignOffRecord.digest, SignOffRecord.content)
    its = SignOffRecord.id == record_id, SignOffRecord.engagement_id == found.engagement_id
    row = connection.execute(query.where(*its)).one_or_none()
    if row is None:
        raise NotFound(NO_RECORD)
    return Kept(row.id, row.digest, SignOffRecord(content=row.content).record)
