"""A page whose server doesn't answer: it says so in our words, keeps what was typed, and goes on by itself."""

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
        expect(banner(page)).to_have_count(0, timeout=60_000)


def test_a_page_that_was_only_read_goes_on_once_the_server_is_back(chromium: Browser, server):
    with visitor(chromium, server.url) as page:
        sign_in(page.context, server, MEI)
        go(page, "/portfolio")
        server.kill()
        expect(banner(page)).to_have_text(
            "The connection to Headway is lost. The page connects again by itself."
        )
        server.start()
        expect(banner(page)).to_have_count(0, timeout=60_000)
        settled(page)
        page.get_by_role("link", name="Mei").click()
        expect(page.get_by_role("heading", name="My account")).to_be_visible()
