"""The page of replacements: one row each, and one replacement whose screen says yes or what is missing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from models.inventory import System
from models.people import Role
from models.permissions import Action
from reports.replacements.gates import gates
from services.architecture.contracts import receive_version
from services.core.transaction import open_engagement, transaction
from services.replacements import gating, proofs, replacements, traces
from services.workflows import workflows
from tests.analysis.documents import shop
from tests.builders import the_state
from tests.pages.markup import links
from tests.pages.pages import open_page, press, words
from tests.pages.test_overview import TODAY, me, my_engagement
from tests.pages.work import the_person_is

pytestmark = pytest.mark.usefixtures("sqlite_database")


def a_replacement(name: str = "Application intake") -> int:
    """A replacement of an engagement that is on day 47 today."""
    my_engagement()
    with transaction(me(), "set up a test") as session:
        engagement = open_engagement(session, "acme", Action.EDIT_INVENTORY)
        systems = [
            System(engagement_id=engagement.id, name=name) for name in ("Mainframe form", "intake-api")
        ]
        session.add_all(systems)
        session.flush()
    flow = workflows.add_workflow(me(), "acme", {"name": "Take an application", "fallback": "On paper"})
    given = {"name": name, "workflow_id": flow, "old_id": systems[0].id, "new_id": systems[1].id}
    return replacements.add_replacement(me(), "acme", given | {"retire_by": TODAY + timedelta(days=40)})


def share(row_id: int, percent: float, days_ago: int = 3) -> None:
    on = TODAY - timedelta(days=days_ago)
    replacements.record_share(me(), "acme", row_id, on=on, percent=percent)


def waive_all(row_id: int) -> None:
    for check in gates(me(), the_state(), TODAY)[row_id].missing:
        gating.waive_check(
            me(), "acme", row_id, check=check.name, reason="Agreed", approver="R. Osei",
            expires_on=TODAY + timedelta(days=7),
        )  # fmt: skip


def shown(**query: str) -> str:
    return words(open_page("replacements", engagement="acme", **query))


def labels(test) -> list[str]:
    return [button.label.replace("\\", "") for button in test.button]


def test_without_a_replacement_the_page_says_what_one_is():
    my_engagement()
    assert "No replacement is named yet." in shown()


def test_a_row_has_its_systems_its_share_and_the_one_sentence():
    row_id = a_replacement()
    share(row_id, 25)
    test = open_page("replacements", engagement="acme")
    text = words(test)
    assert "Replacements: 0 of 1 cut over, 1 shifting; none may cut over today" in text
    assert "Mainframe form → intake-api" in text
    assert "25%" in text
    assert "Not yet: no contract is named, the manual fallback was never rehearsed and 5 more" in text
    assert ("/replacements?engagement=acme&replacement=1", "Application intake") in links(test)


def test_what_came_back_is_in_the_title():
    row_id = a_replacement()
    share(row_id, 25, 4)
    share(row_id, 5)
    assert "Replacements: 0 of 1 cut over, 1 rolled back; none may cut over today" in shown()


def test_a_full_share_without_a_gate_is_said_to_be_that():
    share(a_replacement(), 100)
    assert "Cut over without an open gate: no contract is named" in shown()


def test_one_replacement_names_each_check_and_what_is_missing():
    row_id = a_replacement()
    tried = {"kind": "rollback", "on": TODAY, "outcome": "failed"}
    proofs.record_proof(me(), "acme", row_id, tried)
    text = shown(replacement=str(row_id)).replace("\\", "")
    for check in ("Contract", "Fallback", "Going back", "Breaker", "Same answers", "Traces", "Metric"):
        assert f"\n{check}\n" in text
    assert "Going back was tested on" in text
    assert "Nobody described yet how to go back." in text
    assert "Rollback: failed" in text


def test_an_open_gate_is_approved_on_the_screen_that_shows_it():
    row_id = a_replacement()
    share(row_id, 25)
    waive_all(row_id)
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    assert "May cut over: every check passed or is waived" in words(test)
    test.button(key="approve").click().run()
    assert not test.exception
    (cutover,) = the_state().replacements[0].cutovers
    assert cutover.approved_on == TODAY
    assert "may cut over until" in words(test)


def test_what_changed_since_it_was_shown_isnt_approved():
    row_id = a_replacement()
    waive_all(row_id)
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    proofs.record_proof(me(), "acme", row_id, {"kind": "rollback", "on": TODAY, "outcome": "failed"})
    test.button(key="approve").click().run()
    assert the_state().replacements[0].cutovers == []
    assert "may not cut over yet" in words(test)


def test_a_reader_sees_the_gate_and_can_change_nothing():
    row_id = a_replacement()
    the_person_is(Role.VIEWER)
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    assert "No contract is named" in words(test)
    offered = labels(test)
    assert not [
        label for label in offered if label.startswith(("Record", "Approve", "Waive", "Make", "Edit"))
    ]


@pytest.mark.parametrize(
    "page", [{"key": "replacements", "replacement": "1"}, {"key": "inventory", "view": "Dependencies"}]
)
def test_what_traces_saw_and_nobody_declared_is_proposed(page):
    row_id = a_replacement()
    calls = [{"parent": "intake-api", "child": "Mainframe form", "callCount": 1500},
             {"parent": "intake-api", "child": "legacy-billing", "callCount": 12}]  # fmt: skip
    traces.record_traces(me(), "acme", row_id, {"data": calls}, until=TODAY, days=7)
    test = open_page(engagement="acme", **page)
    text = words(test).replace("\\", "")
    assert "intake-api calls Mainframe form, 1,500 times." in text
    assert "No system has these names: legacy-billing." in text
    next(button for button in test.button if button.label == "Add the dependency").click().run()
    assert [(row.source.name, row.target.name) for row in the_state().dependencies] == [
        ("intake-api", "Mainframe form")
    ]
    assert "Add the dependency" not in labels(test)


def test_a_lead_makes_a_secret_address_that_is_shown_once():
    row_id = a_replacement()
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    next(button for button in test.button if button.label == "Make a secret address").click().run()
    assert any("/api/v1/gates/" in code.value for code in test.code)
    test.run()
    assert not any("/api/v1/gates/" in code.value for code in test.code)


def test_an_unknown_replacement_is_not_found():
    a_replacement()
    assert "There is no such replacement" in shown(replacement="99")


def test_the_date_of_switching_off_is_refused_in_the_form_before_a_cutover_and_isnt_asked_of_a_new_one():
    row_id = a_replacement()
    test = open_page("replacements", engagement="acme")
    next(button for button in test.button if button.label == "Add a replacement").click().run()
    assert "Old part switched off on" not in [field.label for field in test.date_input]
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    next(button for button in test.button if button.label == "Edit the replacement").click().run()
    next(field for field in test.date_input if field.label == "Old part switched off on").set_value(TODAY)
    next(button for button in test.button if button.label == "Save the replacement").click().run()
    text = words(test).replace("\\", "")
    assert "“Mainframe form” can't be recorded as switched off: no share says" in text
    assert the_state().replacements[0].retired_on is None


def test_the_contract_between_old_and_new_is_chosen_in_the_form_and_leads_to_its_system():
    row_id = a_replacement()
    receive_version(
        me(), "acme", "Intake API", json.dumps(shop(1)).encode(), system="intake-api", freeze=True
    )
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    next(button for button in test.button if button.label == "Edit the replacement").click().run()
    choice = next(box for box in test.selectbox if box.label == "Contract between them")
    assert choice.options == ["Intake API"]
    choice.set_value(the_state().contracts[0].id)
    next(button for button in test.button if button.label == "Save the replacement").click().run()
    assert not test.exception
    (row,) = the_state().replacements
    assert row.contract.name == "Intake API"
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    assert "Intake API is frozen and nothing breaks it" in words(test)
    assert (f"/inventory?engagement=acme&system={row.new_id}", "Contract: Intake API") in links(test)


def test_a_replacement_of_which_nothing_moved_is_removed_in_its_dialog():
    row_id = a_replacement()
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    press(press(test, "Edit the replacement"), "Remove the replacement")
    assert the_state().replacements == []
    assert "No replacement is named yet." in words(test)


def test_one_of_which_work_moved_stays_on_record():
    row_id = a_replacement()
    share(row_id, 25)
    test = open_page("replacements", engagement="acme", replacement=str(row_id))
    assert "Remove the replacement" not in labels(press(test, "Edit the replacement"))
