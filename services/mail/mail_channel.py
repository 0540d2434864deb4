"""Mail as an endpoint: turns events into mails to the people whom they concern.

The mailer makes a link when it sends it; only its digest is stored. A mail asks what is true at that moment: a request
that was answered meanwhile is mailed to nobody.
"""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from models.database import query_connection
from models.endpoints import MAIL, Cursor, Endpoint
from models.engagement import Engagement
from models.errors import HeadwayError
from models.journal import JournalEntry
from models.mail import MENTIONS, WEEKS
from models.metrics import SignOff
from models.notes import Note, NoteMention
from models.people import Actor, Invitation, Member, User, operator
from models.review import Review
from models.sign_off import LINK_LIFETIME, EventKind, SignOffEvent, SignOffItem, SignOffRequest
from reports.exports.week_files import FORMATS, export, file_name
from reports.mail import letters
from reports.mail.letter import Letter
from services.core.site_url import home_url, sign_off_url
from services.events import cursors
from services.events.cursors import writing
from services.events.delivery_result import DeliveryResult
from services.events.records import find_record, may_read, page_url
from services.mail import outbox
from services.mail.outbox import Mail, Receiver, send_once, to_each
from services.mail.smtp import Attachment, Mailer, Postponed, Refused, without_addresses
from services.review.reviews import note_download
from services.sign_off.links import make_link
from store import reviews as stored_reviews
from store.states import state
from store.table_rows import table_of

FIRST_LOOK_BACK = timedelta(days=3)
"""How far back mail begins when it is switched on: what was asked within these days may still wait for an answer."""
NAME = "Headway"


def mailer_actor(at: datetime) -> Actor:
    """Return the actor of what the mailer does."""
    return operator(at, via="mail", name=NAME)


def add_mail_endpoints(at: datetime) -> None:
    """Add the mail endpoint of each engagement that has none."""
    missing = select(Engagement.id).where(
        ~exists().where(Endpoint.engagement_id == Engagement.id, Endpoint.kind == MAIL)
    )
    with query_connection() as connection:
        if not (ids := connection.scalars(missing).all()):
            return
    with writing() as connection:
        for engagement_id in ids:
            before = select(func.coalesce(func.max(JournalEntry.sequence), 0)).where(
                JournalEntry.engagement_id == engagement_id, JournalEntry.at < at - FIRST_LOOK_BACK
            )
            # Asked again within the transaction: another relay may have added it.
            fields = {
                "engagement_id": engagement_id,
                "kind": MAIL,
                "address": "",
                "secrets": "[]",
                "types": "",
            }
            if connection.scalar(missing.where(Engagement.id == engagement_id)) is None:
                continue
            new = insert(table_of(Endpoint)).values(**fields, made_by=NAME, created_at=at)
            endpoint_id = connection.execute(new.returning(table_of(Endpoint).c.id)).scalar_one()
            connection.execute(
                insert(table_of(Cursor)).values(
                    endpoint_id=endpoint_id,
                    engagement_id=engagement_id,
                    sequence=connection.scalar(before),
                    attempts=0,
                )
            )


class MailChannel:
    """Sends the mails that an engagement's events cause."""

    def __init__(self, engagement_id: int, mailer: Mailer) -> None:
        self.engagement_id, self.mailer = engagement_id, mailer

    def send(self, event_id: str, body: bytes, at: datetime) -> DeliveryResult:
        """Send the mails of an event: none for most."""
        event = json.loads(body)
        handler = _HANDLERS.get(event["type"])
        if handler is None:
            return DeliveryResult(True, "no mail")
        kind, _, row_id = event["subject"].partition("/")
        self.mailer.refusals.clear()
        try:
            sent = handler(self, kind, int(row_id), event["data"], at)
        except Postponed as postponed:
            return DeliveryResult(False, str(postponed))
        except (OSError, smtplib.SMTPException) as failed:
            self.close()
            return DeliveryResult(False, without_addresses(f"The mail server: {failed}"))
        except HeadwayError as refused:
            # What the event was about is gone or answered by now: there is nobody to tell.
            return DeliveryResult(True, f"no mail: {refused}"[:300])
        return DeliveryResult(True, self._outcome(sent))

    def _outcome(self, sent: int) -> str:
        """Return how many were sent a mail, and how many can't be: "2 mailed, 1 refused: 550 No such user"."""
        if not (refused := self.mailer.refusals):
            return f"{sent} mailed" if sent else "no mail"
        return f"{sent} mailed, {len(refused)} refused: {refused[0]}"

    def close(self) -> None:
        """End the connection to the server."""
        self.mailer.close()


