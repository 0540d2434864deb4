"""One-time links by mail, instead of handing them over."""

from __future__ import annotations

import smtplib
from datetime import datetime

from sqlalchemy import select

from models.errors import Invalid
from models.names import clean_email
from models.people import Actor, User
from models.sessions import LINK_LIFETIMES, OneTimeLink, Purpose, hash_token
from reports.mail import letters
from services.core.site_url import link_url
from services.events import cursors
from services.mail import smtp
from services.mail.smtp import Mailer, message
from services.people.accounts import make_link


def mail_link(actor: Actor, email: str, purpose: Purpose | None = None) -> datetime:
    """Make a one-time link for a user and mail it to them. Returns until when it works.

    Raises Invalid if mail is switched off or the server doesn't take it, and as `make_link` does.
    """
    settings = smtp.settings()
    if settings is None:
        raise Invalid("Mail is switched off: set HEADWAY_SMTP and HEADWAY_MAIL_FROM. No link was made.")
    token = make_link(actor, email, purpose)
    with cursors.read_session() as session:
        user = session.scalars(select(User).where(User.email == clean_email(email))).one()
        link = session.scalars(select(OneTimeLink).where(OneTimeLink.token_digest == hash_token(token))).one()
    until = actor.at + LINK_LIFETIMES[Purpose(link.purpose)]
    letter = letters.one_time_link(user.name, Purpose(link.purpose), link_url(token), until)
    mailer = Mailer(settings)
    try:
        mailer.send(message(settings, user.email, letter, f"link {link.id}", actor.at))
    except (OSError, smtplib.SMTPException, smtp.Refused) as failed:
        raise Invalid(
            f"The mail server didn't take it: {failed}. Make another link, and send it privately."
        ) from failed
    finally:
        mailer.close()
    return until
