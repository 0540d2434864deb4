"""How much the program is used, as counts for metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from models.database import query_connection
from models.engagement import Engagement
from models.sessions import UserSession
from models.settings import settings


def open_sessions() -> int:
    """Return the number of sessions that have neither ended nor expired."""
    now, limits = datetime.now(UTC), settings()
    is_live = (
        UserSession.ended_at.is_(None),
        UserSession.seen_at > now - timedelta(minutes=limits.HEADWAY_IDLE_MINUTES),
        UserSession.created_at > now - timedelta(hours=limits.HEADWAY_SESSION_HOURS),
    )
    query = select(func.count()).select_from(UserSession).where(*is_live)
    with query_connection() as connection:
        return connection.execute(query).scalar_one()


def journal_entries() -> int:
    """Return the number of entries of all journals: the sum of the revisions."""
    with query_connection() as connection:
        return connection.execute(select(func.coalesce(func.sum(Engagement.revision), 0))).scalar_one()
