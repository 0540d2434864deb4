"""Charts in a person's hands: taken away as pictures; tooltips on hover, focus and tap."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe
from tests.browser.charts import DRAWN, tip
from tests.browser.harness import at_rest, load, settled
from tests.browser.reruns import rerun
from tests.browser.sample_pages import SLUG, address


@pytest.mark.parametrize("view", ["Matrix", "Graph"])
def test_other_charts_are_taken_away_as_pictures_too(desktop, view: str):
    load(desktop, f"/inventory?engagement={SLUG}&view={view}")
    expect(desktop.locator(DRAWN)).to_be_visible()
    with desktop.expect_download() as saved:
        desktop.get_by_role("button", name="Save as SVG").click()
    assert saved.value.suggested_filename == f"dependency-{view.lower()}.svg"
    assert f"Dependency {view.lower()}" in Path(saved.value.path()).read_text()


def row(page: Page, name: str) -> Locator:
    return page.locator(".hw-names").get_by_role("link", name=re.compile(f"^{re.escape(name)}"))


MILESTONE = "End users interviewed"
COST, COSTLY = f"/inventory?engagement={SLUG}&view=Cost+of+change", "Loan origination"


def point(page: Page, name: str) -> Locator:
    """A point of a chart that Vega drew, as a link."""
    return page.locator(DRAWN).get_by_role("link", name=f"{name}. ")


@pytest.mark.parametrize(
    ("at", "mark", "name", "texts", "leads_to"),
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
    desktop, at, mark, name, texts, leads_to
):
    load(desktop, at)
    link = mark(desktop, name)
    link.scroll_into_view_if_needed()  # scrolling closes a tooltip
    desktop.wait_for_timeout(200)
    link.hover()
    expect(tip(desktop)).to_contain_text(texts[0])
    desktop.mouse.move(2, 2)
    expect(tip(desktop)).to_be_hidden()
    desktop.keyboard.press("Tab")
    link.focus()
    expect(tip(desktop)).to_contain_text(texts[1])
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


def test_on_a_touch_screen_the_first_tap_tells_and_the_second_follows(sample_windows):
    _, phone = sample_windows
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
