"""Pitfalls: signals computed from evidence, beside the answers of people."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pitfalls import PITFALL_KEYS, Pitfall, pitfalls
from models.status import Status
from models.summary import CheckFacts, DecisionFacts, Summary
from tests.builders import a_flow, a_measure, a_milestone, a_summary, on_day


def pitfall(key: str, day: int, summary: Summary | None = None, **known: object) -> Pitfall:
    """One pitfall of an engagement on a day of its plan."""
    summary = summary or a_summary(**known)
    return next(result for result in pitfalls(summary, on_day(day)) if result.key == key)


def signals(key: str, day: int, **known: object) -> list[str]:
    return [signal.text for signal in pitfall(key, day, **known).signals]


def checks(key: str, *answers: tuple[int, bool]) -> list[CheckFacts]:
    return [CheckFacts(key, on_day(day), happening) for day, happening in answers]


def test_there_are_the_five_of_the_guide_in_its_order():
    assert [result.name for result in pitfalls(a_summary(), on_day(1))] == [
        "Over-engineering the first iteration",
        "Insufficient user research",
        "Skipping instrumentation",
        "Underestimating change management",
        "Treating it as a project with an end date",
    ]


@given(st.integers(-20, 400))
def test_an_engagement_of_which_nothing_is_known_is_never_on_track(day):
    summary = a_summary(milestones=[a_milestone("users_interviewed", needed=10)])
    assert Status.ON_TRACK not in [result.status for result in pitfalls(summary, on_day(day))]


@pytest.mark.parametrize("key", PITFALL_KEYS)
@given(answers=st.lists(st.tuples(st.integers(1, 90), st.booleans()), max_size=4), day=st.integers(1, 90))
def test_no_answer_changes_what_is_computed(key, answers, day):
    silent, answered = pitfall(key, day), pitfall(key, day, checks=checks(key, *answers))
    assert (answered.status, answered.signals) == (silent.status, silent.signals)


@given(st.lists(st.integers(1, 60), max_size=12), st.integers(1, 60), st.integers(1, 60))
def test_one_more_interview_never_adds_a_signal(interviewed, one_more, day):
    plan = [a_milestone("users_interviewed", needed=10)]

    def signals_after(days):
        return signals("user_research", day, milestones=plan, end_users_on=sorted(map(on_day, days)))

    assert len(signals_after([*interviewed, one_more])) <= len(signals_after(interviewed))


def test_no_signal_is_one_and_two_are_off_track():
    plan = [a_milestone("users_interviewed", needed=10)]
    four = [on_day(day) for day in (5, 9, 14, 20)]
    one = pitfall("user_research", 24, milestones=plan, end_users_on=four)
    assert (one.status, one.reason) == (Status.AT_RISK, "4 of 10 interviews on day 24")
    two = pitfall(
        "user_research", 24, milestones=plan, end_users_on=four, workflows=[a_flow(state="building")]
    )
    assert two.status is Status.OFF_TRACK
    assert [signal.page for signal in two.signals] == ["interviews", "workflows"]
    eight = pitfall("user_research", 24, milestones=plan, end_users_on=[on_day(5)] * 8)
    assert (eight.status, eight.reason) == (Status.ON_TRACK, "Nothing in the evidence points to it")


@pytest.mark.parametrize(("day", "expected"), [(9, []), (10, ["0 of 10 interviews on day 10"])])
def test_interviews_are_expected_from_day_10(day, expected):
    plan = [a_milestone("users_interviewed", needed=10)]
    assert signals("user_research", day, milestones=plan) == expected


def test_more_than_14_days_without_a_release_to_users_are_a_signal():
    flows = [a_flow(live=40)]
    assert signals("over_engineering", 54, workflows=flows) == []
    assert signals("over_engineering", 55, workflows=flows) == ["15 days since the last release to users"]
    assert signals("over_engineering", 55, workflows=flows, trainings_on=[on_day(50)]) == []


def test_users_who_never_received_anything_are_another_signal():
    assert "Nothing was released to users in 50 days" in signals("over_engineering", 51)
    assert signals("over_engineering", 44) == []


def test_three_workflows_being_built_at_once_are_too_many():
    building = [a_flow(name, state="building") for name in ("Score", "Pay out", "Collect")]
    assert signals("over_engineering", 35, workflows=building[:2]) == []
    assert signals("over_engineering", 35, workflows=building) == [
        "3 workflows are being built at once: “Score”, “Pay out” and “Collect”"
    ]


def test_nothing_live_after_day_60():
    late = "No workflow has gone live by day 61"
    building = [a_flow(state="building")]
    assert late not in signals("over_engineering", 60, workflows=building)
    assert late in signals("over_engineering", 61, workflows=building)
    retired = [a_flow(state="retired", live_on=on_day(50))]
    assert signals("over_engineering", 61, workflows=retired) == []


def test_live_without_a_metric():
    flows = [a_flow("Score", live=40), a_flow("Pay out", live=50), a_flow("Collect", live=55, measured=True)]
    metric = a_measure(last_on=on_day(54))
    assert signals("instrumentation", 55, workflows=flows, metrics=[metric]) == [
        "2 live workflows without a metric: “Score” and “Pay out”"
    ]
    assert signals("instrumentation", 45, workflows=flows, metrics=[metric])[0].startswith("1 live workflow ")


def test_a_weekly_metric_is_out_of_date_on_the_eighth_day():
    metrics = [a_measure(last_on=on_day(40), baseline_points=6)]
    assert pitfall("instrumentation", 47, metrics=metrics).status is Status.ON_TRACK
    assert signals("instrumentation", 48, metrics=metrics) == ["1 metric out of date: “Cycle time”"]


def test_cadences_that_let_nothing_be_confirmed_within_the_plan_are_a_signal():
    first_live = a_milestone("first_workflow_live", due=50)
    text = "no metric can be confirmed before day 90"

    def is_signalled(*cadences, day=20, **given):
        metrics = [a_measure(cadence_days=cadence, **given) for cadence in cadences]
        return text in signals("instrumentation", day, metrics=metrics, milestones=[first_live])

    assert is_signalled(14)
    assert is_signalled(14, 30)
    assert not is_signalled(14, 7)
    assert not is_signalled(14, baseline_points=4)
    assert is_signalled(7, day=80)
    assert not is_signalled(7, day=80, moved_on=on_day(50))
    assert not is_signalled(14, day=91)


def test_metrics_that_were_never_measured_are_not_known_to_be_well():
    result = pitfall("instrumentation", 40, metrics=[a_measure()])
    assert (result.status, result.reason) == (Status.NOT_KNOWN, "No metric has a measurement yet")


def test_an_unsigned_metric_after_day_30():
    assert signals("change_management", 30, metrics=[a_measure()]) == []
    assert signals("change_management", 31, metrics=[a_measure()]) == ["1 metric unsigned on day 31"]
    assert signals("change_management", 31) == ["No metric to agree on by day 31"]


def test_a_training_has_14_days_after_going_live():
    flow = a_flow(live=20, documented_on=on_day(20))
    signed = [a_measure(signed_on=on_day(20), seal="signed")]
    assert signals("change_management", 34, workflows=[flow], metrics=signed) == []
    assert signals("change_management", 35, workflows=[flow], metrics=signed) == [
        "“Score” is live but nobody was trained on it"
    ]
    trained = replace(flow, trained_on=on_day(35))
    assert signals("change_management", 35, workflows=[trained], metrics=signed) == []


def test_live_workflows_without_a_user_guide_are_a_signal():
    score, pay_out = (
        a_flow("Score", live=20, trained_on=on_day(20)),
        a_flow("Pay out", live=21, trained_on=on_day(21)),
    )
    signed = [a_measure(signed_on=on_day(20), seal="signed")]
    assert signals("change_management", 22, workflows=[score], metrics=signed) == [
        "“Score” is live but has no user guide"
    ]
    assert signals("change_management", 22, workflows=[score, pay_out], metrics=signed) == [
        "“Score” and “Pay out” are live but have no user guide"
    ]
    documented = replace(score, documented_on=on_day(22))
    assert signals("change_management", 22, workflows=[documented], metrics=signed) == []


def test_a_label_says_how_clearly_the_evidence_points_to_a_pitfall():
    building = [a_flow(name, state="building", asked_for=True) for name in ("Score", "Pay out", "Collect")]
    assert pitfall("over_engineering", 1).label == "No evidence yet"
    assert pitfall("over_engineering", 30, workflows=building[:1]).label == "No sign of"
    assert pitfall("over_engineering", 30, workflows=building).label == "Signs of"
    assert pitfall("over_engineering", 61, workflows=building).label == "Clear signs of"


def test_the_next_cycle_is_planned_by_day_75():
    decided = [DecisionFacts(1, "Go on", "Dana Ruiz", None, on_day(70), True)]
    assert signals("end_date", 75, decisions=decided) == []
    assert signals("end_date", 76, decisions=decided) == ["No next cycle planned on day 76"]
    assert signals("end_date", 76, decisions=decided, next_cycle_on=on_day(91)) == []


def test_the_roadmap_is_adjusted_once_in_30_days_from_day_61():
    decided = [DecisionFacts(1, "Go on", "Dana Ruiz", None, on_day(35), True)]
    assert signals("end_date", 60) == []
    assert signals("end_date", 61) == ["The roadmap was never adjusted by day 61"]
    assert signals("end_date", 65, decisions=decided) == []
    assert signals("end_date", 66, decisions=decided) == ["31 days since the roadmap was last adjusted"]


@pytest.mark.parametrize(("day", "due"), [(0, False), (1, True), (20, False), (26, False), (27, True)])
def test_a_check_is_due_every_seven_days(day, due):
    answered = checks("end_date", (20, False)) if day >= 20 else []
    assert pitfall("end_date", day, checks=answered).answer_is_due == due


def test_a_closed_cycle_asks_nothing():
    assert not pitfall("end_date", 95, closed_on=on_day(92)).answer_is_due


def test_the_last_of_a_days_answers_counts():
    result = pitfall("end_date", 30, checks=checks("end_date", (20, False), (20, True), (15, False)))
    assert result.answer.happening


def test_an_answer_given_later_is_not_known_before():
    assert pitfall("end_date", 19, checks=checks("end_date", (20, True))).answer is None


def test_where_answer_and_evidence_disagree_both_are_said():
    building = [a_flow(name, state="building", asked_for=True) for name in ("Score", "Pay out", "Collect")]
    no = checks("over_engineering", (35, False))
    yes = checks("over_engineering", (35, True))
    assert pitfall("over_engineering", 36, checks=no, workflows=building).disagreement == (
        "The answer of 8 Nov is no, but the evidence shows 1 signal. Look at both before you trust either."
    )
    assert pitfall("over_engineering", 36, checks=yes, workflows=building).disagreement is None
    assert pitfall("over_engineering", 36, checks=no).disagreement is None
    assert pitfall("over_engineering", 36, checks=yes).disagreement.startswith(
        "The answer of 8 Nov is yes, but nothing in the evidence points to it"
    )
