"""Day one by hand: from an empty database to a plan with evidence in it, in few actions and without a dead end."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.accessibility import RUN_AXE, axe
from tests.browser.chromium import PHONE, visitor
from tests.browser.harness import (
    PASTE_MS,
    PASTE_PATIENCE_MS,
    choose,
    fill,
    fill_date,
    go,
    no_overflow,
    press,
    rerun,
    settled,
    shows,
)
from tests.browser.server import Server
from tests.browser.signing_in import PASSWORD, database_of
from tests.browser.test_paste import FIRST_COLUMN, FIRST_ROW
from tests.builders import the_state

TODAY = datetime.now(UTC).date()
DAY_1 = TODAY - timedelta(days=20)
MAX_ACTIONS = 60
# Systems with the client's own headers below a title.
SYSTEMS = (
    "Application inventory 2026\n\nApplication Name\tBusiness Owner\tTier\tHosting\tLast reviewed\n"
    + "\n".join(f"System {n}\tOwner {n}\tTier {n % 4 + 1}\tAWS\t2026-01-{n:02}" for n in range(1, 16))
)
DEPENDENCIES = "Source\tTarget\tInterface type\n" + "\n".join(
    f"System {n}\tSystem {n + 1}\tREST" for n in range(1, 15)
)
# What each of three people struggles with, as rows of the grid of frictions.
SEEN = {
    f"Person {n}": "\n".join(f"waiting\tWaits {k} times\t4\tdaily\tSystem {n}" for k in (2, 3))
    for n in (1, 2, 3)
}
METRICS = (
    "key\tMetric\tUnit\tBetter\tBaseline\tTarget\n"
    "loan-time\tLoan decision time\th\tlower is better\t4 h\t90 s\n"
    "onboarding\tDeveloper onboarding\td\tdown\t3 months\t2 weeks\n"
    "throughput\tPeak throughput\tper min\thigher\t120 / min\t8,500 / min"
)
WEEKLY = "Week of\tLoan decision time\tDeveloper onboarding\tPeak throughput\n" + "\n".join(
    f"{DAY_1 - timedelta(days=7 * (12 - n))}\t{4 - n / 10} h\t{90 - n} d\t{120 + n}" for n in range(12)
)


class Hand:
    """Counts what a person does: each click, choice and entry is one action."""

    def __init__(self, page: Page):
        self.page, self.actions = page, 0

    def __call__(self, act, *given) -> None:
        act(*given) if given and isinstance(given[0], Locator) else act(self.page, *given)
        settled(self.page)
        self.actions += 1

    def plain(self, act: Callable[[], object]) -> None:
        """One action on a page that isn't the dashboard's."""
        act()
        self.actions += 1

    def bring(self, kind: str, cells: str, button: str) -> None:
        """Choose the kind, paste the cells and press the button of the import."""
        self(choose, "What it holds", kind)
        box = self.page.get_by_label("Cells, with the names of the columns above them")
        self.page.evaluate("text => navigator.clipboard.writeText(text)", cells)
        box.click()
        with rerun(self.page):
            self.page.keyboard.press("Control+V")
            self.page.keyboard.press("Control+Enter")
        settled(self.page)
        self.actions += 2
        self(press, button)

    def record_interview(self, person: str, seen: str) -> None:
        """Record an interview that was held today with an end user, and all its frictions in one sitting."""
        page, dialog = self.page, self.page.get_by_role("dialog")
        first = page.get_by_role("button", name="Record the first interview", exact=True).count()
        self(press, "Record the first interview" if first else "Record an interview")
        self(fill, dialog, "Interviewee", person)
        self(fill, dialog, "Role", "Underwriter")
        grid = dialog.get_by_test_id("stDataFrame")
        page.evaluate("text => navigator.clipboard.writeText(text)", seen)
        # A grid that is drawn anew meanwhile loses what was chosen in it: a person clicks and pastes again.
        for patience in PASTE_PATIENCE_MS:
            grid.scroll_into_view_if_needed()
            place = grid.bounding_box()
            page.mouse.click(place["x"] + FIRST_COLUMN, place["y"] + FIRST_ROW)
            page.keyboard.press("Control+V")
            if shows(grid, "Waits 3 times", patience):
                break
        expect(grid).to_contain_text("Waits 3 times")
        page.wait_for_timeout(PASTE_MS * 4)
        self.actions += 2
        self(press, dialog, "Record the interview")
        expect(dialog).to_have_count(0)


def follow(page: Page, label: str) -> None:
    page.get_by_role("link", name=label, exact=True).first.click()


def sign_on_a_phone(sponsor: Hand, link: str) -> None:
    """Dana, whom nobody added before: from the link to the receipt and the overview."""
    phone = sponsor.page
    sponsor.plain(lambda: phone.goto(link))
    expect(phone.get_by_text("asks you to sign 3 metrics")).to_be_visible()
    expect(phone.get_by_label("Your full name")).to_have_value("Dana Ruiz")
    axe_of_phone(phone)
    sponsor.plain(lambda: phone.get_by_label("Choose a password").fill(PASSWORD))
    sponsor.plain(phone.get_by_role("button", name="Read 3 metrics").click)
    expect(phone.locator("li.card")).to_have_count(3)
    no_overflow(phone)
    sponsor.plain(phone.get_by_role("radio", name="Approve all 3").click)
    sponsor.plain(lambda: phone.get_by_label("Your full name").fill("Dana Ruiz"))
    sponsor.plain(phone.get_by_role("button", name="Sign 3 metrics").click)
    expect(phone.get_by_role("status")).to_have_text("You signed 3 metrics.")
    expect(phone.get_by_role("link", name="Download the receipt")).to_be_visible()
    axe_of_phone(phone)
    sponsor.plain(phone.get_by_role("link", name="See the overview").click)
    settled(phone)
    expect(phone.get_by_role("heading", name="Loans in seconds", level=1)).to_be_visible()
    no_overflow(phone)


def axe_of_phone(phone: Page) -> None:
    """Nothing breaks a rule of axe-core on a page of plain HTML, which scrolls as a whole."""
    phone.evaluate(f"{AXE_SCRIPT};null")
    assert [(one["id"], one["help"]) for one in phone.evaluate(RUN_AXE)] == []


@pytest.mark.usefixtures("administrator")
def test_a_client_s_own_sheets_are_in_the_plan_and_signed_in_few_actions(
    page: Page, headway: Server, chromium: Browser
):
    hand = Hand(page)
    hand(go, "/new")
    for label, text in (
        ("Name", "Loans in seconds"),
        ("Client", "Day One"),
        ("Executive sponsor", "Dana Ruiz"),
        ("Sponsor's e-mail", "dana@day-one.example"),
    ):
        hand(fill, label, text)
    hand(fill_date, "Day 1", DAY_1)
    hand(press, "Create engagement")
    expect(page.get_by_text("Add your systems: paste from a spreadsheet")).to_be_visible()
    axe(page)
    hand(go, "/imports?engagement=day-one&kind=systems")
    hand.bring("Systems", SYSTEMS, "Import 15 systems")
    hand.bring("Dependencies", DEPENDENCIES, "Import 14 dependencies")
    hand(go, "/interviews?engagement=day-one")
    for person, seen in SEEN.items():
        hand.record_interview(person, seen)
    expect(page.get_by_role("region", name=re.compile("Person 3.*Person 2.*Person 1"))).to_be_visible()
    hand(go, "/imports?engagement=day-one&kind=metrics")
    hand.bring("Metrics", METRICS, "Import 3 metrics")
    hand.bring("Measurements", WEEKLY, "Import 36 measurements")
    axe(page)
    no_overflow(page)
    hand(go, "/overview?engagement=day-one")
    expect(page.get_by_text("Ask for sign-off of 3 metrics")).to_be_visible()
    hand(follow, "Ask for sign-off")
    hand(press, page.get_by_role("dialog"), "Ask for sign-off")
    expect(page.get_by_text("asked Dana Ruiz on")).to_be_visible()
    axe(page)
    mail = page.get_by_role("link", name="Send it by e-mail")
    address = unquote(mail.get_attribute("href"))
    assert address.startswith("mailto:dana@day-one.example?subject=Administrator asks you to sign 3 metrics")
    link = re.search(r"/sign/link#[\w-]+", address)[0]
    with visitor(chromium, headway.url, size=PHONE) as phone:
        sponsor = Hand(phone)
        sign_on_a_phone(sponsor, headway.url + link)
    print({"actions": hand.actions, "sponsor": sponsor.actions})
    with database_of(headway):
        state = the_state("day-one")
    assert [len(part) for part in (state.systems, state.dependencies, state.frictions)] == [15, 14, 6]
    assert {metric.aggregate.count for metric in state.metrics} == {12}
    assert [metric.seal for metric in state.metrics] == ["signed"] * 3
    assert hand.actions + sponsor.actions <= MAX_ACTIONS


def test_a_drawer_opened_by_keyboard_keeps_the_focus_and_gives_it_back(page: Page, headway: Server):
    go(page, "/interviews?engagement=day-one")
    button = page.get_by_role("button", name="Record an interview", exact=True)
    button.focus()
    with rerun(page):
        page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    with rerun(page):
        page.keyboard.press("Enter")
    # What is typed and not saved isn't lost by a reload without being asked.
    dialog.get_by_label("Interviewee", exact=True).press_sequentially("Half typed")
    with page.expect_event("dialog") as asked:
        page.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(dialog.get_by_label("Interviewee", exact=True)).to_have_value("Half typed")


def test_everything_in_the_sidebar_fits_a_small_screen(page: Page, headway):
    page.set_viewport_size({"width": 1280, "height": 720})
    go(page, "/overview?engagement=day-one")
    place = page.get_by_role("button", name="Sign out").bounding_box()
    assert place["y"] + place["height"] <= 720


def test_by_keyboard_ctrl_k_finds_a_system_and_opens_it(page: Page, headway: Server):
    go(page, "/overview?engagement=day-one")
    page.keyboard.press("Control+k")
    field = page.get_by_role("searchbox", name="Search (Ctrl+K)")
    expect(field).to_be_focused()
    page.keyboard.type("system 12")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    settled(page)
    expect(page.get_by_text("System, Loans in seconds")).to_be_visible()
    axe(page)
    # Another engagement may have a system of that name.
    row = page.locator(".hw-row", has_text="System, Loans in seconds").filter(has_text="System 12")
    row.get_by_role("link", name="Open System 12", exact=True).click()
    settled(page)
    expect(page.get_by_role("heading", name="System 12", level=1)).to_be_visible()
