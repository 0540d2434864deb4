"""What reading an engagement costs beside the raw driver."""

from sqlalchemy import event, select

from models.database import engine
from models.engagement import Engagement
from models.people import operator
from reports import states
from tests.bench import Measured, Stage, bench
from tests.bench.timing import ratio
from tests.builders import noon

RUNS = 60


def an_overview(url: str) -> None:
    """The sample portfolio."""
    from services.sample import load

    load(noon(75))


@bench("overview's queries, nothing kept", limit=2.0, fill=an_overview)
def overview_queries(stage: Stage) -> Measured:
    """against the same SQL through the raw driver, fetched and thrown away"""
    with engine().connect() as connection:
        engagement_id = connection.scalar(select(Engagement.id).order_by(Engagement.id))
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
    who = operator(noon(75))
    with engine().connect() as connection:
        slug = connection.scalar(select(Engagement.slug).order_by(Engagement.id))
    states.state(who, slug)
    statements: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_):
        statements.append((statement, parameters))

    event.listen(engine(), "before_cursor_execute", note)
    states.state(who, slug)
    event.remove(engine(), "before_cursor_execute", note)
    ((statement, parameters),) = statements
    with engine().connect() as connection:
        cursor = connection.connection.cursor()

        def raw() -> None:
            cursor.execute(statement, parameters)
            cursor.fetchall()

        return ratio(lambda: states.state(who, slug), raw, RUNS)
