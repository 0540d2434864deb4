"""The links of one metric's page in a real browser: each does what a button would, and Back takes the grid away."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from models.people import operator
from models.wording import day_month
from services.engagement import engagements
from services.measurements.batches import Rows, record
from services.workflows import workflows
from tests.browser.accessibility import axe
from tests.browser.harness import go, load, no_overflow, press, rerun, switch_theme
from tests.browser.server import Server
from tests.browser.test_metric_dialogs import BEFORE, DAYS, TODAY, VALUES, in_dialog
from tests.builders import a_metric, an_engagement, the_operator, the_state

LIVE = DAYS[len(BEFORE)]
LIVE_TEXT = f"{day_month(LIVE)} {LIVE.year}"
YES, TAKE_BACK = f"Yes, it changed on {LIVE_TEXT}", f"Take back the phase of {LIVE_TEXT}"


@dataclass
class MetricPage:
    """The engagement of a metric, and where its page is."""

    slug: str
    address: str


@pytest.fixture
def metric(headway: Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> MetricPage:
    """A metric of an engagement of its own, which got better when a workflow went live; measured in one batch."""
    monkeypatch.setenv("DATABASE_URL", headway.environment["DATABASE_URL"])
    slug = request.node.name.removeprefix("test_").replace("_", "-")[:40].strip("-")
    an_engagement(slug, day_1=TODAY - timedelta(days=79))
    engagements.add_first_administrator(the_operator(), slug)
    metric_id, now = a_metric(slug, baseline="4 h", target="1 h"), operator(datetime.now(UTC))
    flow = {"name": "Score", "state": "live", "live_on": LIVE, "fallback": "On paper", "metric_id": metric_id}
    workflows.add_workflow(now, slug, flow)
    record(now, slug, Rows([metric_id] * len(DAYS), DAYS, VALUES), "a.csv")
    return MetricPage(slug, f"/metrics?engagement={slug}&metric={the_state(slug).metrics[0].slug}")


def the_phases(slug: str) -> list[str]:
    return [phase.cause for phase in the_state(slug).metrics[0].phases]


def test_phases_and_batches_are_changed_in_dialogs(page: Page, metric: MetricPage):
    slug = metric.slug
    go(page, metric.address)
    address = page.url
    expect(page.get_by_test_id("stMain").get_by_test_id("stButton")).to_have_count(0)
    dialog = in_dialog(page, YES)
    expect(dialog.get_by_label("Cause", exact=True)).to_have_value("Score live")
    press(dialog, "Begin the phase")
    expect(dialog).to_have_count(0)
    assert (the_phases(slug), page.url) == (["Score live"], address)

    dialog = in_dialog(page, TAKE_BACK)
    expect(dialog).to_contain_text("Score live")
    axe(page)
    press(dialog, "Take back the phase")
    expect(dialog).to_have_count(0)
    assert the_phases(slug) == []

    amount = f"{len(DAYS)} measurements"
    press(in_dialog(page, "Withdraw"), f"Withdraw {amount}")
    expect(page.get_by_role("link", name="Bring back")).to_be_visible()
    assert the_state(slug).metrics[0].aggregate is None
    press(in_dialog(page, "Bring back"), f"Bring back {amount}")
    expect(page.get_by_role("link", name="Withdraw")).to_be_visible()
    assert the_state(slug).metrics[0].aggregate.count == len(DAYS)
    assert page.url == address


def test_back_closes_the_grid_and_forward_opens_it(page: Page, metric: MetricPage):
    go(page, metric.address)
    grid = page.get_by_test_id("stDataFrame")
    expect(grid).to_have_count(0)
    with rerun(page):
        page.get_by_role("link", name="Enter measurements").click()
    expect(grid).to_be_visible()
    with rerun(page):
        page.go_back()
    expect(grid).to_have_count(0)
    with rerun(page):
        page.go_forward()
    expect(grid).to_be_visible()
    with rerun(page):
        page.get_by_role("link", name="Close the grid").click()
    expect(grid).to_have_count(0)
    expect(page.get_by_role("link", name="Enter measurements")).to_be_visible()


def test_a_dialog_that_was_closed_stays_closed_on_the_way_back(page: Page, metric: MetricPage):
    go(page, metric.address)
    with rerun(page):
        page.get_by_role("link", name="Enter measurements").click()
    in_dialog(page, "Begin a phase")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    with rerun(page):
        page.go_back()
        page.go_back()
    assert page.url.endswith(metric.address)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_main_act_looks_like_a_primary_button_that_a_keyboard_reaches(page: Page, metric: MetricPage):
    go(page, metric.address)
    link = page.get_by_role("link", name="Enter measurements")
    for theme, colour in (("light", "rgb(29, 79, 145)"), ("dark", "rgb(58, 118, 191)")):
        switch_theme(page, theme)
        expect(link).to_have_css("background-color", colour)
        expect(link).to_have_css("color", "rgb(255, 255, 255)")
        axe(page, "color-contrast")
    page.get_by_role("link", name="All metrics").focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(link).to_have_css("outline-style", "solid")


def test_who_opens_a_dialog_by_keyboard_goes_on_from_its_link(page: Page, metric: MetricPage):
    go(page, metric.address)
    link = page.get_by_role("link", name="Begin a phase")
    link.focus()
    with rerun(page):
        page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()


def test_the_page_and_its_dialogs_fit_a_phone(phone: Page, metric: MetricPage):
    load(phone, metric.address)
    no_overflow(phone)
    for opens in (YES, "Withdraw"):
        dialog = in_dialog(phone, opens)
        no_overflow(phone)
        phone.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
