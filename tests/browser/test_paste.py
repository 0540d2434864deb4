"""A paste as a hand does it: a click with the mouse on the first empty cell, Ctrl+V, and the button."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.harness import PASTE_MS, PASTE_PATIENCE_MS, press, settled, shows
from tests.browser.test_inventory import engagement, grid, names, open_inventory
from tests.builders import the_state

__all__ = ["engagement"]

# Pixels from a grid's corner to the middle of a cell: the first column is behind the boxes that choose rows.
FIRST_COLUMN, SECOND_COLUMN, FIRST_ROW, ROW_HEIGHT = 110, 330, 52, 35


def paste_by_mouse(page: Page, text: str, row: int = 0, clicks: int = 1, x: int = FIRST_COLUMN) -> None:
    """Click on a cell of the grid, `row` counted from 0, and paste."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    grid(page).scroll_into_view_if_needed()
    first_cell = text.split("\n")[0].split("\t")[0]
    # On a busy machine the clipboard comes late, and a cell may have lost the focus: a person pastes again.
    for patience in PASTE_PATIENCE_MS:
        place = grid(page).bounding_box()
        left, top = place["x"] + x, place["y"] + FIRST_ROW + row * ROW_HEIGHT
        # A second click on the cell that is chosen already would begin to type in it.
        page.mouse.click(left, top + ROW_HEIGHT)
        page.mouse.click(left, top, click_count=clicks)
        if clicks > 1:
            # The cell's editor opens a moment later; a paste before that would spread over the rows.
            expect(page.locator("textarea.gdg-input")).to_be_focused()
        page.keyboard.press("Control+V")
        if clicks > 1 or shows(grid(page), first_cell, patience):
            break
    page.wait_for_timeout(PASTE_MS * 4)


def test_fifteen_systems_pasted_with_the_mouse_into_an_empty_grid_are_fifteen(
    page, engagement: Callable[..., str]
):
    slug = engagement("by-mouse")
    open_inventory(page, slug)
    paste_by_mouse(page, "\n".join(f"System {n:02}\tservice\tAnn\tHigh" for n in range(20)))
    press(page, "Save systems")
    settled(page)
    assert len(names(slug)) == 20
    assert {row.criticality for row in the_state(slug).systems} == {"high"}


def test_what_comes_behind_an_emoji_is_pasted_whole(page, engagement):
    slug = engagement("emoji")
    open_inventory(page, slug)
    rows = [
        "🚀 Launchpad\tservice\tAnn 👩‍💻\tHigh",
        '"𠮷 ""Ledger"" 🎉"\tservice\tBob\tLow',
        "Portal\tservice\tCy\tLow",
    ]
    paste_by_mouse(page, "\n".join(rows))
    press(page, "Save systems")
    settled(page)
    assert sorted((row.name, row.owner, row.criticality) for row in the_state(slug).systems) == [
        ("Portal", "Cy", "low"), ("🚀 Launchpad", "Ann 👩‍💻", "high"), ("𠮷 \"Ledger\" 🎉", "Bob", "low"),
    ]  # fmt: skip


def test_rows_in_one_cell_are_refused_by_a_sentence_and_can_be_discarded(page, engagement):
    slug = engagement("one-cell")
    open_inventory(page, slug)
    # A second click begins to type in the cell, where a paste is a text.
    paste_by_mouse(page, "Portal\nLedger\nBatch", clicks=2)
    expect(page.locator("textarea.gdg-input")).to_have_value("Portal\nLedger\nBatch")
    page.keyboard.press("Enter")
    expect(grid(page)).to_contain_text("Portal")
    page.wait_for_timeout(PASTE_MS * 4)
    press(page, "Save systems")
    expect(page.get_by_role("alert")).to_contain_text("“Name” holds a line break")
    assert names(slug) == []
    press(page, "Discard changes")
    expect(grid(page)).not_to_contain_text("Portal")


def test_a_pasted_header_is_offered_as_one(page, engagement):
    slug = engagement("headed")
    open_inventory(page, slug)
    paste_by_mouse(page, "Name\tKind\tOwner\nPortal\tservice\tAnn\nLedger\tpackage\tBob")
    press(page, "Save systems")
    expect(page.get_by_role("alert")).to_contain_text("holds the names of columns")
    assert names(slug) == []
    press(page, "Save the 2 rows below it")
    assert names(slug) == ["Ledger", "Portal"]


def test_a_foreign_header_leads_to_where_its_columns_are_matched(page, engagement):
    slug = engagement("foreign")
    open_inventory(page, slug)
    paste_by_mouse(page, "Application Name\tBusiness Owner\tTier\nPortal\tAnn\tTier 1")
    press(page, "Save systems")
    press(page, "Match the columns")
    settled(page)
    expect(page.get_by_text("1 added, 0 changed, 0 unchanged")).to_be_visible()
    press(page, "Import 1 system")
    (portal,) = the_state(slug).systems
    assert (portal.name, portal.owner, portal.criticality) == ("Portal", "Ann", "critical")


def test_choices_are_matched_loosely_or_named(page, engagement):
    slug = engagement("loosely", "Order desk", "Kafka")
    open_inventory(page, slug, "Dependencies")
    paste_by_mouse(page, "Order desk \tkafka\tEvent\nKafka\tSAP ERP\tcall")
    press(page, "Save dependencies")
    expect(page.get_by_role("alert")).to_contain_text("New row 2, “Kafka”: There is no to “SAP ERP”")
    assert the_state(slug).dependencies == []
    paste_by_mouse(page, "Order desk", row=1, x=SECOND_COLUMN)
    press(page, "Save dependencies")
    assert [(row.source.name, row.target.name) for row in the_state(slug).dependencies] == [
        ("Order desk", "Kafka"),
        ("Kafka", "Order desk"),
    ]
