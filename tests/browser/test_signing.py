"""A sponsor's phone: from the link to the receipt."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from api.cookies import BROWSER_COOKIE
from models.people import Actor, Role
from services.sign_off import links
from services.sign_off import requests as sign_off_requests
from store.sign_off import requests
from tests.browser.accessibility import RUN_AXE
from tests.browser.chromium import PHONE, Theme, visitor
from tests.browser.harness import ARTEFACTS, go, no_overflow
from tests.browser.server import Server
from tests.browser.signing_in import cookies, database_of, give
from tests.builders import a_metric, an_actor, an_engagement, the_operator, the_state

MAX_CLICKS = 5
COUNT_CLICKS = """() => addEventListener("click", (event) => {
  if (!event.isTrusted) return;
  sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true)"""


@pytest.fixture
def link(headway: Server) -> str:
    """The path of a link to Dana, for three metrics."""
    slug, now = "signing", datetime.now(UTC)
    with database_of(headway):
        if slug not in {one.slug for one in _engagements()}:
            an_engagement(slug, day_1=now.date() - timedelta(days=19))
            for name, baseline, target in (("Decision time", 4, 1), ("Waiting", 3, 1), ("Rework", 9, 2)):
                a_metric(slug, name=name, baseline=baseline, target=target, target_day=90, source="the log")
        mei, dana = (
            an_actor(name, slug, role) for name, role in (("Mei", Role.LEAD), ("Dana", Role.SPONSOR))
        )
        mei = Actor("Mei", now, "test", mei.user_id)
        ids = [metric.id for metric in the_state(slug).metrics]
        request = sign_off_requests.ask(
            mei, slug, ids, of=dana.user_id, note_to_them="Before Friday, please."
        )
        return f"/sign/link#{links.make_link(mei, slug, request)}"


def _engagements():
    from reports.frames.portfolio import portfolio

    return list(portfolio(the_operator()).itertuples())


@pytest.fixture
def danas(headway: Server, link: str) -> dict[str, str]:
    """The cookies of a browser in which Dana signed in before, and isn't signed in now."""
    kept = cookies(headway, "dana@example.org")
    return {name: value for name, value in kept.items() if name.startswith(BROWSER_COOKIE)}


@pytest.fixture
def sponsor(chromium: Browser, headway: Server, danas: dict[str, str]) -> Iterator[Page]:
    """Dana's phone, on which nobody is signed in; it counts what a person clicks."""
    with visitor(chromium, headway.url, size=PHONE) as page:
        give(page.context, headway, danas)
        page.add_init_script(f"({COUNT_CLICKS})()")
        yield page


def test_from_the_link_to_the_receipt_on_a_phone(sponsor: Page, headway: Server, link: str):
    began = time.monotonic()
    sponsor.goto(headway.url + link)
    sponsor.wait_for_url("**/sign/metrics")
    cards = sponsor.locator("li.card")
    expect(cards).to_have_count(3)
    expect(cards.first).to_contain_text("Decision time")
    expect(cards.first).to_contain_text("4 h → 1 h")
    assert sponsor.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    sponsor.screenshot(path=ARTEFACTS / "sign-sheet-phone.png", full_page=True)
    sponsor.get_by_role("radio", name="Approve all 3").click()
    sponsor.get_by_label("Your full name").click()
    sponsor.keyboard.type("Dana Ruiz")
    sponsor.get_by_role("button", name="Sign 3 metrics").click()
    expect(sponsor.get_by_role("status")).to_have_text("You signed 3 metrics.")
    sponsor.screenshot(path=ARTEFACTS / "sign-done-phone.png", full_page=True)
    with sponsor.expect_download() as receipt:
        sponsor.get_by_role("link", name="Download the receipt").click()
    assert receipt.value.path().read_bytes().startswith(b"%PDF-")
    clicks = int(sponsor.evaluate("sessionStorage.clicks"))
    measured = {"clicks": clicks, "seconds": round(time.monotonic() - began, 2)}
    (ARTEFACTS / "sign-off.json").write_text(json.dumps(measured))
    print(measured)
    assert clicks <= MAX_CLICKS
    with database_of(headway):
        assert [metric.seal for metric in the_state("signing").metrics] == ["signed"] * 3
        assert [event.kind for event in requests(the_operator(), "signing")[0].events][-1] == "signed"


def axe(page: Page) -> None:
    """Nothing breaks a rule of axe-core. The page scrolls as a whole, so all of it is looked at."""
    page.evaluate(f"{AXE_SCRIPT};null")
    violations = [(one["id"], node["html"][:200]) for one in page.evaluate(RUN_AXE) for node in one["nodes"]]
    assert violations == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_to_sign_on_can_be_read_by_everybody(
    chromium: Browser, headway: Server, link: str, danas: dict[str, str], theme: Theme
):
    with visitor(chromium, headway.url, size=PHONE, theme=theme) as phone:
        give(phone.context, headway, danas)
        phone.goto(headway.url + link)
        phone.wait_for_url("**/sign/metrics")
        phone.get_by_role("radio", name="Ask for changes", exact=True).first.check()
        phone.get_by_role("radio", name="Approve all 3").check()
        axe(phone)
        no_overflow(phone)
        phone.screenshot(path=ARTEFACTS / f"sign-sheet-{theme}-phone.png", full_page=True)
        phone.get_by_label("Your full name").fill("Dana Ruiz")
        phone.get_by_role("button", name="Sign 3 metrics").click()
        # Somebody was asked what is to change, and didn't say it.
        expect(phone.get_by_role("alert")).to_contain_text("Say what is to change of “Decision time”")
        axe(phone)


def test_a_double_tap_signs_once_and_what_a_link_opened_leads_nowhere_else(
    sponsor: Page, headway: Server, link: str
):
    with database_of(headway):
        before = len(the_state("signing").sign_offs)
    sponsor.goto(headway.url + link)
    sponsor.wait_for_url("**/sign/metrics")
    sponsor.get_by_role("radio", name="Ask for changes to all 3").click()
    sponsor.get_by_label("What is to change?").last.fill("One metric would do")
    sponsor.get_by_label("Your full name").fill("Dana Ruiz")
    sponsor.get_by_role("button", name="Sign 3 metrics").dblclick()
    expect(sponsor.get_by_role("status")).to_have_text("You asked for changes to 3 metrics.")
    with database_of(headway):
        state = the_state("signing")
    assert len(state.sign_offs) == before + 3
    assert {metric.seal for metric in state.metrics} == {"unsigned"}
    sponsor.goto(f"{headway.url}/metrics?engagement=signing")
    sponsor.wait_for_url("**/session/sign-in?**")


def test_a_lead_asks_and_hands_over_a_link(page: Page, headway: Server):
    from tests.browser.harness import press, rerun, settled

    slug = "asking"
    with database_of(headway):
        an_engagement(slug)
        a_metric(slug, name="Decision time", baseline=4, target=1)
        an_actor("Dana", slug, Role.SPONSOR)
        _let_the_administrator_in(slug)
    go(page, f"/metrics?engagement={slug}")
    with rerun(page):
        page.get_by_role("link", name="Ask for sign-off", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note to them").fill("Before Friday, please.")
    dialog.get_by_role("button", name="Ask for sign-off").dblclick()
    settled(page)
    with database_of(headway):
        assert len(requests(the_operator(), slug)) == 1
    expect(page.get_by_role("heading", name="Asked for sign-off")).to_be_visible()
    press(page, "Make a link to sign")
    expect(page.get_by_text("/sign/link#").first).to_be_visible()
    page.screenshot(path=ARTEFACTS / "sign-asked.png", full_page=True)


def _let_the_administrator_in(slug: str) -> None:
    from services.engagement import engagements

    engagements.add_first_administrator(the_operator(), slug)


def test_back_after_a_signature_that_was_refused_first_leads_to_what_was_signed(
    sponsor: Page, headway: Server, link: str
):
    sponsor.goto(headway.url + link)
    sponsor.wait_for_url("**/sign/metrics")
    sponsor.get_by_role("radio", name="Ask for changes", exact=True).first.check()
    sponsor.get_by_label("Your full name").fill("Dana Ruiz")
    sponsor.get_by_role("button", name="Sign").click()
    expect(sponsor.get_by_role("alert")).to_be_visible()
    sponsor.get_by_role("radio", name="Approve", exact=True).first.check()
    sponsor.get_by_role("radio", name="Approve all 3").check()
    sponsor.get_by_role("button", name="Sign").click()
    expect(sponsor.get_by_role("status")).to_have_text("You signed 3 metrics.")
    sponsor.go_back()
    expect(sponsor.get_by_role("status")).to_have_text("You signed 3 metrics.")
