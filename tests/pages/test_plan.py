"""What may be done about a milestone, from its card on the plan."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from models.people import Role
from services.plan import milestones
from tests.builders import the_state
from tests.pages.markup import links
from tests.pages.pages import open_page, words
from tests.pages.test_overview import TODAY, me, my_engagement
from tests.pages.work import the_person_is

pytestmark = pytest.mark.usefixtures("sqlite_database")
PLAN = "/plan?engagement=acme"


def acts(test: AppTest) -> dict[str, str]:
    """The labels of the links that the first milestone's card offers, by what they ask for."""
    first = f"&milestone={the_state().cycle().milestones[0].id}"
    asked = [
        link for link in links(test) if link.href.startswith(f"{PLAN}&do=") and link.href.endswith(first)
    ]
    return {link.href.removeprefix(f"{PLAN}&do=").removesuffix(first): link.text for link in asked}


def ask(act: str) -> AppTest:
    milestone = the_state().cycle().milestones[0]
    return open_page("plan", engagement="acme", do=act, milestone=str(milestone.id))


def press(test: AppTest, label: str) -> AppTest:
    next(button for button in test.button if button.label == label).click()
    return test.run()


def test_a_milestone_is_claimed_waived_and_changed_by_links_of_its_card():
    my_engagement()
    assert acts(open_page("plan", engagement="acme")) == {
        "claim": "State a claim",
        "waive": "Waive it",
        "change": "Change it",
    }
    test = ask("claim")
    assert dict(test.query_params) == {"engagement": "acme"}
    test.text_area(key="claim: reason").set_value("Seen on paper")
    press(test, "State the claim")
    assert "Seen on paper" in words(open_page("plan", engagement="acme"))
    assert "Waive the milestone" in [button.label for button in ask("waive").button]
    assert "Change the milestone" in [button.label for button in ask("change").button]


def test_a_claim_and_a_waiver_are_taken_back():
    my_engagement()
    milestone = the_state().cycle().milestones[0]
    later = TODAY + timedelta(days=5)
    milestones.state_claim(me(), "acme", milestone.id, says="done", reason="Seen", expires_on=later)
    milestones.waive(me(), "acme", milestone.id, reason="Not needed", approver="Dana Ruiz", expires_on=later)
    offered = acts(open_page("plan", engagement="acme"))
    assert (offered["withdraw"], offered["revoke"]) == ("Withdraw the claim", "Revoke the waiver")
    press(ask("withdraw"), "Withdraw the claim")
    press(ask("revoke"), "Revoke the waiver")
    test = open_page("plan", engagement="acme")
    assert not {"withdraw", "revoke"} & set(acts(test))
    assert "Seen" not in words(test)


def test_who_may_not_plan_is_offered_nothing_and_an_address_opens_nothing():
    my_engagement()
    the_person_is(Role.VIEWER)
    assert not acts(open_page("plan", engagement="acme"))
    assert "Waive the milestone" not in [button.label for button in ask("waive").button]


def test_what_is_not_offered_of_a_milestone_opens_nothing():
    my_engagement()
    for nonsense in ("withdraw", "revoke", "link", "delete"):
        test = ask(nonsense)
        assert not test.exception
        assert not {"Withdraw the claim", "Revoke the waiver"} & {button.label for button in test.button}


def test_a_milestone_is_added_and_cycles_are_planned_and_closed_by_links():
    my_engagement()
    hrefs = {link.text: link.href for link in links(open_page("plan", engagement="acme"))}
    assert hrefs["Add a milestone"] == f"{PLAN}&do=add"
    assert "Add the milestone" in [
        button.label for button in open_page("plan", engagement="acme", do="add").button
    ]
    press(open_page("plan", engagement="acme", do="next"), "Plan cycle 2")
    offered = {link.text for link in links(open_page("plan", engagement="acme"))}
    assert ("Plan cycle 2" in offered, "Close cycle 1" in offered) == (False, True)
    press(open_page("plan", engagement="acme", do="close"), "Close cycle 1")
    assert "Cycle 2: " in words(open_page("plan", engagement="acme"))
    assert the_state().cycle().number == 2
