"""What happens to requests for signatures, appended to them within an open transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.metrics import Metric
from models.people import Actor
from models.sign_off import EventKind, SignOffEvent, SignOffItem, SignOffRequest
from services.core.changes import Work

ANSWERS = (EventKind.SIGNED, EventKind.DECLINED)
"""After one of these a request asks for nothing any more; nor where it was revoked itself, and not just a link of it."""


def append_event(
    session: Session,
    request: SignOffRequest,
    kind: EventKind,
    *,
    link_id: int | None = None,
    record_id: int | None = None,
    detail: str | None = None,
    by: Actor | None = None,
) -> None:
    """Append an event of the transaction's actor, or `by` another one."""
    work: Work = session.info["work"]
    actor = by or work.actor
    session.add(
        SignOffEvent(
            engagement_id=request.engagement_id,
            request_id=request.id,
            link_id=link_id if link_id is not None else actor.link_id,
            record_id=record_id,
            kind=kind,
            by=actor.name,
            user_id=actor.user_id,
            session_id=actor.session_id,
            detail=detail,
        )
    )


def has_event(session: Session, request_id: int, *kinds: EventKind, link_id: int | None = None) -> bool:
    """Whether one of these has happened to the request; or, with `link_id`, to that link of it."""
    query = select(SignOffEvent.id).where(SignOffEvent.request_id == request_id, SignOffEvent.kind.in_(kinds))
    if link_id is not None:
        query = query.where(SignOffEvent.link_id == link_id)
    return session.scalar(query.limit(1)) is not None


def open_requests(session: Session, engagement_id: int, *which) -> Sequence[SignOffRequest]:
    """The engagement's requests that were neither answered nor revoked."""
    revoked = (SignOffEvent.kind == EventKind.REVOKED) & SignOffEvent.link_id.is_(None)
    ended = exists().where(
        SignOffEvent.request_id == SignOffRequest.id, SignOffEvent.kind.in_(ANSWERS) | revoked
    )
    query = select(SignOffRequest).where(SignOffRequest.engagement_id == engagement_id, ~ended, *which)
    return session.scalars(query.order_by(SignOffRequest.id)).all()


def revoke_asking_for(session: Session, metric: Metric, why: str) -> None:
    """Revoke what asks for a signature under a definition that isn't in force any more, and its links with it."""
    asks = exists().where(SignOffItem.request_id == SignOffRequest.id, SignOffItem.metric_id == metric.id)
    for request in open_requests(session, metric.engagement_id, asks):
        append_event(session, request, EventKind.REVOKED, detail=why)
