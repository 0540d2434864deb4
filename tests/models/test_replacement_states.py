"""The states of a replacement: shares are facts, an approval counts once, and a full share without one is off track."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.criteria import replacement_cut_over, seen_before_cutover
from models.replacement_states import (
    ReplacementState,
    headline,
    missing_for_switch_off,
    replacement_status,
)
from models.status import Status
from models.summary import CutoverFacts, ReplacementFacts
from tests.builders import a_milestone, a_summary, on_day


def a_replacement(
    *shares: tuple[int, float], approved: tuple[int, ...] = (), **given: object
) -> ReplacementFacts:
    """A replacement with shares and approvals on days of the plan, to be retired by day 80."""
    fields = {
        "id": 1, "name": "Loan decision", "old": "Nightly batch", "new": "Decision service", "workflow_id": 1,
        "shares": [(on_day(day), float(share)) for day, share in shares], "compared_on": None,
        "cutovers": [CutoverFacts(on_day(day), seen=True) for day in approved],
        "retire_by": on_day(80), "retired_on": None, "no_return_on": None,
    }  # fmt: skip
    return ReplacementFacts(**(fields | given))


def state(facts: ReplacementFacts, day: int) -> str:
    return replacement_status(facts, on_day(day)).state.value


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (a_replacement(), "planned"),
        (a_replacement((40, 0)), "planned"),
        (a_replacement(compared_on=on_day(40)), "comparing"),
        (a_replacement((40, 5)), "shifting"),
        (a_replacement((40, 5), (44, 25)), "shifting"),
        (a_replacement((40, 25), (44, 5)), "rolled back"),
        (a_replacement((40, 25), (44, 0)), "rolled back"),
        (a_replacement((40, 25), (44, 100)), "cut over without an open gate"),
        (a_replacement((40, 25), (44, 100), approved=(43,)), "cut over"),
        (a_replacement((40, 25), (44, 100), approved=(44,)), "cut over"),
        (a_replacement((20, 25), (24, 100), approved=(24,)), "to be retired"),
        (a_replacement((20, 25), (24, 100), approved=(24,), retired_on=on_day(46)), "retired"),
        (a_replacement((40, 25), (48, 100)), "shifting"),
    ],
)
def test_each_state_on_day_47(facts, expected):
    assert state(facts, 47) == expected


def test_a_full_share_without_an_approval_is_off_track_until_it_is_approved_or_taken_back():
    facts = a_replacement((40, 100))
    assert replacement_status(facts, on_day(41)).status is Status.OFF_TRACK
    assert state(a_replacement((40, 100), approved=(42,)), 42) == "cut over"
    assert state(a_replacement((40, 100), (41, 0)), 41) == "rolled back"


def test_an_approval_lapses_after_seven_days():
    assert state(a_replacement((47, 100), approved=(40,)), 47) == "cut over"
    assert state(a_replacement((48, 100), approved=(40,)), 48) == "cut over without an open gate"


def test_an_approval_counts_once():
    again = a_replacement((40, 100), (41, 0), (42, 100), approved=(40,))
    assert state(again, 40) == "cut over"
    assert state(again, 42) == "cut over without an open gate"
    assert state(a_replacement((40, 100), (41, 0), (42, 100), approved=(40, 42)), 42) == "cut over"


def test_a_full_share_that_is_reported_again_needs_no_new_approval():
    assert state(a_replacement((40, 100), (60, 100), approved=(40,)), 60) == "to be retired"


def test_the_old_part_that_still_runs_is_late_after_its_date():
    facts = a_replacement((40, 100), approved=(40,))
    status = replacement_status(facts, on_day(81))
    assert (status.state, status.late, status.status) == (
        ReplacementState.TO_BE_RETIRED,
        True,
        Status.OFF_TRACK,
    )
    assert (
        headline(status, "batch", on_day(81))
        == "Late: batch still runs, 41 days after the cutover, due 23 Dec"
    )
    assert headline(replacement_status(facts, on_day(80)), "batch", on_day(80)) == (
        "May retire: batch still runs, due 23 Dec"
    )


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (a_replacement(), "no share says that the new part answers any of the work, and its cutover was not approved"),
        (a_replacement((40, 5)), "the new part answers 5% of the work, not all of it, and its cutover was not approved"),
        (a_replacement((40, 100)), "its cutover was not approved"),
        (a_replacement((50, 100), approved=(40,)), "its cutover was not approved"),
        (a_replacement((40, 100), approved=(40,)), ""),
        (a_replacement((40, 100), approved=(52,)), ""),
        (a_replacement((46, 100), approved=(46,)), "the new part answers all of the work only since 19 Nov"),
        (a_replacement((40, 100), (50, 5), approved=(40,)), "the new part answers 5% of the work, not all of it"),
    ],
)  # fmt: skip
def test_what_is_missing_before_the_old_part_is_switched_off_on_day_45(facts, missing):
    assert missing_for_switch_off(facts, on_day(45), on_day(52)) == missing


SHARES = st.dictionaries(st.integers(1, 90), st.sampled_from([0, 5, 25, 99.5, 100]), max_size=6)


@given(shares=SHARES, approved=st.lists(st.integers(1, 90), max_size=3), day=st.integers(1, 100))
def test_it_is_never_called_cut_over_without_a_full_share_and_an_approval(shares, approved, day):
    facts = a_replacement(*sorted(shares.items()), approved=tuple(sorted(approved)))
    status = replacement_status(facts, on_day(day))
    newest = max((when for when in shares if when <= day), default=None)
    assert status.share == (0 if newest is None else shares[newest])
    if status.cut_over_on is not None:
        assert status.share == 100
        assert any(when <= day for when in approved)
        assert status.cut_over_on <= on_day(day)
    if status.share == 100 and status.cut_over_on is None:
        assert status.status is Status.OFF_TRACK


@given(
    shares=SHARES,
    approved=st.lists(st.integers(1, 90), max_size=3),
    day=st.integers(1, 90),
    later=st.integers(91, 99),
)
def test_what_is_dated_later_changes_nothing_today(shares, approved, day, later):
    facts = a_replacement(*sorted(shares.items()), approved=tuple(sorted(approved)))
    more = a_replacement(*sorted({**shares, later: 100}.items()), approved=(*sorted(approved), later))
    before, after = (replacement_status(row, on_day(day)) for row in (facts, more))
    assert (before.state, before.share, before.cut_over_on) == (after.state, after.share, after.cut_over_on)


def finding_of(rule, on: date, *replacements: ReplacementFacts, needed: int = 1):
    return rule(a_summary(replacements=list(replacements)), a_milestone(rule.__name__, needed=needed), on)


def test_a_part_is_cut_over_for_the_plan_when_its_gate_was_open():
    good, bad = a_replacement((70, 100), approved=(69,)), a_replacement((71, 100))
    one = finding_of(replacement_cut_over, on_day(75), good, bad)
    assert (one.have, one.needed, one.met_on) == (1, 1, on_day(70))
    assert one.text == "1 of 1 replacement cut over with an open gate; 1 cut over without one"
    assert finding_of(replacement_cut_over, on_day(75), bad).met_on is None
    assert finding_of(replacement_cut_over, on_day(75)).text == "No replacement is named"
    assert finding_of(replacement_cut_over, on_day(69), good).met_on is None


def test_traces_and_metric_have_to_have_passed_before_each_cutover():
    good = a_replacement((70, 100), approved=(69,))
    waived = a_replacement((71, 100), cutovers=[CutoverFacts(on_day(71), seen=False)])
    assert finding_of(seen_before_cutover, on_day(75), good).met_on == on_day(70)
    both = finding_of(seen_before_cutover, on_day(75), good, waived)
    assert (both.text, both.met_on) == ("1 of 2 cutovers with traces and metric passed before it", None)
    assert finding_of(seen_before_cutover, on_day(75), good, a_replacement((70, 100))).met_on is None
    assert (
        finding_of(seen_before_cutover, on_day(75), a_replacement((70, 5))).text == "No part was cut over yet"
    )
