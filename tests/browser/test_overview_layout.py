"""The overview and the portfolio at a desktop's size: what a reader came for is in sight, and whole cards are links."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import load, rerun
from tests.browser.sample_pages import address

MAX_HEIGHT = 2_000
"""Pixels of the sample's overview."""
HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"
CUT = "(table) => table.scrollWidth > table.clientWidth"


@pytest.fixture
def desktop(sample_windows: tuple[Page, Page]) -> Page:
    return sample_windows[0]


def card(page: Page, title: str) -> Locator:
    return page.locator(".hw-card").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_outcomes_and_next_steps_stand_beside_each_other_in_sight_and_nothing_is_cut(desktop):
    load(desktop, address("overview"))
    assert desktop.evaluate(HEIGHT) <= MAX_HEIGHT
    outcomes = card(desktop, "Outcomes against baseline")
    left, right = outcomes.bounding_box(), card(desktop, "Next steps").bounding_box()
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] < right["x"]
    assert right["y"] + right["height"] <= desktop.viewport_size["height"]
    assert not outcomes.get_by_role("group", name="Outcomes against baseline").evaluate(CUT)


def test_a_health_card_is_a_link_wherever_it_is_clicked(desktop):
    load(desktop, address("overview"))
    with rerun(desktop):
        desktop.locator(".hw-health").last.click(position={"x": 150, "y": 60})
    expect(desktop.get_by_role("heading", name="Metrics", level=1)).to_be_visible()


def test_a_tile_of_the_portfolio_is_a_filter_wherever_it_is_clicked(desktop):
    load(desktop, "/portfolio?show=Table")
    with rerun(desktop):
        desktop.locator(".hw-card").filter(has_text="At risk").first.click(position={"x": 150, "y": 15})
    expect(desktop.get_by_text("2 of 6 engagements")).to_be_visible()
