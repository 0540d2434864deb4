"""The main job, as a new lead does it: from an empty install to milestones that turn done and a chart that shows it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.harness import choose, fill, fill_date, go, no_exception, paste_grid, press, rerun, settled
from tests.browser.server import Server
from tests.browser.signing_in import database_of
from tests.builders import the_state

TODAY = datetime.now(UTC).date()
DAY_1 = TODAY - timedelta(days=29)
SLUG = "harbor-lending"


def import_file(page: Page, kind: str, path: Path) -> None:
    """Import a file on the imports page, after looking at what it would do."""
    go(page, f"/imports?engagement={SLUG}")
    choose(page, "What it holds", kind)
    with rerun(page):
        page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)
    settled(page)
    button = page.get_by_role("button", name=re.compile(r"^Import \d+"))
    expect(button).to_be_visible()
    with rerun(page):
        button.click()
    settled(page)


def a_file(folder: Path, name: str, rows: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(rows) + "\n")
    return path


def create_the_engagement(page: Page) -> None:
    go(page, "/new")
    fill(page, "Name", "Loan decisions in seconds")
    fill(page, "Client", "Harbor Lending")
    fill(page, "Executive sponsor", "Dana Ruiz, COO")
    fill_date(page, "Day 1", DAY_1)
    press(page, "Create engagement")
    page.wait_for_url(re.compile(rf"/overview\?engagement={SLUG}"))
    settled(page)
    expect(page.get_by_text("Day 30 of 90", exact=True)).to_be_visible()
    expect(page.get_by_text("2 of 9 milestones late").first).to_be_visible()


def paste_systems(page: Page) -> None:
    """Twelve systems, from a spreadsheet."""
    go(page, f"/inventory?engagement={SLUG}")
    reviewed = (DAY_1 + timedelta(days=7)).isoformat()
    rows = [f"System {n}\tservice\tOwner {n}\thigh\tJava\tactive\tTRUE\t{reviewed}" for n in range(1, 13)]
    paste_grid(page, page.get_by_test_id("stDataFrame"), "\n".join(rows))
    press(page, "Save systems")
    expect(page.get_by_text("12 systems, 0 dependencies")).to_be_visible()


def import_pain_points_and_interviews(page: Page, folder: Path) -> None:
    """One pain point and ten interviews, from files."""
    import_file(
        page,
        "Pain points",
        a_file(
            folder, "pain.csv", ["system,title,severity,frequency", "System 1,Waits for the batch,5,daily"]
        ),
    )
    people = [
        f"{(DAY_1 + timedelta(days=n)).isoformat()},User {n},Underwriter,East,yes,Mei,Waits"
        for n in range(1, 11)
    ]
    import_file(
        page,
        "Interviews",
        a_file(folder, "talks.csv", ["date,interviewee,role,team,end_user,interviewer,summary", *people]),
    )


def define_the_metric(page: Page) -> None:
    go(page, f"/metrics?engagement={SLUG}")
    press(page, "Define a metric")
    dialog = page.get_by_role("dialog")
    fill(dialog, "Name", "Loan decision time")
    fill(dialog, "Unit", "h")
    dialog.get_by_text("Lower", exact=True).click()
    fill(dialog, "Baseline", "4 h")
    fill(dialog, "Target", "90 s")
    fill(dialog, "Source", "Decision log")
    press(dialog, "Define the metric")
    settled(page)


def import_measurements(page: Page, folder: Path) -> None:
    """Eight weeks before day 1 and today, from a file."""
    weeks = [f"loan-decision-time,{(DAY_1 - timedelta(days=7 * n)).isoformat()},4 h" for n in range(1, 9)]
    measured = a_file(
        folder, "times.csv", ["metric,at,value", *weeks, f"loan-decision-time,{TODAY.isoformat()},90 s"]
    )
    import_file(page, "Measurements", measured)


def see_what_the_evidence_says(page: Page) -> None:
    """On the metrics and on the plan."""
    go(page, f"/metrics?engagement={SLUG}")
    # 160 times better, of a single point since day 1: the chart shows it, and nothing is claimed of it.
    expect(page.get_by_role("cell", name="Too early")).to_be_visible()
    expect(page.get_by_text("not signed by the sponsor").first).to_be_visible()
    chart = page.get_by_role("group", name="in times better: 1 of 1 metric better than baseline")
    expect(chart.get_by_role("link", name=re.compile("Now: 160x"))).to_be_visible()
    expect(chart.locator(".hw-mark")).to_have_count(1)
    go(page, f"/plan?engagement={SLUG}")
    for sentence in ("12 of 12 systems fully described", "10 of 10 end users interviewed"):
        expect(page.get_by_text(re.compile(rf"^Done on .*: {sentence}")).filter(visible=True)).to_have_count(
            1
        )


def reload_follow_and_go_back(page: Page) -> None:
    """A reload and a link lead to the same view; Back goes back."""
    page.reload()
    settled(page)
    expect(page.get_by_role("heading", name="Plan", exact=True)).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Interviews").click()
    page.wait_for_url(re.compile(rf"/interviews\?engagement={SLUG}"))
    settled(page)
    page.go_back()
    page.wait_for_url(re.compile(rf"/plan\?engagement={SLUG}"))
    settled(page)
    expect(page.get_by_role("heading", name="Plan", exact=True)).to_be_visible()


def test_from_nothing_to_a_dashboard_that_tells_the_truth(page: Page, headway: Server, tmp_path: Path):
    create_the_engagement(page)
    paste_systems(page)
    import_pain_points_and_interviews(page, tmp_path)
    define_the_metric(page)
    import_measurements(page, tmp_path)
    see_what_the_evidence_says(page)
    with database_of(headway):
        state = the_state(SLUG)
    assert (len(state.systems), len(state.interviews), state.metrics[0].aggregate.count) == (12, 10, 9)
    reload_follow_and_go_back(page)
    no_exception(page)


def test_a_double_click_saves_once(page: Page, headway: Server):
    go(page, "/new")
    fill(page, "Name", "Twice")
    fill(page, "Client", "Twice Clicked")
    page.get_by_role("button", name="Create engagement").dblclick()
    page.wait_for_url(re.compile(r"/overview\?engagement=twice-clicked"))
    settled(page)
    with database_of(headway):
        assert the_state("twice-clicked").name == "Twice"


def test_an_unknown_engagement_in_the_address_says_so(page: Page):
    go(page, "/overview?engagement=nowhere")
    expect(page.get_by_text("There is no engagement “nowhere” that you are a member of.")).to_be_visible()
