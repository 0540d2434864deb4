"""Adoption: trainings with attendance, and documents."""

import pytest

from models.errors import Conflict, Invalid, NotFound
from services.workflows import adoption, workflows
from tests.builders import an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

TRAINING = {"title": "Scoring desk", "held_on": on_day(64), "invited": 38, "attended": 31}
DOCUMENT = {"title": "Scoring guide", "link": "https://wiki.example.org/score", "published_on": on_day(64)}


def a_training(**given: object) -> int:
    return adoption.record_training(the_operator(70), "acme", TRAINING | given)


def a_document(**given: object) -> int:
    return adoption.publish_document(the_operator(70), "acme", DOCUMENT | given)


def test_a_training_belongs_to_a_workflow():
    an_engagement()
    workflow = workflows.add_workflow(the_operator(60), "acme", {"name": "Score"})
    a_training(workflow_id=workflow)
    (training,) = the_state().trainings
    assert (training.invited, training.attended, training.workflow.name) == (38, 31, "Score")


def test_not_more_can_attend_than_were_invited():
    an_engagement()
    a_training(attended=38)
    with pytest.raises(Invalid, match="39 can't have attended when 38 were invited"):
        a_training(title="Second round", attended=39)
    training = the_state().trainings[0]
    with pytest.raises(Invalid, match="38 can't have attended when 30 were invited"):
        adoption.change_training(the_operator(70), "acme", training.id, {"invited": 30})
    assert the_state().trainings[0].invited == 38


@pytest.mark.parametrize(
    "wrong",
    [
        {"invited": 0, "attended": 0},
        {"attended": -1},
        {"attended": float("nan")},
        {"invited": 1e999},
        {"attended": 1.5},
        {"held_on": on_day(71)},
        {"held_on": None},
        {"title": " "},
    ],
)
def test_a_training_that_cannot_have_been_is_refused(wrong):
    an_engagement()
    with pytest.raises(Invalid, match="Nothing was saved"):
        a_training(**wrong)
    assert the_state().trainings == []


def test_the_same_training_is_recorded_once():
    an_engagement()
    a_training()
    with pytest.raises(Invalid, match="already"):
        a_training(invited=12, attended=12)
    a_training(held_on=on_day(65))
    assert len(the_state().trainings) == 2


def test_two_people_changing_a_training():
    an_engagement()
    training = a_training()
    seen = the_state().trainings[0].version
    adoption.change_training(the_operator(70), "acme", training, {"attended": 30}, seen)
    with pytest.raises(Conflict, match="changed attended from “31” to “30”"):
        adoption.change_training(the_operator(70), "acme", training, {"attended": 29}, seen)


def test_a_document_is_a_web_address_with_a_date():
    an_engagement()
    document = a_document()
    for wrong in [{"link": "file:///etc/passwd"}, {"published_on": on_day(71)}, {"title": ""}]:
        with pytest.raises(Invalid, match="Nothing was saved"):
            adoption.change_document(the_operator(70), "acme", document, wrong)
    assert the_state().documents[0].link == DOCUMENT["link"]


def test_a_document_of_another_engagements_workflow_is_refused():
    an_engagement()
    an_engagement("rival")
    theirs = workflows.add_workflow(the_operator(60), "rival", {"name": "Theirs"})
    with pytest.raises(NotFound, match="no such workflow"):
        a_document(workflow_id=theirs)


def test_trainings_and_documents_can_be_removed():
    an_engagement()
    adoption.remove_training(the_operator(70), "acme", a_training())
    adoption.remove_document(the_operator(70), "acme", a_document())
    assert (the_state().trainings, the_state().documents) == ([], [])
