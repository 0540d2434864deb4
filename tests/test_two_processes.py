"""Two processes of the program on one Postgres: a person, a program and an event meet the same one in both."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
from services.review import calendar_feed, reviews
from store.endpoints import endpoints as statuses
from tests.browser.server import Server
from tests.builders import a_metric, an_actor, an_engagement
from tests.databases import postgres_database
from tests.page_client import open_page
from tests.services.events.receiver import Receiver, receiver

HOME = "http://headway.example.com"
PASSWORD = "correct horse battery"
YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


class Two:
    """The processes, what their engagement's endpoint received, and a program's token."""

    def __init__(self, servers: list[Server], received: Receiver, token: str) -> None:
        self.servers, self.received, self.token = servers, received, token
        self.at = [
            httpx.Client(base_url=server.url, headers={"host": "headway.example.com"}, timeout=60)
            for server in servers
        ]

    def sign_in(self, process: int, **fields: str) -> httpx.Response:
        path = "/session/enter" if "token" in fields else "/session/sign-in"
        return httpx.post(
            self.servers[process].url + path,
            data=fields,
            headers={"host": "headway.example.com", "origin": HOME},
            timeout=60,
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
        common = {"DATABASE_URL": url, "HEADWAY_URL": HOME, "HEADWAY_PROXIES": "127.0.0.1"}
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


def cookie_of(session: str) -> str:
    return f"headway_session_80={session}"


@pytest.fixture(scope="module")
def mei(two) -> str:
    """The cookie of Mei's session."""
    return cookie_of(session_of(two.sign_in(0, token=accounts.make_link(now(), "mei.tan@example.org"))))


@pytest.mark.fault
def test_a_page_says_the_same_in_both_also_what_was_forecast(two, mei):
    days = range(1, 25)
    for day in days:
        assert two.measure(day % 2, f"day {day}", day * 1440).status_code == 201
    pages = [("overview", ""), ("metrics", "&metric=loan-decision-time"), ("portfolio", "")]
    with ExitStack() as opened:
        clients = [opened.enter_context(open_page(server.url, mei, HOME)) for server in two.servers]
        for page, query in pages:
            for client in clients:
                client.run(f"engagement=acme{query}", page=page)
            assert clients[0].drawn() == clients[1].drawn(), page
            assert "Loan decision time" in str(clients[0].drawn()) or page == "portfolio"


@pytest.mark.fault
def test_a_week_and_a_calendar_are_the_same_file_in_both(two, mei):
    review = reviews.freeze(now(), "acme")
    paths = [f"/api/v1/engagements/acme/reviews/{review.id}.{suffix}" for suffix in ("pdf", "xlsx", "pptx")]
    with Session(engine()) as session:
        user = session.scalars(select(User).where(User.email == "mei.tan@example.org")).one()
    secret = calendar_feed.open_feed(replace(now(), user_id=user.id, name=user.name, operator=False))
    for path in [*paths, f"/api/v1/calendar/{secret}.ics"]:
        first, second = (client.get(path, headers={"cookie": mei}) for client in two.at)
        assert (first.status_code, second.status_code) == (200, 200), path
        assert first.content == second.content
    calendar_feed.revoke_feed(replace(now(), user_id=user.id, name=user.name, operator=False))
    assert [client.get(f"/api/v1/calendar/{secret}.ics").status_code for client in two.at] == [404, 404]


