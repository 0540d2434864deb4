"""Adding checkpoints of states beside the program, so that no write pays for them."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from models.checkpoints import StateCheckpoint, form_of
from models.database import engine, query_connection
from models.engagement import Engagement
from store import states
from store.checkpoints import erasures_of
from store.table_rows import table_of

EVERY = 2_000
"""Entries: replaying so many takes about a tenth of a second."""
MAX_AT_ONCE = 50
_TABLE, _ENGAGEMENT = table_of(StateCheckpoint), table_of(Engagement)


def add_checkpoints(every: int = EVERY, at_most: int = MAX_AT_ONCE) -> int:
    """Add the checkpoints that are missing, oldest first, and return how many were added."""
    form = form_of(states.STATE_KINDS)
    newest = func.coalesce(func.max(_TABLE.c.sequence), 0)
    own = (_TABLE.c.engagement_id == _ENGAGEMENT.c.id) & (_TABLE.c.form == form)
    query = (
        select(_ENGAGEMENT.c.id, _ENGAGEMENT.c.revision, newest)
        .outerjoin(_TABLE, own)
        .group_by(_ENGAGEMENT.c.id, _ENGAGEMENT.c.revision)
        .having(_ENGAGEMENT.c.revision - newest >= every)
    )
    with query_connection() as connection:
        behind = connection.execute(query).all()
    wanted = [
        (engagement_id, sequence)
        for engagement_id, revision, last in behind
        for sequence in range(last + every, revision + 1, every)
    ]
    return sum(_add(engagement_id, sequence, form) for engagement_id, sequence in wanted[:at_most])


def _add(engagement_id: int, sequence: int, form: str) -> bool:
    with query_connection() as connection:
        erasures = erasures_of(connection, engagement_id)
        replayed = states.replay_states(connection, engagement_id, sequence)
    content, digest = replayed.as_content()
    values = {"engagement_id": engagement_id, "sequence": sequence, "head": replayed.head}
    values |= {"erasures": erasures, "form": form, "digest": digest, "content": content}
    with (
        suppress(IntegrityError),  # another process was first
        engine().execution_options(writes=True).begin() as connection,
    ):
        lock = select(_ENGAGEMENT.c.id).where(_ENGAGEMENT.c.id == engagement_id).with_for_update()
        # Under the lock no erasure is under way: what was erased meanwhile must not be stored here.
        if connection.scalar(lock) is None or erasures_of(connection, engagement_id) != erasures:
            return False
        old = (_TABLE.c.engagement_id == engagement_id) & (_TABLE.c.sequence == sequence)
        connection.execute(_TABLE.delete().where(old, _TABLE.c.form != form))
        connection.execute(insert(_TABLE).values(values))
        return True
    return False
