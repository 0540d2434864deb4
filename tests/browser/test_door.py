"""The door, in a real browser and over real websockets, against the whole program."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from models.people import Actor, operator
from services import engagements, interviews, people
from services.inventory import save_systems
from tests import databases
from tests.browser.chromium import visitor
from tests.browser.harness import fill, go, press, settled
from tests.browser.server import Server
from tests.browser.signing_in import cookies, database_of, one_time_link, sign_in

PASSWORD = "correct horse battery"
MEI, SAM = "mei@example.org", "sam@example.org"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two clients' engagements: Mei is the lead of acme, Sam of corvid."""
    folder = tmp_path_factory.mktemp("door")
    with databases.sqlite_database(folder) as url, Server(folder / "log", {"DATABASE_URL": url}) as server:
        with database_of(server):
            who = operator(datetime.now(UTC))
            for slug, name, client, email in (
                ("acme", "Lending platform", "Acme Lending", MEI),
                ("corvid", "Claims rebuild", "Corvid Insurance", SAM),
            ):
                people.add_user(who, email, email.partition("@")[0].capitalize())
                day_1 = date.today() - timedelta(days=20)
                engagements.found(who, slug, name=name, client=client, day_1=day_1, sponsor="Dana")
                engagements.add_member(who, slug, email, "lead")
        yield server


@pytest.fixture
def mei(chromium: Browser, door: Server) -> Iterator[Page]:
    with visitor(chromium, door.url) as page:
        sign_in(page.context, door, MEI)
        yield page


def end_sessions_of(door: Server, email: str) -> None:
    with database_of(door):
        people.sign_out_user(operator(datetime.now(UTC)), email)


def names_of_systems(door: Server, slug: str = "acme") -> list[str]:
    from reports.states import state

    with database_of(door):
        return [system.name for system in state(operator(datetime.now(UTC)), slug).systems]


def test_the_printed_link_brings_a_fresh_install_in_with_one_click(chromium, tmp_path):
    with (
        databases.sqlite_database(tmp_path) as url,
        Server(tmp_path / "log", {"DATABASE_URL": url}) as server,
    ):
        link = server.printed(r"http\S+/session/enter#\S+").replace("localhost", "127.0.0.1")
        with visitor(chromium, server.url) as page:
            page.goto(link)
            settled(page)
            expect(page.get_by_role("heading", name="Portfolio")).to_be_visible()
            assert link.partition("#")[2] not in page.url
        with visitor(chromium, server.url) as page:
            page.goto(link)
            expect(page.get_by_role("alert")).to_contain_text("was used already")


def test_sixteen_at_once_create_one_administrator(tmp_path):
    with databases.sqlite_database(tmp_path) as url:
        code = (
            "from datetime import UTC, datetime; from services.people import first_run_link;"
            "print(first_run_link(datetime.now(UTC)))"
        )
        environment = {"DATABASE_URL": url}
        started = [
            subprocess.Popen(
                [sys.executable, "-c", code], env=environment | {"PYTHONPATH": "."}, stdout=subprocess.PIPE
            )
            for _ in range(16)
        ]
        links = {process.communicate()[0] for process in started}
        assert [process.returncode for process in started] == [0] * 16
        assert len(links) == 16
        from sqlalchemy import text

        from models.database import engine_of

        with engine_of(url).connect() as connection:
            assert connection.execute(text('SELECT count(*) FROM "user"')).scalar_one() == 1


