"""Milestones: state, reason, pace and forecast from the evidence and a date."""

from hypothesis import assume, given
from hypothesis import strategies as st

from models.milestones import MilestoneState, MilestoneStatus, milestone_status, milestone_statuses
from models.summary import Statement
from tests.builders import a_milestone, a_summary, on_day

NEEDED = 10


def after(interviews: list[int], day: int, **milestone: object) -> MilestoneStatus:
    """How the interviews (on these days) stand on a day of the plan; planned for days 1 to 30, 10 needed."""
    summary = a_summary(end_users_on=sorted(map(on_day, interviews)))
    return milestone_status(
        summary, a_milestone("users_interviewed", **({"needed": NEEDED} | milestone)), on_day(day)
    )


days_of = st.lists(st.integers(1, 200), max_size=14)
a_day = st.integers(-20, 250)


@given(days_of, a_day)
def test_a_milestone_is_done_exactly_when_its_evidence_suffices(interviews, day):
    found = after(interviews, day)
    assert (found.state is MilestoneState.DONE) == (sum(when <= day for when in interviews) >= NEEDED)


@given(days_of, a_day, st.integers(1, 200))
def test_one_more_interview_never_worsens_a_milestone(interviews, day, one_more):
    order = [MilestoneState.DONE, MilestoneState.IN_PROGRESS, MilestoneState.AT_RISK, MilestoneState.LATE]
    less, more = after(interviews, day), after([*interviews, one_more], day)
    assume(MilestoneState.PLANNED not in (less.state, more.state))
    assert order.index(more.state) <= order.index(less.state)


@given(days_of, a_day)
def test_every_state_says_why(interviews, day):
    found = after(interviews, day)
    assert len(found.reason) > 10
    if found.state in (MilestoneState.AT_RISK, MilestoneState.LATE):
        assert f"of {NEEDED} end users interviewed" in found.reason


@given(days_of, st.integers(31, 250))
def test_after_its_due_day_a_milestone_is_done_or_late(interviews, day):
    assert after(interviews, day).state in (MilestoneState.DONE, MilestoneState.LATE)


def test_on_its_due_day_a_milestone_is_not_late_and_the_day_after_it_is():
    nine = list(range(1, 10))
    assert after(nine, 30).state is not MilestoneState.LATE
    late = after(nine, 31)
    assert late.state is MilestoneState.LATE
    assert late.reason == "9 of 10 end users interviewed; due 3 Nov, 1 day ago"


def test_done_late_says_how_late():
    ten = [*range(1, 10), 36]
    assert after(ten, 40).reason == "Done on 9 Nov, 6 days late: 10 of 10 end users interviewed"
    assert after(ten, 40).slip == 6


def test_done_early_is_a_negative_slip():
    assert after(list(range(1, 11)), 40).slip == -20


def test_without_a_pace_a_late_milestone_is_late_so_far():
    assert (after([], 50).ends_on, after([], 50).slip) == (None, 20)


def test_before_it_starts_a_milestone_is_planned():
    found = after([], 9, start=10)
    assert (found.state, found.reason) == (MilestoneState.PLANNED, "Starts 14 Oct")
    assert found.ends_on == on_day(30)
    assert after([], 10, start=10).state is MilestoneState.IN_PROGRESS


def test_at_the_pace_so_far_the_rest_takes_as_long_again():
    # 5 of 10 in 10 days: the other 5 take 10 days more.
    found = after([1, 3, 5, 7, 9], 10)
    assert (found.state, found.ends_on, found.slip) == (MilestoneState.IN_PROGRESS, on_day(20), -10)


def test_a_pace_that_is_too_slow_is_a_risk_with_its_arithmetic():
    # 3 of 10 in 15 days is 1.4 a week; the other 7 take 35 days more, to day 50.
    found = after([2, 8, 14], 15)
    assert found.state is MilestoneState.AT_RISK
    assert found.reason == (
        "3 of 10 end users interviewed; at today's pace of 1.4 a week it will be done on 23 Nov, 20 days late"
    )
    assert (found.ends_on, found.slip) == (on_day(50), 20)


def test_four_days_of_work_say_nothing_about_a_pace():
    assert after([1], 4).ends_on == on_day(30)
    assert after([1], 5).ends_on == on_day(50)


def test_with_nothing_to_show_after_half_the_time_a_milestone_is_at_risk():
    assert after([], 14, needed=1).state is MilestoneState.IN_PROGRESS
    silent = after([], 15, needed=1)
    assert silent.state is MilestoneState.AT_RISK
    assert silent.reason == "0 of 1 end users interviewed, with 15 days left"
    assert silent.ends_on is None


def test_with_nothing_to_show_a_milestone_is_not_judged_better_than_with_one():
    assert after([], 4).state is MilestoneState.IN_PROGRESS
    assert after([1], 5).state is MilestoneState.AT_RISK
    assert after([], 5).state is MilestoneState.AT_RISK


@given(st.integers(1, 25_000), st.integers(2, 1000))
def test_a_hopeless_pace_has_a_forecast_all_the_same(day, needed):
    found = after([1], day, needed=needed)
    assert found.ends_on is None or found.ends_on >= on_day(1)


def waiver(since: int, until: int) -> Statement:
    return Statement(1, "waived", "Dana Ruiz", "Not in scope", on_day(since), on_day(until))


def test_a_waiver_holds_on_its_first_and_last_day_and_not_beyond():
    waived = {"waivers": [waiver(20, 40)]}
    assert [after([], day, **waived).state is MilestoneState.WAIVED for day in (19, 20, 40, 41)] == [
        False,
        True,
        True,
        False,
    ]
    assert after([], 41, **waived).state is MilestoneState.LATE
    assert after([], 30, **waived).reason == "Waived by Dana Ruiz until 13 Nov: Not in scope"


def test_evidence_that_suffices_needs_no_waiver():
    found = after(list(range(1, 11)), 30, waivers=[waiver(20, 40)])
    assert found.state is MilestoneState.DONE


def test_a_claim_stands_beside_the_state_on_its_days_and_never_replaces_it():
    claim = Statement(1, "done", "Mei Tan", "All talked to", on_day(20), on_day(34))
    claimed = {"claims": [claim]}
    for day in (19, 20, 34, 35):
        found = after([], day, **claimed)
        assert (found.claim is not None) == (20 <= day <= 34)
        assert found.state == after([], day).state


def test_the_newest_claim_that_holds_is_shown():
    older = Statement(1, "on track", "Mei Tan", "Soon", on_day(10), on_day(30))
    newer = Statement(2, "at risk", "Mei Tan", "Not so soon", on_day(12), on_day(20))
    both = {"claims": [older, newer]}
    assert after([], 15, **both).claim.says == "at risk"
    assert after([], 25, **both).claim.says == "on track"


def test_milestones_stand_in_the_plans_order():
    later = a_milestone("users_interviewed", id=1, phase=2, due=20)
    sooner = a_milestone("users_interviewed", id=2, phase=1, due=25)
    last = a_milestone("users_interviewed", id=3, phase=1, due=30)
    summary = a_summary(milestones=[later, last, sooner])
    assert [row.milestone.id for row in milestone_statuses(summary, on_day(5))] == [2, 3, 1]
