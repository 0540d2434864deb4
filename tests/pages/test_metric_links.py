"""One metric's page offers what may be done about its phases, its batches and its notes by links, not by buttons."""

from datetime import timedelta

import pytest

from models.people import Role
from models.wording import day_month
from services.engagement import archiving
from services.measurements.batches import Rows, record
from services.metrics import definitions
from services.notes.notes import write_note
from services.workflows import workflows
from store.notes import notes
from tests.builders import a_metric, an_engagement
from tests.pages.markup import links, reader_of
from tests.pages.pages import address_of, follow, open_page, press, words
from tests.pages.test_metrics import TODAY, me, now, the_case_study, the_state
from tests.pages.test_overview import me as the_person
from tests.pages.test_verdict import LIVE, a_metric_that_got_better_at_go_live
from tests.pages.work import the_person_is

pytestmark = pytest.mark.usefixtures("sqlite_database")

LIVE_TEXT = f"{day_month(LIVE)} {LIVE.year}"
YES, NAME = f"Yes, it changed on {LIVE_TEXT}", f"Name the cause of {LIVE_TEXT}"
BLANK, DIALOG = (None, ""), "The limits of a phase rest on its own points"
WIDGETS = ("button", "text_input", "text_area", "date_input", "selectbox", "radio", "checkbox", "dataframe")


def the_page(**query: str):
    return open_page("metrics", engagement="acme", metric="loan-decision-time", **query)


def the_phases() -> list[tuple[object, str]]:
    return [(phase.began_on, phase.cause) for phase in the_state().metrics[0].phases]


def asked_for(test) -> tuple[object, str]:
    """The day and the cause that the dialog of a phase begins with."""
    return test.date_input[0].value, test.text_input[0].value


def acts_of(test) -> set[str]:
    """What the links of the page ask for."""
    asks = (link.href.partition("do=")[2].partition("&")[0] for link in links(test))
    return set(filter(None, asks))


def in_dialog(test) -> str:
    """The text of the dialog that is open."""
    return reader_of(test.get("html")[-1].proto.body).words()


def fill_and_begin(test, day, cause: str) -> None:
    test.date_input[0].set_value(day)
    test.text_input[0].set_value(cause)
    press(test, "Begin the phase")


def a_change_without_a_go_live() -> None:
    """Eight calm weeks before LIVE, then better ones, and no workflow of which anybody knows."""
    an_engagement(day_1=TODAY - timedelta(days=79))
    metric_id = a_metric(baseline="10 h", target="3 h", target_day=90)
    days = [LIVE + timedelta(days=4 * at) for at in range(-10, 6)]
    record(now(), "acme", Rows([metric_id] * 16, days, [10, 12, 11, 9, 10] * 2 + [4, 5, 4] * 2), "a.csv")
    me(Role.LEAD)


def test_a_freshly_opened_page_draws_no_button_and_no_field_for_a_lead():
    metric_id = a_metric_that_got_better_at_go_live()
    record(now(), "acme", Rows([metric_id], [TODAY - timedelta(days=1)], [4]), "b.csv")
    follow_and_begin = follow(the_page(), "Begin a phase")
    fill_and_begin(follow_and_begin, LIVE - timedelta(days=14), "Rehearsed")
    note(metric_id)
    test = the_page()
    offered = {"phase", "take-back", "withdraw", "remove-note", "correct", "change", "baseline", "retire"}
    assert acts_of(test) == offered
    drawn = {kind: len(getattr(test, kind)) for kind in WIDGETS}
    assert drawn == dict.fromkeys(WIDGETS, 0)


def test_the_grid_is_opened_by_the_address_of_one_metric_alone():
    the_case_study()
    assert "New measurements" not in words(the_page())
    test = follow(the_page(), "Enter measurements")
    assert "New measurements" in words(test)
    assert "Record measurements" in [button.label for button in test.button]
    assert "Enter measurements" not in {link.text for link in links(test)}
    assert "enter=open" in next(link.href for link in links(test) if link.text == "Change the definition")
    assert "New measurements" not in words(follow(test, "Close the grid"))
    test = open_page("metrics", engagement="acme", metric="peak-throughput")
    assert "New measurements" not in words(test)


