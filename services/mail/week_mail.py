"""Send a frozen week: to chosen members by mail, or without a mail server as a text that is ready to paste.

Members who chose each frozen week are mailed on freezing (mail_channel.py). A week is never mailed twice to one person:
both ways send under the same key.
"""

from __future__ import annotations

import smtplib
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sqlalchemy.orm import Session

from models.errors import Invalid
from models.mail import WEEKS
from models.people import Actor
from models.permissions import Action
from models.review import Review
from models.snapshot import SnapshotDocument
from models.wording import count, join_list
from reports.exports import week_facts
from reports.exports.tables import title, verdict
from reports.mail import letters
from services.events import cursors
from services.mail import mail_channel, outbox, smtp
from services.mail.outbox import Receiver
from services.mail.smtp import Mailer, Postponed, Refused, SmtpSettings
from services.review.reviews import note_sent
from store import reviews as stored_reviews
from store.access import access

MAX_BODY = 1_500
"""Characters of a ready text: some mail programs cut longer `mailto:` addresses."""


@dataclass(frozen=True)
class Recipient:
    """A member who can be sent a week: `chose` each frozen week for themselves, or `was_sent` this one."""

    user_id: int
    name: str
    email: str
    role: str
    chose: bool
    was_sent: bool


@dataclass(frozen=True)
class ReadyText:
    """A mail as text, with the address of the light page in it."""

    subject: str
    body: str

    def mailto(self, to: Collection[str] = ()) -> str:
        """Return the address that opens it in a mail program."""
        query = urlencode({"subject": self.subject, "body": self.body}, quote_via=quote)
        return f"mailto:{','.join(quote(email, safe='@') for email in to)}?{query}"


def can_mail() -> bool:
    """Return whether mail is switched on by the settings."""
    return not smtp.why_off()


def recipients(actor: Actor, slug: str, review_id: int) -> list[Recipient]:
    """Return the members who can be sent a frozen week. Raises Forbidden unless the actor may freeze weeks."""
    with cursors.read_session() as session:
        engagement_id = access(session.connection(), actor, slug, Action.WRITE_REVIEWS).engagement_id
        _review(session, engagement_id, review_id)
    chose = {member.user_id for member, _ in mail_channel.members(engagement_id, WEEKS)}
    return [
        Recipient(
            member.user_id or 0, member.name, member.email, role, member.user_id in chose,
            outbox.was_sent(mail_channel.week_key(review_id, member.user_id)),
        )
        for member, role in mail_channel.members(engagement_id)
    ]  # fmt: skip


def send_week(actor: Actor, slug: str, review_id: int, to: Collection[int]) -> list[str]:
    """Mail a frozen week to these members now, and return the names of whom it was sent to.

    Each gets what they may read. Who was sent it before is left out. Raises Invalid if mail is switched off, nobody is
    chosen, or the server doesn't take it: then the sentence says who has it.
    """
    people = [row for row in recipients(actor, slug, review_id) if row.user_id in to]
    settings = smtp.settings()
    if settings is None:
        raise Invalid("Mail is switched off: set HEADWAY_SMTP and HEADWAY_MAIL_FROM. Nothing was sent.")
    if not people:
        raise Invalid("Choose whom to send it to. Nothing was sent.")
    due = [row for row in people if not row.was_sent]
    if not due:
        raise Invalid("They were sent this week before. Nothing was sent again.")
    return _send(actor, slug, review_id, due, settings)


def _send(actor: Actor, slug: str, review_id: int, due: list[Recipient], settings: SmtpSettings) -> list[str]:
    mailer, sent, refused = Mailer(settings), list[str](), list[tuple[str, Exception]]()
    try:
        for row in due:
            person = Receiver(row.user_id, row.name, row.email)
            letter, pdf = mail_channel.week_letter(person, review_id, slug, actor.at, sent_by=actor)
            key = mail_channel.week_key(review_id, row.user_id)
            try:
                outbox.send_now(mailer, outbox.Mail(person, letter, key, actor.at, pdf))
            except (Postponed, Refused) as refusal:
                refused.append((row.name, refusal))
                continue
            note_sent(actor, slug, review_id, pdf.data)
            sent.append(row.name)
    except (OSError, smtplib.SMTPException) as failed:
        raise Invalid(
            f"The mail server didn't take it: {failed}. {_who_has_it(sent)}. Try again later."
        ) from failed
    finally:
        mailer.close()
    if refused:
        names = join_list([name for name, _ in refused], len(refused))
        advice = "Try again later" if isinstance(refused[0][1], Postponed) else "Check the address"
        raise Invalid(
            f"The mail server didn't take it for {names}: {refused[0][1]}. {_who_has_it(sent)}. {advice}."
        )
    return sent


def _who_has_it(names: list[str]) -> str:
    if not names:
        return "Nobody has it"
    return f"{join_list(names, len(names))} {'have' if len(names) > 1 else 'has'} it"


def ready_text(actor: Actor, slug: str, review_id: int) -> ReadyText:
    """Return a frozen week as a mail to paste: its verdict, what is asked for, and the link of its light page."""
    with cursors.read_session() as session:
        engagement_id = access(session.connection(), actor, slug, Action.WRITE_REVIEWS).engagement_id
        review = _review(session, engagement_id, review_id)
    document = stored_reviews.document(actor, slug, review.digest)
    return ReadyText(_subject(document), _body(document, mail_channel.light_page(slug, review)))


def _subject(document: SnapshotDocument) -> str:
    return f"{title(document)}, {letters.status_text(document)}"


def _body(document: SnapshotDocument, link: str) -> str:
    asked = week_facts.decisions(document)
    lines = [verdict(document), document.passage("note")]
    if asked:
        lines.append(f"{count(len(asked), 'decision')} needed:")
        lines += [f"- {what}: {who}" for what, who in asked[:6]]
    text = "\n".join(line for line in lines if line)
    return f"{shortened(text, MAX_BODY)}\n\nThe whole week: {link}\n"


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` characters, its end left out, with its lines."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _review(session: Session, engagement_id: int, review_id: int) -> Review:
    review = session.get(Review, review_id)
    if review is None or review.engagement_id != engagement_id:
        raise Invalid("There is no such review here. Nothing was sent.")
    return review
