"""Sign-off: one signature a metric, bound to what was on screen, by a sponsor only."""

import pytest

from models.errors import AlreadyDone, Conflict, Forbidden, Invalid, NotFound
from models.people import Actor, Role, operator
from models.summary import summarise
from services import metrics, sign_offs
from tests.builders import a_metric, an_actor, an_engagement, noon, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def shown():
    return {metric.id: metric.digest() for metric in the_state().metrics}


def two_metrics():
    an_engagement()
    return a_metric(name="Decision time", baseline="4 h", target="90 s"), a_metric(name="Wait", target="1 h")


def test_each_metric_gets_a_signature_of_its_own():
    two_metrics()
    signed = sign_offs.sign(
        an_actor("Dana", role=Role.SPONSOR, day=5), "acme", sign_offs.approving(shown()), name="Dana Ruiz"
    )
    assert signed == ["Decision time", "Wait"]
    facts = summarise(the_state()).metrics
    assert [(fact.seal, fact.signed_on) for fact in facts] == [("signed", on_day(5))] * 2


def test_where_one_definition_changed_under_the_screen_nothing_is_signed_and_the_difference_is_told():
    first, _ = two_metrics()
    on_screen = shown()
    metrics.change(the_operator(4), "acme", first, {"target": "2 min", "owner": "Risk"}, seen=None)
    with pytest.raises(Conflict) as refused:
        sign_offs.sign(
            an_actor("Dana", role=Role.SPONSOR, day=5),
            "acme",
            sign_offs.approving(on_screen),
            name="Dana Ruiz",
        )
    assert "“Decision time” changed: owner from nothing to “Risk”, target from 90 s to 2 min" in str(
        refused.value
    )
    assert the_state().sign_offs == []


def test_a_digest_that_never_was_is_refused():
    first, _ = two_metrics()
    with pytest.raises(Conflict, match="never its definition"):
        sign_offs.sign(
            an_actor("Dana", role=Role.SPONSOR, day=5),
            "acme",
            sign_offs.approving({first: "0" * 64}),
            name="Dana Ruiz",
        )


def test_signing_again_signs_only_what_is_new():
    two_metrics()
    dana = an_actor("Dana", role=Role.SPONSOR, day=5)
    sign_offs.sign(dana, "acme", sign_offs.approving(shown()), name="Dana Ruiz")
    with pytest.raises(Invalid, match="already"):
        sign_offs.sign(dana, "acme", sign_offs.approving(shown()), name="Dana Ruiz")
    a_metric(name="Errors", unit="%", baseline=9, target=2)
    assert sign_offs.sign(dana, "acme", sign_offs.approving(shown()), name="Dana Ruiz") == ["Errors"]
    assert len(the_state().sign_offs) == 3


def test_a_double_click_signs_once():
    two_metrics()
    dana = an_actor("Dana", role=Role.SPONSOR, day=5)
    click = Actor(name="Dana", at=noon(5), via="page", user_id=dana.user_id, once="one click")
    sign_offs.sign(click, "acme", sign_offs.approving(shown()), name="Dana Ruiz")
    with pytest.raises(AlreadyDone):
        sign_offs.sign(click, "acme", sign_offs.approving(shown()), name="Dana Ruiz")
    assert len(the_state().sign_offs) == 2


def test_there_is_nothing_to_agree_on_without_a_target():
    an_engagement()
    a_metric(name="Open", target=None, baseline=None)
    with pytest.raises(Invalid, match="no target yet"):
        sign_offs.sign(
            an_actor("Dana", role=Role.SPONSOR), "acme", sign_offs.approving(shown()), name="Dana Ruiz"
        )


@pytest.mark.parametrize("role", [Role.LEAD, Role.CONTRIBUTOR, Role.VIEWER])
def test_nobody_but_a_sponsor_signs(role):
    two_metrics()
    with pytest.raises(Forbidden):
        sign_offs.sign(an_actor("Someone", role=role), "acme", sign_offs.approving(shown()), name="Dana Ruiz")
    with pytest.raises(Forbidden, match="Only a person"):
        sign_offs.sign(operator(noon(5)), "acme", sign_offs.approving(shown()), name="Dana Ruiz")
    assert the_state().sign_offs == []


def test_a_sponsor_of_another_engagement_learns_nothing():
    two_metrics()
    on_screen = shown()
    an_engagement("other")
    stranger = an_actor("Sam", slug="other", role=Role.SPONSOR)
    with pytest.raises(NotFound):
        sign_offs.sign(stranger, "acme", sign_offs.approving(on_screen), name="Dana Ruiz")
    with pytest.raises(NotFound):
        sign_offs.sign(stranger, "other", sign_offs.approving(on_screen), name="Dana Ruiz")
