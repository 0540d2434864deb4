"""The page of trainings and documents: attendance, documents a live workflow, and the gaps."""

import pytest

from models.people import Role
from tests.builders import the_state
from tests.pages.markup import Link, links, tables
from tests.pages.pages import open_page, words
from tests.pages.test_overview import my_engagement
from tests.pages.work import the_person_is, the_work, trained_and_documented

pytestmark = pytest.mark.usefixtures("sqlite_database")


def test_without_anything_live_there_is_nothing_to_be_ready_for():
    my_engagement()
    text = words(open_page("adoption", engagement="acme"))
    assert "No workflow is live yet" in text
    assert "No training is recorded" in text
    assert "No document is listed" in text


def test_attendance_is_said_in_people_and_gaps_by_workflow():
    trained_and_documented(the_work()["score"])
    test = open_page("adoption", engagement="acme")
    live, trainings, documents = tables(test)
    assert live["Training"][0].startswith("31 of 38 on")
    assert live["Document"][0] == "Desk guide"
    assert "None" in live["Training"][1]
    assert trainings["Attended"] == ["31 of 38"]
    assert documents["Document"] == ["Desk guide"]
    assert links(test).count(Link("https://wiki.example.org/desk", "Desk guide")) == 2
    text = words(test).replace("\\", "")
    assert "- Pay out: nobody was trained on it" in text
    assert "- Pay out: nothing is written that people could work from" in text
    assert "1 training attended; 1 of 2 live workflows documented" in text


def test_a_training_is_opened_by_its_title_and_named_in_the_address():
    trained_and_documented(the_work()["score"])
    test = open_page("adoption", engagement="acme")
    chooser = next(box for box in test.selectbox if box.label == "Open a training")
    chooser.set_value(the_state().trainings[0].id).run()
    assert not test.exception
    assert "training" in test.query_params
    assert "Save the training" in [button.label for button in test.button]


def test_a_viewer_reads_and_records_nothing():
    trained_and_documented(the_work()["score"])
    the_person_is(Role.VIEWER)
    test = open_page("adoption", engagement="acme")
    assert "Record a training" not in [button.label for button in test.button]
    assert tables(test)[1]["Attended"] == ["31 of 38"]