@pytest.mark.parametrize("asked", ["", "closed", "open;"])
def test_an_address_that_asks_for_no_grid_opens_none(asked):
    the_case_study()
    assert "New measurements" not in words(the_page(enter=asked))


def test_a_phase_begins_on_the_day_and_for_the_cause_that_one_names():
    a_metric_that_got_better_at_go_live()
    test = follow(the_page(), "Begin a phase")
    assert asked_for(test) == BLANK
    fill_and_begin(test, LIVE - timedelta(days=14), "Rehearsed")
    assert the_phases() == [(LIVE - timedelta(days=14), "Rehearsed")]
    assert "Rehearsed: from" in words(the_page())


def test_the_days_of_a_phase_are_those_after_the_baseline_until_today():
    metric_id = a_metric_that_got_better_at_go_live()
    definitions.change(now(), "acme", metric_id, {"baseline_until": LIVE - timedelta(days=1)}, seen=None)
    day = follow(the_page(), "Begin a phase").date_input[0]
    assert (day.min, day.max) == (LIVE, TODAY)


def test_a_phase_without_a_cause_is_refused_in_words():
    a_metric_that_got_better_at_go_live()
    test = follow(the_page(), YES)
    test.text_input[0].set_value(" ")
    press(test, "Begin the phase")
    assert the_phases() == []
    assert "cause" in test.error[0].value


def test_yes_asks_for_the_go_live_and_nothing_is_done_before_the_button():
    a_metric_that_got_better_at_go_live()
    assert address_of(the_page(), YES)[1] == {
        "engagement": "acme",
        "metric": "loan-decision-time",
        "do": "phase",
        "on": LIVE.isoformat(),
    }
    test = follow(the_page(), YES)
    assert asked_for(test) == (LIVE, "Score live")
    assert dict(test.query_params) == {"engagement": "acme", "metric": "loan-decision-time"}
    assert the_phases() == []
    press(test, "Begin the phase")
    assert the_phases() == [(LIVE, "Score live")]
    assert YES not in {link.text for link in links(the_page())}


def test_two_go_lives_of_one_day_are_one_question_of_both():
    metric_id = a_metric_that_got_better_at_go_live()
    flow = {"name": "Pay", "state": "live", "live_on": LIVE, "fallback": "On paper", "metric_id": metric_id}
    workflows.add_workflow(now(), "acme", flow)
    assert asked_for(follow(the_page(), YES)) == (LIVE, "Score live, Pay live")


def test_a_change_of_which_no_cause_is_on_record_asks_for_it():
    a_change_without_a_go_live()
    test = follow(the_page(), NAME)
    assert asked_for(test) == (LIVE, "")
    test.text_input[0].set_value("Second approver dropped")
    press(test, "Begin the phase")
    assert the_phases() == [(LIVE, "Second approver dropped")]


@pytest.mark.parametrize("on", ["2026-13-45", "soon", "", "20261103", (LIVE - timedelta(days=3)).isoformat()])
def test_a_day_that_is_not_proposed_opens_the_dialog_blank(on):
    a_metric_that_got_better_at_go_live()
    test = the_page(do="phase", on=on)
    assert DIALOG in words(test)
    assert asked_for(test) == BLANK


def test_a_phase_is_taken_back_once_its_cause_was_read():
    a_metric_that_got_better_at_go_live()
    press(follow(the_page(), YES), "Begin the phase")
    test = follow(the_page(), f"Take back the phase of {LIVE_TEXT}")
    assert f"Score live: from {LIVE_TEXT}, named by" in in_dialog(test)
    assert the_phases() == [(LIVE, "Score live")]
    press(test, "Take back the phase")
    assert the_phases() == []


@pytest.mark.parametrize("phase", ["", "x", "999", "1 "])
def test_a_phase_that_is_not_there_is_not_taken_back(phase):
    a_metric_that_got_better_at_go_live()
    press(follow(the_page(), YES), "Begin the phase")
    assert the_page(do="take-back", phase=phase).button == []


