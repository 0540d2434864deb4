"""A user's calendar feed of milestones and reviews, at a secret address that they can revoke."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import NotFound
from models.people import Actor, Member, User
from models.plan import Cycle, Milestone
from models.review import WEEK_DAYS, WEEKS, CalendarFeed, Review, friday_of
from services.core.transaction import unjournalled_transaction
from store.access import expect_signed_in

if TYPE_CHECKING:
    from icalendar import Event


@dataclass(frozen=True)
class Entry:
    """An all-day event. `uid` stays the same when its date moves.

    `weekly`: it comes again every week, up to and with the day `until` where there is one.
    """

    uid: str
    on: date
    title: str
    detail: str
    weekly: bool = False
    until: date | None = None


def open_feed(actor: Actor) -> str:
    """Return a new secret for the actor's feed; the earlier one is revoked. Only its hash is stored.

    Raises Forbidden, as the two below, if nobody is signed in.
    """
    secret = secrets.token_urlsafe(32)
    with unjournalled_transaction() as session:
        expect_signed_in(session.connection(), actor)
        _revoke(session, actor)
        session.add(CalendarFeed(user_id=actor.user_id, secret_hash=_hash(secret), created_at=actor.at))
    return secret


def revoke_feed(actor: Actor) -> None:
    """Revoke the actor's feed: its address stops answering."""
    with unjournalled_transaction() as session:
        expect_signed_in(session.connection(), actor)
        _revoke(session, actor)


def has_feed(actor: Actor) -> bool:
    """Return whether the actor has a feed."""
    query = select(CalendarFeed.id).where(
        CalendarFeed.user_id == actor.user_id, CalendarFeed.revoked_at.is_(None)
    )
    with read_connection() as connection:
        expect_signed_in(connection, actor)
        return connection.execute(query.limit(1)).scalar() is not None


def render_feed(secret: str) -> bytes:
    """Return the calendar of a secret, as iCalendar (RFC 5545). The same plan gives the same bytes.

    Raises NotFound if the secret is wrong or revoked, or its user is disabled.
    """
    with read_connection() as connection:
        user_id = _owner(connection, secret)
        entries = [*_milestones(connection, user_id), *_weeks(connection, user_id)]
    return _calendar(sorted(entries, key=lambda entry: (entry.on, entry.uid)))


def _owner(connection: Connection, secret: str) -> int:
    query = (
        select(CalendarFeed.user_id)
        .join(User, User.id == CalendarFeed.user_id)
        .where(
            CalendarFeed.secret_hash == _hash(secret),
            CalendarFeed.revoked_at.is_(None),
            User.disabled.is_(False),
        )
    )
    user_id = connection.execute(query).scalar_one_or_none()
    if user_id is None:
        raise NotFound("There is no calendar at this address. Its owner may have revoked it.")
    return user_id


def _open_cycles(*columns: Any) -> Select[Any]:
    """Select these columns, and the engagement's names, of every open cycle with a member."""
    return (
        select(*columns, Engagement.slug, Engagement.name, Engagement.client)
        .select_from(Cycle)
        .join(Engagement, Engagement.id == Cycle.engagement_id)
        .join(Member, Member.engagement_id == Engagement.id)
        .where(Cycle.closed_on.is_(None))
    )


def _milestones(connection: Connection, user_id: int) -> Iterator[Entry]:
    query = _open_cycles(Milestone.id, Milestone.name.label("milestone"), Milestone.due_day, Cycle.day_1)
    query = query.join(Milestone, Milestone.cycle_id == Cycle.id)
    for row in connection.execute(query.where(Member.user_id == user_id)):
        on = row.day_1 + timedelta(days=row.due_day - 1)
        yield Entry(f"milestone-{row.id}", on, f"{row.milestone} is due", _engagement_name(row))


def _weeks(connection: Connection, user_id: int) -> Iterator[Entry]:
    query = _open_cycles(Cycle.number, Cycle.day_1, Cycle.engagement_id)
    rows = connection.execute(query.where(Member.user_id == user_id)).all()
    begins = {(row.engagement_id, row.number): row.day_1 for row in rows}
    first = _first_fridays(connection, {row.engagement_id for row in rows})
    for row in rows:
        yield from _reviews(row)
        if (row.engagement_id, row.number - 1) not in begins:
            yield from _reviews_before(row, first.get((row.engagement_id, row.number)))
        yield from _reviews_after(row, begins.get((row.engagement_id, row.number + 1)))


