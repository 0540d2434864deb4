"""Ten thousand engagements for the portfolio: `DATABASE_URL=... python -m tests.bench.many [NUMBER]` adds them.

They are copies of the sample's six, under other names, some weeks earlier or later, of which there is only what the
portfolio reads: the engagement, its stored summary, and the first administrator as a lead. Their own pages are empty.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice, product

from sqlalchemy import Connection, func, insert, select

from models.database import engine
from models.engagement import Engagement, StoredSummary
from models.people import Member, Role
from models.summary import Summary
from services import sample
from services.people.accounts import first_administrator

NUMBER = 10_000
WEEKS_APART = range(-6, 7)
CLIENTS = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Larch"]
TRADES = ["Bank", "Freight", "Grid", "Health", "Insurance", "Retail", "Telecom"]
AT_ONCE = 1_000


def fill(number: int = NUMBER, now: datetime | None = None) -> None:
    """Load the sample into the empty database at DATABASE_URL, and add `number` engagements to it."""
    now = now or datetime.now(UTC)
    sample.load(now)
    user_id, _ = first_administrator(now)
    with engine().execution_options(writes=True).begin() as connection:
        first = connection.scalar(select(func.max(Engagement.id))) + 1
        copies = enumerate(islice(_copies(connection), number), start=first)
        while some := list(islice(copies, AT_ONCE)):
            _insert(connection, some, user_id, now)


def _copies(connection: Connection) -> Iterator[Summary]:
    """Summaries without end, of which each has another slug."""
    contents = connection.scalars(select(StoredSummary.content).order_by(StoredSummary.engagement_id)).all()
    moved = [_moved(content, weeks) for weeks, content in product(WEEKS_APART, contents)]
    names = cycle(f"{client} {trade}" for client, trade in product(CLIENTS, TRADES))
    for nth, (summary, name) in enumerate(zip(cycle(moved), names, strict=False), start=1):
        client = f"{name} {nth}"
        yield replace(summary, slug=client.lower().replace(" ", "-"), client=client)


def _moved(content: str, weeks: int) -> Summary:
    """The summary with every date moved by so many weeks."""

    def move(value):
        if isinstance(value, dict):
            return {key: move(each) for key, each in value.items()}
        if isinstance(value, list):
            return [move(each) for each in value]
        try:
            return (date.fromisoformat(value) + timedelta(weeks=weeks)).isoformat()
        except (TypeError, ValueError):
            return value

    return Summary.from_json(json.dumps(move(json.loads(content))))


def _insert(connection: Connection, numbered: list[tuple[int, Summary]], user_id: int, at: datetime) -> None:
    text = ("slug", "name", "client", "sector", "region", "zone", "lead", "sponsor")
    stamped = {"created_at": at, "version": 1}
    engagements = [
        {name: getattr(summary, name) for name in text}
        | {"id": row_id, "template": "30-60-90", "hide_interviewees": False, "revision": 1, "head": ""}
        | stamped
        for row_id, summary in numbered
    ]
    members = [
        {"engagement_id": row_id, "user_id": user_id, "role": Role.LEAD.value} | stamped
        for row_id, _ in numbered
    ]
    summaries = [
        {"engagement_id": row_id, "revision": 1, "content": summary.to_json()} for row_id, summary in numbered
    ]
    connection.execute(insert(Engagement.__table__), engagements)
    connection.execute(insert(Member.__table__), members)
    connection.execute(insert(StoredSummary.__table__), summaries)


if __name__ == "__main__":
    fill(*(int(number) for number in sys.argv[1:2]))
