"""What events cost: a write with endpoints, an idle relay, and how fast many waiting deliveries leave."""

import os
import time
from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.database import engine
from models.endpoints import Cursor, Endpoint
from services import sample
from services.events import cursors, endpoints
from services.events.relay import Relay
from services.plan import decisions
from tests.bench import Measured, Stage, bench
from tests.bench.timing import ratio
from tests.builders import an_engagement, on_day, the_operator
from tests.services.events.acts import journal_acts
from tests.services.events.receiver import receiver

RUNS = 150
CURSORS = 20_000
WAITING = 10_000


def two_alike(url: str) -> None:
    """Two engagements, one of them with three endpoints."""
    for slug in ("without", "with"):
        an_engagement(slug)
    for number in range(3):
        endpoints.add_endpoint(the_operator(), "with", f"https://x.example/{number}")


@bench("write with 3 endpoints", limit=1.02, fill=two_alike)
def write_with_endpoints(stage: Stage) -> Measured:
    """asking for a decision in an engagement with three endpoints, against one without any"""

    def write(slug: str) -> None:
        decisions.request_decision(the_operator(2), slug, title="Decide", owner="Dana", needed_by=on_day(60))

    return ratio(lambda: write("with"), lambda: write("without"), RUNS)


def many_cursors(url: str) -> None:
    """The sample portfolio with 20,000 endpoints that are up to date."""
    sample.load(datetime.now(UTC))
    with Session(engine()) as session, session.begin():
        ids = [row[0] for row in session.execute(Cursor.__table__.metadata.tables["engagement"].select())]
        rows = [
            {"engagement_id": ids[number % len(ids)], "kind": "webhook", "address": f"https://x.example/{number}",
             "secrets": "[]", "types": "", "made_by": "bench", "created_at": datetime.now(UTC)}
            for number in range(CURSORS)
        ]  # fmt: skip
        made = session.scalars(
            insert(Endpoint).returning(Endpoint.id, sort_by_parameter_order=True), rows
        ).all()
        session.execute(
            insert(Cursor),
            [
                {
                    "endpoint_id": endpoint_id,
                    "engagement_id": row["engagement_id"],
                    "sequence": 10**9,
                    "attempts": 0,
                }
                for endpoint_id, row in zip(made, rows, strict=True)
            ],
        )


@bench("idle relay on 20,000 cursors", limit=0.02, fill=many_cursors)
def idle_relay(stage: Stage) -> Measured:
    """looking once for what is due, against the second until the next look"""
    looked = ratio(lambda: cursors.is_due(datetime.now(UTC), ["webhook"]), lambda: None)
    return Measured(looked.ours, 1000.0)


def an_engagement_alone(url: str) -> None:
    """One engagement."""
    an_engagement("acme")


@bench("10,000 waiting deliveries", limit=1.0, fill=an_engagement_alone)
def waiting_deliveries(stage: Stage) -> Measured:
    """all of them to one fast receiver, against a minute"""
    os.environ["HEADWAY_ALLOW_PRIVATE_ENDPOINTS"] = "1"

    def send_all() -> float:
        with receiver() as there:
            endpoints.add_endpoint(the_operator(), "acme", there.url)
            journal_acts("acme", WAITING)
            start = time.perf_counter()
            delivered = Relay().run(once=True)
            took = (time.perf_counter() - start) * 1000
            assert delivered == WAITING
        return took

    return Measured(send_all(), 60_000.0)
