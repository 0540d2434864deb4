"""Compare the tables with the journal: a row that was edited behind the program's back shows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from models.base import Base
from models.engagement import Engagement
from models.metrics import SignOff
from models.sign_off import SignOffRecord
from models.wording import nouns
from store.states import KINDS, replayed
from store.table_rows import rows_of, table_of

# These change with every transaction, and the journal doesn't cover them.
_UNJOURNALLED = {"revision", "head"}


def first_difference(connection: Connection, engagement_id: int, revision: int) -> str | None:
    """Return the first row that differs from the journal at its newest `revision`, as text; None if none does.

    Columns that were added after a row's entries aren't in them, and aren't compared.
    """
    try:
        journalled = replayed(connection, engagement_id, revision)
    except (KeyError, TypeError, ValueError):
        return "engagement: what the journal says makes no sense, so it was written by something else"
    kinds: dict[str, tuple[type[Base], str]] = {"engagement": (Engagement, "id")}
    kinds |= {kind: (cls, "engagement_id") for kind, cls in KINDS.items()}
    for kind, (cls, key) in kinds.items():
        there = {row["id"]: row for row in rows_of(connection, table_of(cls), key, engagement_id)}
        meant = {row["id"]: row for row in journalled[kind]}
        for row_id in sorted(there.keys() | meant.keys()):
            difference = _difference(there.get(row_id), meant.get(row_id))
            if difference is not None:
                return f"{nouns(kind)[0]} {row_id} {difference}"
    return _unlike_record(connection, engagement_id)


def _unlike_record(connection: Connection, engagement_id: int) -> str | None:
    """Return the first signature whose record isn't the one that it names by its digest, as text; None if there is none.

    Records aren't journalled, since they say from where somebody signed; the digest in each signature is.
    """
    sign, kept = SignOff.__table__.c, SignOffRecord.__table__.c
    rows = connection.execute(
        select(sign.id, sign.record_digest, kept.digest, kept.content)
        .outerjoin(SignOffRecord.__table__, kept.id == sign.record_id)
        .where(sign.engagement_id == engagement_id, sign.record_digest.is_not(None))
        .order_by(sign.id)
    )
    for sign_id, named, digest, content in rows:
        if content is None:
            return f"sign off {sign_id} has no record any more: somebody removed it"
        if named != digest or not SignOffRecord(digest=digest, content=content).is_intact:
            return f"sign off {sign_id} has another record than the one that was signed: somebody changed it there"
    return None


def _difference(there: dict[str, Any] | None, meant: dict[str, Any] | None) -> str | None:
    if there is None:
        return "is in the journal and not in its table: somebody removed it there"
    if meant is None:
        return "is in its table and not in the journal: somebody added it there"
    for column, value in meant.items():
        if column not in _UNJOURNALLED and there.get(column) != value:
            return f"has another {column.replace('_', ' ')} in its table than in the journal: somebody changed it there"
    return None
