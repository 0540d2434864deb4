"""A calendar feed of milestones and reviews, one a person, behind a secret address that they can revoke."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.orm import Session

from models.database import engine, read_connection
from models.engagement import Engagement
from models.errors import NotFound
from models.people import Actor, Member, User
from models.plan import Cycle, Milestone
from models.review import WEEK_DAYS, WEEKS, CalendarFeed
from store.access import expect_signed_in

# Reviews are on Fridays, where a week has one: that is when a week is told.
FRIDAY = 4
_LINE = 75  # octets, RFC 5545


@dataclass(frozen=True)
class Entry:
    """A day in the calendar: what it is called and the name that it keeps when it moves."""

    uid: str
    on: date
    title: str
    detail: str


def open_feed(actor: Actor) -> str:
    """A new secret for this person's feed; the one before stops answering. Only its hash is kept.

    Raises Forbidden, as the two below, to everybody who isn't signed in.
    """
    secret = secrets.token_urlsafe(32)
    with Session(engine().execution_options(writes=True)) as session, session.begin():
        expect_signed_in(session.connection(), actor)
        _revoke(session, actor)
        session.add(CalendarFeed(user_id=actor.user_id, secret_hash=_hash(secret), created_at=actor.at))
    return secret


def revoke_feed(actor: Actor) -> None:
    """The address stops answering."""
    with Session(engine().execution_options(writes=True)) as session, session.begin():
        expect_signed_in(session.connection(), actor)
        _revoke(session, actor)


def has_feed(actor: Actor) -> bool:
    """Whether this person has an address that answers."""
    query = select(CalendarFeed.id).where(
        CalendarFeed.user_id == actor.user_id, CalendarFeed.revoked_at.is_(None)
    )
    with read_connection() as connection:
        expect_signed_in(connection, actor)
        return connection.execute(query.limit(1)).scalar() is not None


def feed(secret: str) -> bytes:
    """The calendar behind a secret, as iCalendar (RFC 5545). The same plan gives the same bytes.

    Raises NotFound for a secret that is wrong or revoked, or whose person may not sign in any more.
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
    """Of every open cycle that a member of its engagement may see: these columns, and the engagement's."""
    named = [Engagement.slug, Engagement.name, Engagement.client]
    return (
        select(*columns, *named)
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
        yield Entry(f"milestone-{row.id}", on, f"{row.milestone} is due", _of(row))


def _weeks(connection: Connection, user_id: int) -> Iterator[Entry]:
    query = _open_cycles(Cycle.number, Cycle.day_1)
    for row in connection.execute(query.where(Member.user_id == user_id)):
        yield from _reviews(row)


def _reviews(cycle: Row[Any]) -> Iterator[Entry]:
    """A review for each week of a cycle, on its Friday."""
    for week in range(1, WEEKS + 1):
        begins = cycle.day_1 + timedelta(days=WEEK_DAYS * (week - 1))
        on = begins + timedelta(days=(FRIDAY - begins.weekday()) % WEEK_DAYS)
        yield Entry(
            f"review-{cycle.slug}-{cycle.number}-{week}", on, f"Weekly review {week} of {WEEKS}", _of(cycle)
        )


def _of(row: Row[Any]) -> str:
    return f"{row.name} for {row.client}"


def _calendar(entries: list[Entry]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Headway//Calendar//EN", "X-WR-CALNAME:Headway"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}@headway",
            # What the calendar shows depends on the plan alone, so it carries the event's day as its stamp.
            f"DTSTAMP:{datetime.combine(entry.on, time(), UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(f'{entry.title}: {entry.detail}')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _text(text: str) -> str:
    """A text value: what has a meaning in iCalendar is escaped."""
    for character, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(character, written)
    return text.replace("\r", "")


def _folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets, never within a character."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _LINE - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece])


def _revoke(session: Session, actor: Actor) -> None:
    session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.user_id == actor.user_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=actor.at)
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
