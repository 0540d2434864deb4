"""The overview and the portfolio at a desktop's size: what a reader came for is in sight, and whole cards are links."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import DESKTOP
from tests.browser.harness import load, rerun
from tests.browser.sample_pages import address

MAX_HEIGHT = 2_000
"""Pixels of the sample's overview."""
HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"
CUT = "(table) => table.scrollWidth > table.clientWidth"
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


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


def test_a_card_of_the_portfolio_is_a_link_wherever_it_is_clicked(desktop):
    load(desktop, "/portfolio?show=Cards")
    with rerun(desktop):
        desktop.locator(".hw-card").filter(has_text="Larkspur").click(position={"x": 60, "y": 90})
    expect(desktop.get_by_role("heading", name="From batch to events", level=1)).to_be_visible()


def test_a_tile_of_the_portfolio_is_a_filter_wherever_it_is_clicked(desktop):
    load(desktop, "/portfolio?show=Table")
    with rerun(desktop):
        desktop.locator(".hw-card").filter(has_text="At risk").first.click(position={"x": 150, "y": 15})
    expect(desktop.get_by_text("2 of 6 engagements")).to_be_visible()


def test_a_cards_badges_stand_beside_its_client_however_long_the_engagements_name_is(desktop):
    load(desktop, "/portfolio?show=Cards")
    titles = desktop.locator(".hw-card .hw-title")
    expect(titles.filter(has_text="Halden Utilities")).to_have_count(1)
    for title in titles.all():
        client, width = title.locator("strong").bounding_box(), title.bounding_box()["width"]
        boxes = [badge.bounding_box() for badge in title.locator(".hw-badge").all()]
        assert all(client["x"] + client["width"] < box["x"] for box in boxes), title.inner_text()
        assert all(abs(box["y"] - client["y"]) < box["height"] / 2 for box in boxes), title.inner_text()
        last = max(box["x"] + box["width"] for box in boxes)
        assert last == pytest.approx(title.bounding_box()["x"] + width, abs=1), title.inner_text()


def test_what_is_sought_in_the_portfolio_leads_on_within_the_open_page(desktop):
    load(desktop, "/portfolio?show=Cards")
    desktop.evaluate("window.isStillOpen = true")
    field = desktop.get_by_role("searchbox", name="Find", exact=True)
    cards = desktop.get_by_role("link", name="Open overview")
    of_all = cards.count()
    field.fill("larkspur")
    with rerun(desktop):
        field.press("Enter")
    expect(cards).to_have_count(1)
    expect(field).to_have_value("larkspur")
    expect(field).to_be_focused()
    with rerun(desktop):
        desktop.go_back()
    expect(cards).to_have_count(of_all)
    expect(field).to_have_value("")
    assert desktop.evaluate("window.isStillOpen === true")


def test_who_types_keeps_their_place_however_late_it_is_drawn_anew(desktop):
    load(desktop, "/portfolio?show=Cards")
    field = desktop.get_by_role("searchbox", name="Find", exact=True)
    field.press("a")
    # As on a busy machine: long after the run the field is another element.
    field.evaluate("(field) => { window.typedIn = field; field.replaceWith(field.cloneNode(true)); }")
    expect(field).to_be_focused()
    assert desktop.evaluate("document.activeElement !== window.typedIn")


def test_a_search_keeps_the_other_choices_of_the_address(desktop):
    load(desktop, "/portfolio?show=Table&sort=review&page=2")
    field = desktop.get_by_role("searchbox", name="Find", exact=True)
    field.fill("larkspur")
    with rerun(desktop):
        field.press("Enter")
    assert all(part in desktop.url for part in ("show=Table", "sort=review", "find=larkspur"))
    assert "page=" not in desktop.url


def test_the_pack_is_made_by_a_link_that_back_does_not_follow_again(desktop):
    load(desktop, "/portfolio")
    desktop.get_by_role("link", name="Make the portfolio pack").click()
    expect(desktop.get_by_role("link", name="Download the pack of")).to_be_visible()
    assert "do=" not in desktop.url


def test_a_record_begins_at_its_top_and_back_leads_to_where_one_was_in_the_list(desktop):
    load(desktop, address("metrics"))
    desktop.set_viewport_size({"width": 1440, "height": 420})
    last = desktop.locator('a.within[href*="metric="]').last
    last.scroll_into_view_if_needed()
    place = desktop.evaluate(SCROLLED)
    assert place > 100
    with rerun(desktop):
        last.click()
    assert desktop.evaluate(SCROLLED) == 0
    with rerun(desktop):
        desktop.go_back()
    expect(last).to_be_in_viewport()
    assert abs(desktop.evaluate(SCROLLED) - place) < 50
    desktop.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
