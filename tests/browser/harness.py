"""What a browser test does and asks of a page, in a person's words.

`scope` is a page, or a part of one such as `page.get_by_role("dialog")`. Whatever makes Streamlit run the script
waits until that run is over; what stands in a form runs nothing and doesn't wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import PHONE, Theme
from tests.browser.reruns import SETTLED, TIMEOUT_MS, rerun, wait_until_settled
from tests.browser.server import ROOT

__all__ = [
    "at_rest",
    "choose",
    "fill",
    "fill_date",
    "go",
    "load",
    "no_exception",
    "no_overflow",
    "no_overlap",
    "paste_grid",
    "press",
    "rerun",
    "screenshot",
    "settled",
    "shows",
    "switch_theme",
    "turn",
    "whole_page_in_view",
]

PASTE_PATIENCE_MS = (2_000, 3_000, 5_000)
CLICKS_TO_OPEN, OPENS_MS = 3, 1_500
KEY_MS = 40  # a grid knows where a key has led to a frame later: keys that follow faster than a hand's begin elsewhere
PASTE_MS = 150  # a grid passes its edits on in portions, a moment after it shows them
ARTEFACTS = ROOT / "artefacts" / "screenshots"

# What sticks out of the window to the right, unless it is inside something that scrolls sideways by itself.
_STICKING_OUT = """
() => {
  const scrolls = (element) => {
    for (let e = element; e && !e.matches('[data-testid="stMain"], [role="dialog"], body'); e = e.parentElement)
      if (getComputedStyle(e).overflowX !== "visible") return true;
    return false;
  };
  return [...document.querySelectorAll('[data-testid="stMain"] *, [role="dialog"] *')]
    .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className} "${(e.innerText || "").slice(0, 40)}"`);
}
"""
_TOO_WIDE = """
() => ['html', '[data-testid="stMain"]', '[role="dialog"]'].filter((place) => {
  const e = document.querySelector(place);
  return e && e.scrollWidth > e.clientWidth + 1;
})
"""
_HIDDEN_COLUMNS = """
() => [...document.querySelectorAll('.hw-wide')].filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.getAttribute("aria-label"))
"""
# Texts that lie on each other, outside of charts.
_ON_EACH_OTHER = """
() => {
  const texts = [...document.querySelectorAll('[data-testid="stMain"] :is(p, li, td, th, h1, h2, h3, summary, label)')]
    .filter((e) => e.innerText?.trim() && !e.closest('[role="img"], [role="tooltip"], [data-testid="stDataFrame"]'))
    .map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width && box.height);
  const found = [];
  texts.forEach(([one, a], at) => texts.slice(at + 1).forEach(([other, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 3 && high > 3 && !one.contains(other) && !other.contains(one))
      found.push(`"${one.innerText.slice(0, 40)}" and "${other.innerText.slice(0, 40)}"`);
  }));
  return found.slice(0, 5);
}
"""
_IS_IN = "theme => matchMedia(`(prefers-color-scheme: ${theme})`).matches"
_TURN = "address => { history.pushState({}, '', address); dispatchEvent(new PopStateEvent('popstate')); }"
_AROUND_DATE = 'xpath=ancestor::*[@data-testid="stDateInput"]'
_AT_REST = """
element => new Promise((done) => {
  let before = -1;
  const look = () => {
    const { height } = element.getBoundingClientRect();
    if (height === before) done(); else { before = height; setTimeout(look, 200); }
  };
  look();
})
"""
_CONTENT_HEIGHT = """
() => Math.max(...[...document.querySelectorAll('[data-testid="stMain"], [data-testid="stSidebarContent"]')]
  .map((e) => e.scrollHeight))
"""


def go(page: Page, address: str) -> None:
    """Go to `address`, such as "/portfolio", and wait until it is settled; on an open dashboard by turning to it."""
    if page.locator(SETTLED).count() and not page.url.endswith(address):
        turn(page, address)
    else:
        load(page, address)


def load(page: Page, address: str) -> None:
    """Load `address` anew, as in a tab of its own, and wait until it is settled."""
    page.goto(address)
    settled(page)
    assert not page.get_by_role("dialog", name="Page not found").count(), f"there is no page at {address}"


def turn(page: Page, address: str) -> None:
    """Go on to `address` as Back and Forward do: nothing is loaded anew, which takes longer than the page itself."""
    with rerun(page):
        page.evaluate(_TURN, address)
    settled(page)
    # Streamlit leads on from an address that it doesn't know to its first page.
    assert urlsplit(page.url).path == urlsplit(address).path, f"there is no page at {address}"


def settled(page: Page, timeout_ms: float = TIMEOUT_MS) -> None:
    """Wait until the script has run and all of it is on the page, without an exception among it."""
    wait_until_settled(page, timeout_ms)
    no_exception(page)


def at_rest(box: Locator) -> None:
    """Wait until `box` grows and shrinks no more: what opens does so in steps, and what it holds isn't in view before."""
    box.evaluate(_AT_REST)


def no_exception(page: Page) -> None:
    """No traceback is on the page."""
    exceptions = page.get_by_test_id("stException").all_inner_texts()
    assert not exceptions, f"{page.url} shows an exception:\n" + "\n".join(exceptions)


def no_hidden_columns(page: Page) -> None:
    """Assert that every open table shows all of its columns without being pushed sideways."""
    hidden = page.evaluate(_HIDDEN_COLUMNS)
    assert not hidden, f"on {page.url} columns are out of sight in: " + "; ".join(hidden)


def no_overlap(page: Page) -> None:
    """No two texts of the page lie on each other."""
    overlaps = page.evaluate(_ON_EACH_OTHER)
    assert not overlaps, f"on {page.url} lie on each other: " + "; ".join(overlaps)


def no_overflow(page: Page) -> None:
    """Nothing is wider than the window, but what scrolls sideways inside its own card."""
    wide, out = page.evaluate(_TOO_WIDE), page.evaluate(_STICKING_OUT)
    width = page.viewport_size["width"]
    assert not wide, (
        f"{page.url} scrolls sideways at {width} px: {', '.join(wide)}; out of it stick {out[:5]}"
    )
    assert not out, f"{page.url} sticks out at {width} px: {out[:5]}"


def press(scope: Page | Locator, button: str) -> None:
    """Press the button of that name and wait for what it does."""
    with rerun(_page(scope)):
        scope.get_by_role("button", name=button, exact=True).click()


def fill(scope: Page | Locator, label: str, text: str) -> None:
    """Write `text` into the text, number or long-text input called `label`, in place of what was there."""
    box = scope.get_by_label(label, exact=True)
    if box.input_value() == text:
        return
    box.fill(text)
    if _is_in_form(box):
        return
    with rerun(_page(scope)):
        box.press("Control+Enter" if box.evaluate("e => e.tagName") == "TEXTAREA" else "Enter")


def choose(scope: Page | Locator, label: str, option: str) -> None:
    """Choose `option` in the selectbox called `label`."""
    page = _page(scope)
    box = scope.get_by_role("combobox", name=label, exact=True)
    if box.input_value() == option:
        return
    in_form = _is_in_form(box)
    entry = page.get_by_role("option", name=option, exact=True)
    # On a busy machine Streamlit's box takes a click of no length at all for two: it gets the focus twice and stays
    # shut. A person presses for longer, and would click again.
    for _ in range(CLICKS_TO_OPEN):
        box.click()
        if _opens(entry):
            break
    if in_form:
        entry.click()
        expect(box).to_have_value(option)
        return
    with rerun(page):
        entry.click()


def _opens(entry: Locator) -> bool:
    try:
        expect(entry).to_be_visible(timeout=OPENS_MS)
    except AssertionError:
        return False
    return True


def fill_date(scope: Page | Locator, label: str, day: date) -> None:
    """Type `day` into the date input called `label`."""
    field = scope.get_by_role("group", name=label, exact=True)
    for part, digits in (("year", f"{day:%Y}"), ("month", f"{day:%m}"), ("day", f"{day:%d}")):
        field.get_by_role("spinbutton", name=f"{part}, {label}", exact=True).press_sequentially(digits)
    with nullcontext() if _is_in_form(field) else rerun(_page(scope)):
        # The date counts once the person has gone on to the next widget, past the button that opens the calendar.
        while field.locator(_AROUND_DATE).evaluate("e => e.contains(document.activeElement)"):
            _page(scope).keyboard.press("Tab")


def paste_grid(page: Page, grid: Locator, tsv: str, row: int | None = None, column: int = 0) -> None:
    """Paste lines of tab-separated cells into a data editor, as a person does who copied them from a spreadsheet.

    `grid` is the editor (test id "stDataFrame"). The paste starts at `row` and `column`, counted from 0; without a
    row it appends at the end, which needs `num_rows="dynamic"`.
    """
    page.evaluate("text => navigator.clipboard.writeText(text)", tsv)
    grid.scroll_into_view_if_needed()
    first_cell = tsv.split("\n")[0].split("\t")[0]
    with nullcontext() if _is_in_form(grid) else rerun(page):
        # On a busy machine the clipboard comes late, and a cell may have lost the focus: a person pastes again.
        for patience in PASTE_PATIENCE_MS:
            _walk_to_cell(grid, row, column).press("Control+V", delay=KEY_MS)
            if shows(grid, first_cell, patience):
                break
    expect(grid).to_contain_text(first_cell)
    page.wait_for_timeout(PASTE_MS)


def _walk_to_cell(grid: Locator, row: int | None, column: int) -> Locator:
    """Select the cell by keyboard; the canvas that has the keys now."""
    canvas = grid.get_by_test_id("data-grid-canvas")
    canvas.focus()
    canvas.press("ArrowDown", delay=KEY_MS)
    if row is None:
        # The row that waits below the last one takes a paste. A click on it would append an empty row instead,
        # and open an editor that swallows the whole paste into one cell.
        canvas.press("Control+ArrowDown", delay=KEY_MS)
        canvas.press("ArrowDown", delay=KEY_MS)
    else:
        canvas.press("Control+Home", delay=KEY_MS)
        for _ in range(row):
            canvas.press("ArrowDown", delay=KEY_MS)
    canvas.press("Home", delay=KEY_MS)
    for _ in range(column):
        canvas.press("ArrowRight", delay=KEY_MS)
    return canvas


def shows(scope: Locator, text: str, patience_ms: float) -> bool:
    """Return whether `text` is in `scope` within `patience_ms` milliseconds."""
    try:
        expect(scope).to_contain_text(text, timeout=patience_ms)
    except AssertionError:
        return False
    return True


def switch_theme(page: Page, theme: Theme) -> None:
    """Let the person's system turn light or dark; the page follows without a rerun."""
    if not page.evaluate(_IS_IN, theme):
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(150)
    settled(page)


@contextmanager
def whole_page_in_view(page: Page) -> Iterator[None]:
    """Make the window as high as the page: Streamlit scrolls inside it, and below its edge nothing is painted."""
    before = page.viewport_size
    height = max(before["height"], page.evaluate(_CONTENT_HEIGHT))
    if height == before["height"]:
        yield
        return
    page.set_viewport_size({"width": before["width"], "height": height})
    settled(page)
    yield
    page.set_viewport_size(before)


def screenshot(page: Page, name: str, theme: Theme = "light", width: int | None = None) -> Path:
    """Keep a picture of the whole page as artefacts/screenshots/NAME-THEME[-phone].png; return its path.

    The page keeps theme and width.
    """
    width = width or page.viewport_size["width"]
    if width != page.viewport_size["width"]:
        page.set_viewport_size({"width": width, "height": page.viewport_size["height"]})
    switch_theme(page, theme)
    path = ARTEFACTS / f"{name}-{theme}{'-phone' if width == PHONE[0] else ''}.png"
    with whole_page_in_view(page):
        page.screenshot(path=path, animations="disabled", caret="hide")
    return path


def _page(scope: Page | Locator) -> Page:
    return scope if isinstance(scope, Page) else scope.page


def _is_in_form(box: Locator) -> bool:
    return box.evaluate("""e => e.closest('[data-testid="stForm"]') !== null""")