def _sign_off_requested(channel: MailChannel, _: str, row_id: int, data: dict[str, str], at: datetime) -> int:
    return mail_request(channel.mailer, row_id, at, reminder=False)


def mail_request(mailer: Mailer, request_id: int, at: datetime, *, reminder: bool) -> bool:
    """Mail a sponsor the link to sign a request, made now. Returns whether it was sent.

    Raises HeadwayError if the request was answered or taken back.
    """
    key = f"sign-off {request_id}" + (" reminder" if reminder else "")
    if outbox.was_sent(key):
        return False
    with cursors.read_session() as session:
        request = session.get_one(SignOffRequest, request_id)
        user = session.get_one(User, request.asked_of_id)
        reply_to = email_of(session, request.asked_by_id)
        slug = session.get_one(Engagement, request.engagement_id).slug
        items = session.scalars(
            select(SignOffItem.metric_id).where(SignOffItem.request_id == request_id)
        ).all()
    if reminder:
        # A new link ends the one that was mailed before: it isn't made for a mail that can't be sent now.
        with suppress(Refused):
            mailer.expect_accepted(user.email)
    token = make_link(mailer_actor(at), slug, request_id, mailed=True)
    engagement = state(mailer_actor(at), slug)
    metrics = [metric for metric in engagement.metrics if metric.id in items]
    letter = letters.sign_off(
        engagement, metrics, request.asked_by, request.note, sign_off_url(token), at + LINK_LIFETIME,
        reminder=reminder, reply_to=reply_to,
    )  # fmt: skip
    return send_once(mailer, Mail(Receiver(user.id, user.name, user.email), letter, key, at))


def email_of(session: Session, user_id: int | None) -> str | None:
    """Return a user's e-mail address, to which others reply; None for nobody, and for who can't sign in any more."""
    user = session.get(User, user_id) if user_id is not None else None
    return None if user is None or user.disabled else user.email


def _answered(channel: MailChannel, kind: str, row_id: int, data: dict[str, str], at: datetime) -> int:
    """Tell who asked for a signature, and the leads, what the answer is. One answer may sign some metrics and ask for
    changes to others, and may be to several requests."""
    if kind != SignOffEvent.__tablename__:
        return 0
    with cursors.read_session() as session:
        event = session.get_one(SignOffEvent, row_id)
        if event.kind not in (EventKind.SIGNED, EventKind.DECLINED):
            return 0
        own = SignOff.record_id == event.record_id
        given = session.scalars(select(SignOff).where(own).order_by(SignOff.id)).all()
        to_requests = SignOffRequest.id.in_(
            select(SignOffEvent.request_id).where(SignOffEvent.record_id == event.record_id)
        )
        askers = set(session.scalars(select(SignOffRequest.asked_by_id).where(to_requests)))
        reply_to = email_of(session, event.user_id)
    engagement = state(mailer_actor(at), data["engagement"])
    names = {metric.id: metric.name for metric in engagement.metrics}
    signed = [names[row.metric_id] for row in given if row.approves and row.metric_id in names]
    changes = [(names[row.metric_id], row.words or "") for row in given
               if not row.approves and row.metric_id in names]  # fmt: skip
    link = page_url("metrics", engagement.slug)
    letter = letters.answer(engagement, event.by, signed, changes, link, reply_to)
    people = [
        member
        for member, role in members(channel.engagement_id)
        if role == "lead" or member.user_id in askers
    ]
    return _send_to(channel.mailer, people, letter, f"answer {event.id}", at)


def _send_to(mailer: Mailer, people: list[Receiver], letter: Letter, key: str, at: datetime) -> int:
    def mail_one(person: Receiver) -> bool:
        own = f"{key} to {person.user_id}"
        return not outbox.was_sent(own) and send_once(mailer, Mail(person, letter, own, at))

    return to_each(people, mail_one)


def _frozen(channel: MailChannel, _: str, row_id: int, data: dict[str, str], at: datetime) -> int:
    """Mail a frozen week to the members who chose it: each gets what they may read, as the export has it."""
    slug = data["engagement"]

    def mail_one(member: Receiver) -> bool:
        if outbox.was_sent(key := week_key(row_id, member.user_id)):
            return False
        letter, pdf = week_letter(member, row_id, slug, at)
        if taken := send_once(channel.mailer, Mail(member, letter, key, at, pdf)):
            # Journalled, so that the file is recognised later as one that was given out.
            note_download(mailer_actor(at), slug, row_id, "pdf", pdf.data)
        return taken

    return to_each((member for member, _ in members(channel.engagement_id, WEEKS)), mail_one)


