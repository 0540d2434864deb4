"""Mails that are sent once: each has a key, and what was sent under it is never sent again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.database import query_connection
from models.errors import HeadwayError
from models.mail import MailChoice, SentMail, UnsubscribeLink
from models.sessions import hash_token, new_token
from reports.mail.letter import Letter
from services.core.site_url import home_url
from services.events.cursors import writing
from services.mail.smtp import Attachment, Mailer, Postponed, Refused, message
from store.table_rows import table_of

PATIENCE = timedelta(hours=6)
"""How long a mail that the server refuses for now is tried again. Greylisting, its most frequent cause, ends sooner."""
_SENT = table_of(SentMail)
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receiver:
    """Somebody who is sent a mail; `user_id` is None for an address without an account."""

    user_id: int | None
    name: str
    email: str


@dataclass(frozen=True)
class Mail:
    """A letter `to` somebody, sent once under its `key` at the moment `at`.

    `until` is the end of what it tells of, where the next one goes on from there.
    """

    to: Receiver
    letter: Letter
    key: str
    at: datetime
    attachment: Attachment | None = None
    until: datetime | None = None


def was_sent(key: str) -> bool:
    """Return whether a mail of this key was sent, or given up."""
    return _noted_at(key) is not None


def _noted_at(key: str) -> datetime | None:
    with query_connection() as connection:
        return connection.scalar(select(_SENT.c.sent_at).where(_SENT.c.key == key))


def send_once(mailer: Mailer, mail: Mail) -> bool:
    """Send a mail, note that under its key, and return whether the server took it. Raises Postponed if it may later.

    An address that is refused for good, or for now over six hours, counts as done.
    Between sending and noting a kill may make it go twice, with the same Message-ID.
    """
    try:
        send_now(mailer, mail)
    except Postponed as postponed:
        if mail.at - _first_refused(mail) < PATIENCE:
            raise
        why = str(postponed)
    except Refused as refused:
        why = str(refused)
    else:
        return True
    # One wrong address must not keep the others from their mail. The log has no address.
    _log.warning("the mail server does not take “%s”: %s", mail.key, why)
    mailer.refusals.append(why)
    _note(mail.key, mail.to, mail.at, mail.until)
    return False


def send_now(mailer: Mailer, mail: Mail) -> None:
    """Send a mail and note that under its key. Raises what the server says, for who waits for it: Refused, Postponed."""
    mailer.send(message(mailer.settings, mail.to.email, mail.letter, mail.key, mail.at, mail.attachment))
    _note(mail.key, mail.to, mail.at, mail.until)


def _first_refused(mail: Mail) -> datetime:
    """Return when the server refused this mail for now for the first time."""
    key = f"{mail.key} refused for now"
    if (first := _noted_at(key)) is not None:
        return first
    _note(key, mail.to, mail.at)
    return mail.at


def _note(key: str, to: Receiver, at: datetime, until: datetime | None = None) -> None:
    try:
        with writing() as connection:
            connection.execute(insert(_SENT).values(key=key, user_id=to.user_id, sent_at=at, until=until))
    except IntegrityError:
        return


def to_each(people: Iterable[_T], mail_one: Callable[[_T], bool]) -> int:
    """Call `mail_one` for each person, and return for how many it returned that a mail was sent.

    Whom the server refuses for now, and whom the mail doesn't concern any more, keep nobody else from theirs. Raises
    Postponed at the end if there were such: trying again mails only those, as what was sent is noted by its key.
    """
    sent, postponed = 0, list[Postponed]()
    for person in people:
        try:
            sent += mail_one(person)
        except Postponed as refused:
            postponed.append(refused)
        except HeadwayError as refused:
            _log.info("no mail to one of them: %s", refused)
    if postponed:
        raise Postponed(f"{sent} mailed, {len(postponed)} not yet: {postponed[0]}")
    return sent


def unsubscribe_url(user_id: int, engagement_id: int, what: str, at: datetime) -> str:
    """Return a new address that ends one choice of a receiver. Only the digest of its token is stored."""
    token = new_token()
    with writing() as connection:
        connection.execute(
            insert(table_of(UnsubscribeLink)).values(
                token_digest=hash_token(token),
                user_id=user_id,
                engagement_id=engagement_id,
                what=what,
                created_at=at,
            )
        )
    return f"{home_url()}/sign/unsubscribe?token={token}"


def choice_of(session: Session, user_id: int, engagement_id: int) -> MailChoice:
    """Return what a member chose, or a new row with the default."""
    own = (MailChoice.user_id == user_id) & (MailChoice.engagement_id == engagement_id)
    choice = session.scalar(select(MailChoice).where(own))
    return choice or MailChoice(
        user_id=user_id, engagement_id=engagement_id, weeks=False, digest=True, mentions=False
    )
