"""What may be done about a metric: links on its page, each of which opens a dialog."""

import pytest

from models.people import Role
from tests.builders import a_metric, an_engagement
from tests.pages.pages import open_page, press, words
from tests.pages.test_metrics import TODAY, me, the_case_study, the_state

pytestmark = pytest.mark.usefixtures("sqlite_database")

ACTS = {
    "Change the definition",
    "Take the baseline from measurements",
    "Retire the metric",
    "Correct a measurement",
}


def the_page(**query: str):
    return open_page("metrics", engagement="acme", metric="peak-throughput", **query)


def offered(test) -> set[str]:
    text = words(test)
    return {act for act in ACTS if act in text}


def test_a_lead_is_offered_every_act():
    the_case_study()
    assert offered(the_page()) == ACTS


def test_a_sponsor_is_offered_none_nor_by_an_address_that_somebody_else_copied():
    the_case_study(Role.SPONSOR)
    assert offered(the_page()) == set()
    assert "Peak throughput leaves" not in words(the_page(do="retire"))


def test_a_metric_is_retired_and_comes_back_once_it_was_confirmed():
    the_case_study()
    retiring = the_page(do="retire")
    assert "Peak throughput leaves health, review and forecasts" in words(retiring)
    assert [metric.active for metric in the_state().metrics if metric.slug == "peak-throughput"] == [True]
    press(retiring, "Retire the metric")
    assert [metric.active for metric in the_state().metrics if metric.slug == "peak-throughput"] == [False]
    assert offered(the_page()) == {"Change the definition"}
    press(the_page(do="reactivate"), "Reactivate the metric")
    assert [metric.active for metric in the_state().metrics if metric.slug == "peak-throughput"] == [True]


def test_an_act_is_asked_for_once_and_no_link_of_the_page_asks_for_it_again():
    the_case_study()
    test = the_page(do="change")
    assert "do" not in test.query_params
    assert not [
        element
        for element in test.get("html")
        if "do=change" in element.proto.body.replace("do=change", "", 1)
    ]


def test_what_was_never_measured_offers_no_baseline_and_no_correction():
    an_engagement(day_1=TODAY)
    a_metric()
    me(Role.LEAD)
    test = open_page("metrics", engagement="acme", metric="loan-decision-time")
    assert offered(test) == {"Change the definition", "Retire the metric"}
    # An act that isn't offered opens nothing.
    assert "Which one" not in words(
        open_page("metrics", engagement="acme", metric="loan-decision-time", do="correct")
    )
