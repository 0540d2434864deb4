"""A metric's dialogs in a real browser: defined, measured, given a baseline, a target and a phase, and corrected."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from services.engagement import engagements
from tests.browser.harness import fill, fill_date, go, no_exception, paste_grid, press, rerun, settled
from tests.browser.server import Server
from tests.builders import an_engagement, the_operator, the_state

TODAY = datetime.now(UTC).date()
BEFORE, SINCE = [4.0, 4.4, 3.8, 4.1, 4.3, 3.9, 4.2] * 6, [2.0, 2.2, 1.9, 2.1, 1.8, 2.0, 1.9] * 3
VALUES = BEFORE + SINCE
DAYS = [TODAY - timedelta(days=ago) for ago in range(len(VALUES) - 1, -1, -1)]
SLUG = "dialogs"


def the_metric():
    return the_state(SLUG).metrics[0]


def in_dialog(page: Page, opens: str):
    """Press the button or follow the link that opens a dialog on the right, and return the dialog."""
    with rerun(page):
        button = page.get_by_role("button", name=opens, exact=True)
        button.or_(page.get_by_role("link", name=opens, exact=True)).click()
    return page.get_by_role("dialog")


def test_a_metric_is_defined_measured_judged_and_corrected_through_its_dialogs(
    page: Page, headway: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", headway.environment["DATABASE_URL"])
    an_engagement(SLUG, day_1=TODAY - timedelta(days=62))
    engagements.add_first_administrator(the_operator(), SLUG)

    go(page, f"/metrics?engagement={SLUG}")
    dialog = in_dialog(page, "Define a metric")
    fill(dialog, "Name", "Decision time")
    fill(dialog, "Unit", "h")
    dialog.get_by_text("Lower", exact=True).click()
    press(dialog, "Define the metric")
    expect(page.get_by_text("Decision time").first).to_be_visible()

    go(page, f"/metrics?engagement={SLUG}&metric=decision-time")
    with rerun(page):
        page.get_by_role("link", name="Enter measurements").click()
    lines = [f"{day}\t{value}\t\t" for day, value in zip(DAYS, VALUES, strict=True)]
    paste_grid(page, page.get_by_test_id("stDataFrame").last, "\n".join(lines), row=0)
    press(page, "Record measurements")
    expect(page.get_by_text(f"{len(VALUES)} measurements").first).to_be_visible()

    dialog = in_dialog(page, "Take the baseline from measurements")
    fill_date(dialog, "Last day", DAYS[len(BEFORE) - 1])
    press(dialog, "Take the baseline")
    settled(page)
    assert the_metric().baseline_n == len(BEFORE)

    dialog = in_dialog(page, "Change the definition")
    fill(dialog, "Target", "90 min")
    press(dialog, "Change the definition")
    page.get_by_text("Versions of the definition: 3").click()
    expect(page.get_by_role("listitem").filter(has_text="Target: – → 90 min")).to_be_visible()

    dialog = in_dialog(page, "Begin a phase")
    fill_date(dialog, "Its first day", DAYS[len(BEFORE)])
    fill(dialog, "Cause", "Scoring live")
    press(dialog, "Begin the phase")
    expect(page.get_by_text("Confirmed better").first).to_be_visible()
    assert [phase.cause for phase in the_metric().phases] == ["Scoring live"]

    dialog = in_dialog(page, "Correct a measurement")
    fill(dialog, "Value (h)", "108 min")
    fill(dialog, "Why", "The export counted test orders")
    press(dialog, "Correct the measurement")
    expect(page.get_by_role("heading", name="Corrections")).to_be_visible()
    assert the_metric().aggregate.current == 1.8

    # The form for a note is drawn for who opens it.
    expect(page.get_by_label("Note", exact=True)).to_have_count(0)
    page.get_by_text("Write a note").click()
    settled(page)
    fill(page, "Note", "Counted by *hand* since")
    press(page, "Write the note")
    expect(page.get_by_text("Counted by *hand* since")).to_be_visible()
    no_exception(page)


def test_back_asks_about_what_was_typed_and_closes_the_dialog(
    page: Page, headway: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", headway.environment["DATABASE_URL"])
    an_engagement("back", day_1=TODAY)
    engagements.add_first_administrator(the_operator(), "back")
    go(page, "/plan?engagement=back")
    go(page, "/metrics?engagement=back")
    dialog = in_dialog(page, "Define a metric")
    fill(dialog, "Name", "Decision time")
    with page.expect_event("dialog") as question:
        page.evaluate("history.back()")
    question.value.dismiss()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Decision time")
    assert page.url.endswith("/metrics?engagement=back")
    with page.expect_event("dialog") as question:
        page.evaluate("history.back()")
    question.value.accept()
    expect(page.get_by_role("heading", name="Plan", exact=True)).to_be_visible()
    expect(dialog).to_have_count(0)
