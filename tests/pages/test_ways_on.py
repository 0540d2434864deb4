"""Rows lead to the thing itself, and what is missing can be done where it is said."""

import re

import pytest

from models.inventory import System
from services.inventory import systems
from tests.builders import a_metric, the_state
from tests.pages.pages import follow, open_page, words
from tests.pages.test_overview import me, my_engagement
from tests.pages.work import the_work

pytestmark = pytest.mark.usefixtures("database")


def html_of(test) -> str:
    return "".join(element.proto.body for element in test.get("html"))


def the_system(name: str) -> System:
    return next(row for row in the_state().systems if row.name == name)


def test_every_row_of_all_values_and_of_what_is_missing_is_a_link():
    the_work()
    a_metric(name="Wait", baseline=4, target=1)
    body = html_of(open_page("metrics", engagement="acme"))
    for metric in the_state().metrics:
        pattern = rf'<td[^>]*>\s*<a class="within hw-open" href="[^"]*metric={metric.slug}"'
        assert re.search(pattern, body), metric.slug
    core = the_system("Loan core")
    body = html_of(open_page("inventory", engagement="acme"))
    assert re.search(rf'href="[^"]*system={core.id}">Loan core</a>', body)


def test_a_link_within_a_sentence_has_no_mark_before_the_comma():
    the_work()
    systems.save(me(), "acme", added=[{"name": "Ledger"}, {"name": "Kafka"}])
    body = html_of(open_page("inventory", engagement="acme"))
    assert re.search(
        r'<a class="within hw-in-text" href="[^"]*">[^<]+</a>, <a class="within hw-in-text" ', body
    )
    assert not re.search(r'class="within hw-open"[^>]*>[^<]*</a>\s*[,:;.]', body)


def test_systems_are_marked_as_reviewed_where_that_is_what_is_missing():
    the_work()
    systems.save(
        me(), "acme",
        added=[{"name": f"Node {n}", "owner": "Dana", "criticality": "high", "standalone": True} for n in (10, 2)],
    )  # fmt: skip
    test = open_page("inventory", engagement="acme")
    body = html_of(test)
    assert body.index(">Node 2<") < body.index(">Node 10<")
    chosen = next(box for box in test.multiselect if box.label == "Systems")
    assert [label for label in chosen.options if label.startswith("Node")] == [
        "Node 2 (Dana)",
        "Node 10 (Dana)",
    ]
    next(one for one in test.button if one.label == "Mark as reviewed by the owner").click().run()
    assert not test.exception
    assert the_system("Node 2").missing() == the_system("Node 10").missing() == []
    assert "You edited the systems" in words(test)


def test_measurements_are_entered_from_the_top_of_the_metric():
    the_work()
    a_metric(name="Wait", baseline=4, target=1)
    slug = next(metric.slug for metric in the_state().metrics if metric.name == "Wait")
    test = open_page("metrics", engagement="acme", metric=slug)
    assert not [one for one in test.button if one.label == "Record measurements"]
    test = follow(test, "Enter measurements")
    assert [one for one in test.button if one.label == "Record measurements"]


def test_an_empty_page_gives_an_example_and_one_next_action():
    my_engagement()
    for page in ("inventory", "interviews", "workflows", "replacements", "runbooks", "metrics"):
        test = open_page(page, engagement="acme")
        assert "For example: " in words(test), page
        assert test.button or 'class="within hw-link" href="' in html_of(test), page
    assert "Add systems" in html_of(open_page("replacements", engagement="acme"))
    assert "Open the replacements" in html_of(open_page("runbooks", engagement="acme"))


def test_next_steps_come_before_the_outcomes_for_who_may_act():
    my_engagement()
    body = html_of(open_page("overview", engagement="acme"))
    assert body.index(">Next steps<") < body.index(">Outcomes against baseline<")