def _first_fridays(connection: Connection, engagements: set[int]) -> dict[tuple[int, int], date]:
    """Return the first day since which a cycle (engagement and number) is reviewed, where one before its day 1 is known:
    that of its first frozen week, or that after the cycle before was closed."""
    closed = select(Cycle.engagement_id, Cycle.number + 1, Cycle.closed_on).where(
        Cycle.engagement_id.in_(engagements), Cycle.closed_on.is_not(None)
    )
    rows: Sequence[Row[Any]] = connection.execute(closed).all()
    days = {(row[0], row[1]): row[2] + timedelta(days=1) for row in rows}
    frozen = select(Review.engagement_id, Review.cycle, Review.reviewed_on, Review.day).where(
        Review.engagement_id.in_(engagements)
    )
    for engagement_id, number, reviewed_on, day in connection.execute(frozen):
        key, friday = (engagement_id, number), friday_of(reviewed_on, day)
        days[key] = min(days.get(key, friday), friday)
    return days


def _reviews(cycle: Row[Any]) -> Iterator[Entry]:
    """Yield a review for each week of a cycle, on its Friday."""
    for week in range(1, WEEKS + 1):
        title = f"Weekly review {week} of {WEEKS}"
        yield Entry(f"{_uid(cycle)}-{week}", _friday(cycle, week), title, _engagement_name(cycle))


def _reviews_before(cycle: Row[Any], first: date | None) -> Iterator[Entry]:
    """Yield the reviews on the Fridays from `first` to day 1, which belong to no numbered week."""
    last = _friday(cycle, 0)
    if first is None or first > last:
        return
    on = last - timedelta(days=(last - first).days // WEEK_DAYS * WEEK_DAYS)
    yield Entry(f"{_uid(cycle)}-before", on, "Weekly review", _engagement_name(cycle), True, last)


def _reviews_after(cycle: Row[Any], next_day_1: date | None) -> Iterator[Entry]:
    """Yield the reviews on the Fridays after a cycle's last numbered week: until it is closed, or the next one begins."""
    on = _friday(cycle, WEEKS + 1)
    until = None if next_day_1 is None else next_day_1 - timedelta(days=1)
    if until is None or on <= until:
        yield Entry(f"{_uid(cycle)}-after", on, "Weekly review", _engagement_name(cycle), True, until)


def _friday(cycle: Row[Any], week: int) -> date:
    return friday_of(cycle.day_1 + timedelta(days=WEEK_DAYS * (week - 1)), 1)


def _uid(cycle: Row[Any]) -> str:
    return f"review-{cycle.slug}-{cycle.number}"


def _engagement_name(row: Row[Any]) -> str:
    return f"{row.name} for {row.client}"


def _calendar(entries: list[Entry]) -> bytes:
    # Imported here: importing it takes longer than a page may, and only this needs it.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Headway//Calendar//EN")
    calendar.add("X-WR-CALNAME", "Headway")
    for entry in entries:
        calendar.add_component(_event(entry))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry) -> Event:
    from icalendar import Event

    event = Event()
    event.add("UID", f"{entry.uid}@headway")
    # The calendar depends on the plan alone, so the event's day is its time stamp as well.
    event.add("DTSTAMP", datetime.combine(entry.on, time(), UTC))
    event.add("DTSTART", entry.on)
    event.add("DTEND", entry.on + timedelta(days=1))
    if entry.weekly:
        until = {} if entry.until is None else {"UNTIL": entry.until}
        event.add("RRULE", {"FREQ": "WEEKLY", **until})
    event.add("SUMMARY", f"{entry.title}: {entry.detail}")
    event.add("TRANSP", "TRANSPARENT")
    return event


def _revoke(session: Session, actor: Actor) -> None:
    session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.user_id == actor.user_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=actor.at)
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
