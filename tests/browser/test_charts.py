"""Charts in a person's hands: one metric explored and taken away as a picture; tooltips on hover, focus and tap."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe
from tests.browser.harness import at_rest, load, settled
from tests.browser.reruns import rerun
from tests.browser.sample_pages import SLUG, address

METRIC = address("one-metric")
DRAWN = '[data-testid="stVegaLiteChart"] svg'
# Of the sample's metric: 19 weeks, of which four are signals.
DOTS, SIGNALS = 15, 4


@pytest.fixture
def desktop(sample_windows: tuple[Page, Page]) -> Page:
    desktop, _ = sample_windows
    desktop.emulate_media(color_scheme="light")
    return desktop


@pytest.fixture
def phone(sample_windows: tuple[Page, Page]) -> Page:
    return sample_windows[1]


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
    for told in ("Date", "Value", "4.96 min", "outside the limits"):
        expect(tooltip).to_contain_text(told)
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


@pytest.mark.parametrize("view", ["Matrix", "Graph"])
def test_other_charts_are_taken_away_as_pictures_too(desktop, view: str):
    load(desktop, f"/inventory?engagement={SLUG}&view={view}")
    expect(desktop.locator(DRAWN)).to_be_visible()
    with desktop.expect_download() as saved:
        desktop.get_by_role("button", name="Save as SVG").click()
    assert saved.value.suggested_filename == f"dependency-{view.lower()}.svg"
    assert f"Dependency {view.lower()}" in Path(saved.value.path()).read_text()


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
    expect(tip(desktop)).to_contain_text("23 Nov 2026: 4.96 min, outside the limits")
    desktop.keyboard.press("Home")
    expect(tip(desktop)).to_contain_text("20 Jul 2026: 3.94 h")
    plot(desktop).hover()
    desktop.locator(DRAWN).wait_for(state="attached")
    expect(plot(desktop)).to_be_focused()
    expect(tip(desktop)).to_be_visible()
    for _ in range(4):  # past the picture's buttons
        desktop.keyboard.press("Tab")
    expect(desktop.locator(DRAWN)).to_be_visible()
    expect(plot(desktop)).to_be_hidden()


def test_a_finger_reads_the_pictures_points_and_explores_by_its_strip(phone):
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


def row(page: Page, name: str) -> Locator:
    return page.locator(".hw-names").get_by_role("link", name=re.compile(f"^{re.escape(name)}"))


def tip(page: Page) -> Locator:
    return page.get_by_role("tooltip")


MILESTONE = "End users interviewed"
COST, COSTLY = f"/inventory?engagement={SLUG}&view=Cost+of+change", "Loan origination"


def point(page: Page, name: str) -> Locator:
    """A point of a chart that Vega drew, as a link."""
    return page.locator(DRAWN).get_by_role("link", name=f"{name}. ")


@pytest.mark.parametrize(
    ("at", "mark", "name", "told", "leads_to"),
    [
        (address("overview"), row, MILESTONE, ("Planned from", "Due:"), f"/interviews?engagement={SLUG}"),
        (
            COST,
            point,
            COSTLY,
            ("changes a month", "other systems touched"),
            f"/inventory?engagement={SLUG}&system=",
        ),
    ],
    ids=["row of the plan", "point of the cost of change"],
)
def test_a_mark_tells_of_itself_on_hover_and_on_focus_and_leads_to_its_evidence(
    desktop, at, mark, name, told, leads_to
):
    load(desktop, at)
    link = mark(desktop, name)
    link.scroll_into_view_if_needed()  # scrolling closes a tooltip
    desktop.wait_for_timeout(200)
    link.hover()
    expect(tip(desktop)).to_contain_text(told[0])
    desktop.mouse.move(2, 2)
    expect(tip(desktop)).to_be_hidden()
    desktop.keyboard.press("Tab")
    link.focus()
    expect(tip(desktop)).to_contain_text(told[1])
    desktop.keyboard.press("Escape")
    expect(tip(desktop)).to_be_hidden()
    with rerun(desktop):
        desktop.keyboard.press("Enter")
    settled(desktop)
    assert leads_to in desktop.url


def test_every_row_of_a_metric_chart_leads_to_its_metric(desktop):
    load(desktop, address("metrics"))
    link = row(desktop, "Loan decision time")
    expect(link).to_have_accessible_name(re.compile("Baseline: 4 h"))
    with rerun(desktop):
        link.click()
    expect(desktop.get_by_role("heading", name="Loan decision time", level=1)).to_be_visible()


def test_on_a_touch_screen_the_first_tap_tells_and_the_second_follows(phone):
    load(phone, address("overview"))
    link = row(phone, MILESTONE)
    link.scroll_into_view_if_needed()
    link.tap()
    expect(tip(phone)).to_contain_text("Tap again to open")
    assert "/overview" in phone.url
    with rerun(phone):
        link.tap()
    assert "/interviews" in phone.url


def test_the_points_of_a_reviews_chart_are_read_with_the_arrow_keys_and_by_pointing(desktop):
    load(desktop, address("review"))
    desktop.get_by_text("Appendix: a chart of each metric").click()
    at_rest(desktop.get_by_test_id("stExpander").filter(has_text="Appendix: a chart of each metric"))
    plot = desktop.get_by_role("slider", name="Points").first
    plot.click(trial=True)  # in view, once the appendix has opened
    desktop.keyboard.press("Tab")
    plot.focus()
    plot.scroll_into_view_if_needed()
    last = plot.get_attribute("aria-valuetext")
    expect(tip(desktop)).to_have_text(last)
    desktop.keyboard.press("ArrowLeft")
    expect(plot).not_to_have_attribute("aria-valuetext", last)
    expect(tip(desktop)).to_have_text(plot.get_attribute("aria-valuetext"))
    desktop.keyboard.press("End")
    expect(plot).to_have_attribute("aria-valuetext", last)
    box = plot.bounding_box()
    desktop.mouse.move(box["x"] + 3, box["y"] + 3)
    expect(tip(desktop)).not_to_have_text(last)
    first = tip(desktop).inner_text()
    over = tip(desktop).bounding_box()
    desktop.mouse.move(over["x"] + over["width"] - 2, over["y"] + 3)
    expect(tip(desktop)).not_to_have_text(first)


@pytest.mark.parametrize(
    ("at", "mark", "name"), [(address("plan"), row, MILESTONE), (COST, point, COSTLY)], ids=["plan", "cost"]
)
def test_charts_are_accessible_with_a_tooltip_open(desktop, at, mark, name):
    load(desktop, at)
    mark(desktop, name).hover()
    expect(tip(desktop)).to_be_visible()
    axe(desktop)


def test_a_picture_of_a_chart_is_the_same_in_a_dark_theme(desktop):
    drawn = []
    for scheme in ("light", "dark"):
        desktop.emulate_media(color_scheme=scheme)
        load(desktop, address("overview"))
        buttons = desktop.get_by_role("group", name="Picture of the chart").first
        with desktop.expect_download() as saved:
            buttons.get_by_role("button", name="Save as SVG").click()
        drawn.append(Path(saved.value.path()).read_text())
    colours = [re.findall('(?:fill|stroke)="([^"]+)"', svg) for svg in drawn]
    assert len(set(colours[0])) > 5
    assert colours[0] == colours[1]
    assert not any(colour.startswith(("color(", "rgba(")) for colour in colours[0])


@pytest.mark.parametrize(
    ("page", "name", "wanted"),
    [
        ("overview", "where-we-are-in-the-90-days", [MILESTONE, "Today, day"]),
        ("overview", "outcomes-against-baseline", ["Loan decision time", "Confirmed better"]),
        ("metrics", "times-better-than-baseline", ["Loan decision time", "10x"]),
        ("replacements", "replacements", ["Loan decision", "100%"]),
    ],
)
def test_a_chart_of_html_marks_is_taken_away_as_a_drawing(
    desktop, page: str, name: str, wanted: list[str], tmp_path: Path
):
    desktop.emulate_media(color_scheme="dark")
    load(desktop, address(page))
    groups = desktop.get_by_role("group", name="Picture of the chart")
    buttons = groups.last if name.startswith("where-we-are") else groups.first
    with desktop.expect_download() as saved:
        buttons.get_by_role("button", name="Save as SVG").click()
    assert saved.value.suggested_filename.endswith(f"{name}.svg")
    svg = Path(saved.value.path()).read_text()
    texts = re.findall(">([^<>]+)</text>", svg)
    for text in wanted:
        assert any(each.startswith(text) for each in texts), texts
    assert svg.count("<polygon") + svg.count("<rect") + svg.count("<line") > 10
    assert "foreignObject" not in svg
    with desktop.expect_download() as saved:
        buttons.get_by_role("button", name="Save as PNG").click()
    picture = Image.open(saved.value.path()).convert("RGB")
    picture.save(tmp_path / "chart.png")
    assert picture.getpixel((1, 1)) == (255, 255, 255)
    assert len(picture.getcolors(1_000_000)) > 20
    buttons.get_by_role("button", name="Copy picture").click()
    expect(buttons.get_by_role("status")).to_have_text("Copied")
