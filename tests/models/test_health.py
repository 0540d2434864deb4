"""Health: five checks, each with its reason, and the worst of those that are due."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.health import Check, health, last_release_on
from models.status import WORST_FIRST, Status
from models.summary import DecisionFacts
from tests.builders import a_flow, a_measure, a_milestone, a_summary, on_day


def check(name: str, day: int, **known: object) -> Check:
    return next(result for result in health(a_summary(**known), on_day(day)).checks if result.name == name)


def signed(name: str = "Cycle time", **given: object):
    """A metric that is signed, fresh on day 70, and on its way."""
    fields = {"seal": "signed", "signed_on": on_day(28), "last_on": on_day(70), "current": 1.2}
    return a_measure(name, **(fields | given))


def late(due: int, number: int = 1):
    return a_milestone("users_interviewed", id=number, name=f"Milestone {number}", due=due)


@given(st.integers(-30, 400), st.booleans())
def test_an_engagement_of_which_nothing_is_known_is_never_on_track(day, has_plan):
    plan = [a_milestone("users_interviewed", needed=10)] if has_plan else []
    result = health(a_summary(milestones=plan), on_day(day))
    assert result.status is not Status.ON_TRACK
    assert Status.ON_TRACK not in [check.status for check in result.checks]


@given(st.integers(1, 120), st.sampled_from(["interviews", "workflows", "metrics"]))
def test_health_is_never_better_than_a_check_that_is_due(day, kind):
    known = {
        "interviews": {"milestones": [late(30)], "end_users_on": [on_day(5)]},
        "workflows": {"workflows": [a_flow(live=40, trained_on=on_day(42))]},
        "metrics": {"metrics": [signed()]},
    }[kind]
    result = health(a_summary(**known), on_day(day))
    due = [check.status for check in result.checks if check.due]
    assert all(WORST_FIRST.index(result.status) <= WORST_FIRST.index(status) for status in due)
    assert result.status in due


def test_every_check_has_a_reason_in_one_sentence_and_a_page():
    for result in health(a_summary(milestones=[late(30)]), on_day(40)).checks:
        assert result.reason
        assert "\n" not in result.reason
        assert result.page in ("plan", "metrics", "workflows", "adoption", "decisions")


def test_a_week_late_is_a_risk_and_a_day_more_is_off_track():
    plan = {"milestones": [late(30)]}
    assert check("Plan", 30, **plan).status is not Status.OFF_TRACK
    assert check("Plan", 37, **plan).status is Status.AT_RISK
    assert check("Plan", 38, **plan).status is Status.OFF_TRACK


def test_three_late_milestones_at_once_are_off_track():
    plan = [late(30, 1), late(30, 2), late(30, 3)]
    assert check("Plan", 31, milestones=plan[:2]).status is Status.AT_RISK
    result = check("Plan", 31, milestones=plan)
    assert (result.status, result.reason) == (
        Status.OFF_TRACK,
        "3 of 3 milestones late: Milestone 1, Milestone 2 and 1 more",
    )


def test_a_plan_with_evidence_and_nothing_late_is_on_track():
    result = check("Plan", 6, milestones=[late(30)], end_users_on=[on_day(5)])
    assert (result.status, result.reason) == (Status.ON_TRACK, "1 of 1 milestone done, none late")


def test_a_plan_without_any_evidence_is_not_known():
    result = check("Plan", 4, milestones=[a_milestone("users_interviewed", needed=10)])
    assert (result.status, result.reason) == (
        Status.NOT_KNOWN,
        "No milestone has evidence yet; Milestone is due 3 Nov",
    )


def test_a_check_that_is_not_due_yet_does_not_hold_the_health_back():
    result = health(a_summary(milestones=[late(30)], end_users_on=[on_day(5)]), on_day(6))
    assert result.status is Status.ON_TRACK
    assert [check.name for check in result.checks if check.due] == ["Plan"]


def test_a_due_check_that_is_not_known_keeps_the_health_from_being_on_track():
    known = {"milestones": [late(30)], "end_users_on": [on_day(5)]}
    assert health(a_summary(**known), on_day(30)).status is Status.ON_TRACK
    result = health(a_summary(**known), on_day(31))
    assert result.status is Status.NOT_KNOWN
    assert result.reason == "Evidence: No metric is defined, so nothing can be measured"


def test_an_unsigned_or_stale_metric_is_not_on_track_however_good_its_value():
    good = signed()
    assert check("Outcomes", 70, metrics=[good]).status is Status.ON_TRACK
    for worse in [
        replace(good, seal="unsigned"),
        replace(good, seal="broken"),
        replace(good, last_on=on_day(60)),
    ]:
        assert check("Outcomes", 70, metrics=[worse]).status is Status.NOT_KNOWN


def test_evidence_is_as_fresh_as_its_cadence_asks():
    fresh, stale = signed("Cycle time"), signed("Throughput", last_on=on_day(62))
    assert check("Evidence", 70, metrics=[fresh]).status is Status.ON_TRACK
    result = check("Evidence", 70, metrics=[fresh, fresh, stale])
    assert (result.status, result.reason) == (
        Status.AT_RISK,
        "1 of 3 metrics out of date: Throughput was last measured 5 Dec",
    )
    assert check("Evidence", 70, metrics=[fresh, stale, stale]).status is Status.OFF_TRACK
    never = check("Evidence", 70, metrics=[fresh, a_measure("Errors")])
    assert (never.status, never.reason) == (Status.AT_RISK, "1 metric never measured")


def test_adoption_asks_for_training_on_every_live_workflow():
    score, pay_out = a_flow("Score", live=62, trained_on=on_day(64)), a_flow("Pay out", live=66)
    assert check("Adoption", 70, workflows=[score]).status is Status.ON_TRACK
    result = check("Adoption", 70, workflows=[score, pay_out])
    assert (result.status, result.reason) == (Status.AT_RISK, "Nobody was trained on “Pay out”")
    assert check("Adoption", 70, workflows=[pay_out]).status is Status.OFF_TRACK
    assert not check("Adoption", 60).due
    assert check("Adoption", 61).due


def test_more_than_21_days_without_a_release_to_users_are_a_risk():
    flows = [a_flow(live=40, trained_on=on_day(45))]
    known = {"workflows": flows, "trainings_on": [on_day(45)]}
    assert check("Adoption", 66, **known).status is Status.ON_TRACK
    result = check("Adoption", 67, **known)
    assert (result.status, result.reason) == (Status.AT_RISK, "22 days since the last release to users")


def test_the_last_release_is_the_newest_workflow_or_training():
    summary = a_summary(workflows=[a_flow(live=40)], trainings_on=[on_day(45), on_day(80)])
    assert last_release_on(summary, on_day(50)) == on_day(45)
    assert last_release_on(summary, on_day(42)) == on_day(40)
    assert last_release_on(summary, on_day(39)) is None


def test_the_sponsor_signs_every_metric_and_decides_in_time():
    metrics = [signed("Cycle time"), signed("Throughput")]
    needed = [DecisionFacts(1, "Fund it", "Dana Ruiz", on_day(70), None, False)]
    assert check("Sponsor", 70, metrics=metrics, decisions=needed).status is Status.ON_TRACK
    result = check("Sponsor", 71, metrics=metrics, decisions=needed)
    assert (result.status, result.reason) == (Status.AT_RISK, "1 decision overdue: “Fund it”")
    broken = [metrics[0], replace(metrics[1], seal="broken", signed_on=None)]
    assert check("Sponsor", 70, metrics=broken).reason == "“Throughput” changed after signing"
    some = [metrics[0], replace(metrics[1], seal="unsigned", signed_on=None)]
    result = check("Sponsor", 70, metrics=some, sponsor="Mei Tan")
    assert (result.status, result.reason) == (Status.AT_RISK, "1 of 2 metrics signed by a sponsor")
