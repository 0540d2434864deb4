"""The page of workflows: what is missing, what each workflow stands on, and the pipelines beneath."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from models.people import Role
from services.workflows import pipelines
from tests.builders import the_state
from tests.pages.markup import links
from tests.pages.pages import open_page, words
from tests.pages.test_overview import me, my_engagement
from tests.pages.work import on_day, the_person_is, the_work

pytestmark = pytest.mark.usefixtures("sqlite_database")


def shown(**query: str) -> str:
    """What the page says, as a person reads it."""
    return words(open_page("workflows", engagement="acme", **query)).replace("\\", "")


def labels(test) -> list[str]:
    return [button.label.replace("\\", "") for button in test.button]


def test_without_a_workflow_the_page_says_why_one_matters_and_offers_to_add_it():
    my_engagement()
    test = open_page("workflows", engagement="acme")
    assert "No workflow is named yet." in words(test)
    assert "Add the first workflow" in labels(test)
    assert "Choose a workflow that a friction asked for, and begin to build it" in words(test).replace(
        "\\", ""
    )


def test_the_first_workflow_is_done_and_one_that_nobody_asked_for_is_missing():
    the_work()
    text = shown()
    assert "a workflow is live with a rehearsed manual fallback" in text
    assert "Pay out: link the friction that asked for it" in text
    assert "2 more workflows live that a friction asked for" in text


def test_each_workflow_says_what_it_runs_over_falls_back_to_and_who_asked():
    the_work()
    text = shown()
    for word in [
        "Loan core",
        "On paper",
        "1 friction",
        "Waiting",
        "No system named",
        "None described",
        "No friction",
    ]:
        assert word in text


def test_names_are_shown_as_they_were_typed():
    the_work()
    assert "Decide on a *loan*" in [link.text for link in links(open_page("workflows", engagement="acme"))]


def test_a_pipeline_is_green_three_days_ago_and_not_green_for_15_days():
    the_work()
    test = open_page("workflows", engagement="acme")
    text = words(test)
    assert "Green 3 days ago" in text
    assert "No green run within 14 days" in text
    assert "Not declared" in text
    assert ("https://ci.example.org/build", "Open the pipeline") in links(test)
    assert "Declare the deploy pipeline" in [link.text for link in links(test)]


def test_a_link_declares_a_pipeline_of_its_kind_once():
    the_work()
    (way,) = (link.href for link in links(open_page("workflows", engagement="acme")) if "deploy" in link.text)
    test = open_page("workflows", **dict(parse_qsl(urlsplit(way).query)))
    assert next(box for box in test.selectbox if box.label == "Kind").value == "deploy"
    test.text_input(key="new deploy pipeline: name").input("Release")
    next(button for button in test.button if button.label == "Declare the pipeline").click().run()
    assert not test.exception
    assert ("Release", "deploy") in [(row.name, row.kind) for row in the_state().pipelines]
    assert "Declare another deploy pipeline" in [link.text for link in links(test)]
    assert "Declare the pipeline" not in labels(test)


def test_the_way_to_declare_a_pipeline_is_only_for_who_may_and_for_kinds_that_there_are():
    the_work()
    for kind in ("", "x"):
        assert "Declare the pipeline" not in labels(
            open_page("workflows", engagement="acme", do="declare", kind=kind)
        )
    the_person_is(Role.SPONSOR)
    assert "Declare the pipeline" not in labels(
        open_page("workflows", engagement="acme", do="declare", kind="test")
    )


def test_a_link_cannot_carry_a_picture_into_the_page():
    ids = the_work()
    link = "https://ci.example.org/)![x](https://elsewhere.example.org/pixel.png"
    pipelines.change_pipeline(me(), "acme", ids["build"], {"link": link})
    test = open_page("workflows", engagement="acme")
    assert "![x]" not in words(test)
    harmless = "https://ci.example.org/%29!%5Bx%5D%28https://elsewhere.example.org/pixel.png"
    assert (harmless, "Open the pipeline") in links(test)


def test_red_after_green_is_said():
    ids = the_work()
    pipelines.report_run(me(), "acme", ids["build"], ran_on=on_day(74), green=False)
    assert "Green 3 days ago, red since" in words(open_page("workflows", engagement="acme"))


def test_a_workflow_opens_by_its_address():
    ids = the_work()
    text = shown(workflow=str(ids["score"]))
    assert f"Rehearsed {on_day(48).day} {on_day(48):%b}" in text
    assert "Waits for the batch" in text
    assert "Ana Costa" in text


def test_an_unknown_workflow_is_said_to_be_unknown():
    the_work()
    assert "There is no such workflow here" in shown(workflow="4711")


def test_a_sponsor_sees_how_many_asked_but_not_what_they_said():
    ids = the_work()
    the_person_is(Role.SPONSOR)
    test = open_page("workflows", engagement="acme", workflow=str(ids["score"]))
    text = words(test)
    assert "1 friction" in text
    assert "Waits for the batch" not in text
    assert "Ana Costa" not in text
    assert "Waiting" not in text
    offered = {*labels(test), *(link.text for link in links(test))}
    assert not {"Add a workflow", "Save the workflow", "Declare the deploy pipeline"} & offered