def week_key(review_id: int, user_id: int | None) -> str:
    """Return the key under which a frozen week is mailed to somebody: once, whoever sends it."""
    return f"week {review_id} to {user_id}"


def week_letter(
    member: Receiver, review_id: int, slug: str, at: datetime, sent_by: Actor | None = None
) -> tuple[Letter, Attachment]:
    """Return the mail with a frozen week as this member may read it, and its PDF.

    `sent_by` is who sends it; without it the member chose each week, and can unsubscribe.
    """
    with cursors.read_session() as session:
        review = session.get_one(Review, review_id)
        reply_to = None if sent_by is None else email_of(session, sent_by.user_id)
    reader = Actor(member.name, at, "mail", member.user_id)
    document = stored_reviews.document(reader, slug, review.digest)
    data = export(document, "pdf")
    stop = None if sent_by else outbox.unsubscribe_url(member.user_id or 0, review.engagement_id, WEEKS, at)
    link, corrected = light_page(slug, review), review.supersedes_id is not None
    letter = letters.week(
        state(reader, slug), document, link, stop, corrected=corrected,
        sent_by=sent_by.name if sent_by else None, reply_to=reply_to,
    )  # fmt: skip
    return letter, Attachment(file_name(document, "pdf"), FORMATS["pdf"].media_type, data)


def light_page(slug: str, review: Review) -> str:
    """Return the address of a week's page for a phone, which waits for no dashboard (api/week)."""
    return f"{home_url()}/week/{slug}/{review.reviewed_on.isoformat()}?version={review.id}"


def _invited(channel: MailChannel, kind: str, row_id: int, data: dict[str, str], at: datetime) -> int:
    if kind != Invitation.__tablename__:
        return 0  # a member's role was changed
    with cursors.read_session() as session:
        invitation = session.get(Invitation, row_id)
    key = f"invitation {row_id} {data['revision']}"
    # A sponsor who is named to sign hears of it with the request, whose link does it all.
    if invitation is None or invitation.name is not None or outbox.was_sent(key):
        return 0
    engagement = state(mailer_actor(at), data["engagement"])
    letter = letters.invitation(engagement, invitation.role, invitation.invited_by, home_url())
    return send_once(channel.mailer, Mail(Receiver(None, "", invitation.email), letter, key, at))


def _noted(channel: MailChannel, kind: str, row_id: int, data: dict[str, str], at: datetime) -> int:
    """Tell the members whom a note mentions, if they chose a mail at once and may read what it is about."""
    with cursors.read_session() as session:
        note = session.get(Note, row_id) if kind == Note.__tablename__ else None
        if note is None:
            return 0
        query = select(NoteMention.user_id).where(NoteMention.note_id == row_id)
        mentioned = set(session.scalars(query))
        reply_to = email_of(session, note.by_id)
        record = find_record(session, channel.engagement_id, data["engagement"], note.kind, note.row_id)

    def mail_one(member: Receiver) -> bool:
        if outbox.was_sent(key := f"note {row_id} to {member.user_id}"):
            return False
        engagement = state(mailer_actor(at), data["engagement"])
        stop = outbox.unsubscribe_url(member.user_id or 0, channel.engagement_id, MENTIONS, at)
        letter = letters.mention(engagement, note.by, record.name, note.text, record.url, stop, reply_to)
        return send_once(channel.mailer, Mail(member, letter, key, at))

    people = members(channel.engagement_id, MENTIONS)
    due = [one for one, role in people if one.user_id in mentioned and may_read(note.kind, role)]
    return to_each(due, mail_one)


_Handler = Callable[[MailChannel, str, int, dict[str, str], datetime], int]
_HANDLERS: dict[str, _Handler] = {
    "sign-off.requested": _sign_off_requested,
    "sign-off.answered": _answered,
    "review.frozen": _frozen,
    "member.invited": _invited,
    "note.written": _noted,
}


def members(engagement_id: int, chosen: str | None = None) -> list[tuple[Receiver, str]]:
    """Return the engagement's members who aren't disabled, with their roles; only those who chose `chosen`."""
    with cursors.read_session() as session:
        rows = session.execute(
            select(User.id, User.name, User.email, Member.role)
            .join(Member, Member.user_id == User.id)
            .where(Member.engagement_id == engagement_id, User.disabled.is_(False))
            .order_by(User.id)
        ).all()
        return [
            (Receiver(user_id, name, email), role)
            for user_id, name, email, role in rows
            if chosen is None or getattr(outbox.choice_of(session, user_id, engagement_id), chosen)
        ]
