"""One metric's chart in a person's hands: a picture first, then explored; taken away and printed."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.charts import DRAWN, tip
from tests.browser.harness import load
from tests.browser.reruns import rerun
from tests.browser.sample_pages import address

METRIC = address("one-metric")
# Of the sample's metric: 19 weeks, of which four are signals.
DOTS, SIGNALS = 15, 4


@pytest.fixture
def chart(desktop: Page) -> Locator:
    """The chart of a metric, drawn whole."""
    load(desktop, METRIC)
    return drawn(desktop)


def plot(page: Page) -> Locator:
    """Return the plot of the picture that stands for a metric's chart until somebody points at it."""
    return page.locator(".hw-to-explore").get_by_role("slider", name="Points")


def drawn(page: Page) -> Locator:
    if plot(page).is_visible():
        plot(page).hover()
    chart = page.locator(f".st-key-hw-explored {DRAWN}")
    expect(dots(chart)).not_to_have_count(0)
    chart.scroll_into_view_if_needed()
    return chart


def dots(chart: Locator) -> Locator:
    return chart.locator('g.mark-symbol path[fill="#2F7DD1"]')


def signals(chart: Locator) -> Locator:
    return chart.locator('g.mark-symbol path[fill="#C77700"]')


def box_of(chart: Locator, view: str) -> dict[str, float]:
    """Where a view of the chart, "plot" or "strip", lies in the window."""
    return chart.locator(f"g.{view}_group > g > path.background").bounding_box()


def axis_texts(chart: Locator) -> list[str]:
    return chart.locator("g.plot_group g.role-axis-label text").all_text_contents()


def brush(page: Page, chart: Locator, first: float, last: float) -> None:
    """Drag across the strip, from one part of its width to another."""
    box = box_of(chart, "strip")
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * first, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (first + last) / 2, y)
    page.mouse.move(box["x"] + box["width"] * last, y)
    page.mouse.up()


def test_dragging_across_the_strip_zooms_in_time_and_a_double_click_shows_everything(desktop, chart):
    expect(dots(chart)).to_have_count(DOTS)
    expect(signals(chart)).to_have_count(SIGNALS)
    before = axis_texts(chart)
    brush(desktop, chart, 0.05, 0.4)
    expect(signals(chart)).to_have_count(0)
    assert 0 < dots(chart).count() < DOTS
    assert axis_texts(chart) != before
    box = box_of(chart, "strip")
    desktop.mouse.dblclick(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    expect(dots(chart)).to_have_count(DOTS)


def test_pointing_at_the_chart_tells_of_the_nearest_point(desktop, chart):
    box = box_of(chart, "plot")
    desktop.mouse.move(box["x"] + box["width"] - 12, box["y"] + 30)
    tooltip = desktop.locator("#vg-tooltip-element")
    expect(tooltip).to_be_visible()
    for part in ("Date", "Value", "4.96 min", "outside the limits"):
        expect(tooltip).to_contain_text(part)
    desktop.mouse.move(box["x"] + 12, box["y"] + 30)
    expect(tooltip).not_to_contain_text("4.96 min")


def test_the_scale_and_the_time_are_chosen_without_a_mouse_and_stay_in_the_address(desktop, chart):
    # A duration is judged by its logarithms, and its chart opens so.
    assert "10 min" in axis_texts(chart)
    for label, in_address in (("Linear", "scale=Linear"), ("4 weeks", "time=4")):
        desktop.get_by_role("link", name=label, exact=True).focus()
        with rerun(desktop):
            desktop.keyboard.press("Enter")
        assert in_address in desktop.url
    chart = drawn(desktop)
    expect(chart.get_by_text("4 h", exact=True)).to_be_visible()
    expect(signals(chart)).to_have_count(SIGNALS)
    assert dots(chart).count() < DOTS
    load(desktop, desktop.url)
    expect(drawn(desktop).get_by_text("4 h", exact=True)).to_be_visible()


def test_the_chart_is_taken_away_as_a_picture_with_its_title_dark_on_white_in_dark_too(
    desktop, chart, tmp_path: Path
):
    desktop.emulate_media(color_scheme="dark")
    buttons = desktop.get_by_role("group", name="Picture of the chart")
    with desktop.expect_download() as saved:
        buttons.get_by_role("button", name="Save as SVG").click()
    assert saved.value.suggested_filename == "loan-decision-time.svg"
    svg = Path(saved.value.path()).read_text()
    assert "Loan decision time" in svg
    texts = re.findall(">([^<>]+)</text>", svg)
    assert any(text.startswith("Loan decision time") for text in texts), texts
    assert any("better" in text for text in texts), texts
    assert "currentColor" not in svg
    with desktop.expect_download() as saved:
        buttons.get_by_role("button", name="Save as PNG").click()
    picture = Image.open(saved.value.path())
    width, height = (chart.bounding_box()[side] for side in ("width", "height"))
    assert picture.width >= 2 * width
    assert picture.height >= 2 * height
    assert picture.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
    assert len(picture.convert("RGB").getcolors(1_000_000)) > 20


def test_copying_puts_the_picture_on_the_clipboard_and_says_so(desktop, chart):
    buttons = desktop.get_by_role("group", name="Picture of the chart")
    buttons.get_by_role("button", name="Copy picture").click()
    expect(buttons.get_by_role("status")).to_have_text("Copied")
    kinds = desktop.evaluate(
        "navigator.clipboard.read().then((items) => items.flatMap((item) => item.types))"
    )
    assert kinds == ["image/png"]


def test_where_copying_is_refused_the_picture_is_saved(desktop, chart):
    desktop.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('refused')); }")
    buttons = desktop.get_by_role("group", name="Picture of the chart")
    with desktop.expect_download() as saved:
        buttons.get_by_role("button", name="Copy picture").click()
    assert saved.value.suggested_filename == "loan-decision-time.png"
    expect(buttons.get_by_role("status")).to_contain_text("saved as PNG")


