"""Decisions: needed from somebody by a date, then made, dated, on evidence."""

import pytest

from models.errors import Forbidden, Invalid
from models.metrics import Metric
from models.people import Role
from models.permissions import Action
from models.summary import summarise
from services.core.transaction import open_engagement, transaction
from services.plan import decisions
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

MADE = {"decided_on": on_day(70), "outcome": "Two more weeks", "rests_on": "18 interviews in week 9"}


def a_need(**given: object) -> int:
    fields = {"title": "Fund the parallel run", "owner": "Dana Ruiz", "needed_by": on_day(72)} | given
    return decisions.need_decision(the_operator(60), "acme", **fields)


def the_decision():
    (decision,) = the_state().decisions
    return decision


def a_metric() -> int:
    with transaction(the_operator(30), "set up a test") as session:
        engagement = open_engagement(session, "acme", Action.DEFINE_METRICS)
        metric = Metric(
            engagement_id=engagement.id,
            slug="cycle",
            name="Cycle time",
            unit="h",
            direction="lower",
            cadence_days=7,
        )
        session.add(metric)
        session.flush()
        return metric.id


def test_a_decision_is_needed_until_it_is_made():
    an_engagement()
    decision = a_need()
    assert the_decision().is_open
    decisions.decide(the_operator(71), "acme", decision, **MADE, metric_id=a_metric())
    made = the_decision()
    assert (made.decided_on, made.outcome, made.metric.name) == (on_day(70), "Two more weeks", "Cycle time")
    assert summarise(the_state()).decisions[0].names_metric


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": " "},
        {"rests_on": ""},
        {"decided_on": None},
        {"decided_on": on_day(72)},
        {"decided_on": on_day(0)},
    ],
)
def test_a_decision_that_says_too_little_stays_open(wrong):
    an_engagement()
    decision = a_need()
    with pytest.raises(Invalid, match="Nothing was saved"):
        decisions.decide(the_operator(71), "acme", decision, **(MADE | wrong))
    assert the_decision().is_open


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"owner": ""}, {"needed_by": None}, {"needed_by": on_day(0)}]
)
def test_a_need_names_what_who_and_by_when(wrong):
    an_engagement()
    with pytest.raises(Invalid, match="Nothing was saved"):
        a_need(**wrong)
    assert the_state().decisions == []


def test_what_was_decided_is_not_decided_again_and_not_dropped():
    an_engagement()
    decision = a_need()
    decisions.decide(the_operator(71), "acme", decision, **MADE)
    with pytest.raises(Invalid, match="This was decided on 13 Dec already"):
        decisions.decide(the_operator(72), "acme", decision, **(MADE | {"outcome": "No"}))
    with pytest.raises(Invalid, match="stays on record"):
        decisions.drop_decision(the_operator(72), "acme", decision)
    assert the_decision().outcome == "Two more weeks"


def test_a_need_that_passed_is_dropped():
    an_engagement()
    decisions.drop_decision(the_operator(61), "acme", a_need())
    assert the_state().decisions == []


def test_a_decision_nobody_asked_for_is_recorded_whole():
    an_engagement()
    decisions.record_decision(
        the_operator(71), "acme", {"title": "Stop the pilot", "owner": "Dana Ruiz", **MADE}
    )
    assert the_decision().needed_by is None
    with pytest.raises(Invalid, match="by which the decision is needed"):
        decisions.record_decision(the_operator(71), "acme", {"title": "Something", "owner": "Dana Ruiz"})


def test_a_change_leaves_a_decision_whole():
    an_engagement()
    decision = a_need()
    decisions.change_decision(
        the_operator(61), "acme", decision, {"needed_by": on_day(80), "owner": "Steering"}
    )
    assert (the_decision().needed_by, the_decision().owner) == (on_day(80), "Steering")
    with pytest.raises(Invalid, match="by which the decision is needed"):
        decisions.change_decision(the_operator(61), "acme", decision, {"needed_by": None})
    with pytest.raises(Invalid, match="the date of the decision"):
        decisions.change_decision(the_operator(61), "acme", decision, {"outcome": "Yes"})


def test_a_sponsor_decides_and_a_viewer_does_not():
    an_engagement()
    decision = a_need()
    with pytest.raises(Forbidden, match="can't record decisions"):
        decisions.decide(an_actor("Vera", role=Role.VIEWER, day=71), "acme", decision, **MADE)
    decisions.decide(an_actor("Dana Ruiz", role=Role.SPONSOR, day=71), "acme", decision, **MADE)
    assert not the_decision().is_open