def test_an_earlier_batch_is_withdrawn_and_brought_back():
    the_case_study()
    metric = the_state().metrics[0]
    record(now(), "acme", Rows([metric.id], [TODAY - timedelta(days=1)], [3.0]), "newer.csv")
    test = the_page()
    assert "case-study.csv" not in words(test)
    test.session_state["earlier batches"] = True
    test.run()
    assert "case-study.csv" in words(test)
    asked = [link.href for link in links(test) if link.text == "Withdraw"]
    assert [href.partition("&batch=")[2] for href in asked] == ["4", "1"]
    test = the_page(do="withdraw", batch="1")
    assert "2 measurements, " in in_dialog(test)
    press(test, "Withdraw 2 measurements")
    assert the_state().metrics[0].aggregate.count == 1
    press(the_page(do="bring-back", batch="1"), "Bring back 2 measurements")
    assert the_state().metrics[0].aggregate.count == 3


@pytest.mark.parametrize(
    ("do", "batch"),
    [("withdraw", "2"), ("bring-back", "1"), ("withdraw", "99"), ("withdraw", "x"), ("withdraw", ""), ("withdraw", "4")],
    ids=["another metric's", "one that counts", "none", "no number", "empty", "another engagement's"],
)  # fmt: skip
def test_a_batch_that_is_not_offered_opens_nothing(do, batch):
    the_case_study()
    an_engagement("other", day_1=TODAY - timedelta(days=59))
    record(now(), "other", Rows([a_metric("other")], [TODAY], [3.0]), "theirs.csv")
    test = the_page(do=do, batch=batch)
    assert test.button == []
    assert "theirs.csv" not in words(test)


ASKED = [
    {"do": "phase"},
    {"do": "phase", "on": LIVE.isoformat()},
    {"do": "take-back", "phase": "1"},
    {"do": "withdraw", "batch": "1"},
    {"do": "remove-note", "note": "1"},
    {"enter": "open"},
]


def everything_to_do() -> dict[str, str]:
    """A metric with a phase, a batch and a note. Returns the address of this moment, as of a later one."""
    metric_id = a_metric_that_got_better_at_go_live()
    note(metric_id)
    press(follow(the_page(), YES), "Begin the phase")
    for asked in ASKED:
        assert the_page(**asked).button != [], asked
    then = {"revision": str(the_state().revision)}
    record(now(), "acme", Rows([metric_id], [TODAY - timedelta(days=1)], [4]), "b.csv")
    return then


def offers_nothing(**address: str) -> None:
    for asked in [{}, *ASKED]:
        test = the_page(**asked, **address)
        assert [button.label for button in test.button if button.label != "Back to today"] == [], asked
        assert acts_of(test) == set()
        assert "Enter measurements" not in words(test)


def test_nothing_is_offered_or_opened_in_the_past():
    offers_nothing(**everything_to_do())


def test_nothing_is_offered_or_opened_in_an_archived_engagement():
    everything_to_do()
    archiving.archive(now(), "acme")
    offers_nothing()


def test_nothing_is_offered_to_a_viewer_nor_by_an_address_that_somebody_else_copied():
    everything_to_do()
    the_person_is(Role.VIEWER)
    offers_nothing()


def note(metric_id: int) -> None:
    """A note of the person at the screen, and one of somebody else."""
    write_note(the_person(), "acme", "metric", metric_id, "Counted by *hand* since")
    write_note(now(), "acme", "metric", metric_id, "By whom?")


def test_ones_own_note_is_removed_once_it_was_read_again():
    metric_id = a_metric_that_got_better_at_go_live()
    note(metric_id)
    test = follow(the_page(), "Remove the note")
    assert "Counted by *hand* since" in in_dialog(test)
    press(test, "Remove the note")
    assert [left.text for left in notes(now(), "acme", "metric", metric_id)] == ["By whom?"]


@pytest.mark.parametrize(
    "row_id", ["2", "99", "x", ""], ids=["somebody else's", "none", "no number", "empty"]
)
def test_a_note_that_is_not_ones_own_opens_nothing(row_id):
    note(a_metric_that_got_better_at_go_live())
    assert the_page(do="remove-note", note=row_id).button == []
