"""A session that ends while somebody types: typing counts as use, and what was typed is handed back."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from tests.browser.accessibility import axe
from tests.browser.chromium import PHONE, visitor
from tests.browser.harness import go, no_overflow, paste_grid, press
from tests.browser.server import Server
from tests.browser.signing_in import MEI, database_of, end_sessions_of, sign_in

NOTES = "Waits for the credit report, " * 20
USE = "**/session/use"


def set_unused_for(server: Server, unused: timedelta, *, age: timedelta = timedelta()) -> None:
    """Let every session of the server have been used last so long ago, and have begun `age` before that."""
    from models.database import engine
    from models.sessions import UserSession

    seen_at = datetime.now(UTC) - unused
    with database_of(server), engine().begin() as connection:
        connection.execute(update(UserSession).values(seen_at=seen_at, created_at=seen_at - age))


def last_used(server: Server) -> datetime:
    from models.database import engine
    from models.sessions import UserSession

    with database_of(server), engine().connect() as connection:
        return connection.scalars(select(func.max(UserSession.seen_at))).one()


def open_form(page: Page) -> None:
    go(page, "/interviews?engagement=acme")
    press(page, "Record the first interview")


def type_notes(page: Page) -> None:
    page.get_by_label("Interviewee", exact=True).fill("Ann Lee")
    page.get_by_label("Summary", exact=True).fill(NOTES)


def notice(page: Page):
    return page.get_by_role("dialog", name="You were signed out")


def test_typing_counts_as_use_and_an_open_page_alone_does_not(mei, live_server):
    asked: list[str] = []
    mei.on("request", lambda request: asked.append(request.url) if request.url.endswith("/use") else None)
    mei.clock.install()
    open_form(mei)
    set_unused_for(live_server, timedelta(minutes=29))
    mei.clock.fast_forward("05:00")
    mei.wait_for_timeout(500)
    assert asked == []
    box = mei.get_by_label("Summary", exact=True)
    with mei.expect_response(USE) as answer:
        box.press_sequentially("She waits")
    assert answer.value.status == 204
    assert datetime.now(UTC) - last_used(live_server) < timedelta(minutes=1)
    assert len(asked) == 1
    mei.clock.fast_forward("00:30")
    box.press_sequentially(" for the report")
    assert len(asked) == 1
    mei.clock.fast_forward("00:30")
    with mei.expect_response(USE):
        box.press_sequentially(" every day")
    assert len(asked) == 2


@pytest.fixture
def enabled_afterwards(live_server):
    yield
    set_disabled(live_server, is_disabled=False)


@pytest.mark.usefixtures("enabled_afterwards")
@pytest.mark.parametrize("how", ["idle", "too old", "signed out", "disabled"])
def test_what_was_typed_is_handed_back_where_the_session_has_ended(chromium, live_server, how):
    with visitor(chromium, live_server.url) as page:
        sign_in(page.context, live_server, MEI)
        open_form(page)
        type_notes(page)
        end_session(live_server, how)
        page.get_by_role("button", name="Record the interview").click()
        expect(notice(page)).to_contain_text("was not saved")
        assert notice(page).get_by_label("Interviewee").input_value() == "Ann Lee"
        assert notice(page).get_by_label("Summary").input_value() == NOTES
        page.keyboard.press("Escape")
        expect(notice(page)).to_be_visible()
        notice(page).get_by_role("button", name="Copy").click()
        expect(notice(page).get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == f"Interviewee: Ann Lee\n\nSummary: {NOTES}"
        with page.expect_popup() as opened:
            notice(page).get_by_role("link", name="Sign in").click()
        expect(opened.value.get_by_role("status")).to_contain_text("You were signed out")
        assert opened.value.get_by_label("E-mail").is_visible()
        expect(notice(page)).to_be_visible()


def end_session(server: Server, how: str) -> None:
    if how == "idle":
        set_unused_for(server, timedelta(minutes=31))
    elif how == "too old":
        set_unused_for(server, timedelta(minutes=1), age=timedelta(hours=12))
    elif how == "signed out":
        end_sessions_of(server, MEI)
    else:
        set_disabled(server, is_disabled=True)


def set_disabled(server: Server, *, is_disabled: bool) -> None:
    """Disable Mei, or let her in again. As the only lead of an engagement, an administrator couldn't."""
    from models.database import engine
    from models.people import User

    with database_of(server), engine().begin() as connection:
        connection.execute(update(User).where(User.email == MEI).values(disabled=is_disabled))


def test_who_types_on_learns_of_the_end_at_once_and_reads_it_on_a_phone_too(chromium, live_server):
    with visitor(chromium, live_server.url, size=PHONE) as page:
        sign_in(page.context, live_server, MEI)
        page.clock.install()
        open_form(page)
        type_notes(page)
        page.clock.fast_forward("40:00")
        end_sessions_of(live_server, MEI)
        page.get_by_label("Summary", exact=True).press("x")
        expect(notice(page)).to_be_visible()
        no_overflow(page)
        axe(page)


def test_a_grid_is_handed_back_as_far_as_it_was_shown(mei, live_server):
    open_form(mei)
    paste_grid(
        mei, mei.get_by_role("dialog").get_by_test_id("stDataFrame"), "Types it twice\tForms\t4", row=0
    )
    end_sessions_of(live_server, MEI)
    mei.get_by_role("button", name="Record the interview").click()
    assert "Types it twice\tForms\t4" in notice(mei).get_by_label("Table").input_value()


def test_where_nothing_was_typed_the_sign_in_says_what_happened_and_leads_back(mei, live_server):
    go(mei, "/settings?engagement=acme")
    end_sessions_of(live_server, MEI)
    mei.get_by_role("link", name="Portfolio").first.click()
    mei.wait_for_url("**/session/sign-in**")
    expect(mei.get_by_role("status")).to_contain_text("You were signed out")
    expect(mei.locator("input[name=next]")).to_have_value("/portfolio")


def test_a_page_left_with_its_notice_asks_the_server_for_little(mei, live_server):
    open_form(mei)
    type_notes(mei)
    end_sessions_of(live_server, MEI)
    mei.get_by_role("button", name="Record the interview").click()
    expect(notice(mei)).to_be_visible()
    asked: list[str] = []
    mei.on("request", lambda request: asked.append(request.url))
    mei.on("websocket", lambda socket: asked.append(socket.url))
    mei.wait_for_timeout(4_000)
    assert len(asked) <= 4, asked
