"""Notices: what turned late, stale or broken by itself becomes an act of the journal, and so an event."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from models.database import read_connection
from models.engagement import Engagement, StoredSummary
from models.errors import Conflict
from models.notices import HEALTH, DueNotice, Notice, due_notices, health_of
from models.people import Actor
from models.permissions import Action
from models.summary import Summary
from services.core.transaction import open_engagement, transaction
from store.access import access, expect_operator
from store.portfolio import is_archived

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AddedNotice:
    """A notice that was added."""

    engagement: str
    kind: str
    text: str


def notice(actor: Actor, slug: str | None = None) -> list[AddedNotice]:
    """Add a notice for whatever turned late, at risk, stale, overdue or broken, and for a change of health.

    A notice is added once: repeating it does nothing. Returns what was added; an archived engagement has none. An
    engagement that can't be read keeps no other from its notices: its error is raised at the end. Raises Forbidden for
    everybody but the operator.
    """
    expect_operator(actor, "add notices")
    added, failed = list[AddedNotice](), list[Exception]()
    for engagement in _engagements(actor, slug):
        try:
            for due in _new_notices(engagement, actor.at):
                if _add_notice(actor, engagement.slug, due):
                    added.append(AddedNotice(engagement.slug, due.kind, due.text))
        except Exception as failure:
            _log.exception("no notices for %s", engagement.slug)
            failed.append(failure)
    if failed:
        raise failed[0]
    return added


@dataclass(frozen=True)
class _Engagement:
    id: int
    slug: str
    zone: str


def _engagements(actor: Actor, slug: str | None) -> list[_Engagement]:
    query = (
        select(Engagement.id, Engagement.slug, Engagement.zone).where(~is_archived()).order_by(Engagement.id)
    )
    with read_connection() as connection:
        if slug is not None:
            query = query.where(Engagement.id == access(connection, actor, slug, Action.READ).engagement_id)
        return [_Engagement(*row) for row in connection.execute(query)]


def _new_notices(engagement: _Engagement, at: datetime) -> list[DueNotice]:
    on = at.astimezone(ZoneInfo(engagement.zone)).date()
    with read_connection() as connection:
        content = connection.scalar(
            select(StoredSummary.content).where(StoredSummary.engagement_id == engagement.id)
        )
        known = _known_notices(connection, engagement.id)
    if content is None:
        return []
    known_health = [health_of(key) for key, kind in known.items() if kind == HEALTH]
    return [due for due in due_notices(Summary.from_json(content), on, known_health) if due.key not in known]


def _known_notices(connection: Connection, engagement_id: int) -> dict[str, str]:
    """Return the kinds of the notices so far by their keys, the oldest first."""
    query = select(Notice.key, Notice.kind).where(Notice.engagement_id == engagement_id).order_by(Notice.id)
    return dict(connection.execute(query).tuples().all())


def _add_notice(actor: Actor, slug: str, due: DueNotice) -> bool:
    """Add the notice. Returns False if another process added it meanwhile."""
    try:
        with transaction(actor, due.use_case) as session:
            engagement = open_engagement(session, slug, Action.READ)
            session.add(
                Notice(
                    engagement_id=engagement.id,
                    key=due.key,
                    kind=due.kind,
                    row_id=due.row_id,
                    text=due.text,
                )
            )
    except Conflict:
        return False
    return True
