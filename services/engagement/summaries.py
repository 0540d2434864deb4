"""Storing an engagement's summary, for the portfolio."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, update

from models.engagement import StoredSummary
from models.prepared import Prepared
from models.summarise import summarise, with_new_aggregates
from services.core.projections import Derivation
from store.table_rows import table_of

_TABLE = table_of(StoredSummary)
_UPDATE = Prepared(
    update(_TABLE).where(_TABLE.c.engagement_id == bindparam("of_engagement")), "revision", "content"
)
_INSERT = Prepared(insert(_TABLE), *(column.name for column in _TABLE.c))


def store_summary(derivation: Derivation) -> None:
    """Store the summary of the state at its revision. If only measurements arrived, only the metrics' part is new."""
    engagement, earlier = derivation.engagement, derivation.earlier_summary
    summary = with_new_aggregates(earlier, engagement) if earlier is not None else summarise(engagement)
    stored = {"revision": engagement.revision, "content": summary.to_json()}
    if not _UPDATE.run(derivation.connection, {"of_engagement": engagement.id, **stored}):
        _INSERT.run(derivation.connection, {"engagement_id": engagement.id, **stored})
    derivation.summary = summary