def test_an_invited_person_chooses_a_password_and_comes_back_with_it(chromium, door):
    with database_of(door):
        who = operator(datetime.now(UTC))
        people.add_user(who, "dana@example.org", "Dana Ruiz")
        token = people.link(who, "dana@example.org")
    with visitor(chromium, door.url) as page:
        page.goto(f"/session/enter#{token}")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Save the password").click()
        settled(page)
        expect(page.get_by_role("link", name="Dana Ruiz")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/session/sign-in**")
        page.goto("/account")
        page.get_by_label("E-mail").fill("dana@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        settled(page)
        assert page.url.endswith("/account")
        expect(page.get_by_role("heading", name="My account")).to_be_visible()


def test_a_revoked_session_runs_not_one_more_callback(mei, door):
    go(mei, "/settings?engagement=acme")
    end_sessions_of(door, MEI)
    mei.get_by_label("Executive sponsor").fill("Somebody else")
    mei.get_by_role("button", name="Save the settings").click()
    mei.wait_for_url("**/session/sign-in**")
    from reports.states import state

    with database_of(door):
        assert state(operator(datetime.now(UTC)), "acme").sponsor == "Dana"


def test_two_people_of_two_engagements_see_nothing_of_each_other(chromium, door):
    with visitor(chromium, door.url) as left, visitor(chromium, door.url) as right:
        sign_in(left.context, door, MEI)
        sign_in(right.context, door, SAM)
        for page, own, other, secrets in (
            (left, "acme", "corvid", ("Corvid", "Claims")),
            (right, "corvid", "acme", ("Acme", "Lending")),
        ):
            go(page, "/portfolio")
            seen = page.content()
            for key in ("overview", "plan", "inventory", "metrics", "journal", "settings", "privacy"):
                go(page, f"/{key}?engagement={own}")
                go(page, f"/{key}?engagement={other}")
                said = page.get_by_test_id("stMain").inner_text()
                go(page, f"/{key}?engagement=nowhere")
                assert page.get_by_test_id("stMain").inner_text() == said.replace(other, "nowhere")
                seen += said
            assert not [secret for secret in secrets if secret in seen]
            answers = [page.request.get(f"/api/v1/engagement/{slug}") for slug in (other, "nowhere")]
            assert [answer.status for answer in answers] == [404, 404]
            assert answers[0].text().replace(other, "nowhere") == answers[1].text()


def test_the_next_person_on_the_same_browser_inherits_nothing(chromium, door):
    with visitor(chromium, door.url) as page:
        sign_in(page.context, door, MEI)
        go(page, "/portfolio")
        fill(page, "Find", "what Mei looked for")
        other = page.context.new_page()
        other.goto("/session/sign-out")
        other.get_by_role("button", name="Sign out", exact=True).click()
        sign_in(page.context, door, SAM)
        # Mei's window is still open. Whatever is pressed in it runs nothing of hers, and begins anew as Sam.
        page.get_by_role("link", name="My account").or_(page.get_by_role("link", name="Mei")).first.click()
        expect(page.get_by_role("link", name="Sam")).to_be_visible(timeout=15_000)
        go(page, "/portfolio")
        expect(page.get_by_role("link", name="Sam")).to_be_visible()
        assert page.get_by_label("Find").input_value() == ""


PAYLOADS = [
    "![x](http://elsewhere.invalid/p.png)",
    "<img src=http://elsewhere.invalid/q.png onerror=\"document.title='ran'\">",
    "<script>document.title='ran'</script>",
    "[link](javascript:document.title='ran')",
    '=HYPERLINK("http://elsewhere.invalid")',
    "$\\href{javascript:document.title='ran'}{x}$ :red[x] :material/home:",
]


def test_what_somebody_typed_is_shown_as_text_on_every_page(mei, door):
    from ui.navigation import PLACES

    with database_of(door):
        me = people.everybody(operator(datetime.now(UTC)))
        user = next(one for one in me if one.email == MEI)
        actor = Actor("Mei", datetime.now(UTC), "test", user.id)
        text = " ".join(PAYLOADS)
        today = actor.today("UTC")
        engagements.describe(
            actor, "acme", name=text[:290], client=text[:290], sector=PAYLOADS[0], region=PAYLOADS[1], zone="UTC",
            lead=PAYLOADS[0], sponsor=PAYLOADS[1], hide_interviewees=False,
        )  # fmt: skip
        save_systems(actor, "acme", added=[{"name": payload, "owner": payload} for payload in PAYLOADS])
        for payload in PAYLOADS:
            interviews.record_interview(
                actor, "acme", {"interviewee": payload, "held_on": today, "summary": payload}
            )
    try:
        for key, place in PLACES.items():
            go(mei, f"/{key}?engagement=acme" if place.of_engagement else f"/{key}")
            assert "ran" not in mei.title().split(), key
            assert mei.locator("[href^='javascript' i], [onerror], [src*='elsewhere']").count() == 0, key
            # An address that was typed may be clicked; it can't pass for anything else.
            links = mei.locator("a[href^='http://elsewhere']").evaluate_all(
                "all => all.map(e => [e.href, e.innerText])"
            )
            assert [link for link in links if link[0].rstrip("/") != link[1]] == [], key
        # The visitor's guard fails the test when anything was asked of another host.
    finally:
        with database_of(door):
            engagements.describe(
                actor, "acme", name="Lending platform", client="Acme Lending", sector="", region="", zone="UTC",
                lead="Mei", sponsor="Dana", hide_interviewees=False,
            )  # fmt: skip


def rerun(*, timed: bool = False) -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = "engagement=acme"
    message.rerun_script.is_auto_rerun = timed
    return message.SerializeToString()


def open_stream(door: Server, kept: dict[str, str], origin: str | None) -> ClientConnection:
    cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
    return connect(
        door.url.replace("http", "ws") + "/_stcore/stream",
        origin=origin,
        additional_headers={"cookie": cookie},
        subprotocols=["streamlit"],
        max_size=None,
    )


OTHERS = ["http://127.0.0.1:3000", "http://localhost:8501", "http://evil.example", "null", None]


@pytest.mark.parametrize("origin", OTHERS)
def test_the_stream_of_another_origin_is_refused(door, origin):
    kept = cookies(door, MEI)
    with pytest.raises(InvalidStatus, match="403"), open_stream(door, kept, origin):
        pass


@pytest.mark.parametrize("timed", [False, True])
def test_the_stream_of_a_revoked_session_runs_no_script_and_no_fragment(door, timed):
    told = []
    with open_stream(door, cookies(door, MEI), door.url) as stream:
        stream.send(rerun())
        while "script_finished" not in told:
            told.append(kind_of(stream.recv()))
        assert "new_session" in told
        end_sessions_of(door, MEI)
        stream.send(rerun(timed=timed))
        told.clear()
        with suppress(ConnectionClosed):
            while True:
                told.append(kind_of(stream.recv()))
    # The first run may still be telling that it is over; no other began.
    assert set(told) <= {"session_status_changed", "auth_redirect"}
    assert told[-1] == "auth_redirect"


def kind_of(data: bytes) -> str:
    return ForwardMsg.FromString(data).WhichOneof("type")


def test_no_secret_and_no_path_is_in_the_log(door):
    token = one_time_link(door, MEI)
    with httpx.Client(base_url=door.url, headers={"origin": door.url}) as client:
        client.post("/session/enter", data={"token": token})
        client.post("/session/sign-in", data={"email": MEI, "password": "hunter22hunter22"})
        answer = client.get("/media/../../etc/passwd")
        kept = dict(client.cookies)
    log = door.printed_so_far()
    for secret in (token, "hunter22", *kept.values()):
        assert secret not in log
    assert "/work" not in answer.text
    assert "Traceback" not in answer.text


def test_a_sign_out_from_another_site_does_nothing(door):
    kept = cookies(door, MEI)
    for headers in ({"origin": "http://evil.example"}, {"origin": "http://localhost:3000"}, {}):
        answer = httpx.post(f"{door.url}/session/sign-out", headers=headers, cookies=kept)
        assert answer.status_code == 403
    assert httpx.get(f"{door.url}/", cookies=kept).status_code == 200


def test_a_press_of_ones_own_still_works(mei, door):
    go(mei, "/account")
    press(mei, "Sign out everywhere else")
    expect(mei.get_by_text("This browser.")).to_be_visible()
    assert "Billing" not in names_of_systems(door)
