"""Everything by keyboard alone: found, opened, filled in, saved and left; and who tabs sees where they are."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe
from tests.browser.harness import KEY_MS, go, load, rerun, settled
from tests.browser.server import Server
from tests.browser.signing_in import database_of
from tests.browser.test_inventory import engagement, names
from tests.builders import the_state

__all__ = ["engagement"]

TABS = 60
AT_ONCE = "*, ::before, ::after { transition: none !important }"
# What of the focused element and what surrounds it can be seen, with the focus and without it.
_SEEN_FOCUS = """
async () => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const seen = (e) => {
    const parts = [];
    for (let at = e, up = 0; at && at !== document.body && up < 9; at = at.parentElement, up += 1)
      for (const of of [null, "::after", "::before"]) {
        const style = getComputedStyle(at, of);
        parts.push([style.outlineStyle, style.outlineColor, style.boxShadow, style.borderColor, style.backgroundColor,
          style.textDecorationLine, style.opacity].join());
      }
    return parts.join("|");
  };
  const e = document.activeElement;
  if (e === document.body) return {nothing: true};
  // The chosen cell of a grid is drawn on its canvas, where no style says so; the canvas itself is looked at.
  if (e.tagName === "TD" && e.closest('[data-testid="data-grid-canvas"]')) return {name: "a cell", seen: true};
  let opacity = 1;
  for (let at = e; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity;
  await drawn();
  const focused = seen(e);
  e.blur();
  await drawn();
  const blurred = seen(e);
  e.focus();
  const name = (e.getAttribute("aria-label") || e.innerText || "").trim().slice(0, 40);
  return {name: `${e.tagName.toLowerCase()} "${name}"`, seen: opacity > 0 && focused !== blurred};
}
"""


def focus_by_tab(page: Page, target: Locator) -> None:
    """Press Tab until `target` has the focus."""
    for _ in range(TABS):
        if target.evaluate("e => e.contains(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{TABS} times Tab don't lead to {target}")


def press_focused(page: Page, key: str = "Enter") -> None:
    with rerun(page):
        page.keyboard.press(key)
    settled(page)


def open_dialog(page: Page, button: Locator) -> Locator:
    focus_by_tab(page, button)
    press_focused(page)
    expect(page.get_by_role("dialog")).to_be_visible()
    return page.get_by_role("dialog")


def test_the_skip_link_leads_past_the_sidebar(page: Page, engagement: Callable[..., str]):
    load(page, f"/interviews?engagement={engagement('skipped')}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').contains(document.activeElement)")


def test_what_is_searched_is_gone_through_by_arrows_and_opened_by_enter(page: Page, engagement):
    slug = engagement("searched", "Quartz ledger", "Quartz gateway")
    go(page, f"/overview?engagement={slug}")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Search (Ctrl+K)")).to_be_focused()
    page.keyboard.type("quartz")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    settled(page)
    first = page.get_by_role("link", name="Open Quartz gateway")
    second = page.get_by_role("link", name="Open Quartz ledger")
    expect(first.or_(second).first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(first.or_(second).last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Find a page, an engagement", exact=False)).to_be_focused()
    page.keyboard.press("ArrowDown")
    press_focused(page)
    expect(page.get_by_role("heading", name="Quartz", exact=False, level=1)).to_be_visible()


def test_an_interview_is_recorded_by_keys_and_the_focus_comes_back(page: Page, engagement, headway: Server):
    slug = engagement("by-keys")
    load(page, f"/interviews?engagement={slug}")
    first = page.get_by_role("button", name="Record the first interview", exact=True)
    dialog = open_dialog(page, first)
    for _ in range(30):
        page.keyboard.press("Tab")
        assert dialog.evaluate("e => e.contains(document.activeElement)"), "Tab leaves an open drawer"
    focus_by_tab(page, dialog.get_by_role("button", name="Close"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(first).to_be_focused()

    dialog = open_dialog(page, first)
    focus_by_tab(page, dialog.get_by_label("Interviewee", exact=True))
    page.keyboard.type("Ann Reed")
    focus_by_tab(page, dialog.get_by_label("Role", exact=True))
    page.keyboard.type("Underwriter")
    focus_by_tab(page, dialog.get_by_role("button", name="Record the interview"))
    press_focused(page)
    expect(dialog).to_have_count(0)
    # The button of the empty page is gone with the empty page.
    expect(page.get_by_test_id("stMain")).to_be_focused()
    again = page.get_by_role("button", name="Record an interview", exact=True)
    dialog = open_dialog(page, again)
    focus_by_tab(page, dialog.get_by_label("Interviewee", exact=True))
    page.keyboard.type("Bo Lind")
    focus_by_tab(page, dialog.get_by_role("button", name="Record the interview"))
    press_focused(page)
    expect(dialog).to_have_count(0)
    expect(again).to_be_focused()
    with database_of(headway):
        assert {row.shown_name for row in the_state(slug).interviews} == {"Ann Reed", "Bo Lind"}


def test_a_grid_is_filled_by_keys_left_and_saved(page: Page, engagement):
    slug = engagement("grid-by-keys")
    load(page, f"/inventory?engagement={slug}")
    grid = page.get_by_test_id("stDataFrame")
    focus_by_tab(page, grid.get_by_test_id("data-grid-canvas"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    editor = page.locator("textarea.gdg-input")
    expect(editor).to_be_focused()
    # The grid keeps what was typed up to the frame before: with Enter 10 ms after the last letter, which no hand does,
    # the cell stayed empty in a third of the tries; with 30 ms in none of 24.
    page.keyboard.type("Portal", delay=KEY_MS)
    expect(editor).to_have_value("Portal")
    page.keyboard.press("Enter")
    expect(grid).to_contain_text("Portal")
    focus_by_tab(page, page.get_by_role("button", name="Save systems", exact=True))
    press_focused(page)
    assert names(slug) == ["Portal"]


@pytest.mark.parametrize("key", ["overview", "inventory", "imports", "settings"])
def test_who_tabs_through_a_page_always_sees_where_they_are(page: Page, engagement, key: str):
    load(page, f"/{key}?engagement={engagement(f'seen-{key}', 'Portal')}")
    page.add_style_tag(content=AT_ONCE)
    if key != "overview":
        # The sidebar is the same on every page.
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    unseen = []
    for _ in range(TABS):
        page.keyboard.press("Tab")
        focus = page.evaluate(_SEEN_FOCUS)
        if focus.get("nothing"):
            break
        if not focus["seen"]:
            unseen.append(focus["name"])
    assert not unseen
    axe(page)
