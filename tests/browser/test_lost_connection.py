"""A page whose server doesn't answer: it says so in our words, keeps what was typed, and goes on by itself."""

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import axe
from tests.browser.chromium import DESKTOP, PHONE, visitor
from tests.browser.harness import go, no_overflow, press, settled
from tests.browser.server import Server
from tests.browser.signing_in import MEI, sign_in, two_clients

NOTES = "Waits for the credit report"


@pytest.fixture
def server(sqlite_url, tmp_path) -> Iterator[Server]:
    with Server(tmp_path / "log", {"DATABASE_URL": sqlite_url}) as server:
        two_clients(server)
        yield server


def banner(page: Page):
    return page.get_by_role("alert").filter(has_text="connection")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_lost_connection_is_said_in_our_words_until_it_is_back(chromium: Browser, server, size):
    with visitor(chromium, server.url, size=size) as page:
        sign_in(page.context, server, MEI)
        go(page, "/interviews?engagement=acme")
        press(page, "Record the first interview")
        summary = page.get_by_label("Summary", exact=True)
        summary.fill(NOTES)
        server.kill()
        expect(banner(page)).to_have_text(
            "The connection to Headway is lost. What you typed is still on this page, and isn't saved yet. "
            "The page connects again by itself."
        )
        # The dashboard's own dialog comes a few seconds later.
        page.wait_for_timeout(4_000)
        expect(page.get_by_role("dialog")).to_have_count(1)
        assert "streamlit" not in page.locator("body").inner_text().lower()
        assert "Connection error" not in page.locator("body").inner_text()
        expect(summary).to_have_value(NOTES)
        no_overflow(page)
        if size == DESKTOP:
            axe(page)
        server.start()
        # Nothing can be saved on this page any more: the server that comes back doesn't know its form.
        notice = page.get_by_role("dialog", name="This page has to be opened again")
        expect(notice).to_be_visible(timeout=60_000)
        expect(banner(page)).to_have_count(0)
        assert notice.get_by_label("Summary").input_value() == NOTES
        no_overflow(page)
        with page.expect_popup() as opened:
            notice.get_by_role("link", name="Open it again").click()
        settled(opened.value)
        assert opened.value.url == page.url
        expect(notice).to_be_visible()


def test_what_was_sent_to_a_server_that_went_away_is_not_said_to_be_unsaved(chromium: Browser, server):
    with visitor(chromium, server.url) as page:
        sign_in(page.context, server, MEI)
        go(page, "/interviews?engagement=acme")
        press(page, "Record the first interview")
        page.get_by_label("Summary", exact=True).fill(NOTES)
        os.kill(server.process.pid, signal.SIGSTOP)
        page.get_by_role("button", name="Record the interview").click()
        server.kill()
        expect(banner(page)).to_contain_text("may not be saved yet")
        server.start()
        notice = page.get_by_role("dialog", name="This page has to be opened again")
        expect(notice).to_contain_text("before it was clear whether", timeout=60_000)
        assert notice.get_by_label("Summary").input_value() == NOTES


def test_a_page_that_was_only_read_goes_on_once_the_server_is_back(chromium: Browser, server):
    with visitor(chromium, server.url) as page:
        sign_in(page.context, server, MEI)
        go(page, "/portfolio")
        server.kill()
        expect(banner(page)).to_have_text(
            "The connection to Headway is lost. The page connects again by itself."
        )
        with page.expect_navigation(timeout=60_000):
            server.start()
        settled(page)
        expect(banner(page)).to_have_count(0)
        assert page.url.endswith("/portfolio")
        page.get_by_role("link", name="Mei").click()
        expect(page.get_by_role("heading", name="My account")).to_be_visible()
