"""Metrics that were signed under version 1 of the rules, which compared by Welch's test, beside those under version 2."""

import pytest
from sqlalchemy import select

from analysis import sentence
from models.database import engine
from models.errors import Invalid
from models.people import Role
from models.sign_off import SignOffItem
from reports.metrics.outcomes import definition_rows
from reports.metrics.verdicts import metric_verdicts
from services.measurements.batches import Rows, record
from services.metrics import definitions
from services.sign_off import requests, signing
from tests.builders import (
    a_metric,
    an_actor,
    an_engagement,
    judged_by_version_1,
    on_day,
    the_operator,
    the_state,
)

pytestmark = pytest.mark.usefixtures("database")

CALM, BETTER = [10, 12, 11, 9, 10, 11, 12, 10], [4, 5, 4]


def the_metric():
    return the_state().metrics[0]


def a_metric_of_version_1(**given):
    """A metric as a program defined it that knew version 1 alone, measured every other day."""
    an_engagement()
    metric_id = a_metric(baseline="10 h", target="5 h", baseline_until=on_day(16), cadence_days=7, **given)
    judged_by_version_1(metric_id)
    at = [on_day(1 + 2 * i) for i in range(len(CALM + BETTER))]
    record(the_operator(30), "acme", Rows([metric_id] * len(at), at, CALM + BETTER), "a.csv")
    return metric_id


def sign(metric_id):
    dana = an_actor("Dana", role=Role.SPONSOR)
    signing.sign(dana, "acme", signing.approvals({metric_id: the_metric().digest()}), name="Dana Ruiz")
    return dana.user_id


def the_analysis():
    return metric_verdicts(the_operator(), the_state())[1]


def test_what_was_signed_keeps_its_rules_its_verdict_and_its_seal():
    sign(a_metric_of_version_1())
    assert (the_metric().seal, the_analysis().version) == ("signed", 1)
    assert "rules_version" not in the_metric().values()
    assert the_analysis().verdict == "leaning better"
    assert sentence.describe(the_analysis()).startswith("A signal for the better since")
    assert ("Judged by", "Wheeler rules, version 1") in definition_rows(the_metric(), the_state())


def test_a_change_that_is_taken_back_mends_what_was_signed():
    metric_id = a_metric_of_version_1()
    sign(metric_id)
    definitions.change(the_operator(2), "acme", metric_id, {"target": "4 h"}, seen=None)
    assert the_metric().seal == "broken"
    definitions.change(the_operator(2), "acme", metric_id, {"target": "5 h"}, seen=None)
    assert (the_metric().seal, the_metric().rules_version) == ("signed", 1)


def test_a_lead_moves_a_signed_metric_to_the_newest_rules_and_the_sponsor_signs_again():
    metric_id = a_metric_of_version_1()
    sign(metric_id)
    assert definitions.judge_by_newest_rules(the_operator(2), "acme", metric_id, seen=None) is True
    assert (the_metric().seal, the_analysis().version) == ("broken", 2)
    assert the_analysis().verdict == "confirmed better"
    sign(metric_id)
    assert the_metric().seal == "signed"
    assert (
        "Judged by", "Odds of a change of the logarithms; signals by the Wheeler rules; version 2"
    ) in definition_rows(the_metric(), the_state())  # fmt: skip
    with pytest.raises(Invalid, match="newest rules already. Nothing was saved"):
        definitions.judge_by_newest_rules(the_operator(2), "acme", metric_id, seen=None)


def test_who_asks_for_a_first_signature_asks_for_one_of_the_newest_rules():
    metric_id = a_metric_of_version_1()
    dana = an_actor("Dana", role=Role.SPONSOR)
    requests.ask(an_actor("Mei", role=Role.LEAD), "acme", [metric_id], of=dana.user_id)
    assert the_metric().rules_version == 2
    with engine().connect() as connection:
        assert connection.execute(select(SignOffItem.digest)).scalars().all() == [the_metric().digest()]


def test_what_nobody_signed_is_judged_by_the_newest_rules_once_it_changes():
    metric_id = a_metric_of_version_1()
    definitions.change(the_operator(2), "acme", metric_id, {}, seen=None)
    assert the_metric().rules_version == 1
    definitions.change(the_operator(2), "acme", metric_id, {"target": "4 h"}, seen=None)
    assert the_metric().rules_version == 2
