"""Two processes of the program on one Postgres: a person, a program and an event meet the same one in both."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.api_tokens import Scope
from models.database import engine, engine_of
from models.endpoints import Cursor
from models.lock_out import MAX_FROM_ADDRESS_FOR_ACCOUNT
from models.measurements import MeasurementBatch
from models.people import User, operator
from services.events import endpoints
from services.people import accounts, passwords, tokens
from store.endpoints import endpoints as statuses
from tests.browser.server import Server
from tests.builders import a_metric, an_actor, an_engagement
from tests.databases import postgres_database
from tests.services.events.receiver import Receiver, receiver

HOME = "http://headway.example.com"
PASSWORD = "correct horse battery"
YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


class Two:
    """The processes, what their engagement's endpoint received, and a program's token."""

    def __init__(self, servers: list[Server], received: Receiver, token: str) -> None:
        self.servers, self.received, self.token = servers, received, token
        self.at = [
            httpx.Client(base_url=server.url, headers={"host": "headway.example.com"}) for server in servers
        ]

    def sign_in(self, process: int, **fields: str) -> httpx.Response:
        path = "/session/enter" if "token" in fields else "/session/sign-in"
        return httpx.post(
            self.servers[process].url + path,
            data=fields,
            headers={"host": "headway.example.com", "origin": HOME},
        )

    def revision(self, process: int, cookie: str) -> int | None:
        """The engagement's revision as a person sees it in a process; None for who isn't signed in."""
        headers = {"cookie": f"headway_session_80={cookie}"}
        answer = self.at[process].get("/api/v1/engagement/acme", headers=headers)
        return answer.json()["revision"] if answer.status_code == 200 else None

    def measure(self, process: int, key: str, minute: int) -> httpx.Response:
        at = YESTERDAY - timedelta(minutes=minute)
        row = {"metric": "loan-decision-time", "at": at.isoformat(), "value": 4}
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": key}
        return self.at[process].post(
            "/api/v1/engagements/acme/measurements",
            content=json.dumps({"measurements": [row]}),
            headers=headers | {"content-type": "application/json"},
        )


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two")
    with pytest.MonkeyPatch.context() as patch, postgres_database() as url, receiver() as received:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS", "1")
        an_engagement(day_1=datetime.now(UTC).date() - timedelta(days=30))
        a_metric(baseline="4 h", target="90 s")
        mei = an_actor("Mei Tan")
        with Session(engine()) as session, session.begin():
            session.get(User, mei.user_id).password_hash = passwords.hash_password(
                PASSWORD, "mei.tan@example.org"
            )
        token = tokens.make_token(now(), "acme", name="nightly", scope=Scope.MEASUREMENTS, days=90)
        endpoints.add_endpoint(now(), "acme", received.url)
        common = {"DATABASE_URL": url, "HEADWAY_URL": HOME}
        servers = [Server(folder / f"log {number}", common) for number in range(2)]
        try:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(Server.start, servers))
            yield Two(servers, received, token)
        finally:
            for server in servers:
                server.kill()
            engine_of(url).dispose()


def now():
    return operator(datetime.now(UTC))


def session_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.cookies["headway_session_80"]


def batches() -> int:
    with Session(engine()) as session:
        return session.scalar(select(func.count(MeasurementBatch.id)))


@pytest.mark.fault
def test_a_session_an_edit_and_a_sign_out_are_seen_at_once_by_the_other(two):
    first = session_of(two.sign_in(0, token=accounts.make_link(now(), "mei.tan@example.org")))
    second = session_of(two.sign_in(1, email="mei.tan@example.org", password=PASSWORD))
    for number in range(6):
        writer = number % 2
        before = two.revision(1 - writer, first)
        assert two.measure(writer, f"edit {number}", number).status_code == 201
        assert two.revision(1 - writer, first) == two.revision(writer, second) > before
    accounts.sign_out_user(now(), "mei.tan@example.org")
    assert [two.revision(process, cookie) for process in (0, 1) for cookie in (first, second)] == [None] * 4


@pytest.mark.fault
def test_a_key_sent_to_both_at_once_is_carried_out_once(two):
    before = batches()
    sends = [(process, f"key {number}", 100 + number) for number in range(10) for process in (0, 1, 0, 1)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda send: two.measure(*send), sends))
    statuses_ = Counter(answer.status_code for answer in answers)
    assert set(statuses_) <= {201, 409, 503}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code != 201)
    for process, key, minute in sends[:2]:
        assert two.measure(process, key, minute).status_code == 201
    stored = {key for (_, key, _), answer in zip(sends, answers, strict=True) if answer.status_code == 201}
    assert batches() - before == len(stored)


@pytest.mark.fault
def test_failed_attempts_count_together(two):
    for number in range(MAX_FROM_ADDRESS_FOR_ACCOUNT):
        refused = two.sign_in(number % 2, email="mei.tan@example.org", password="wrong")
        assert refused.status_code == 401
    for process in (0, 1):
        locked = two.sign_in(process, email="mei.tan@example.org", password=PASSWORD)
        assert locked.status_code == 401


@pytest.mark.fault
def test_a_process_that_dies_takes_nobodys_work_and_both_relays_send_each_event_once(two):
    cookie = session_of(two.sign_in(0, token=accounts.make_link(now(), "mei.tan@example.org")))
    acknowledged = [key for key in range(5) if two.measure(0, f"work {key}", 200 + key).status_code == 201]
    assert acknowledged == list(range(5))
    two.servers[0].kill()
    assert two.revision(1, cookie) is not None, "still signed in"
    again = [two.measure(1, f"work {key}", 200 + key) for key in range(5)]
    assert all(answer.headers.get("idempotent-replayed") == "true" for answer in again)
    assert two.measure(1, "after", 300).status_code == 201
    with engine().execution_options(writes=True).begin() as connection:
        # A minute passes, after which what the dead process was about to send is the other's.
        connection.execute(update(Cursor).values(lease_until=None))
    ends = time.monotonic() + 60
    while statuses(now(), "acme")[0].waiting and time.monotonic() < ends:
        time.sleep(0.2)
    revisions = two.received.revisions()
    assert revisions == sorted(revisions), "in order"
    assert len(two.received.ids) - len(set(two.received.ids)) <= 1, "the kill repeats one at most"
    assert statuses(now(), "acme")[0].waiting == 0
