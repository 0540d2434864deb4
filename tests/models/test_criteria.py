"""Criteria: what must hold for each milestone, what is said of it, and since when it holds."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.criteria import CRITERIA, evaluate
from models.pipelines import GREEN_WITHIN_DAYS
from models.summary import DecisionFacts, InventoryFacts, ReviewFacts
from tests.builders import DAY_1, a_flow, a_measure, a_milestone, a_pipeline_of, a_summary, on_day

some_days = st.lists(st.integers(1, 120), max_size=15)
a_day = st.integers(1, 120)


def dates(days: list[int]) -> list[date]:
    return sorted(map(on_day, days))


def decided(day: int, *, names_metric: bool = True) -> DecisionFacts:
    return DecisionFacts(1, "Fund it", "Dana Ruiz", None, on_day(day), names_metric)


@pytest.mark.parametrize("criterion", CRITERIA)
@given(day=st.integers(-30, 400))
def test_where_nothing_is_recorded_no_milestone_is_met(criterion, day):
    finding = evaluate(a_summary(), a_milestone(criterion), on_day(day))
    assert (finding.met, finding.have) == (False, 0)
    assert finding.needed >= 1


@given(before=some_days, one_more=a_day, on=a_day, needed=st.integers(1, 12))
def test_one_more_interview_never_makes_a_finding_smaller(before, one_more, on, needed):
    milestone = a_milestone("users_interviewed", needed=needed)
    less = evaluate(a_summary(end_users_on=dates(before)), milestone, on_day(on))
    more = evaluate(a_summary(end_users_on=dates([*before, one_more])), milestone, on_day(on))
    assert more.have >= less.have
    assert more.met >= less.met
    if less.met:
        assert more.met_on <= less.met_on


@given(runs=st.lists(some_days, min_size=3, max_size=3), which=st.integers(0, 2), one_more=a_day, on=a_day)
def test_one_more_green_run_never_makes_a_finding_smaller(runs, which, one_more, on):
    def foundation(runs):
        return a_summary(
            pipelines=[
                a_pipeline_of(kind, *days)
                for kind, days in zip(["build", "test", "deploy"], runs, strict=True)
            ]
        )

    milestone = a_milestone("foundation_live")
    less = evaluate(foundation(runs), milestone, on_day(on))
    runs[which] = [*runs[which], one_more]
    more = evaluate(foundation(runs), milestone, on_day(on))
    assert more.have >= less.have
    assert more.met >= less.met
    if less.met:
        assert more.met_on <= less.met_on


@given(rehearsed=some_days, one_more=a_day, live=st.none() | a_day, on=a_day)
def test_one_more_rehearsal_never_makes_a_finding_smaller(rehearsed, one_more, live, on):
    milestone = a_milestone("first_workflow_live")

    def found(days):
        flow = a_flow(
            live=live, state="live" if live else "building", has_fallback=True, rehearsed_on=dates(days)
        )
        return evaluate(a_summary(workflows=[flow]), milestone, on_day(on))

    assert found([*rehearsed, one_more]).have >= found(rehearsed).have


@given(st.sampled_from(sorted(CRITERIA)), some_days, some_days, a_day)
def test_a_milestone_was_met_on_a_day_that_has_been(criterion, interviewed, trained, on):
    summary = a_summary(
        end_users_on=dates(interviewed),
        trainings_on=dates(trained),
        workflows=[
            a_flow(live=day, has_fallback=True, rehearsed_on=dates(interviewed), documented_on=on_day(day))
            for day in trained
        ],
        decisions=[decided(day) for day in trained],
        pipelines=[a_pipeline_of(kind, *trained) for kind in ["build", "test", "deploy"]],
    )
    finding = evaluate(summary, a_milestone(criterion), on_day(on))
    assert finding.met_on is None or finding.met_on <= on_day(on)
    assert finding.met == (finding.met_on is not None)
    assert finding.have >= finding.needed or not finding.met


def test_systems_are_inventoried_when_the_last_was_reviewed_and_pain_points_are_known():
    inventory = InventoryFacts(systems=2, ready_on=dates([4, 9]), without={}, pain_points_on=dates([6]))
    milestone = a_milestone("systems_inventoried")
    assert evaluate(a_summary(inventory=inventory), milestone, on_day(12)).met_on == on_day(9)
    assert not evaluate(a_summary(inventory=inventory), milestone, on_day(8)).met
    hidden = replace(inventory, ready_on=dates([4]), without={"owner": 1}, pain_points_on=[])
    said = evaluate(a_summary(inventory=hidden), milestone, on_day(12)).text
    assert said == "1 of 2 systems fully described; 1 without owner; no pain points recorded"


def test_the_tenth_end_user_meets_the_milestone():
    nine = a_summary(end_users_on=dates(list(range(3, 12))))
    ten = a_summary(end_users_on=dates(list(range(3, 13))))
    milestone = a_milestone("users_interviewed", needed=10)
    assert evaluate(nine, milestone, on_day(30)).text == "9 of 10 end users interviewed"
    assert evaluate(ten, milestone, on_day(30)).met_on == on_day(12)
    assert not evaluate(ten, milestone, on_day(11)).met


def test_a_signature_that_was_broken_is_said():
    metrics = [a_measure(seal="signed", signed_on=on_day(28)), a_measure(seal="broken")]
    finding = evaluate(a_summary(metrics=metrics), a_milestone("metrics_signed"), on_day(30))
    assert finding.text == "1 of 2 metrics signed by the sponsor; 1 changed after signing"
    assert not finding.met


def test_a_green_run_is_good_for_14_days_and_not_for_one_more():
    three = a_summary(pipelines=[a_pipeline_of(kind, 40) for kind in ["build", "test", "deploy"]])
    milestone = a_milestone("foundation_live")
    last = 40 + GREEN_WITHIN_DAYS
    assert evaluate(three, milestone, on_day(last)).met_on == on_day(40)
    finding = evaluate(three, milestone, on_day(last + 1))
    assert not finding.met
    assert finding.text == "0 of 3 pipelines with a link and a green run within 14 days"


def test_the_foundation_is_live_since_all_pipelines_were_green_at_once():
    summary = a_summary(
        pipelines=[a_pipeline_of("build", 2, 44), a_pipeline_of("test", 40), a_pipeline_of("deploy", 42)]
    )
    # The build of day 2 said nothing about day 42 any more.
    assert evaluate(summary, a_milestone("foundation_live"), on_day(45)).met_on == on_day(44)


def test_a_pipeline_without_a_link_or_not_declared_is_missing():
    pipelines = [a_pipeline_of("build", 40, has_link=False), a_pipeline_of("test", 40)]
    finding = evaluate(a_summary(pipelines=pipelines), a_milestone("foundation_live"), on_day(41))
    assert (finding.have, finding.needed) == (1, 3)
    assert "no deploy pipeline declared" in finding.text


def test_the_first_workflow_needs_a_fallback_that_was_rehearsed():
    milestone = a_milestone("first_workflow_live")
    live = a_flow(live=50)
    said = evaluate(a_summary(workflows=[live]), milestone, on_day(60)).text
    assert said == "“Score” has no manual fallback and has no rehearsed fallback"
    proven = replace(live, has_fallback=True, rehearsed_on=dates([55]))
    assert evaluate(a_summary(workflows=[proven]), milestone, on_day(60)).met_on == on_day(55)
    assert not evaluate(a_summary(workflows=[proven]), milestone, on_day(54)).met


def test_what_was_delivered_stays_delivered_when_it_is_retired():
    retired = a_flow(state="retired", live_on=on_day(50), has_fallback=True, rehearsed_on=dates([49]))
    finding = evaluate(a_summary(workflows=[retired]), a_milestone("first_workflow_live"), on_day(80))
    assert finding.met_on == on_day(50)


def test_a_candidate_that_was_retired_was_never_delivered():
    dropped = a_flow(state="retired", has_fallback=True, rehearsed_on=dates([49]))
    assert not evaluate(a_summary(workflows=[dropped]), a_milestone("first_workflow_live"), on_day(80)).met


def test_a_baseline_counts_from_enough_points_with_a_source():
    milestone = a_milestone("baselines_instrumented")
    signed = a_measure(seal="signed", signed_on=on_day(28), baseline_enough_on=on_day(-20))
    # A baseline reaches back before day 1; the milestone can't be met before the signature.
    assert evaluate(a_summary(metrics=[signed]), milestone, on_day(30)).met_on == on_day(28)
    assert not evaluate(a_summary(metrics=[signed]), milestone, on_day(27)).met
    sourceless = replace(signed, has_source=False)
    finding = evaluate(a_summary(metrics=[sourceless]), milestone, on_day(30))
    assert finding.text == "0 of 1 signed metric with a baseline of 6 points or more; 1 without a source"


def test_two_more_workflows_count_only_where_a_friction_asked_for_them():
    flows = [a_flow("First", live=40), a_flow("Second", live=65, asked_for=True), a_flow("Third", live=70)]
    milestone = a_milestone("workflows_extended", needed=2)
    finding = evaluate(a_summary(workflows=flows), milestone, on_day(80))
    assert (
        finding.text
        == "1 of 2 more workflows live that a friction asked for; 1 live that no friction asked for"
    )
    asked = [*flows[:2], replace(flows[2], asked_for=True)]
    assert evaluate(a_summary(workflows=asked), milestone, on_day(80)).met_on == on_day(70)


def test_in_a_later_cycle_every_new_workflow_is_one_more():
    later = a_milestone("workflows_extended", needed=1, since=91)
    flows = [a_flow("First", live=40), a_flow("Second", live=95, asked_for=True)]
    summary = a_summary(cycle=2, day_1=on_day(91), workflows=flows)
    assert evaluate(summary, later, on_day(100)).met_on == on_day(95)


def test_adoption_needs_a_training_and_a_document_for_every_live_workflow():
    flows = [a_flow("First", live=40, documented_on=on_day(62)), a_flow("Second", live=65)]
    milestone = a_milestone("adoption_begun")
    finding = evaluate(a_summary(workflows=flows, trainings_on=dates([64])), milestone, on_day(70))
    assert finding.text == "1 training attended; 1 of 2 live workflows documented"
    both = [flows[0], replace(flows[1], documented_on=on_day(69))]
    assert evaluate(
        a_summary(workflows=both, trainings_on=dates([64])), milestone, on_day(70)
    ).met_on == on_day(69)


@pytest.mark.parametrize(("day", "met"), [(60, False), (61, True), (90, True), (91, False)])
def test_the_roadmap_is_adjusted_in_days_61_to_90(day, met):
    reviews = [ReviewFacts(1, 10, on_day(70))]
    summary = a_summary(decisions=[decided(day)], reviews=reviews)
    assert evaluate(summary, a_milestone("metrics_reviewed"), on_day(95)).met == met


@pytest.mark.parametrize(("day", "met"), [(60, False), (61, True), (90, True), (91, False)])
def test_the_metrics_are_reviewed_by_a_week_frozen_in_days_61_to_90(day, met):
    summary = a_summary(decisions=[decided(61)], reviews=[ReviewFacts(1, 9, on_day(day))])
    finding = evaluate(summary, a_milestone("metrics_reviewed"), on_day(95))
    assert finding.met_on == (on_day(day) if met else None)
    assert finding.have == 1 + met


def test_a_decision_without_its_metric_does_not_adjust_the_roadmap():
    decisions = [decided(70, names_metric=False)]
    finding = evaluate(a_summary(decisions=decisions), a_milestone("metrics_reviewed"), on_day(75))
    assert finding.text == (
        "No weekly review frozen in days 61 to 90; no roadmap decision that names its metric"
    )


def test_a_firms_own_milestone_is_met_by_linked_evidence():
    milestone = a_milestone("evidence_linked", evidence_on=[DAY_1, on_day(7)], needed=2)
    assert evaluate(a_summary(), milestone, on_day(7)).met_on == on_day(7)
    assert not evaluate(a_summary(), milestone, on_day(6)).met
