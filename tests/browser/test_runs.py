"""A run in the hand: the whole evening on a phone of 390 px, and two people in two browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from models.runbooks import RunReport
from services.engagement import engagements
from services.runbooks import reporting, runbooks, runs
from tests.browser.accessibility import axe
from tests.browser.chromium import PHONE, visitor
from tests.browser.harness import (
    at_rest,
    load,
    no_exception,
    no_overflow,
    press,
    rerun,
    screenshot,
    settled,
)
from tests.browser.server import Server
from tests.browser.signing_in import database_of, give
from tests.builders import the_operator
from tests.pages.test_overview import me
from tests.services.runbooks.builders import (
    Evening,
    a_rehearsal,
    a_runbook,
    a_step,
    an_approval,
    lead,
    sponsor,
    the_runbook,
)

ADDRESS = "/runbooks?engagement=acme&runbook={}&run={}"


@pytest.fixture(scope="module")
def runbook(headway: Server, administrator: dict[str, str]) -> int:
    """A runbook that was rehearsed and approved, whose last step is a point of no return."""
    with database_of(headway):
        made = a_runbook()
        engagements.add_first_administrator(the_operator(), "acme")
        last = a_step("5", "Stop the scheduler", "4", 3, "", no_undo="Its jobs are gone", no_return=True)
        runbooks.save_steps(me(), "acme", made, added=[last])
        a_rehearsal(made)
        runs_to_the_end(made)
        an_approval(day=56)
        return made


def runs_to_the_end(made: int) -> None:
    evening = Evening(made, runs.rehearse(lead(minute=300), "acme", made), 300)
    evening.does("1", "2", "3", "4", "5")


@contextmanager
def second_browser(chromium: Browser, headway: Server, administrator: dict[str, str]) -> Iterator[Page]:
    with visitor(chromium, headway.url, size=PHONE) as other:
        give(other.context, headway, administrator)
        yield other


def test_an_evening_on_a_phone(
    phone: Page, chromium: Browser, headway: Server, administrator: dict[str, str], runbook: int
):
    with database_of(headway):
        now = me().at
        number = runs.prepare_run(
            me(), "acme", runbook, window_from=now, window_until=now + timedelta(hours=3)
        )
        who = replace(sponsor(), at=datetime.now(UTC))
        runs.say_go(who, "acme", runbook, number, shown=the_runbook().run(number).digest)
    load(phone, ADDRESS.format(runbook, number))
    expect(phone.get_by_role("heading", name="1. Freeze intake")).to_be_visible()
    expect(phone.get_by_text("Turn back before")).to_be_visible()
    with second_browser(chromium, headway, administrator) as other:
        load(other, ADDRESS.format(runbook, number))
        press(phone, "Start step 1")
        press(other, "Start step 1")
        expect(other.get_by_text("was started at")).to_be_visible()
    press(phone, "Report done")
    expect(phone.get_by_role("heading", name="2. Drain the queue")).to_be_visible()
    expect(phone.get_by_role("heading", name="3. Check the balance")).to_be_visible()
    press(phone, "Start step 2")
    settled(phone)
    no_overflow(phone)
    no_exception(phone)
    axe(phone)
    screenshot(phone, "run-in-the-room", width=390)
    phone.get_by_role("button", name="Roll back", exact=True).click()
    press(phone, "Roll back the run")
    expect(phone.get_by_text("This run turned round")).to_be_visible()
    expect(phone.get_by_role("heading", name="2. Drain the queue")).to_be_visible()
    settled(phone)
    no_overflow(phone)
    screenshot(phone, "run-rolling-back", width=390)


def test_one_tap_on_it_failed_ends_no_run(phone: Page, headway: Server, runbook: int):
    with database_of(headway):
        for run in the_runbook().runs:
            end(run.number, runbook)
        number = runs.rehearse(me(), "acme", runbook)
    load(phone, ADDRESS.format(runbook, number))
    tap(phone, "Start step 1")
    failed = phone.get_by_role("button", name="It failed", exact=True)
    failed.tap()
    sure = phone.get_by_role("button", name="Report step 1 failed")
    expect(sure).to_be_visible()
    expect(phone.get_by_text("The run turns round: nothing more is started.")).to_be_visible()
    settled(phone)
    no_overflow(phone)
    axe(phone)
    screenshot(phone, "run-it-failed", width=390)
    phone.keyboard.press("Escape")
    expect(sure).to_be_hidden()
    place = failed.bounding_box()
    for _ in range(2):  # a finger that bounces
        phone.touchscreen.tap(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    settled(phone)
    assert [report.outcome for report in reports(headway, number)] == ["go", "started"]
    tap(phone, "Report done")
    expect(phone.get_by_role("heading", name="2. Drain the queue")).to_be_visible()
    tap(phone, "Start step 2")
    failed.tap()
    with rerun(phone):
        phone.get_by_role("button", name="Report step 2 failed").tap()
    expect(phone.get_by_text("This run turned round: “Drain the queue” failed")).to_be_visible()
    assert reports(headway, number)[-1].outcome == "failed"


def tap(page: Page, label: str) -> None:
    with rerun(page):
        page.get_by_role("button", name=label, exact=True).tap()


def reports(headway: Server, number: int) -> list[RunReport]:
    with database_of(headway):
        return the_runbook().run(number).reports


def end(number: int, made: int) -> None:
    """Undo what is left of a run, if it isn't at its end."""
    while tasks := the_runbook().run(number).progress(me().at).tasks:
        for task in tasks[:1]:
            outcome = next(name for name in ("started", "done", "done by hand") if name in task.outcomes)
            given = {"step": task.step.key, "direction": task.direction, "outcome": outcome, "reason": "Over"}
            reporting.report(
                me(), "acme", made, number, given, name=f"{task.step.key} {task.direction} {outcome}"
            )


def test_the_plan_is_a_grid_on_a_desktop(page: Page, runbook: int):
    load(page, f"/runbooks?engagement=acme&runbook={runbook}")
    expect(page.get_by_role("button", name="Save the plan")).to_be_visible()
    no_exception(page)
    axe(page)
    screenshot(page, "runbook")


@pytest.mark.parametrize("pause_ms", [20, 300])
def test_a_double_tap_starts_one_rehearsal_and_refuses_nothing(
    phone: Page, headway: Server, runbook: int, pause_ms: int
):
    with database_of(headway):
        for run in the_runbook().runs:
            end(run.number, runbook)
        before = len(the_runbook().runs)
    sent: list[object] = []
    phone.once("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    load(phone, f"/runbooks?engagement=acme&runbook={runbook}")
    press(phone, "Rehearse this plan")
    sent.clear()
    button = phone.get_by_role("button", name="Start the rehearsal")
    at_rest(phone.get_by_role("dialog"))
    box = button.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    phone.touchscreen.tap(*middle)
    phone.wait_for_timeout(pause_ms)
    phone.touchscreen.tap(*middle)
    phone.wait_for_timeout(50)
    assert len(sent) == 1, "the second tap ran the page again"
    expect(phone.get_by_role("button", name="Start step 1")).to_be_visible()
    settled(phone)
    assert phone.get_by_role("alert").all_inner_texts() == []
    with database_of(headway):
        assert len(the_runbook().runs) == before + 1
    phone.get_by_role("button", name="Roll back", exact=True).click()
    press(phone, "Roll back the run")
