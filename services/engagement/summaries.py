"""The engagement's summary, stored by each transaction for the portfolio."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, update

from models.engagement import StoredSummary
from models.prepared import Prepared
from models.summary import summarise, with_new_aggregates
from services.core.projections import Derivation

_TABLE = StoredSummary.__table__
_UPDATE = Prepared(
    update(_TABLE).where(_TABLE.c.engagement_id == bindparam("of_engagement")), "revision", "content"
)
_INSERT = Prepared(insert(_TABLE), *(each.name for each in _TABLE.c))


def store_summary(derivation: Derivation) -> None:
    """Store the summary of the state at its revision; after measurements alone, only the metrics' facts are renewed."""
    engagement, earlier = derivation.engagement, derivation.earlier_summary
    summary = with_new_aggregates(earlier, engagement) if earlier is not None else summarise(engagement)
    stored = {"revision": engagement.revision, "content": summary.to_json()}
    if not _UPDATE.run(derivation.connection, {"of_engagement": engagement.id, **stored}):
        _INSERT.run(derivation.connection, {"engagement_id": engagement.id, **stored})
    derivation.summary = summary
