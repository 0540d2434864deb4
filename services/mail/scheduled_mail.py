"""Mails that a time causes: the reminder of a sign-off, and each person's morning digest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from models.decisions import Decision
from models.engagement import Engagement
from models.mail import DIGEST, SentMail
from models.metrics import Metric
from models.names import normalize_name
from models.notes import Note, NoteMention
from models.notices import AT_RISK, BROKEN, LATE, OVERDUE, STALE, Notice
from models.people import Member, Role, User
from models.sign_off import EventKind, SignOffEvent, SignOffLink
from models.wording import day_month
from reports.mail import letters
from reports.mail.letter import Link
from services.events import cursors
from services.events.records import find_record, may_read, page_url
from services.mail import outbox
from services.mail.mail_channel import mail_request
from services.mail.outbox import Mail, Receiver, send_once, to_each
from services.mail.smtp import Mailer, Postponed
from services.sign_off.events import ANSWERS
from services.sign_off.links import MAILED
from store.portfolio import is_archived

REMINDER_BEFORE = timedelta(hours=24)
MORNING = range(7, 12)
"""The hours, in the engagement's zone, in which a digest is sent."""
FIRST_DIGEST = timedelta(days=3)
"""How far back somebody's first digest looks: after a weekend without a mail server nothing is missing in it."""
_log = logging.getLogger(__name__)
_KINDS = {STALE: "metric", BROKEN: "metric", OVERDUE: "decision", LATE: "milestone", AT_RISK: "milestone"}


def send_scheduled(mailer: Mailer, at: datetime) -> None:
    """Send the reminders and digests that are due. Repeating it sends nothing twice."""
    jobs: list[Callable[[], bool]] = [
        *(partial(mail_request, mailer, number, at, reminder=True) for number in _requests_to_remind(at)),
        *(partial(_mail_digest, mailer, person, at) for person in _people()),
    ]
    try:
        to_each(jobs, lambda send: send())
    except Postponed as postponed:
        # The next call tries again.
        _log.warning("scheduled mails: %s", postponed)


def _requests_to_remind(at: datetime) -> list[int]:
    """Return the requests whose mailed link ends within 24 hours and that still wait for an answer."""
    event = SignOffEvent
    mailed = exists().where(
        event.link_id == SignOffLink.id, event.kind == EventKind.LINKED, event.detail == MAILED
    )
    ended = exists().where(
        event.request_id == SignOffLink.request_id,
        event.kind.in_(ANSWERS) | ((event.kind == EventKind.REVOKED) & event.link_id.is_(None)),
    )
    revoked = exists().where(event.link_id == SignOffLink.id, event.kind == EventKind.REVOKED)
    query = select(SignOffLink.request_id).where(
        SignOffLink.expires_at > at, SignOffLink.expires_at <= at + REMINDER_BEFORE, mailed, ~ended, ~revoked
    )
    with cursors.read_session() as session:
        ids = session.scalars(query.order_by(SignOffLink.id)).all()
    return [number for number in ids if not outbox.was_sent(f"sign-off {number} reminder")]


@dataclass(frozen=True)
class _Person:
    """A person, and the engagements whose digest they get, with their roles there."""

    receiver: Receiver
    roles: list[tuple[Engagement, str]]

    @property
    def zone(self) -> str:
        """The time zone of the first of their engagements."""
        return self.roles[0][0].zone


def _people() -> list[_Person]:
    people: dict[int, _Person] = {}
    with cursors.read_session() as session:
        rows = session.execute(
            select(User, Engagement, Member.role)
            .join(Member, Member.user_id == User.id)
            .join(Engagement, Engagement.id == Member.engagement_id)
            .where(User.disabled.is_(False), ~is_archived())
            .order_by(User.id, Engagement.id)
        ).all()
        for user, engagement, role in rows:
            if outbox.choice_of(session, user.id, engagement.id).digest:
                new = _Person(Receiver(user.id, user.name, user.email), [])
                people.setdefault(user.id, new).roles.append((engagement, role))
    return list(people.values())


def _mail_digest(mailer: Mailer, person: _Person, at: datetime) -> bool:
    there = at.astimezone(ZoneInfo(person.zone))
    key = f"digest {person.receiver.user_id} {there.date().isoformat()}"
    if there.hour not in MORNING or outbox.was_sent(key):
        return False
    with cursors.read_session() as session:
        since = _digested_until(session, person.receiver) or at - FIRST_DIGEST
        parts = [
            (engagement.name, items)
            for engagement, role in person.roles
            if (items := list(_items(session, engagement, role, person.receiver, since, at)))
        ]
    if not parts:
        return False
    stop = outbox.unsubscribe_url(person.receiver.user_id or 0, person.roles[0][0].id, DIGEST, at)
    on = f"{there:%A}, {day_month(there.date())}"
    return send_once(mailer, Mail(person.receiver, letters.digest(on, parts, stop), key, at, until=at))


def _digested_until(session: Session, receiver: Receiver) -> datetime | None:
    query = select(func.max(SentMail.until)).where(SentMail.user_id == receiver.user_id)
    return session.scalar(query)


def _items(
    session: Session, engagement: Engagement, role: str, receiver: Receiver, since: datetime, at: datetime
) -> Iterator[Link]:
    """Yield what is new for somebody in an engagement: a lead's is everything, for others what they own."""
    new = (Notice.engagement_id == engagement.id, Notice.created_at > since, Notice.created_at <= at)
    for notice in session.scalars(select(Notice).where(*new).order_by(Notice.id)):
        if role == Role.LEAD or _is_own(session, notice, receiver):
            yield Link(
                _notice_text(notice, ZoneInfo(engagement.zone), at), _notice_url(session, engagement, notice)
            )
    if outbox.choice_of(session, receiver.user_id or 0, engagement.id).mentions:
        return  # those were mailed at once, by the relay
    query = (
        select(Note)
        .join(NoteMention, NoteMention.note_id == Note.id)
        .where(
            Note.engagement_id == engagement.id,
            NoteMention.user_id == receiver.user_id,
            Note.created_at > since,
            Note.created_at <= at,
        )
    )
    for note in session.scalars(query.order_by(Note.id)):
        if may_read(note.kind, role) and not outbox.was_sent(f"note {note.id} to {receiver.user_id}"):
            record = find_record(session, engagement.id, engagement.slug, note.kind, note.row_id)
            yield Link(f"{note.by} mentioned you on {record.name}: “{note.text}”", record.url)


def _notice_text(notice: Notice, zone: ZoneInfo, at: datetime) -> str:
    """Return the notice; with its day if that isn't today's, as it may say "5 days ago"."""
    found_on = notice.created_at.astimezone(zone).date()
    today = at.astimezone(zone).date()
    return notice.text if found_on == today else f"{notice.text} (on {day_month(found_on)})"


def _notice_url(session: Session, engagement: Engagement, notice: Notice) -> str:
    if (kind := _KINDS.get(notice.kind)) is None:
        return page_url("overview", engagement.slug)
    return find_record(session, engagement.id, engagement.slug, kind, notice.row_id).url


def _is_own(session: Session, notice: Notice, receiver: Receiver) -> bool:
    """Return whether the notice is about something of which the receiver is the owner."""
    table = {STALE: Metric, BROKEN: Metric, OVERDUE: Decision}.get(notice.kind)
    row = session.get(table, notice.row_id) if table is not None and notice.row_id is not None else None
    # An owner is a text: "Dana Ruiz, COO".
    owner = (getattr(row, "owner", None) or "").partition(",")[0]
    return bool(owner) and normalize_name(owner) == normalize_name(receiver.name)
