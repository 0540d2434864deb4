"""Signing in and out, in a real browser against the whole program, on both databases."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import httpx
from playwright.sync_api import expect
from sqlalchemy import text

from models.people import operator
from services.people import accounts
from tests import forked_python
from tests.browser.chromium import visitor
from tests.browser.harness import fill, go, load, press, settled
from tests.browser.server import HEALTH, ROOT, Server
from tests.browser.signing_in import (
    MEI,
    PASSWORD,
    SAM,
    cookies,
    database_of,
    end_sessions_of,
    give,
    one_time_link,
    sign_in,
)

GUESSES = 60
SIXTEEN = Path(__file__).parent / "fixtures" / "sixteen.py"


def state_of(live_server: Server):
    from store.states import state

    with database_of(live_server):
        return state(operator(datetime.now(UTC)), "acme")


def test_the_printed_link_brings_a_fresh_install_in_with_one_click(chromium, sqlite_url, tmp_path):
    with Server(tmp_path / "log", {"DATABASE_URL": sqlite_url}) as server:
        link = server.printed(r"http\S+/session/enter#\S+").replace("localhost", "127.0.0.1")
        with visitor(chromium, server.url) as page:
            page.goto(link)
            settled(page)
            expect(page.get_by_role("heading", name="Portfolio")).to_be_visible()
            assert link.partition("#")[2] not in page.url
        with visitor(chromium, server.url) as page:
            page.goto(link)
            expect(page.get_by_role("alert")).to_contain_text("was used already")


def test_sixteen_at_once_create_one_administrator(database_url):
    from models.database import engine_of

    done = forked_python.run(SIXTEEN, environment={"DATABASE_URL": database_url})
    assert done.returncode == 0, done.stderr
    assert len(set(done.stdout.split())) == 16
    with engine_of(database_url).connect() as connection:
        assert connection.execute(text('SELECT count(*) FROM "user"')).scalar_one() == 1
    engine_of(database_url).dispose()


def test_an_invited_person_chooses_a_password_and_comes_back_with_it(chromium, live_server):
    with database_of(live_server):
        who = operator(datetime.now(UTC))
        accounts.add_user(who, "dana@example.org", "Dana Ruiz")
        token = accounts.make_link(who, "dana@example.org")
    with visitor(chromium, live_server.url) as page:
        page.goto(f"/session/enter#{token}")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Save the password").click()
        settled(page)
        expect(page.get_by_role("link", name="Dana Ruiz")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/session/sign-in**")
        page.goto("/account")
        enter_password(page, "dana@example.org")
        settled(page)
        assert page.url.endswith("/account")
        expect(page.get_by_role("heading", name="My account")).to_be_visible()


def enter_password(page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_planted_session_is_replaced_and_a_cookie_replayed_after_sign_out_opens_nothing(
    chromium, live_server
):
    """On the way, `next` names another host, and is not followed."""
    planted = cookies(live_server, SAM)
    (name,) = [name for name in planted if "session" in name]
    for value in (planted[name], "chosen-by-somebody-else"):
        with visitor(chromium, live_server.url) as page:
            give(page.context, live_server, {name: value})
            if value == planted[name]:
                # It is a real one: the person it belongs to is seen, and has to be signed out of first.
                page.goto("/session/sign-out")
                page.get_by_role("button", name="Sign out", exact=True).click()
                give(page.context, live_server, {name: value})
            page.goto("/session/sign-in?next=//elsewhere.invalid/x")
            enter_password(page, MEI)
            settled(page)
            expect(page.get_by_role("link", name="Mei")).to_be_visible()
            assert page.url.startswith(f"{live_server.url}/")
            kept = {one["name"]: one["value"] for one in page.context.cookies()}
            assert kept[name] not in (value, None)
            assert httpx.get(f"{live_server.url}/", cookies={name: value}).status_code == 303
            page.get_by_role("button", name="Sign out").click()
            page.wait_for_url("**/session/sign-in**")
            page.context.clear_cookies()
            give(page.context, live_server, kept)
            page.goto("/portfolio")
            assert "/session/sign-in" in page.url


def test_a_revoked_session_runs_not_one_more_callback(mei, live_server):
    go(mei, "/settings?engagement=acme")
    end_sessions_of(live_server, MEI)
    mei.get_by_label("Executive sponsor").fill("Somebody else")
    mei.get_by_role("button", name="Save the settings").click()
    expect(mei.get_by_role("dialog", name="You were signed out")).to_be_visible()
    assert state_of(live_server).sponsor == "Dana"


def test_the_next_person_on_the_same_browser_inherits_nothing(chromium, live_server):
    with visitor(chromium, live_server.url) as page:
        sign_in(page.context, live_server, MEI)
        go(page, "/portfolio")
        fill(page, "Find", "what Mei looked for")
        other = page.context.new_page()
        other.goto("/session/sign-out")
        other.get_by_role("button", name="Sign out", exact=True).click()
        sign_in(page.context, live_server, SAM)
        # Mei's window is still open. Whatever is pressed in it runs nothing of hers, and begins anew as Sam.
        page.get_by_role("link", name="My account").or_(page.get_by_role("link", name="Mei")).first.click()
        expect(page.get_by_role("link", name="Sam")).to_be_visible(timeout=15_000)
        load(page, "/portfolio")
        expect(page.get_by_role("link", name="Sam")).to_be_visible()
        assert page.get_by_label("Find").input_value() == ""


def test_signing_out_everywhere_else_ends_the_other_browsers(mei, live_server):
    elsewhere = cookies(live_server, MEI)
    go(mei, "/account")
    press(mei, "Sign out everywhere else")
    expect(mei.get_by_text("This browser.")).to_be_visible()
    assert httpx.get(f"{live_server.url}/", cookies=elsewhere).status_code == 303


def test_no_secret_and_no_path_is_in_the_log_or_in_an_error(live_server):
    token = one_time_link(live_server, MEI)
    with httpx.Client(base_url=live_server.url, headers={"origin": live_server.url}) as client:
        client.post("/session/enter", data={"token": token})
        client.post("/session/sign-in", data={"email": MEI, "password": "hunter22hunter22"})
        answers = [
            client.get("/media/../../etc/passwd"),
            client.get("/media/x"),
            client.get("/_stcore/bidi-components/x/../../y"),
            client.get("/api/v1/engagements/acme/reviews/x.pdf"),
            client.post("/api/v1/engagements/acme/measurements", content=b"\xff{"),
            client.put("/_stcore/upload_file/x/y"),
            client.get("/nothing.js"),
            # Calendars know no other way to say who they are than their address.
            client.get("/api/v1/calendar/somebodys-calendar.ics"),
        ]
        kept = dict(client.cookies)
    log = live_server.printed_so_far()
    for secret in (token, "hunter22", PASSWORD, "somebodys-calendar", *kept.values()):
        assert secret not in log
    for answer in answers:
        for private_text in (str(ROOT), "/usr/", "site-packages", "Traceback", ".py", *kept.values()):
            assert private_text not in answer.text, answer.url


def test_sixty_wrong_passwords_at_once_leave_the_health_route_answering(live_server):
    limits = httpx.Limits(max_connections=GUESSES + 1)
    statuses: list[int] = []
    with httpx.Client(
        base_url=live_server.url, headers={"origin": live_server.url}, limits=limits, timeout=60
    ) as client:
        first = threading.Event()

        def guess() -> None:
            given = {"email": "guessed@example.org", "password": "wrong"}
            statuses.append(client.post("/session/sign-in", data=given).status_code)
            first.set()

        guesses = [threading.Thread(target=guess) for _ in range(GUESSES)]
        for one in guesses:
            one.start()
        first.wait()
        assert [client.get(HEALTH).status_code for _ in range(5)] == [200] * 5
        for one in guesses:
            one.join()
    assert statuses == [401] * GUESSES


def test_back_after_a_password_that_was_refused_first_leads_to_a_page(chromium, live_server):
    with visitor(chromium, live_server.url) as page:
        go_to = page.goto(live_server.url + "/session/sign-in")
        assert go_to.status == 200
        for password in ("wrong", "wrong again"):
            page.get_by_label("E-mail").fill("guessed@example.org")
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("alert")).to_be_visible()
        page.goto(live_server.url + "/session/mark.svg")
        page.go_back()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
