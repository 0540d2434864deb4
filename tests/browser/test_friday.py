"""The Friday path on the sample: checks, exceptions' lines, text, freeze and send, from one page, in so many actions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from services import sample
from tests import databases
from tests.browser.chromium import visitor
from tests.browser.harness import fill, load, press, rerun
from tests.browser.sample_pages import SLUG
from tests.browser.server import Server
from tests.browser.signing_in import database_of, sign_in
from tests.services.mail.mailbox import Mailbox, mailbox

MAX_ACTIONS = 12
MAX_HEIGHT = 2_200
"""Pixels of the review's page on a desktop."""
HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"


class Hands:
    """A person's clicks and texts, counted: one action each."""

    def __init__(self, page: Page):
        self.page = page
        self.actions: list[str] = []

    def click(self, what: Locator, name: str) -> None:
        self.actions.append(name)
        what.click()

    def press(self, scope: Page | Locator, button: str) -> None:
        self.actions.append(button)
        press(scope, button)

    def write(self, scope: Page | Locator, label: str, text: str) -> None:
        self.actions.append(label)
        fill(scope, label, text)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox(monkeypatch) as box:
        yield box


@pytest.fixture
def friday(box: Mailbox, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """The lead's window on the sample a week after its last checks: all five are due again."""
    with (
        databases.sqlite_database(tmp_path) as url,
        Server(tmp_path / "log", {"DATABASE_URL": url, "HEADWAY_RELAY": "0"}) as server,
    ):
        with database_of(server):
            sample.load(datetime.now(UTC) - timedelta(days=7))
        with visitor(chromium, server.url) as page:
            sign_in(page.context, server)
            yield page


def test_the_friday_path_of_the_sample_takes_twelve_actions_at_most(friday: Page, box: Mailbox):
    load(friday, f"/review?engagement={SLUG}")
    assert friday.evaluate(HEIGHT) <= MAX_HEIGHT
    hands = Hands(friday)
    hands.press(friday, "Same as last week")
    hands.press(friday, "Save 5 answers")
    expect(friday.get_by_text("Answer 5 checks of this week")).to_have_count(0)

    hands.press(friday, "Edit the text")
    drawer = friday.get_by_role("dialog")
    hands.write(drawer, "The week in one sentence", "Decisions are fast; onboarding needs two engineers.")
    lines = drawer.get_by_role("textbox", name="in one line")
    expect(lines.first).to_be_visible()
    for label in [line.get_attribute("aria-label") for line in lines.all()]:
        hands.write(drawer, label, "Two engineers from Monday on.")
    hands.press(drawer, "Save the text")
    expect(drawer).to_have_count(0)

    freeze = friday.get_by_role("button", name="Freeze week").first
    hands.click(freeze, "Freeze")
    hands.actions.append("Freeze, confirmed")
    with rerun(friday):
        friday.locator(".st-key-freeze").get_by_role("button").click()
    expect(friday.get_by_text("Frozen by").first).to_be_visible()
    assert friday.evaluate(HEIGHT) <= MAX_HEIGHT

    send = friday.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Send week")
    expect(send).to_be_visible()
    hands.actions.append("Send")
    with rerun(friday):
        send.click()
    expect(friday.get_by_text("Mailed on freezing, or sent before:")).to_be_visible()
    assert len(box.mails) >= 2
    assert all("Decisions are fast" in mail.get_body(("plain",)).get_content() for mail in box.mails)
    print(f"Friday: {len(hands.actions)} actions: {', '.join(hands.actions)}")
    assert len(hands.actions) <= MAX_ACTIONS
