"""What a member chooses to be mailed, and the link in a mail that ends it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Forbidden, NotFound
from models.mail import CHOICES, DIGEST, MailChoice, UnsubscribeLink
from models.people import Actor, Member
from models.permissions import Action
from models.sessions import hash_token
from services.core.transaction import transaction, unjournalled_transaction
from services.core.validation import one_of
from services.events import cursors
from services.mail import outbox
from store.access import access


def choices(actor: Actor, slug: str) -> dict[str, bool]:
    """Return what the actor chose in an engagement, by the name of the choice."""
    with cursors.read_session() as session:
        engagement_id = access(session.connection(), actor, slug, Action.READ).engagement_id
        row = outbox.choice_of(session, _person(actor), engagement_id)
        return {name: getattr(row, name) for name in CHOICES}


def choose(actor: Actor, slug: str, **chosen: bool) -> None:
    """Set what the actor is mailed in an engagement, such as weeks=True. Raises Forbidden for programs."""
    names = [one_of("kind of mail", name, list(CHOICES)) for name in chosen]
    with transaction(actor, "choose what is mailed") as session:
        engagement_id = access(session.connection(), actor, slug, Action.READ).engagement_id
        row = outbox.choice_of(session, _person(actor), engagement_id)
        for name in names:
            setattr(row, name, chosen[name])
        session.add(row)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Forbidden("Only a person who signed in can be mailed. Nothing was changed.")
    return actor.user_id


def unsubscribe(token: str) -> str:
    """End what the link in a mail is for, and return the engagement's name. Raises NotFound for no link of ours.

    The digest ends in all of a person's engagements, as it is one mail.
    """
    with unjournalled_transaction() as session:
        link = session.scalar(
            select(UnsubscribeLink).where(UnsubscribeLink.token_digest == hash_token(token))
        )
        if link is None:
            raise NotFound("This link can't be used: part of it was lost on the way. Nothing was changed.")
        everywhere = select(Member.engagement_id).where(Member.user_id == link.user_id)
        ids = session.scalars(everywhere).all() if link.what == DIGEST else [link.engagement_id]
        for engagement_id in ids:
            _end(session, outbox.choice_of(session, link.user_id, engagement_id), link.what)
        return session.get_one(Engagement, link.engagement_id).name


def _end(session: Session, row: MailChoice, what: str) -> None:
    setattr(row, what, False)
    session.add(row)