@pytest.fixture(scope="module")
def proxy(two, tmp_path_factory) -> Iterator[str]:
    """Caddy in front of both, by our own Caddyfile but for the addresses. Its URL."""
    folder = tmp_path_factory.mktemp("caddy")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = Path(__file__).parents[1].joinpath("deploy/Caddyfile").read_text()
    for number, server in enumerate(two.servers, start=1):
        assert f"app-{number}:8501" in file
        file = file.replace(f"app-{number}:8501", server.url.removeprefix("http://"))
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + file)
    environment = os.environ | {"HEADWAY_DOMAIN": f"http://:{port}", "XDG_DATA_HOME": str(folder)}
    caddy = Path(sys.executable).with_name("caddy")
    command = [str(caddy), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, env=environment | {"HOME": str(folder)}, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with suppress(httpx.HTTPError):
                if (
                    httpx.get(f"{url}/api/v1/live", headers={"host": "headway.example.com"}).status_code
                    == 200
                ):
                    break
            time.sleep(0.1)
        else:
            pytest.fail((folder / "log").read_text())
        yield url
    finally:
        running.terminate()
        running.wait()


def through(proxy: str, mei: str) -> httpx.Client:
    """A browser that keeps the proxy's cookie."""
    headers = {"host": "headway.example.com", "origin": HOME}
    client = httpx.Client(base_url=proxy, headers=headers, timeout=60)
    client.headers["cookie"] = mei
    kept = client.get("/api/v1/engagement/acme").headers["set-cookie"].partition(";")[0]
    assert kept.startswith("headway_process=")
    client.headers["cookie"] = f"{mei}; {kept}"
    return client


def upload(client: httpx.Client, address: str, cookie: str | None = None) -> httpx.Response:
    """Send a file as the dashboard's uploader does, with the token that it was given against other sites' forms."""
    cookie = cookie or client.headers["cookie"]
    health = client.get("/_stcore/health", headers={"cookie": cookie})
    token = health.cookies["_streamlit_xsrf"]
    headers = {"cookie": f"{cookie}; _streamlit_xsrf={token}", "origin": HOME, "x-xsrftoken": token}
    return client.put(address, headers=headers, files={"file": ("systems.csv", b"name\nBilling\n")})


@pytest.mark.fault
def test_behind_the_proxy_a_person_stays_with_one_process_and_uploads_and_downloads_work(two, mei, proxy):
    for _ in range(4):
        browser = through(proxy, mei)
        with open_page(proxy, browser.headers["cookie"], HOME) as page:
            page.run("engagement=acme", page="imports")
            for number in range(3):
                address = page.upload_address(f"systems {number}.csv")
                sent = upload(browser, address)
                assert sent.status_code == 204, sent.text
            page.run("engagement=acme&metric=loan-decision-time", page="metrics")
            for file in page.files():
                assert browser.get(file).status_code == 200, file


@pytest.mark.fault
def test_without_its_process_a_page_takes_no_upload(two, mei):
    """What the proxy's cookie is for."""
    with open_page(two.servers[0].url, mei, HOME) as page:
        page.run("engagement=acme", page="imports")
        address = page.upload_address("systems.csv")
        sent = [upload(client, address, mei) for client in two.at]
    assert [answer.status_code for answer in sent] == [204, 404]


@pytest.mark.fault
def test_both_relays_side_by_side_send_each_event_once_and_in_order(two):
    with ThreadPoolExecutor(4) as pool:
        sent = list(
            pool.map(lambda number: two.measure(number % 2, f"event {number}", 500 + number), range(40))
        )
    for number in [number for number, answer in enumerate(sent) if answer.status_code == 503]:
        assert two.measure(number % 2, f"event {number}", 500 + number).status_code == 201
    wait_for_relay()
    revisions = two.received.revisions()
    assert revisions == sorted(set(revisions))
    assert len(two.received.ids) == len(set(two.received.ids))


def wait_for_relay() -> None:
    ends = time.monotonic() + 60
    while statuses(now(), "acme")[0].waiting and time.monotonic() < ends:
        time.sleep(0.2)
    assert statuses(now(), "acme")[0].waiting == 0


@pytest.mark.fault
def test_a_process_that_dies_takes_nobodys_work_and_its_people_go_on_in_the_other(two, mei, proxy):
    """It is killed while eight programs send to it and a page is open in it."""
    answers: dict[int, int] = {}
    enough = threading.Event()

    def send(number: int) -> None:
        with suppress(httpx.HTTPError):  # killed before it answered
            answers[number] = two.measure(0, f"work {number}", 1000 + number).status_code
        if sum(status == 201 for status in answers.values()) >= 5:
            enough.set()

    browsers = [through(proxy, mei) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool, open_page(two.servers[0].url, mei, HOME) as page:
        page.run("engagement=acme", page="overview")
        sending = [pool.submit(send, number) for number in range(60)]
        assert enough.wait(60)
        two.servers[0].kill()
        for each in sending:
            each.result()
    acknowledged = [number for number, status in answers.items() if status == 201]
    assert 5 <= len(acknowledged) < 60
    for number in range(60):
        again = two.measure(1, f"work {number}", 1000 + number)
        assert again.status_code == 201
        if number in acknowledged:
            assert again.headers.get("idempotent-replayed") == "true"
    for browser in browsers:
        assert browser.get("/api/v1/engagement/acme").status_code == 200, (
            "still signed in, by the other process"
        )
    with open_page(proxy, browsers[0].headers["cookie"], HOME) as page:
        page.run("engagement=acme", page="overview")
        assert "Lending platform" in page.text
    with engine().execution_options(writes=True).begin() as connection:
        # A minute passes, after which what the dead process was about to send is the other's.
        connection.execute(update(Cursor).values(lease_until=None))
    wait_for_relay()
    revisions = two.received.revisions()
    assert revisions == sorted(revisions), "in order"
    assert len(two.received.ids) - len(set(two.received.ids)) <= 1, "the kill repeats one at most"
