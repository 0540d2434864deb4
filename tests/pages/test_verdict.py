"""A metric's page: the sentence first, the question at a go-live, and the old rules beside the new."""

from datetime import timedelta

import pytest

from models.people import Role
from models.wording import day_month
from services.measurements.batches import Rows, record
from services.workflows import workflows
from tests.builders import a_metric, an_engagement, judged_by_version_1
from tests.pages.pages import follow, open_page, press, words
from tests.pages.test_metrics import TODAY, me, now, table_of, the_state

pytestmark = pytest.mark.usefixtures("sqlite_database")

CALM, BETTER = [10, 12, 11, 9, 10, 11, 12, 10], [4, 5, 4]
LIVE = TODAY - timedelta(days=20)


def a_metric_that_got_better_at_go_live() -> int:
    """Eight calm weeks, then three points since the workflow that moves it went live, the newest today."""
    an_engagement(day_1=TODAY - timedelta(days=79))
    metric_id = a_metric(baseline="10 h", target="3 h", target_day=90)
    flow = {"name": "Score", "state": "live", "live_on": LIVE, "fallback": "On paper", "metric_id": metric_id}
    workflows.add_workflow(now(), "acme", flow)
    days = [LIVE - timedelta(weeks=8 - i) for i in range(8)] + [
        LIVE + timedelta(days=10 * i) for i in range(3)
    ]
    record(now(), "acme", Rows([metric_id] * len(days), days, CALM + BETTER), "a.csv")
    me(Role.LEAD)
    return metric_id


def the_page(**query: str):
    return open_page("metrics", engagement="acme", metric="loan-decision-time", **query)


def test_the_page_says_first_whether_it_changed_then_baseline_current_and_target_then_the_chart():
    a_metric_that_got_better_at_go_live()
    page_text = words(the_page())
    sentence = f"Better since go-live on {day_month(LIVE)}: confirmed by 3 points (odds "
    places = [
        page_text.index(text)
        for text in (sentence, "of 100 unchanged metrics".capitalize(), "Baseline", "Did it change?")
    ]
    assert places == sorted(places)
    assert "Confirmed better" in page_text
    assert "latest 4 h" in page_text


def test_the_list_says_the_same_sentence():
    a_metric_that_got_better_at_go_live()
    text = words(open_page("metrics", engagement="acme"))
    assert f"Better since go-live on {day_month(LIVE)}: confirmed by 3 points" in text
    assert "up to 3 are called confirmed" in text


def test_a_go_live_is_named_as_the_cause():
    a_metric_that_got_better_at_go_live()
    test = the_page()
    when = f"{day_month(LIVE)} {LIVE.year}"
    assert f"Did this change on {when}, when Score went live?" in words(test)
    test = press(follow(test, f"Yes, it changed on {when}"), "Begin the phase")
    (phase,) = the_state().metrics[0].phases
    assert (phase.began_on, phase.cause) == (LIVE, "Score live")
    assert "Did this change on" not in words(test)


def test_a_metric_under_the_old_rules_is_judged_by_odds_when_a_lead_says_so():
    judged_by_version_1(a_metric_that_got_better_at_go_live())
    assert "A signal for the better" in words(the_page())
    assert "Judge by odds" in words(the_page())
    press(the_page(do="odds"), "Judge by odds")
    assert "Better since go-live on" in words(the_page())
    assert "Judge by odds" not in words(the_page())


def test_the_definition_says_from_which_day_a_change_can_be_confirmed():
    a_metric_that_got_better_at_go_live()
    assert "from day 74 on, as a workflow went live on day 60" in words(the_page())
    an_engagement("later", day_1=TODAY)
    a_metric("later")
    me(Role.LEAD, "later")
    test = open_page("metrics", engagement="later", metric="loan-decision-time")
    assert "A change can be confirmed" in words(test)
    assert "Change the definition" in words(test)
    test = open_page("metrics", engagement="later", metric="loan-decision-time", do="change")
    assert "Measured weekly, a change at go-live on day " in words(test)


def test_the_badge_and_the_sentence_never_say_the_same_twice():
    an_engagement(day_1=TODAY - timedelta(days=20))
    metric_id = a_metric(baseline="10 h", target="3 h", target_day=90)
    days = [TODAY - timedelta(days=3), TODAY]
    record(now(), "acme", Rows([metric_id] * 2, days, [10, 9]), "a.csv")
    me(Role.LEAD)
    for text in (words(the_page()), words(open_page("metrics", engagement="acme"))):
        assert "Too early" in text
        assert "Too early to tell" not in text
        assert "2 points, and no date since which a change is asked for." in text


def test_the_list_gives_one_size_of_a_change_that_of_its_sentence_and_no_column_that_is_empty():
    a_metric_that_got_better_at_go_live()
    a_metric(name="Never measured", target="3 h", baseline="10 h")
    test = open_page("metrics", engagement="acme")
    assert "10.6 h before, 4.31 h since, 2.5x better (" in words(test)
    assert {row[0]: row[5] for row in table_of(test)} == {
        "Loan decision time": "2.5x better",
        "Never measured": "–",
    }
