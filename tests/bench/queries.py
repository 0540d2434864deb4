"""What reading an engagement costs beside the raw driver."""

from datetime import UTC, datetime

from sqlalchemy import select

from models.database import engine
from models.engagement import Engagement
from services import sample
from store import states
from store.table_rows import query_of, rows_of, rows_of_each
from tests.bench import Measured, Stage, bench
from tests.bench.timing import ratio

RUNS = 60


SLUG = "larkspur-lending"


def an_overview(url: str) -> None:
    """The sample portfolio, as of now: pages show today."""
    sample.load(datetime.now(UTC))


@bench("overview's queries, nothing kept", limit=2.0, fill=an_overview)
def overview_queries(stage: Stage) -> Measured:
    """typed rows of every table, against the same SQL through the raw driver, fetched and thrown away"""
    with engine().connect() as connection:
        engagement_id = connection.scalar(select(Engagement.id).where(Engagement.slug == SLUG))
        tables = [(table, "engagement_id") for table in states.TABLES] + [(Engagement.__table__, "id")]

        def ours() -> None:
            rows_of_each(connection, states.TABLES, "engagement_id", engagement_id)
            rows_of(connection, Engagement.__table__, "id", engagement_id)

        queries = [query_of(connection.dialect, table, key) for table, key in tables]
        cursor = connection.connection.cursor()

        def raw() -> None:
            for query in queries:
                cursor.execute(query.sql, query.given(engagement_id))
                cursor.fetchall()

        return ratio(ours, raw, RUNS)
