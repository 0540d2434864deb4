"""What reading an engagement costs beside the raw driver."""

from datetime import UTC, datetime

from sqlalchemy import event, select

from models.database import engine
from models.engagement import Engagement
from models.people import operator
from reports import states
from services import sample
from tests.bench import Measured, Stage, bench
from tests.bench.timing import ratio

RUNS = 60


SLUG = "larkspur-lending"


def an_overview(url: str) -> None:
    """The sample portfolio, as of now: pages show today."""
    sample.load(datetime.now(UTC))


@bench("overview's queries, nothing kept", limit=2.0, fill=an_overview)
def overview_queries(stage: Stage) -> Measured:
    """against the same SQL through the raw driver, fetched and thrown away"""
    with engine().connect() as connection:
        engagement_id = connection.scalar(select(Engagement.id).where(Engagement.slug == SLUG))
        statements: list[tuple[str, object]] = []

        def note(_connection, _cursor, statement, parameters, *_):
            statements.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        states.load(connection, engagement_id)
        event.remove(connection, "before_cursor_execute", note)
        cursor = connection.connection.cursor()

        def raw() -> None:
            for statement, parameters in statements:
                cursor.execute(statement, parameters)
                cursor.fetchall()

        return ratio(lambda: states.load(connection, engagement_id), raw, RUNS)


@bench("a kept state", limit=3.0, fill=an_overview)
def kept_state(stage: Stage) -> Measured:
    """against its one query through the raw driver"""
    who = operator(datetime.now(UTC))
    states.state(who, SLUG)
    statements: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_):
        statements.append((statement, parameters))

    event.listen(engine(), "before_cursor_execute", note)
    states.state(who, SLUG)
    event.remove(engine(), "before_cursor_execute", note)
    ((statement, parameters),) = statements
    with engine().connect() as connection:
        cursor = connection.connection.cursor()

        def raw() -> None:
            cursor.execute(statement, parameters)
            cursor.fetchall()

        return ratio(lambda: states.state(who, SLUG), raw, RUNS)
