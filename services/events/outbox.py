"""Mails that are sent once: each has a key, and what was sent under it is never sent again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.database import engine, query_connection
from models.mail import MailChoice, SentMail, UnsubscribeLink
from models.sessions import hash_token, new_token
from reports.mail.letter import Letter
from services.core.site_url import home_url
from services.events.cursors import writing
from services.events.smtp import Attachment, Mailer, Refused, message
from store.table_rows import table_of

_SENT = table_of(SentMail)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receiver:
    """Somebody who is sent a mail; `user_id` is None for an address without an account."""

    user_id: int | None
    name: str
    email: str


def was_sent(key: str) -> bool:
    """Return whether a mail of this key was sent."""
    with query_connection() as connection:
        return connection.scalar(select(_SENT.c.id).where(_SENT.c.key == key)) is not None


def send_once(
    mailer: Mailer,
    to: Receiver,
    letter: Letter,
    key: str,
    at: datetime,
    attachment: Attachment | None = None,
    until: datetime | None = None,
) -> None:
    """Send a mail, and note that under `key`. An address that is refused for good counts as done.

    Between the two a kill may make it go twice, with the same Message-ID.
    """
    try:
        mailer.send(message(mailer.settings, to.email, letter, key, at, attachment))
    except Refused as refused:
        # One wrong address must not keep the others from their mail. The log has no address.
        _log.warning("the mail server refuses “%s” for good: %s", key, refused)
    try:
        with writing() as connection:
            connection.execute(insert(_SENT).values(key=key, user_id=to.user_id, sent_at=at, until=until))
    except IntegrityError:
        return


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


def read_session() -> Session:
    """Return a session that only reads."""
    return Session(engine(), expire_on_commit=False)
