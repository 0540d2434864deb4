"""What taking in measurements costs, what it costs the dashboard meanwhile, and a metric's page of 2,000 points."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from urllib.parse import urlsplit

import psycopg
from sqlalchemy.engine import make_url

from models.api_tokens import Scope
from models.database import engine_of
from models.people import operator
from services.engagement import engagements
from services.measurements import intake
from services.measurements.batches import Rows, record
from services.metrics import definitions
from services.people import tokens
from services.people.accounts import first_administrator
from tests.bench import Measured, Stage, bench, ratio
from tests.bench.timing import interleaved
from tests.browser.harness import load
from tests.browser.reruns import milliseconds_since_action, rerun

NOW = datetime.now(UTC)
DAY_1 = NOW.date() - timedelta(days=40)
ROWS, POINTS = 1_000, 2_000
COLUMNS = "(metric_id, at, batch_id, value)"
INSERT = f"INSERT INTO measurement {COLUMNS} VALUES (?, ?, ?, ?)"
METRIC = "decision-time"


def a_measured_engagement(url: str) -> None:
    """An engagement whose lead is the administrator, with one metric of 2,000 points and one that programs send."""
    user_id, name = first_administrator(NOW)
    who = operator(NOW)
    engagements.create_engagement(who, "acme", name="Lending platform", client="Acme", day_1=DAY_1)
    engagements.add_first_administrator(who, "acme")
    given = {"unit": "min", "direction": "lower", "baseline": 240, "target": 90}
    series = definitions.define(who, "acme", {"name": "Decision time", "slug": METRIC, **given})
    definitions.define(who, "acme", {"name": "Sent", "slug": "sent", **given})
    chance = Random(90)
    first = NOW - timedelta(hours=POINTS)
    at = [first + timedelta(hours=hour) for hour in range(POINTS)]
    record(who, "acme", Rows([series] * POINTS, at, [chance.lognormvariate(5, 0.3) for _ in at]), "bench")


def bodies(year: int) -> Iterator[bytes]:
    """Requests of 1,000 rows each, no moment twice, from the beginning of a year on."""
    chance, at = Random(90), datetime(year, 1, 1, tzinfo=UTC)
    while True:
        rows = []
        for _ in range(ROWS):
            at += timedelta(minutes=1)
            value = round(chance.lognormvariate(3, 0.5), 3)
            rows.append({"metric": "sent", "at": at.isoformat(), "value": value})
        yield json.dumps({"measurements": rows}).encode()


@bench("intake of 1,000 measurements", limit=2.5, fill=a_measured_engagement)
def intake_of_a_batch(stage: Stage) -> Measured:
    """against the driver's executemany of the same rows (2.5 is 0.4x of its speed)

    Ours begins with the request's body and ends with its answer: the token's rights, JSON, each cell checked, the key,
    the journal, the reading and the summary. The driver is given finished rows and writes the same columns into the same
    table, through a connection of the same settings that is open already. Both commit once, to the disk.
    """
    token = tokens.make_token(operator(NOW), "acme", name="bench", scope=Scope.MEASUREMENTS, days=1)
    who, requests, keys = tokens.actor_of_token(token, NOW), bodies(2001), count(1)
    theirs = _execute_many if stage.kind == "sqlite" else _execute_many_on_postgres
    raw = ((number, body) for number, body in zip(count(1), bodies(2001), strict=False))
    raw_metric = definitions.define(
        operator(NOW), "acme", {"name": "Theirs", "unit": "min", "direction": "lower"}
    )
    raw_batch = _a_batch(stage, raw_metric)

    def fresh() -> tuple[bytes, list[tuple]]:
        number, body = next(raw)
        rows = [
            (raw_metric, row["at"].replace("T", " ").removesuffix("+00:00"), raw_batch, row["value"])
            for row in json.loads(body)["measurements"]
        ]
        return next(requests), rows

    def ours(given: tuple[bytes, list[tuple]]) -> None:
        answer = intake.accept(who, "acme", f"bench {next(keys)}", given[0])
        assert answer.content["added"] == ROWS

    return ratio(ours, lambda given: theirs(stage, given[1]), max(stage.runs, 25), fresh=fresh)


def _a_batch(stage: Stage, metric_id: int) -> int:
    return record(operator(NOW), "acme", Rows([metric_id], [date(2000, 1, 2)], [1.0]), "bench")


def _execute_many(stage: Stage, rows: list[tuple]) -> None:
    with engine_of(stage.url).connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE")
        driver.executemany(INSERT, rows)
        driver.execute("COMMIT")


def _execute_many_on_postgres(stage: Stage, rows: list[tuple]) -> None:
    address = make_url(stage.url).set(drivername="postgresql").render_as_string(hide_password=False)
    _connection = _POSTGRES.setdefault(address, psycopg.connect(address))
    with _connection.cursor() as cursor:
        cursor.executemany(INSERT.replace("?", "%s"), rows)
    _connection.commit()


_POSTGRES: dict[str, psycopg.Connection] = {}


@bench("a click during intake", limit=2.0, fill=a_measured_engagement)
def click_during_intake(stage: Stage) -> Measured:
    """against the same click while nothing is sent"""

    def a_click() -> float:
        load(stage.page, "/overview?engagement=acme")
        with rerun(stage.page):
            stage.page.get_by_test_id("stSidebar").get_by_role("link", name="Decisions").click()
        return milliseconds_since_action(stage.page)

    token = tokens.make_token(operator(NOW), "acme", name="bench", scope=Scope.MEASUREMENTS, days=1)
    requests, keys = bodies(2011), count(1)
    load(stage.page, "/overview?engagement=acme")
    address = urlsplit(stage.page.url)

    def during_intake() -> float:
        with _sending(address.hostname, address.port, token, requests, keys):
            return a_click()

    return interleaved(during_intake, a_click, stage.runs)


@contextmanager
def _sending(
    host: str, port: int, token: str, requests: Iterator[bytes], keys: Iterator[int]
) -> Iterator[None]:
    """One request of 1,000 rows after the other, for as long as it lasts; each has to be stored, or asked to wait."""
    stop, refused = threading.Event(), []

    def send() -> None:
        connection = http.client.HTTPConnection(host, port)
        while not stop.is_set():
            headers = {
                "authorization": f"Bearer {token}",
                "content-type": "application/json",
                "idempotency-key": f"click {next(keys)}",
            }
            connection.request("POST", "/api/v1/engagements/acme/measurements", next(requests), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (201, 503):
                refused.append(text)
        connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join()
    assert not refused, refused[0]


@bench("metric page of 2,000 points settles", limit=1.8, fill=a_measured_engagement)
def metric_page_settles(stage: Stage) -> Measured:
    """with its chart, against a blank page"""
    return stage.settle(f"/metrics?engagement=acme&metric={METRIC}")


@bench("metric page of 2,000 points has its words", limit=1.3, fill=a_measured_engagement)
def metric_page_has_its_words(stage: Stage) -> Measured:
    """all but its chart, against a blank page"""
    return stage.settle_words(f"/metrics?engagement=acme&metric={METRIC}")


@bench("metric chart of 2,000 points to explore", limit=1.0, fill=a_measured_engagement)
def metric_chart_to_explore(stage: Stage) -> Measured:
    """from pointing at its picture until it is drawn, against opening a blank page"""
    return stage.explore(f"/metrics?engagement=acme&metric={METRIC}")
