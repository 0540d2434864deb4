"""Friday's review as the lead makes it, and as it is read and mended afterwards, in a real browser."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from models.people import operator
from reports.exports.week_files import FORMATS
from services.engagement import engagements
from services.measurements.batches import Rows, record
from services.metrics import definitions
from tests.browser.accessibility import axe
from tests.browser.harness import fill, go, no_overflow, press, rerun, settled
from tests.browser.server import Server
from tests.builders import the_state

SLUG = "friday"
NOW = datetime.now(UTC)
BEGINS = {"pdf": b"%PDF", "pptx": b"PK", "xlsx": b"PK", "md": b"**Friday", "zip": b"PK", "json": b"{"}


@pytest.fixture
def engagement(headway: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """On day 40, with a metric that was measured for four weeks and nothing else done: there is much to answer for."""
    monkeypatch.setenv("DATABASE_URL", headway.environment["DATABASE_URL"])
    began = operator(NOW - timedelta(days=39))
    given = {"client": "Friday Bank", "zone": "UTC", "lead": "Mei Tan", "sponsor": "Dana Ruiz, COO"}
    engagements.create_engagement(began, SLUG, name="Friday’s platform", day_1=began.at.date(), **given)
    engagements.add_first_administrator(began, SLUG)
    definitions.define(began, SLUG, {
        "name": "Loan decision time", "unit": "h", "direction": "lower", "baseline": 4.0, "target": 1.0,
        "owner": "Omar Aziz", "source": "warehouse",
    })  # fmt: skip
    days = range(2, 30)
    rows = Rows([the_state(SLUG).metrics[0].id] * len(days), [began.at + timedelta(days=day) for day in days],
                [4 + day * 7 % 5 / 10 for day in days])  # fmt: skip
    record(operator(NOW - timedelta(days=9)), SLUG, rows, "warehouse")
    return SLUG


def within(page: Page, key: str) -> Locator:
    """The part of the page with that key."""
    return page.locator(f".st-key-{key}")


def freeze(page: Page, week: int) -> None:
    page.get_by_role("button", name=f"Freeze week {week}", exact=True).first.click()
    with rerun(page):
        within(page, "freeze").get_by_role("button").click()


def downloads(page: Page) -> dict[str, bytes]:
    """What each download's address answers the person at the screen."""
    contents = {}
    for format in FORMATS.values():
        link = page.locator(f'a[href$=".{format.suffix}"][href*="/reviews/"]')
        answer = page.request.get(link.get_attribute("href"))
        assert answer.status == 200, format.key
        assert answer.headers["cache-control"] == "private, no-store"
        contents[format.suffix] = answer.body()
    return contents


def open_version(page: Page, label: str) -> None:
    """Follow a link of the page to another version of the week."""
    with rerun(page):
        page.get_by_role("link", name=label).click()
    settled(page)


def write_the_week(page: Page) -> None:
    """What the lead does on Friday: three passages and four clicks."""
    press(page, "Edit the text")
    drawer = page.get_by_role("dialog")
    fill(drawer, "The week in one sentence", "Late, and we know why: the vendor's sandbox is still closed.")
    fill(drawer, "Your judgement (may stay empty)", "Ask Dana for the *decision* on Monday.")
    fill(drawer, "Metrics signed, in one line", "Dana signs on Monday.")
    press(drawer, "Save the text")
    expect(drawer).to_have_count(0)
    expect(page.get_by_text("Late, and we know why")).to_be_visible()
    freeze(page, 6)
    expect(page.get_by_text("Frozen by").first).to_be_visible()


def test_a_week_is_edited_frozen_taken_away_and_superseded_when_more_is_known(
    page: Page, engagement, record_property
):
    go(page, f"/review?engagement={SLUG}")
    began = time.monotonic()
    write_the_week(page)
    print(f"Friday's review: 4 clicks, 3 passages, {time.monotonic() - began:.0f} s")
    expect(page.get_by_text("Ask Dana for the *decision* on Monday.")).to_be_visible()
    expect(page.get_by_text("Mei Tan: Dana signs on Monday.")).to_be_visible()
    expect(page.get_by_role("button", name="Edit the text")).to_have_count(0)
    first = downloads(page)
    assert {suffix: first[suffix][: len(magic)] for suffix, magic in BEGINS.items()} == BEGINS
    press(page, "Mark as read")
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)
    no_overflow(page)

    change = {"target": 2.0}
    definitions.change(operator(datetime.now(UTC)), SLUG, the_state(SLUG).metrics[0].id, change, seen=None)
    page.reload()
    settled(page)
    expect(page.get_by_text("Newer knowledge exists").first).to_be_visible()
    assert downloads(page) == first

    press(page, "Publish a corrected version")
    drawer = page.get_by_role("dialog")
    fill(drawer, "Why does this week need a corrected version?", "The target was mistyped")
    press(drawer, "Publish a corrected version of week 6")
    expect(drawer).to_have_count(0)
    expect(page.get_by_text("This version corrects an earlier one: The target was mistyped")).to_be_visible()
    expect(page.get_by_text("Newer knowledge exists")).to_have_count(0)
    expect(page.get_by_role("heading", name="New since you read week 6")).to_be_visible()
    assert downloads(page)["pdf"] != first["pdf"]
    axe(page)

    open_version(page, "Open the earlier version")
    expect(page.get_by_text("A corrected version of this week replaced this one.")).to_be_visible()
    expect(page.get_by_role("button", name="Publish a corrected version")).to_have_count(0)
    assert downloads(page) == first
    open_version(page, "Open the current version")
    press(page, "Mark as read")
    expect(page.get_by_role("heading", name="New since you read week 6")).to_have_count(0)
