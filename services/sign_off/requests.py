"""Requests to a sponsor for signatures: asking, and withdrawing a request."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Definition, Metric
from models.people import Actor, User
from models.permissions import Action
from models.sign_off import EventKind, SignOffEvent, SignOffItem, SignOffRequest, definitions_digest
from reports.sign_off.cards import other_data
from services.core.changes import Work
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import MAX_TEXT, optional_text, required_text
from services.sign_off.events import append_event
from services.sign_off.links import get_sponsor, refuse_answered, refuse_ended
from services.sign_off.versions import is_signed, set_newest_rules
from store import states


def ask(
    actor: Actor, slug: str, metric_ids: Sequence[int], *, of: int, note_to_them: str | None = None
) -> int:
    """Ask the sponsor with the user id `of` to sign those metrics as they are now. Returns the request's id.

    Raises Invalid if a metric can't be signed yet, or for a request to oneself.
    """
    note = optional_text("note", note_to_them, MAX_TEXT)
    with transaction(actor, "ask for sign-off") as session:
        engagement = open_engagement(session, slug, Action.ASK_FOR_SIGN_OFF)
        sponsor = get_sponsor(session, engagement, of)
        return add_request(session, engagement, sponsor, metric_ids, note)


def add_request(
    session: Session, engagement: Engagement, sponsor: User, metric_ids: Sequence[int], note: str | None
) -> int:
    """Add a request to the sponsor, in an open transaction. Returns its id. Raises Invalid as `ask` does."""
    work: Work = session.info["work"]
    if sponsor.id == work.actor.user_id:
        raise Invalid("Who asks for a signature can't give it: ask somebody else. Nothing was saved.")
    metrics = [get_part(session, engagement, Metric, metric_id) for metric_id in dict.fromkeys(metric_ids)]
    _refuse_unready(metrics)
    _refuse_other_data(session, engagement, metrics)
    for metric in metrics:
        if not is_signed(session, metric):
            set_newest_rules(session, metric)
    request = SignOffRequest(
        engagement_id=engagement.id,
        asked_by=work.actor.name,
        asked_by_id=work.actor.user_id,
        asked_of_id=sponsor.id,
        note=note,
        content=definitions_digest({metric.slug: metric.digest() for metric in metrics}),
    )
    session.add(request)
    session.flush()
    for metric in metrics:
        session.add(_item(session, engagement, request, metric))
    append_event(session, request, EventKind.ASKED)
    return request.id


def _refuse_unready(metrics: Sequence[Metric]) -> None:
    if not metrics:
        raise Invalid("Choose at least one metric to be signed. Nothing was saved.")
    for metric in metrics:
        if not metric.active:
            raise Invalid(f"“{metric.name}” is retired, so there is nothing to sign. Nothing was saved.")
        if metric.target is None:
            raise Invalid(f"“{metric.name}” has no target yet to agree on. Nothing was saved.")


def _refuse_other_data(session: Session, engagement: Engagement, metrics: Sequence[Metric]) -> None:
    ids = {metric.id for metric in metrics}
    for metric in states.load(session.connection(), engagement.id).metrics:
        if metric.id in ids and metric.baseline_data_differ:
            raise Invalid(f"{other_data(metric)} Nothing was saved.")


def _item(session: Session, engagement: Engagement, request: SignOffRequest, metric: Metric) -> SignOffItem:
    newest = select(Definition.number).where(Definition.metric_id == metric.id)
    number = session.scalar(newest.order_by(Definition.number.desc()).limit(1)) or 1
    return SignOffItem(
        engagement_id=engagement.id,
        request_id=request.id,
        metric_id=metric.id,
        digest=metric.digest(),
        number=number,
    )


def withdraw(actor: Actor, slug: str, request_id: int, reason: str) -> None:
    """Withdraw a request, and so its links. Raises AlreadySigned or Conflict if it was answered or withdrawn before."""
    comment = required_text("reason", reason)
    with transaction(actor, "take back a request for sign-off") as session:
        engagement = open_engagement(session, slug, Action.ASK_FOR_SIGN_OFF)
        request = get_part(session, engagement, SignOffRequest, request_id)
        refuse_answered(session, request)
        refuse_ended(session, request, None, actor.at)
        append_event(session, request, EventKind.REVOKED, detail=comment)


def note_viewed(actor: Actor, slug: str, request_id: int) -> None:
    """Note that the sponsor has opened a request: once in each session."""
    with transaction(actor, "view a request for sign-off") as session:
        engagement = open_engagement(session, slug, Action.SIGN)
        request = get_part(session, engagement, SignOffRequest, request_id)
        viewed = select(SignOffEvent.id).where(
            SignOffEvent.request_id == request.id,
            SignOffEvent.kind == EventKind.VIEWED,
            SignOffEvent.session_id == actor.session_id,
        )
        if request.asked_of_id == actor.user_id and session.scalar(viewed.limit(1)) is None:
            append_event(session, request, EventKind.VIEWED)
