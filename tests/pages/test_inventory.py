"""The inventory page, as a lead, a sponsor and somebody with an old link see it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models.people import Actor, Member, Role, operator
from models.permissions import Action
from services.core.transaction import open_engagement, transaction
from services.engagement import engagements
from services.interviews import frictions, interviews
from services.inventory import dependencies, pain_points, systems
from services.people.accounts import first_administrator
from services.workflows import workflows
from tests.builders import an_engagement, the_state
from tests.pages import markup
from tests.pages.pages import open_page, words

pytestmark = pytest.mark.usefixtures("sqlite_database")

TODAY = datetime.now(UTC).date()


def now() -> Actor:
    return operator(datetime.now(UTC))


def my_engagement(**given: object) -> None:
    an_engagement(day_1=TODAY - timedelta(days=19), **given)
    engagements.add_first_administrator(now(), "acme")


def with_three_systems() -> None:
    """Batch needs Ledger, Ledger and Portal need each other; Ledger hurts, as Lia Moreau told."""
    my_engagement()
    systems.save(
        now(),
        "acme",
        added=[
            {"name": "Batch", "owner": "Ann", "criticality": "low", "reviewed_on": TODAY},
            {"name": "Ledger"},
            {"name": "Portal", "owner": "Bob"},
        ],
    )
    ends = [("Batch", "Ledger"), ("Ledger", "Portal"), ("Portal", "Ledger")]
    added = [{"from": a, "to": b, "kind": "call"} for a, b in ends]
    dependencies.save(now(), "acme", added=added)
    pain = {"system": "Ledger", "title": "Slow *close*", "severity": 4, "frequency": "monthly"}
    pain_points.save(now(), "acme", added=[pain])


def an_interview_told_of(title: str) -> None:
    point = next(row for row in the_state().pain_points if row.title == title)
    friction = {"theme": "waiting", "observed": "waits two days", "severity": 3, "frequency": "daily"}
    interviews.record_interview(
        now(),
        "acme",
        {"interviewee": "Lia Moreau", "held_on": TODAY},
        frictions.FrictionEdits(added=[friction | {"pain_point_id": point.id}]),
    )


def i_become(role: Role) -> None:
    user_id, _ = first_administrator(datetime.now(UTC))
    with transaction(now(), "change a member") as session:
        open_engagement(session, "acme", Action.MANAGE_MEMBERS)
        session.scalar(select(Member).where(Member.user_id == user_id)).role = role


def id_of(name: str) -> str:
    return str(next(row.id for row in the_state().systems if row.name == name))


def tables(test) -> str:
    """Each row of the page's tables, as text."""
    rows = [
        dict(zip(each, row, strict=True))
        for each in markup.tables(test)
        for row in zip(*each.values(), strict=True)
    ]
    return "\n".join(map(str, rows))


def buttons(test) -> list[str]:
    return [button.label for button in test.button]


def test_an_empty_inventory_says_what_to_do_and_offers_the_grid():
    my_engagement()
    test = open_page("inventory", engagement="acme")
    assert "No system is in the inventory yet" in words(test)
    assert "Save systems" in buttons(test)


@pytest.mark.parametrize("view", ["Dependencies", "Matrix", "Graph", "Pain points"])
def test_the_other_views_of_an_empty_inventory_ask_for_systems_first(view):
    my_engagement()
    assert "add those first" in words(open_page("inventory", engagement="acme", view=view))


def test_the_systems_say_what_their_milestone_still_needs():
    with_three_systems()
    text = words(open_page("inventory", engagement="acme"))
    assert "1 of 3 systems fully described" in text
    assert "1 system has no owner\n:\nLedger" in text
    assert "2 systems have no criticality\n:\nLedger\n,\nPortal" in text
    assert "2 systems weren't reviewed by their owners\n:\nLedger\n,\nPortal" in text
    assert "No pain points are recorded" not in text


def test_the_matrix_names_the_loop_where_to_cut_it_and_what_most_depends_on():
    with_three_systems()
    test = open_page("inventory", engagement="acme", view="Matrix")
    text = words(test)
    assert "- Ledger and Portal" in text
    assert "Cut where Ledger depends on Portal" in text or "Cut where Portal depends on Ledger" in text
    assert "Ledger: 2 systems" in buttons(test)
    assert "'From': 'Batch', 'Depends on': 'Ledger', 'How': 'call', 'In a loop': 'no'" in tables(test)
    assert tables(test).count("'In a loop': 'yes'") == 2


@pytest.mark.parametrize("view", ["Dependencies", "Graph", "Pain points"])
def test_every_other_view_is_drawn(view):
    with_three_systems()
    test = open_page("inventory", engagement="acme", view=view)
    assert "Nothing to see" not in words(test)
    assert test.segmented_control[0].value == view


def test_one_system_shows_who_depends_on_it_directly_and_through_others():
    with_three_systems()
    flow = {"name": "Score", "state": "building", "system_ids": [int(id_of("Portal"))]}
    workflows.add_workflow(now(), "acme", flow)
    test = open_page("inventory", engagement="acme", system=id_of("Portal"))
    text = words(test)
    assert "\nPortal\n" in text
    assert buttons(test).count("Ledger (call)") == 2
    assert "Through others: Batch" in text
    assert "A change of it can reach 2 systems" in text
    assert "Score (building)" in text


def test_a_systems_pain_points_say_which_interviews_told_of_them():
    with_three_systems()
    an_interview_told_of("Slow *close*")
    test = open_page("inventory", engagement="acme", system=id_of("Ledger"))
    assert "Lia Moreau" in tables(test)
    assert "waits two days" in tables(test)
    assert "'Said in': '1 interview'" in tables(test)
    assert "Slow *close*" in tables(test)


def test_a_sponsor_reads_the_lists_without_interviews_and_changes_nothing():
    with_three_systems()
    an_interview_told_of("Slow *close*")
    i_become(Role.SPONSOR)
    one = open_page("inventory", engagement="acme", system=id_of("Ledger"))
    assert "Lia Moreau" not in tables(one) + words(one)
    assert "waits two days" not in tables(one) + words(one)
    assert "Edit system" not in buttons(one)
    every = open_page("inventory", engagement="acme")
    assert "Save systems" not in buttons(every)
    assert list(every.dataframe[0].value["name"]) == ["Batch", "Ledger", "Portal"]


def test_hidden_names_are_hidden_here_too():
    with_three_systems()
    an_interview_told_of("Slow *close*")
    with transaction(now(), "describe the engagement") as session:
        open_engagement(session, "acme", Action.CHANGE_ENGAGEMENT).hide_interviewees = True
    test = open_page("inventory", engagement="acme", system=id_of("Ledger"))
    assert "Lia Moreau" not in tables(test) + words(test)
    assert "Interviewee 1" in tables(test)


@pytest.mark.parametrize("system", ["999", "abc", ""])
def test_a_link_to_a_system_that_is_gone_says_so(system):
    with_three_systems()
    assert "There is no such system" in words(open_page("inventory", engagement="acme", system=system))
