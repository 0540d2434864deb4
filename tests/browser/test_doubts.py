"""What could be read otherwise, or stands for nothing, is said on the page that comes after a paste was saved."""

from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe
from tests.browser.harness import go, no_overflow, paste_grid, press, rerun
from tests.browser.test_inventory import engagement, grid, open_inventory
from tests.builders import a_metric, the_state

__all__ = ["engagement"]


def open_entry(page: Page, slug: str) -> None:
    go(page, f"/metrics?engagement={slug}&metric={the_state(slug).metrics[0].slug}")
    with rerun(page):
        page.get_by_role("link", name="Enter measurements").click()


def test_a_pasted_number_that_can_be_read_in_two_ways_is_said_with_both(page, engagement):
    slug = engagement("two-ways")
    a_metric(slug, unit="h", baseline=4000)
    open_entry(page, slug)
    paste_grid(page, grid(page), "2026-10-05\t12,500\n2026-10-12\t13,250", row=0)
    press(page, "Record measurements")
    warning = page.get_by_role("alert").filter(has_text="Please check")
    expect(warning).to_have_count(1)
    expect(warning).to_contain_text(
        "Rows 1 and 2, value: “12,500” was read as 12,500 h, as nothing else tells which mark is the decimal one; "
        "the other way it is 12.5."
    )
    expect(page.get_by_text("12,500 h").first).to_be_visible()
    axe(page)
    no_overflow(page)


def test_a_pasted_word_for_a_scale_that_says_two_things_is_refused_and_stays_in_the_grid(page, engagement):
    slug = engagement("what-scale")
    a_metric(slug, unit="count", baseline=4000)
    open_entry(page, slug)
    paste_grid(page, grid(page), "2026-10-05\t1.31 Mil", row=0)
    press(page, "Record measurements")
    expect(page.get_by_role("alert")).to_contain_text("“1.31 Mil” is not read")
    expect(grid(page)).to_contain_text("1.31 Mil")
    assert the_state(slug).metrics[0].aggregate is None


def test_placeholders_pasted_as_owners_are_said_and_the_next_save_says_nothing(page, engagement):
    slug = engagement("no-owner")
    open_inventory(page, slug)
    paste_grid(page, grid(page), "Portal\tservice\tTBD\nLedger\tservice\tN/A\nBatch\tservice\tAnn Lee", row=0)
    press(page, "Save systems")
    warning = page.get_by_role("alert").filter(has_text="Please check")
    expect(warning).to_contain_text(
        "New rows 1 and 2, owner: “TBD” was read as nothing, as it stands for none."
    )
    paste_grid(page, grid(page), "Desk\tservice\tAnn Lee", row=3)
    press(page, "Save systems")
    expect(page.get_by_text("Added 1 system").first).to_be_visible()
    expect(warning).to_have_count(0)
