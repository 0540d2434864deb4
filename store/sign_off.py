"""Sign-offs as they are stored: requests with what happened to them, what they ask to sign, and the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Forbidden, NotFound
from models.metrics import Metric
from models.people import Actor, Invitation, Member, Role, User
from models.permissions import Action
from models.prepared import Prepared
from models.sign_off import (
    EventKind,
    SignOffEvent,
    SignOffItem,
    SignOffLink,
    SignOffRecord,
    SignOffRequest,
)
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
        """Return the id of the record of the answer, if there was one."""
        return next((event.record_id for event in self.events if event.record_id is not None), None)

    @property
    def revoked(self) -> Event | None:
        """Return the event that took the whole request back, if there was one."""
        kind = EventKind.REVOKED
        return next((event for event in self.events if event.kind == kind and event.link_id is None), None)

    @property
    def is_open(self) -> bool:
        """Return whether the request still waits for an answer."""
        return self.record_id is None and self.revoked is None

    @property
    def link_until(self) -> datetime | None:
        """Return until when the newest link signs; None if there is none that wasn't taken back."""
        revoked = {event.link_id for event in self.events if event.kind == EventKind.REVOKED}
        return max((until for one, until in self.links.items() if one not in revoked), default=None)

    def status_at(self, at: datetime) -> str:
        """Return its status: "changes asked for", "signed", "taken back", "link expired" or "waiting".

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
class AskedVersion:
    """The version of a metric's definition that a request asks about: its digest (SHA-256 in hex) and number."""

    digest: str
    number: int


@dataclass(frozen=True)
class SigningRequest:
    """What a sponsor is asked to sign: the engagement's state now, and what the request asked for, by metric id.

    Without a request (None) nobody asked, and `asked` is empty. `expires_at` is until when the actor's link signs.
    """

    engagement: Engagement
    request: Request | None
    asked: dict[int, AskedVersion]
    expires_at: datetime | None


def _in_engagement(query: Select[*tuple[Any, ...]], table: type[Any]) -> Prepared:
    return Prepared(query.where(table.engagement_id == bindparam("engagement_id")))


# The metrics page asks these each time it is drawn.
_REQUESTS = _in_engagement(
    select(
        SignOffRequest.id, SignOffRequest.asked_by, User.name, SignOffRequest.asked_of_id, SignOffRequest.note,
        SignOffRequest.created_at,
    )
    .join(User, User.id == SignOffRequest.asked_of_id)
    .order_by(SignOffRequest.id.desc()),
    SignOffRequest,
)  # fmt: skip
# Of who hasn't joined yet, the name that whoever asked gave: they mustn't learn whether there was an account.
_INVITED_AS = _in_engagement(
    select(User.id, Invitation.name)
    .join(Invitation, Invitation.email == User.email)
    .where(Invitation.name.is_not(None)),
    Invitation,
)
_ITEMS = _in_engagement(
    select(SignOffItem.request_id, SignOffItem.metric_id, Metric.name)
    .join(Metric, Metric.id == SignOffItem.metric_id)
    .order_by(SignOffItem.id),
    SignOffItem,
)
_LINKS = _in_engagement(
    select(SignOffLink.request_id, SignOffLink.id, SignOffLink.expires_at).order_by(SignOffLink.id),
    SignOffLink,
)
_EVENTS = _in_engagement(
    select(
        SignOffEvent.request_id, SignOffEvent.kind, SignOffEvent.by, SignOffEvent.created_at, SignOffEvent.detail,
        SignOffEvent.link_id, SignOffEvent.record_id,
    ).order_by(SignOffEvent.id),
    SignOffEvent,
)  # fmt: skip


def signing_request(actor: Actor, slug: str, request_id: int | None = None) -> SigningRequest:
    """Return what this sponsor is asked to sign: by the request, or by the link that they came by.

    Raise Forbidden if somebody else was asked, NotFound if there is no such request.
    """
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.SIGN)
        expires_at = None
        if actor.link_id is not None:
            link = connection.execute(select(SignOffLink).where(SignOffLink.id == actor.link_id)).one()
            request_id, expires_at = link.request_id, link.expires_at
        request = None if request_id is None else _request(connection, engagement, actor, request_id)
        asked = {} if request is None else _asked(connection, request)
        return SigningRequest(load(connection, engagement.engagement_id), request, asked, expires_at)


