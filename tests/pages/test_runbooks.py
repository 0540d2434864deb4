"""The runbook's page, and one run in the room: who is next, one button each, and the moment to turn back."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.people import Role
from services.engagement import engagements
from services.runbooks import reporting, runs
from tests.builders import the_operator, the_state
from tests.pages.pages import open_page
from tests.pages.pages import words as raw_words
from tests.pages.test_overview import me, my_engagement
from tests.pages.work import the_person_is
from tests.services.runbooks.builders import a_rehearsal, a_runbook, an_approval, the_runbook

pytestmark = pytest.mark.usefixtures("sqlite_database")


def my_runbook(**more: object) -> str:
    """A runbook in an engagement that the person at the screen leads. Returns its id as an address has it."""
    made = a_runbook(**more)
    engagements.add_first_administrator(the_operator(), "acme")
    return str(made)


def in_the_room(runbook: str) -> str:
    """A rehearsal that began just now. Returns its number."""
    return str(runs.rehearse(me(), "acme", int(runbook)))


def report_step(runbook: str, step: str, outcome: str, direction: str = "do", reason: str = "") -> None:
    given = {"step": step, "outcome": outcome, "direction": direction, "reason": reason}
    reporting.report(me(), "acme", int(runbook), 1, given, name=f"{step} {outcome} {direction}")


def words(test) -> str:
    """What the page says, as a person reads it."""
    return raw_words(test).replace("\\", "").replace("**", "")


def show(runbook: str, run: str = "1"):
    return open_page("runbooks", engagement="acme", runbook=runbook, run=run)


def labels(test) -> list[str]:
    return [button.label for button in test.button]


def press(test, label: str) -> None:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception, test.exception


def test_without_a_runbook_the_page_says_what_one_is_for():
    my_engagement()
    text = words(open_page("runbooks", engagement="acme"))
    assert "No runbook is written yet." in text
    assert "add that first" in text


def test_the_list_names_the_runbook_and_its_rehearsals():
    runbook = my_runbook()
    a_rehearsal(int(runbook))
    text = words(open_page("runbooks", engagement="acme"))
    assert "Switch the nightly batch off" in text
    assert "4 steps, plan rehearsed once; run 1 is rolled back" in text


def test_the_list_counts_no_rehearsal_that_turned_round_on_its_way():
    runbook = my_runbook()
    in_the_room(runbook)
    report_step(runbook, "", "roll back")
    text = words(open_page("runbooks", engagement="acme"))
    assert "4 steps, plan never rehearsed; run 1 is rolled back" in text
    assert "plan never rehearsed" in words(show(runbook))


def test_the_runbook_answers_whether_it_may_run_for_real():
    runbook = my_runbook()
    assert "May it run for real? Not yet: its cutover was not approved at the gate." in words(
        open_page("runbooks", engagement="acme", runbook=runbook)
    )


def test_a_runbook_that_may_run_offers_to_prepare_it(monkeypatch):
    runbook = my_runbook()
    a_rehearsal(int(runbook))
    an_approval(day=56)
    test = open_page("runbooks", engagement="acme", runbook=runbook)
    assert "Yes, once the sponsor says go." in words(test)
    assert "Prepare the real run" in labels(test)


def test_the_room_shows_the_open_step_with_one_button_and_the_two_times():
    runbook = my_runbook()
    in_the_room(runbook)
    test = show(runbook)
    page_text = words(test)
    for text in ["Rehearsal 1", "0 of 4 steps reported", "1. Freeze intake", "Done when: It shows 0",
                 "Planned 6 min", "Forecast end", "Turn back before"]:  # fmt: skip
        assert text in page_text
    assert [label for label in labels(test) if "step" in label] == ["Start step 1"]


def in_tokyo() -> None:
    row = the_state()
    fields = {name: getattr(row, name) for name in ("name", "client", "sector", "region", "lead", "sponsor")}
    engagements.update_details(me(), "acme", **fields, zone="Asia/Tokyo", hide_interviewees=False)


def test_every_time_in_the_room_names_its_zone():
    runbook = my_runbook()
    in_tokyo()
    in_the_room(runbook)
    report_step(runbook, "1", "started")
    test = show(runbook)
    assert re.search(r"Mei Tan, since (\w{3} \d+ \w{3}, )?\d\d:\d\d \(Asia/Tokyo\)", words(test))
    assert "Asia/Tokyo; no window" in words(test)


def test_the_window_names_its_days_and_its_zone():
    runbook = my_runbook()
    in_tokyo()
    a_rehearsal(int(runbook))
    an_approval(day=56)
    begin = datetime.now(ZoneInfo("Asia/Tokyo")).replace(hour=22, minute=0)
    window = {"window_from": begin, "window_until": begin + timedelta(hours=5)}
    runs.prepare_run(me(), "acme", int(runbook), **window)
    first, last = (f"{at:%a} {at.day} {at:%b}" for at in window.values())
    text = words(show(runbook, "2"))
    assert f"Window: {first}, 22:00 to {last}, 03:00 (Asia/Tokyo)" in text
    assert f"window ends {last}, 03:00 (Asia/Tokyo)" in text


def test_pressing_through_a_step_hands_out_the_next_ones():
    runbook = my_runbook()
    in_the_room(runbook)
    test = show(runbook)
    press(test, "Start step 1")
    assert {"Report done", "Report step 1 failed"} <= set(labels(test))
    press(test, "Report done")
    assert [label for label in labels(test) if "step" in label] == ["Start step 2", "Start step 3"]


def test_who_presses_second_is_told():
    runbook = my_runbook()
    in_the_room(runbook)
    test = show(runbook)
    report_step(runbook, "1", "started")
    press(test, "Start step 1")
    assert "“Freeze intake” was started at" in words(test)
    assert len(the_runbook().runs[0].reports) == 2


def test_rolling_back_turns_the_page_round():
    runbook = my_runbook()
    in_the_room(runbook)
    report_step(runbook, "1", "started")
    report_step(runbook, "1", "done")
    test = show(runbook)
    press(test, "Roll back the run")
    text = words(test)
    assert "This run turned round" in text
    assert "Undo 1. Freeze intake" in text
    assert "Roll back the run" not in labels(test)


def popover_of(test, label: str) -> str:
    """The label of the popover that a button is in; empty where one press carries it out."""
    assert label in labels(test)
    popovers = [block for block in blocks(test.main) if block.type == "popover"]
    inside = [box.proto.popover.label for box in popovers if label in labels(box)]
    return inside[0] if inside else ""


def blocks(block):
    yield block
    for child in getattr(block, "children", {}).values():
        yield from blocks(child)


def test_one_press_reports_a_step_done_and_a_second_one_that_it_failed():
    runbook = my_runbook()
    in_the_room(runbook)
    report_step(runbook, "1", "started")
    test = show(runbook)
    assert popover_of(test, "Report done") == ""
    assert popover_of(test, "Report step 1 failed") == "It failed"
    assert (
        "The run turns round: nothing more is started. Nothing is there to undo, so it ends. This can't be taken back."
        in words(test)
    )
    press(test, "Report step 1 failed")
    assert the_runbook().runs[0].progress(me().at).state == "rolled back"


def test_the_failure_of_an_undo_is_confirmed_too():
    runbook = my_runbook()
    in_the_room(runbook)
    for step, outcome, direction in [("1", "started", "do"), ("1", "done", "do"), ("", "roll back", "do"),
                                     ("1", "started", "undo")]:  # fmt: skip
        report_step(runbook, step, outcome, direction)
    test = show(runbook)
    assert popover_of(test, "Report undo of step 1 failed") == "It failed"
    assert "Then Mei Tan decides how the run goes on" in words(test)


def test_a_failed_undo_asks_the_lead_why():
    runbook = my_runbook()
    in_the_room(runbook)
    for step, outcome, direction in [("1", "started", "do"), ("1", "done", "do"), ("", "roll back", "do"),
                                     ("1", "started", "undo"), ("1", "failed", "undo")]:  # fmt: skip
        report_step(runbook, step, outcome, direction)
    test = show(runbook)
    assert "Mei Tan decides how the run goes on" in words(test)
    press(test, "Done by hand")
    assert "Say why" in words(test)
    next(field for field in test.text_input if field.label == "Why").input("At the console")
    press(test, "Done by hand")
    assert the_runbook().runs[0].progress(me().at).state == "rolled back"


def test_a_viewer_follows_and_presses_nothing():
    runbook = my_runbook()
    in_the_room(runbook)
    the_person_is(Role.VIEWER)
    test = show(runbook)
    assert "1. Freeze intake" in words(test)
    assert [label for label in labels(test) if "step" in label or "Roll" in label] == []


def test_a_sponsor_says_go_within_the_window():
    runbook = my_runbook()
    a_rehearsal(int(runbook))
    an_approval(day=56)
    window = {"window_from": me().at, "window_until": me().at + timedelta(hours=3)}
    runs.prepare_run(me(), "acme", int(runbook), **window)
    assert "Say go" not in labels(show(runbook, "2"))  # the lead's page
    the_person_is(Role.SPONSOR)
    test = show(runbook, "2")
    assert "Waiting for the go of Dana Ruiz, COO" in words(test)
    press(test, "Say go")
    assert the_runbook().run(2).progress(me().at).state == "running"


def test_a_run_that_isnt_there_says_so():
    runbook = my_runbook()
    assert "Not found, or not shared with you" in words(show(runbook, "7"))


def test_another_person_takes_charge_of_a_runbook():
    runbook = my_runbook()
    a_rehearsal(int(runbook))
    test = open_page("runbooks", engagement="acme", runbook=runbook)
    press(test, "Edit the runbook")
    next(field for field in test.text_input if field.label == "Person in charge").input("Sam Okafor")
    press(test, "Save the runbook")
    assert "In charge: Sam Okafor." in words(test)
    assert the_runbook().runs[0].in_charge == "Mei Tan"
    an_approval(day=56)
    test = open_page("runbooks", engagement="acme", runbook=runbook)
    assert "Not yet: the plan was edited since its rehearsal." in words(test)


def test_who_may_not_edit_runbooks_isnt_offered_it():
    runbook = my_runbook()
    the_person_is(Role.VIEWER)
    assert "Edit the runbook" not in labels(open_page("runbooks", engagement="acme", runbook=runbook))