def test_a_picture_of_the_chart_comes_with_the_words_and_nothing_moves_when_it_is_explored(desktop):
    desktop.mouse.move(2, 2)
    load(desktop, METRIC)
    expect(plot(desktop).locator(".hw-signal")).to_have_count(SIGNALS)
    expect(desktop.locator(DRAWN)).to_have_count(0)
    below = desktop.get_by_role("heading", name="Phases and their causes")
    # All of the chart is in view then: nothing scrolls because of the pointer.
    desktop.get_by_role("heading", name="Did it change?").evaluate("(title) => title.scrollIntoView()")
    strip = desktop.locator(".hw-to-explore .hw-strip")
    point = plot(desktop).locator(".hw-dot").first
    before = [part.bounding_box() for part in (plot(desktop), strip, below, point)]
    chart = drawn(desktop)
    after = [box_of(chart, "plot"), box_of(chart, "strip"), below.bounding_box()]
    after.append(dots(chart).first.bounding_box())
    expect(plot(desktop)).to_be_hidden()
    expect(tip(desktop)).to_be_hidden()
    for one, other in zip(before, after, strict=True):
        assert [other[side] for side in one] == pytest.approx([one[side] for side in one], abs=1.5)


def test_the_picture_of_a_metrics_chart_is_what_is_printed_also_once_it_is_explored(desktop, chart):
    desktop.emulate_media(media="print")
    expect(plot(desktop)).to_be_visible()
    expect(desktop.locator(DRAWN)).to_be_hidden()
    desktop.emulate_media(media="screen")
    expect(desktop.locator(DRAWN)).to_be_visible()


def test_the_picture_of_a_metrics_chart_is_read_with_the_arrow_keys_and_stays_meanwhile(desktop):
    desktop.mouse.move(2, 2)
    load(desktop, METRIC)
    desktop.keyboard.press("Tab")
    plot(desktop).focus()
    expect(tip(desktop)).to_have_text(re.compile(r"^\d+ \w+ \d{4}: 4.96 min, outside the limits"))
    desktop.keyboard.press("Home")
    expect(tip(desktop)).to_have_text(re.compile(r"^\d+ \w+ \d{4}: 3.94 h$"))
    plot(desktop).hover()
    desktop.locator(DRAWN).wait_for(state="attached")
    expect(plot(desktop)).to_be_focused()
    expect(tip(desktop)).to_be_visible()
    for _ in range(4):  # past the picture's buttons
        desktop.keyboard.press("Tab")
    expect(desktop.locator(DRAWN)).to_be_visible()
    expect(plot(desktop)).to_be_hidden()


def test_a_finger_reads_the_pictures_points_and_explores_by_its_strip(sample_windows):
    _, phone = sample_windows
    load(phone, METRIC)
    signal = plot(phone).locator(".hw-signal").last
    signal.scroll_into_view_if_needed()
    signal.tap()
    expect(tip(phone)).to_contain_text("4.96 min")
    expect(phone.locator(DRAWN)).to_have_count(0)
    strip = phone.locator(".hw-to-explore .hw-strip")
    assert strip.evaluate("(strip) => getComputedStyle(strip).touchAction") == "pan-y"
    strip.tap()
    expect(phone.locator(DRAWN)).to_be_visible()
    expect(plot(phone)).to_be_hidden()


def test_the_picture_of_a_metrics_chart_is_taken_away_before_it_is_explored(desktop):
    desktop.mouse.move(2, 2)
    load(desktop, METRIC)
    buttons = desktop.get_by_role("group", name="Picture of the chart")
    with desktop.expect_download() as saved:
        buttons.get_by_role("button", name="Save as SVG").click()
    svg = Path(saved.value.path()).read_text()
    for words in ("Loan decision time", "Target 90 s", "10 min"):
        assert words in svg
    expect(desktop.locator(DRAWN)).to_have_count(0)
