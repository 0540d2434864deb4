"""The harness itself: it waits for what it should, and finds what is planted."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import ALLOWED, axe, findings
from tests.browser.chromium import DESKTOP, PHONE, visitor
from tests.browser.conftest import leave_to_the_next
from tests.browser.harness import (
    choose,
    fill,
    fill_date,
    go,
    no_overflow,
    paste_grid,
    press,
    screenshot,
    settled,
    switch_theme,
    turn,
)
from tests.browser.reruns import rerun
from tests.browser.server import Server

TRIAL = (sys.executable, str(Path(__file__).with_name("fixtures") / "serve.py"))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("trial") / "log"
    with Server(log, command=TRIAL, health="/_stcore/health") as server:
        yield server


@pytest.fixture(scope="module")
def window(chromium: Browser, trial: Server) -> Iterator[Page]:
    with visitor(chromium, trial.url) as page:
        yield page


@pytest.fixture
def page(window: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    yield window
    leave_to_the_next(window, request)


def test_a_press_waits_for_all_that_it_does(page):
    go(page, "/")
    press(page, "Wait a second")
    assert page.get_by_text("Waited").is_visible()


def test_inputs_are_filled_and_heard(page):
    go(page, "/")
    fill(page, "Name", "Ada")
    fill(page, "Note", "two\nlines")
    choose(page, "Kind", "event")
    fill_date(page, "Day", date(2026, 3, 15))
    assert page.get_by_text("Heard Ada, two lines, event, 15 Mar 2026").is_visible()
    choose(page, "Kind", "event")
    fill(page, "Name", "Ada")


def test_a_form_is_heard_when_it_is_sent(page):
    go(page, "/")
    fill(page, "Title", "Pipeline")
    choose(page, "Size", "large")
    assert page.get_by_text("Ordered").count() == 0
    press(page, "Order")
    assert page.get_by_text("Ordered Pipeline, large").is_visible()


@pytest.mark.parametrize(
    ("grid", "row", "column", "outcome"),
    [
        ("Filled", None, 0, "Filled: a x 1, b y 2, c z 5, d w 6"),
        ("Filled", 1, 0, "Filled: a x 1, c z 5, d w 6"),
        ("Empty", None, 0, "Empty: c z 5, d w 6"),
    ],
)
def test_a_paste_lands_in_the_grid(page, grid, row, column, outcome):
    go(page, "/grids")
    editor = page.get_by_test_id("stDataFrame").nth(["Filled", "Empty"].index(grid))
    paste_grid(page, editor, "c\tz\t5\nd\tw\t6", row, column)
    assert page.get_by_text(outcome, exact=True).is_visible()


def test_a_paste_may_start_in_a_later_column(page):
    go(page, "/grids")
    paste_grid(page, page.get_by_test_id("stDataFrame").first, "7\n8", row=0, column=2)
    assert page.get_by_text("Filled: a x 7, b y 8", exact=True).is_visible()


def test_a_paste_into_a_form_is_sent_with_the_form(page):
    go(page, "/grids")
    paste_grid(page, page.get_by_test_id("stDataFrame").last, "c\tz\t5\nd\tw\t6")
    press(page, "Save rows")
    assert page.get_by_text("Saved c, d", exact=True).is_visible()


def test_an_address_without_a_page_is_found(page):
    with pytest.raises(AssertionError, match="there is no page at /nowhere"):
        go(page, "/nowhere")


def test_an_exception_on_the_page_is_found(page):
    with pytest.raises(AssertionError, match="shows an exception"):
        go(page, "/faults?fault=exception")


def test_a_request_to_elsewhere_is_found(chromium, trial):
    with (
        pytest.raises(AssertionError, match=r"elsewhere\.invalid/picture\.png"),
        visitor(chromium, trial.url) as page,
    ):
        go(page, "/faults?fault=foreign")


@pytest.mark.parametrize("fault", ["contrast", "contrast below the fold"])
def test_an_inaccessible_text_is_found(page, fault):
    go(page, f"/faults?fault={fault}")
    with pytest.raises(AssertionError, match="color-contrast"):
        axe(page)
    assert page.viewport_size == {"width": DESKTOP[0], "height": DESKTOP[1]}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_streamlits_own_findings_are_allowed(page, theme):
    go(page, "/streamlits_own")
    switch_theme(page, theme)
    axe(page)


def test_each_allowance_is_still_needed(page):
    go(page, "/streamlits_own")
    all_findings = findings(page)
    for name in ("Kind", "More", "Day"):
        opener = {"Kind": "combobox", "More": "button", "Day": "group"}[name]
        page.get_by_role(opener, name=name, exact=True).click()
        all_findings += findings(page)
        page.keyboard.press("Escape")
    press(page, "Toast")
    all_findings += findings(page)
    switch_theme(page, "dark")
    all_findings += findings(page)
    assert [entry for entry in ALLOWED if entry not in [finding["allowed"] for finding in all_findings]] == []
    assert [finding for finding in all_findings if not finding["allowed"]] == []


def test_what_is_wider_than_a_phone_is_found(chromium, trial):
    with visitor(chromium, trial.url, size=PHONE) as phone:
        go(phone, "/faults?fault=wide")
        with pytest.raises(AssertionError, match="390 px"):
            no_overflow(phone)


@pytest.mark.parametrize("address", ["/faults?fault=wide in a card", "/", "/grids"])
def test_what_fits_or_scrolls_in_its_card_is_no_overflow(chromium, trial, address):
    with visitor(chromium, trial.url, size=PHONE) as phone:
        go(phone, address)
        no_overflow(phone)


def test_the_next_person_finds_nothing_of_the_one_before(chromium, trial):
    with visitor(chromium, trial.url) as page:
        go(page, "/")
        page.context.add_cookies([{"name": "who", "value": "Ada", "url": trial.url}])
        page.evaluate("localStorage.who = sessionStorage.who = 'Ada'")
        page.context.new_page()
    with visitor(chromium, trial.url) as page:
        go(page, "/")
        assert "who" not in [cookie["name"] for cookie in page.context.cookies()]
        assert page.evaluate("[localStorage.who, sessionStorage.who]") == [None, None]
        assert page.context.pages == [page]


def test_two_people_at_once_have_a_browser_each(chromium, trial):
    with visitor(chromium, trial.url) as one, visitor(chromium, trial.url) as other:
        assert one.context != other.context


def test_a_page_settles_again_after_its_server_was_killed(chromium, tmp_path):
    with (
        Server(tmp_path / "log", command=TRIAL, health="/_stcore/health") as server,
        visitor(chromium, server.url) as page,
    ):
        go(page, "/")
        server.kill()
        expect(page.get_by_test_id("stApp")).not_to_have_attribute("data-test-connection-state", "CONNECTED")
        server.start()
        settled(page)


def test_a_server_that_ends_says_what_it_printed(tmp_path):
    command = (sys.executable, "-c", "print('no such option')")
    with pytest.raises(RuntimeError, match="no such option"):
        Server(tmp_path / "log", command=command).start()


def test_a_forked_program_is_as_one_that_was_started(tmp_path):
    with pytest.raises(RuntimeError, match="DATABASE_URL"):
        Server(tmp_path / "refused", {"DATABASE_URL": "mysql://nowhere"}).start()
    with Server(tmp_path / "log", {"DATABASE_URL": f"sqlite:///{tmp_path}/headway.db"}) as server:
        program = server.process
        assert program is not None
        assert program.poll() is None
        server.kill()
        assert program.poll() is not None
        server.start()
        assert server.process.pid != program.pid


def test_a_picture_holds_the_whole_page_in_its_theme(page, monkeypatch):
    monkeypatch.delenv("HEADWAY_DOCS", raising=False)
    go(page, "/faults?fault=contrast below the fold")
    from PIL import Image

    with Image.open(screenshot(page, "trial", "dark", PHONE[0])) as picture:
        assert picture.width == PHONE[0]
        assert picture.height > 3000
        assert picture.convert("L").getpixel((5, 2900)) < 60


def test_a_link_is_a_rerun_too(page):
    go(page, "/")
    with rerun(page):
        page.get_by_role("link", name="Grids").click()
    assert page.get_by_role("heading", name="Grids").is_visible()


def test_another_address_is_turned_to_without_loading_the_page_anew(page):
    go(page, "/")
    page.evaluate("window.kept = true")
    turn(page, "/grids")
    assert page.get_by_role("heading", name="Grids").is_visible()
    assert page.get_by_role("heading", name="Trial").count() == 0
    turn(page, "/faults?fault=wide in a card")
    assert page.get_by_text("Scrolls by itself").is_visible()
    assert page.evaluate("window.kept")
    with pytest.raises(AssertionError, match="shows an exception"):
        turn(page, "/faults?fault=exception")
