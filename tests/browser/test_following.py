"""Links of ours lead on within the open page, as Streamlit's do, and are links all the same."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import go, load
from tests.browser.reruns import rerun, wait_until_settled


@pytest.fixture
def sidebar(page: Page) -> Locator:
    """The sidebar of an open page that would forget a mark, were it loaded anew."""
    go(page, "/portfolio")
    page.evaluate("window.isStillOpen = true")
    return page.get_by_role("navigation", name="Pages")


def unfold(sidebar: Locator) -> None:
    """Open the section of the sidebar that is closed at first, if nobody has."""
    if not sidebar.get_by_role("link", name="Security log").is_visible():
        sidebar.get_by_text("More", exact=True).click()


def is_still_open(page: Page) -> bool:
    return page.evaluate("window.isStillOpen === true")


def test_a_link_leads_on_within_the_open_page_and_back(page, sidebar):
    with rerun(page):
        sidebar.get_by_role("link", name="New engagement").click()
    expect(page).to_have_title("New engagement · Headway")
    assert page.url.endswith("/new")
    with rerun(page):
        page.go_back()
    expect(page).to_have_title("Portfolio · Headway")
    with rerun(page):
        page.go_forward()
    expect(page).to_have_title("New engagement · Headway")
    assert is_still_open(page)


def test_after_a_double_click_back_leads_to_the_page_before(page, sidebar):
    sidebar.get_by_role("link", name="New engagement").dblclick()
    expect(page).to_have_title("New engagement · Headway")
    wait_until_settled(page)
    with rerun(page):
        page.go_back()
    expect(page).to_have_title("Portfolio · Headway")


def test_the_page_that_is_open_is_the_current_one(page, sidebar):
    current = sidebar.locator("[aria-current=page]")
    expect(current).to_have_accessible_name("Portfolio")
    unfold(sidebar)
    with rerun(page):
        sidebar.get_by_role("link", name="People").click()
    expect(current).to_have_accessible_name("People")
    expect(current).to_have_count(1)


def test_the_mark_and_the_help_go_with_the_page_and_the_sidebar_stays(page, sidebar):
    sidebar.evaluate("(drawn) => { drawn.isStillDrawn = true }")
    unfold(sidebar)
    with rerun(page):
        sidebar.get_by_role("link", name="Security log").click()
    assert sidebar.evaluate("(drawn) => drawn.isStillDrawn === true")
    with rerun(page):
        page.go_back()
    expect(sidebar.locator("[aria-current=page]")).to_have_accessible_name("Portfolio")
    with rerun(page):
        page.go_forward()
    with rerun(page):
        sidebar.get_by_role("link", name="Help with this page").click()
    expect(page.get_by_role("heading", name="Who sees what")).to_be_visible()


def test_a_folded_section_is_open_on_a_page_of_it_only(page):
    load(page, "/people")
    expect(page.get_by_role("link", name="Security log")).to_be_visible()
    with rerun(page):
        page.get_by_role("link", name="Portfolio").click()
    expect(page.get_by_role("link", name="Security log")).not_to_be_visible()


def test_after_an_upgrade_the_next_link_loads_the_page_anew(page, sidebar):
    sidebar.evaluate("(drawn) => { drawn.dataset.version = 'a newer one' }")
    sidebar.get_by_role("link", name="New engagement").click()
    expect(page).to_have_title("New engagement · Headway")
    assert not is_still_open(page)


def test_who_follows_a_link_by_keyboard_goes_on_from_it(page, sidebar):
    link = sidebar.get_by_role("link", name="New engagement")
    link.focus()
    with rerun(page):
        page.keyboard.press("Enter")
    expect(link).to_have_attribute("aria-current", "page")
    expect(link).to_be_focused()
    page.keyboard.press("Tab")
    expect(sidebar.get_by_text("More", exact=True)).to_be_focused()


def test_with_a_key_held_down_a_link_opens_in_a_tab_of_its_own(page, sidebar):
    with page.context.expect_page() as opened:
        sidebar.get_by_role("link", name="New engagement").click(modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_title("New engagement · Headway")
    assert page.url.endswith("/portfolio")


def test_the_sidebar_looks_as_it_should(sidebar):
    expect(sidebar.get_by_role("list").first).to_have_css("list-style-type", "none")
    link = sidebar.get_by_role("link", name="Portfolio")
    expect(link).to_have_css("display", "block")
    expect(link).to_have_css("font-family", '"Material Symbols Rounded"', pseudo="before")


def test_on_a_phone_the_sidebar_makes_way_for_the_page_that_was_chosen(phone):
    load(phone, "/portfolio")
    places = phone.get_by_role("navigation", name="Pages")
    phone.get_by_test_id("stExpandSidebarButton").click()
    expect(places).to_be_in_viewport()
    with rerun(phone):
        places.get_by_role("link", name="New engagement").click()
    expect(phone).to_have_title("New engagement · Headway")
    expect(places).not_to_be_in_viewport()