def _asked(connection: Connection, request: Request) -> dict[int, AskedVersion]:
    query = select(SignOffItem.metric_id, SignOffItem.digest, SignOffItem.number)
    rows = connection.execute(query.where(SignOffItem.request_id == request.id))
    return {metric_id: AskedVersion(digest, number) for metric_id, digest, number in rows}


def _request(connection: Connection, engagement: Access, actor: Actor, request_id: int) -> Request:
    request = next((one for one in _requests(connection, engagement) if one.id == request_id), None)
    if request is None:
        raise NotFound("There is no such request for a sign-off here.")
    if request.asked_of_id != actor.user_id:
        raise Forbidden("Somebody else was asked for this. Sign in as that person.")
    return request


def requests(actor: Actor, slug: str) -> list[Request]:
    """Return every request of the engagement with what happened to it, newest first."""
    with read_connection() as connection:
        return _requests(connection, access(connection, actor, slug, Action.READ))


def _requests(connection: Connection, engagement: Access) -> list[Request]:
    of = {"engagement_id": engagement.engagement_id}
    rows = _REQUESTS.rows(connection, **of)
    if not rows:
        return []
    invited: dict[int, str] = {row[0]: row[1] for row in _INVITED_AS.rows(connection, **of)}
    asked: defaultdict[int, dict[int, str]] = defaultdict(dict)
    links: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    events: defaultdict[int, list[Event]] = defaultdict(list)
    for request_id, metric_id, name in _ITEMS.rows(connection, **of):
        asked[request_id][metric_id] = name
    for request_id, link_id, expires_at in _LINKS.rows(connection, **of):
        links[request_id][link_id] = expires_at
    for request_id, *event in _EVENTS.rows(connection, **of):
        events[request_id].append(Event(*event))
    return [
        Request(
            row_id, asked_by, invited.get(asked_of_id, asked_of), asked_of_id, note, asked_at,
            asked[row_id], links[row_id], events[row_id],
        )
        for row_id, asked_by, asked_of, asked_of_id, note, asked_at in rows
    ]  # fmt: skip


def sponsors(actor: Actor, slug: str) -> dict[int, str]:
    """Return the names of the sponsors who can be asked, by user id. Nobody asks themselves."""
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.ASK_FOR_SIGN_OFF)
        member = Member.engagement_id == engagement.engagement_id, Member.role == Role.SPONSOR
        query = (
            select(User.id, User.name).join(Member, Member.user_id == User.id).where(*member, ~User.disabled)
        )
        return {
            row.id: row.name
            for row in connection.execute(query.order_by(User.name))
            if row.id != actor.user_id
        }


@dataclass(frozen=True)
class SignedRecord:
    """A record of a signing: its id, the digest under which it is kept, and what it says (models/sign_off.record)."""

    id: int
    digest: str
    record: dict[str, Any]


def record(actor: Actor, slug: str, record_id: int) -> SignedRecord:
    """Return the record of one signing, for members. Raise NotFound if there is none."""
    with read_connection() as connection:
        return _record(connection, access(connection, actor, slug, Action.READ), record_id)


def identities(actor: Actor, slug: str, record_ids: Collection[int]) -> dict[int, str]:
    """Return how each signer's identity was checked, by the record's id, for members."""
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.READ)
        return {one: _record(connection, engagement, one).record["signer"]["identity"] for one in record_ids}


def own_record(actor: Actor, slug: str, record_id: int) -> SignedRecord:
    """Return the record of the actor's own signing; if they came by a link, of what was signed with that link.

    Raise NotFound if there is no such record.
    """
    with read_connection() as connection:
        signed = _record(connection, access(connection, actor, slug, Action.SIGN), record_id)
    if signed.record["signer"]["user_id"] != actor.user_id or actor.link_id not in (
        None,
        signed.record["link"],
    ):
        raise NotFound(NO_RECORD)
    return signed


def _record(connection: Connection, engagement: Access, record_id: int) -> SignedRecord:
    query = select(SignOffRecord.id, SignOffRecord.digest, SignOffRecord.content)
    its = SignOffRecord.id == record_id, SignOffRecord.engagement_id == engagement.engagement_id
    row = connection.execute(query.where(*its)).one_or_none()
    if row is None:
        raise NotFound(NO_RECORD)
    return SignedRecord(row.id, row.digest, SignOffRecord(content=row.content).record)
