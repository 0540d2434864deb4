"""Metrics: what a lead can define, what is refused, and what a change does to a signature."""

import pytest

from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.people import Role
from models.units import format_factor, unit
from reports.metrics.definitions import judged_by_text, judged_scale
from services.metrics import definitions
from services.sign_off import signing
from tests.builders import a_metric, an_actor, an_engagement, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def the_metric(position=0):
    return the_state().metrics[position]


@pytest.mark.parametrize(
    ("measured_in", "baseline", "target", "direction", "times"),
    [
        ("h", "4 h", "90 s", "lower", "160x"),
        ("weeks", "3 months", "2 weeks", "lower", "6.4x"),
        ("applications / min", "120", "8,500 / min", "higher", "71x"),
    ],
)
def test_the_case_studys_numbers_read_as_people_say_them(measured_in, baseline, target, direction, times):
    an_engagement()
    a_metric(unit=measured_in, baseline=baseline, target=target, direction=direction)
    metric = the_metric()
    factor = unit(metric.unit).times_better(metric.baseline, metric.target, metric.direction)
    assert format_factor(factor) == times


def test_a_target_has_the_decimal_mark_of_its_baseline():
    an_engagement()
    a_metric(unit="h", baseline="3,5", target="1,250", direction="lower")
    assert (the_metric().baseline, the_metric().target) == (3.5, 1.25)


def test_the_logit_scale_is_for_percentages():
    an_engagement()
    share = {"unit": "%", "direction": "higher", "baseline": "50 %", "target": "70 %"}
    a_metric(name="Decided at once", scale="logit", **share)
    assert judged_scale(the_metric()) == "logit"
    assert judged_by_text(the_metric()).startswith("odds of a change of the log odds")
    with pytest.raises(Invalid, match="for percentages of a whole"):
        a_metric(name="Decision time", scale="logit")
    with pytest.raises(Invalid, match="for percentages of a whole"):
        definitions.change(
            the_operator(2), "acme", the_metric().id, {"unit": "h", "baseline": 4, "target": 9}, seen=None
        )


def test_the_short_name_is_made_of_the_name_and_stays():
    an_engagement()
    metric_id = a_metric(name="Loan decision time")
    definitions.change(the_operator(2), "acme", metric_id, {"name": "Time to a decision"}, seen=None)
    assert (the_metric().slug, the_metric().name) == ("loan-decision-time", "Time to a decision")
    with pytest.raises(Invalid, match="never changes"):
        definitions.change(the_operator(2), "acme", metric_id, {"slug": "other"}, seen=None)


def test_a_second_metric_of_the_same_name_is_refused_and_one_of_the_same_letters_gets_its_own_short_name():
    an_engagement()
    a_metric(name="Loan decision time")
    with pytest.raises(Invalid, match="already"):
        a_metric(name="loan Decision time")
    a_metric(name="Loan-decision time")
    assert [row.slug for row in the_state().metrics] == ["loan-decision-time", "loan-decision-time-2"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"unit": "h", "baseline": "4 h", "target": "4 invoices"}, "The target can't be read"),
        (
            {"baseline": "4 h", "target": "5 h"},
            "A target of 5 h is no better than the baseline of 4 h: lower is better",
        ),
        ({"baseline": "4 h", "target": "240 min"}, "it is the same"),
        ({"direction": "higher", "baseline": 4, "target": 2}, "higher is better"),
        ({"cadence_days": 0}, "cadence in days has to be a whole number from 1 to 366"),
        ({"cadence_days": 367}, "from 1 to 366"),
        ({"target_day": 91}, "target's day has to be a whole number from 1 to 90"),
        ({"direction": "sideways"}, "There is no direction “sideways”"),
        ({"unit": " "}, "Give the unit"),
        ({"unit": "7"}, "is not a unit"),
        ({"unit": "%", "baseline": 50, "target": "120 %", "direction": "higher"}, "outside 0 to 100"),
        ({"baseline": float("nan")}, "holds no number"),
        ({"baseline": "1e999"}, "baseline can't be read"),
        ({"name": "a\x00b"}, "control character"),
        ({"slug": "No/Slash"}, "can't be a short name"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_saved(given, sentence):
    an_engagement()
    with pytest.raises(Invalid) as refused:
        a_metric(**given)
    assert sentence in str(refused.value)
    assert str(refused.value).endswith("Nothing was saved.")
    assert the_state().metrics == []


def test_only_what_is_given_changes():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s", owner="Risk", source="Decision log")
    definitions.change(the_operator(2), "acme", metric_id, {"owner": None}, seen=1)
    metric = the_metric()
    assert (metric.owner, metric.source, metric.baseline, metric.target) == (None, "Decision log", 4, 0.025)


def test_a_new_unit_takes_baseline_and_target_with_it():
    an_engagement()
    metric_id = a_metric(unit="h", baseline="4 h", target="90 s")
    definitions.change(the_operator(2), "acme", metric_id, {"unit": "min"}, seen=1)
    assert (the_metric().baseline, the_metric().target) == (240, 1.5)
    with pytest.raises(Invalid, match="give it anew"):
        definitions.change(the_operator(2), "acme", metric_id, {"unit": "invoices"}, seen=2)
    assert the_metric().unit == "min"


def test_a_change_of_a_signed_definition_breaks_the_seal_and_changing_it_back_mends_it():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s")
    sponsor = an_actor("Dana", role=Role.SPONSOR, day=5)
    signing.sign(sponsor, "acme", signing.approvals({metric_id: the_metric().digest()}), name="Dana Ruiz")
    assert the_metric().valid_sign_off.signed_by == "Dana"

    assert definitions.change(the_operator(6), "acme", metric_id, {"target": "2 min"}, seen=None) is True
    assert the_metric().valid_sign_off is None
    assert definitions.change(the_operator(7), "acme", metric_id, {"target": "90 s"}, seen=None) is False
    assert the_metric().valid_sign_off is not None


def test_the_second_of_two_edits_of_one_screen_is_told_what_the_first_changed():
    an_engagement()
    metric_id = a_metric(baseline="4 h", target="90 s")
    definitions.change(the_operator(2), "acme", metric_id, {"target": "2 min"}, seen=1)
    with pytest.raises(Conflict, match="operator changed target from “0.025” to"):
        definitions.change(the_operator(2), "acme", metric_id, {"target": "3 min"}, seen=1)


def test_a_retired_metric_counts_no_more_and_can_be_taken_up_again():
    an_engagement()
    metric_id = a_metric()
    definitions.retire(the_operator(2), "acme", metric_id)
    assert the_metric().active is False
    with pytest.raises(Invalid, match="was retired already"):
        definitions.retire(the_operator(2), "acme", metric_id)
    definitions.reactivate(the_operator(3), "acme", metric_id)
    assert the_metric().active is True


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.SPONSOR, Role.VIEWER])
def test_only_the_lead_defines(role):
    an_engagement()
    definition = {"name": "Time", "unit": "h", "direction": "lower"}
    with pytest.raises(Forbidden):
        definitions.define(an_actor("Someone", role=role), "acme", definition)
    with pytest.raises(NotFound):
        definitions.define(an_actor("Outsider", role=None), "acme", definition)
