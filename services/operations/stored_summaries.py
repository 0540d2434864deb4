"""Storing every engagement's summary anew, after an upgrade that may have changed the rules by which it is made."""

from __future__ import annotations

from sqlalchemy import select, update

from models.database import engine_of
from models.engagement import Engagement, StoredSummary
from models.summarise import summarise
from store import states
from store.table_rows import table_of

_TABLE = table_of(StoredSummary)


def refresh_summaries(url: str) -> int:
    """Store the summaries of the database at `url` anew where they differ. Returns how many did.

    Without this, what the rules no longer count, such as an owner “TBD”, would count until the engagement's next change.
    """
    with engine_of(url).connect() as connection:
        ids = list(connection.execute(select(Engagement.__table__.c.id)).scalars())
    return sum(_refresh(url, engagement_id) for engagement_id in ids)


def _refresh(url: str, engagement_id: int) -> bool:
    engagements = table_of(Engagement).c
    with engine_of(url).execution_options(writes=True).begin() as connection:
        connection.execute(select(engagements.id).where(engagements.id == engagement_id).with_for_update())
        own = _TABLE.c.engagement_id == engagement_id
        stored = connection.execute(select(_TABLE.c.content).where(own)).scalar_one_or_none()
        if stored is None:
            return False
        content = summarise(states.load(connection, engagement_id)).to_json()
        if stored == content:
            return False
        connection.execute(update(_TABLE).where(own).values(content=content))
        return True
