"""The gate before a full cutover: each fact counts, each has its age, and a waiver covers what it was granted for."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.gate import (
    CHECKS,
    WORST_FIRST,
    CheckOutcome,
    gate,
    keys_of,
)
from models.gate_facts import (
    ContractFacts,
    GateFacts,
    MetricState,
    ProofFacts,
    RehearsalFacts,
    WaiverFacts,
)
from models.replacements import PROOF_KINDS, PROOF_OUTCOMES
from tests.builders import on_day

TODAY = on_day(47)


def a_proof(kind: str, on: date = TODAY, outcome: str = "passed", **counted: int) -> ProofFacts:
    return ProofFacts(counted.pop("id", 1), kind, on, outcome, **counted)


def the_facts(**given: object) -> GateFacts:
    """Facts of which each check passes today."""
    proofs = [
        a_proof("rollback"),
        a_proof("breaker"),
        a_proof("comparison", n=1000, bad=0),
        a_proof("traces", n=15_826),
    ]
    fields = {
        "name": "Application intake",
        "contract": ContractFacts("Intake v2", "stable"),
        "fallback": "On paper",
        "rehearsals": [RehearsalFacts(TODAY, worked=True, minutes=12)],
        "proofs": proofs,
        "needs_breaker": True,
        "no_breaker_reason": None,
        "metric": MetricState("Decision time", "signed", 8, TODAY, is_stale=False, values=6, worse=""),
    }
    return GateFacts(**(fields | given))


def without(kind: str) -> list[ProofFacts]:
    return [proof for proof in the_facts().proofs if proof.kind != kind]


def with_proof(proof: ProofFacts) -> GateFacts:
    return the_facts(proofs=[*without(proof.kind), proof])


def check(facts: GateFacts, name: str, on: date = TODAY) -> tuple[str, str]:
    gate_check = next(row for row in gate(facts, on).checks if row.name == name)
    return gate_check.outcome.value, gate_check.why


def closed(facts: GateFacts, on: date = TODAY) -> list[str]:
    return [row.name for row in gate(facts, on).missing]


def test_it_opens_when_all_seven_passed():
    open_gate = gate(the_facts(), TODAY)
    assert open_gate.open
    assert [row.name for row in open_gate.checks] == [
        "contract", "fallback", "rollback", "breaker", "comparison", "traces", "metric",
    ]  # fmt: skip
    assert open_gate.sentence == "“Application intake” may cut over: all 7 checks passed."


@pytest.mark.parametrize(
    ("name", "lacking", "why"),
    [
        ("contract", {"contract": None}, "no contract is named"),
        ("fallback", {"rehearsals": []}, "the manual fallback was never rehearsed"),
        ("rollback", {"proofs": without("rollback")}, "going back was never tested"),
        ("breaker", {"proofs": without("breaker")}, "the circuit breaker was never tested"),
        ("comparison", {"proofs": without("comparison")}, "the answers of old and new were never compared"),
        ("traces", {"proofs": without("traces")}, "no traces were read"),
        ("metric", {"metric": None}, "no metric measures the workflow"),
    ],
)
def test_each_fact_that_is_missing_closes_it_with_that_checks_name(name, lacking, why):
    facts = the_facts(**lacking)
    assert closed(facts) == [name]
    assert check(facts, name) == ("not known", why)
    assert gate(facts, TODAY).sentence == f"“Application intake” may not cut over yet: {why}."


@pytest.mark.parametrize(
    ("name", "lasts"),
    [("fallback", 30), ("rollback", 30), ("breaker", 30), ("comparison", 14), ("traces", 7)],
)
def test_what_was_tried_is_out_of_date_on_the_day_after_its_last(name, lasts):
    assert check(the_facts(), name, TODAY + timedelta(days=lasts))[0] == "passed"
    assert check(the_facts(), name, TODAY + timedelta(days=lasts + 1))[0] == "out of date"


def test_thirty_one_days_later_all_that_people_tried_is_out_of_date():
    later = TODAY + timedelta(days=31)
    names = [row.name for row in gate(the_facts(), later).checks if row.outcome is CheckOutcome.OUT_OF_DATE]
    assert names == ["fallback", "rollback", "breaker", "comparison", "traces"]


@pytest.mark.parametrize(
    ("n", "bad", "outcome"),
    [
        (999, 0, "inconclusive"),
        (1000, 0, "passed"),
        (1000, 1, "passed"),
        (1000, 2, "failed"),
        (300, 1, "failed"),
    ],
)
def test_a_comparison_needs_a_thousand_answers_and_one_in_a_thousand_may_differ(n, bad, outcome):
    assert check(with_proof(a_proof("comparison", n=n, bad=bad)), "comparison")[0] == outcome


def test_a_comparison_that_names_no_numbers_is_inconclusive():
    assert check(with_proof(a_proof("comparison")), "comparison")[0] == "inconclusive"


def test_three_hundred_compared_answers_are_said():
    facts = with_proof(a_proof("comparison", n=300, bad=0))
    facts = replace(facts, proofs=[proof for proof in facts.proofs if proof.kind != "rollback"])
    assert gate(facts, TODAY).sentence == (
        "“Application intake” may not cut over yet: going back was never tested; 300 of 1,000 answers compared."
    )


def test_a_rehearsal_that_failed_counts_as_failed_until_one_works():
    bad, good = RehearsalFacts(TODAY, worked=False), RehearsalFacts(TODAY - timedelta(days=2), worked=True)
    assert check(the_facts(rehearsals=[good, bad]), "fallback")[0] == "failed"
    mended = RehearsalFacts(TODAY + timedelta(days=1), worked=True)
    facts = the_facts(rehearsals=[good, bad, mended])
    assert check(facts, "fallback", TODAY + timedelta(days=1))[0] == "passed"


def test_the_newest_try_counts_and_of_one_day_the_one_that_was_reported_last():
    failed = a_proof("rollback", outcome="failed", id=2)
    assert check(the_facts(proofs=[*the_facts().proofs, failed]), "rollback")[0] == "failed"
    earlier = replace(failed, on=TODAY - timedelta(days=1))
    assert check(the_facts(proofs=[*the_facts().proofs, earlier]), "rollback")[0] == "passed"


def test_facts_of_later_days_dont_count_yet():
    facts = with_proof(a_proof("rollback", on=TODAY + timedelta(days=1)))
    assert check(facts, "rollback")[0] == "not known"


def test_a_breaker_may_be_unneeded_with_a_reason_only():
    facts = the_facts(proofs=without("breaker"), needs_breaker=False)
    assert check(facts, "breaker")[0] == "not known"
    assert check(replace(facts, no_breaker_reason="A file once a night"), "breaker")[0] == "passed"


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"seal": "unsigned"}, "not known"),
        ({"seal": "broken"}, "not known"),
        ({"baseline_points": 5}, "not known"),
        ({"is_stale": True}, "out of date"),
        ({"values": 5}, "inconclusive"),
        ({"values": None}, "inconclusive"),
        ({"worse": "leaning"}, "inconclusive"),
        ({"worse": "confirmed"}, "failed"),
    ],
)
def test_the_metric_has_to_be_signed_fresh_long_enough_and_no_worse(given, outcome):
    facts = the_facts(metric=replace(the_facts().metric, **given))
    assert check(facts, "metric")[0] == outcome


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("stable", "passed"), ("draft", "failed"), ("broken", "failed"), ("inconclusive", "inconclusive"),
        ("out of date", "out of date"), ("not known", "not known"), ("something new", "not known"),
    ],
)  # fmt: skip
def test_only_a_stable_contract_passes(state, outcome):
    assert check(the_facts(contract=ContractFacts("Intake v2", state)), "contract")[0] == outcome


def a_waiver(name: str, *covers: str, until: date = TODAY) -> WaiverFacts:
    return WaiverFacts(name, frozenset(covers), "Agreed", "R. Osei", until)


def test_a_waiver_covers_the_changes_that_it_names_and_a_new_one_closes_the_gate_again():
    broken = ContractFacts("Bureau v2", "broken", ("a", "b"))
    waiver = a_waiver("contract", "a", "b", until=on_day(60))
    facts = the_facts(contract=broken, waivers=[waiver])
    assert gate(facts, TODAY).open
    assert check(facts, "contract")[0] == "waived"
    again = replace(facts, contract=replace(broken, breaking=("a", "b", "c")))
    assert check(again, "contract") == (
        "failed",
        "3 changes break Bureau v2 (2 waived by R. Osei until 3 Dec)",
    )


def test_waiving_every_change_that_breaks_doesnt_hide_those_that_may_break():
    breaks = a_waiver("contract", "a", "b", until=on_day(60))
    broken = ContractFacts("Bureau v2", "broken", ("a", "b"), ("c", "d"))
    assert check(the_facts(contract=broken), "contract") == ("failed", "2 changes break Bureau v2")
    facts = the_facts(contract=broken, waivers=[breaks])
    assert not gate(facts, TODAY).open
    assert check(facts, "contract") == (
        "inconclusive",
        "2 changes may break Bureau v2 (2 that break it waived by R. Osei until 3 Dec)",
    )
    both = replace(facts, waivers=[breaks, a_waiver("contract", "c", "d")])
    assert check(both, "contract")[0] == "waived"
    assert check(replace(both, waivers=[both.waivers[1]]), "contract")[0] == "failed"
    another = replace(both, contract=replace(broken, doubtful=("c", "d", "e")))
    assert check(another, "contract")[0] == "inconclusive"


def test_changes_that_may_break_are_waived_each_and_a_new_one_closes_the_gate_again():
    doubtful = ContractFacts("Bureau v2", "inconclusive", (), ("c",))
    assert check(the_facts(contract=doubtful), "contract") == ("inconclusive", "1 change may break Bureau v2")
    facts = the_facts(contract=doubtful, waivers=[a_waiver("contract", "c")])
    assert check(facts, "contract")[0] == "waived"
    again = replace(facts, contract=replace(doubtful, doubtful=("c", "d")))
    assert check(again, "contract")[0] == "inconclusive"
    before = replace(again, waivers=[a_waiver("contract", "inconclusive")])  # granted before keys were kept
    assert check(before, "contract")[0] == "waived"


def test_a_waived_check_is_called_as_its_row_is():
    waived = the_facts(proofs=without("rollback"), waivers=[a_waiver("rollback", "not known")])
    why = check(waived, "rollback")[1]
    assert why.startswith("going back waived by ")
    assert why.endswith("(going back was never tested)")


def test_a_waiver_of_what_was_never_tried_doesnt_cover_that_it_failed():
    waived = the_facts(proofs=without("rollback"), waivers=[a_waiver("rollback", "not known")])
    assert check(waived, "rollback")[0] == "waived"
    failed = a_proof("rollback", outcome="failed")
    assert check(replace(waived, proofs=[*waived.proofs, failed]), "rollback")[0] == "failed"
    unclear = a_proof("rollback", outcome="inconclusive")
    assert check(replace(waived, proofs=[*waived.proofs, unclear]), "rollback")[0] == "waived"


PROOFS = st.builds(
    a_proof,
    kind=st.sampled_from(PROOF_KINDS),
    on=st.dates(on_day(1), on_day(90)),
    outcome=st.sampled_from(PROOF_OUTCOMES),
    id=st.integers(1, 99),
    n=st.integers(0, 3000),
    bad=st.integers(0, 4),
)
FACTS = st.builds(
    the_facts,
    contract=st.none()
    | st.builds(
        ContractFacts,
        st.just("Intake"),
        st.sampled_from(["stable", "draft", "broken", "inconclusive", "out of date", "not known"]),
        st.lists(st.sampled_from("abc"), unique=True).map(tuple),
        st.lists(st.sampled_from("def"), unique=True).map(tuple),
    ),
    fallback=st.sampled_from([None, "", "TBD", "On paper"]),
    rehearsals=st.lists(
        st.builds(RehearsalFacts, st.dates(on_day(1), on_day(90)), st.booleans()), max_size=3
    ),
    proofs=st.lists(PROOFS, max_size=8),
    needs_breaker=st.booleans(),
    no_breaker_reason=st.sampled_from([None, "A file once a night"]),
    metric=st.none()
    | st.builds(
        MetricState,
        st.just("Time"),
        st.sampled_from(["signed", "broken", "unsigned"]),
        st.integers(0, 9),
        st.none() | st.dates(on_day(1), on_day(47)),
        st.booleans(),
        st.none() | st.integers(0, 9),
        st.sampled_from(["", "leaning", "confirmed"]),
    ),
)


def test_how_long_going_back_took_is_said_as_people_say_it():
    for seconds, text in ((20, "in 20 s"), (540, "in 9 min"), (7_200, "in 2 h")):
        assert check(with_proof(a_proof("rollback", seconds=seconds)), "rollback")[1].endswith(text)


@given(facts=FACTS, on=st.dates(on_day(1), on_day(120)))
def test_it_is_open_exactly_when_no_check_is_missing_and_says_why_otherwise(facts: GateFacts, on: date):
    dated_gate = gate(facts, on)
    assert [row.name for row in dated_gate.checks] == list(CHECKS)
    assert dated_gate.open is (not dated_gate.missing)
    assert all(row.why for row in dated_gate.checks)
    assert all(row.why in dated_gate.sentence for row in dated_gate.missing)
    ranks = [WORST_FIRST.index(row.outcome) for row in dated_gate.missing]
    assert ranks == sorted(ranks)
    assert dated_gate.digest == gate(facts, on).digest


@given(facts=FACTS, on=st.dates(on_day(1), on_day(120)), name=st.sampled_from(sorted(CHECKS)))
def test_a_waiver_of_all_that_is_wrong_waives_that_check_and_no_other(facts: GateFacts, on: date, name: str):
    before = gate(facts, on)
    wrong = next(row for row in before.checks if row.name == name)
    # Where all that breaks a contract is waived, what may break it still stands: that is wrong, too.
    doubtful = facts.contract.doubtful if name == "contract" and facts.contract else ()
    after = gate(replace(facts, waivers=[a_waiver(name, *keys_of(wrong), *doubtful)]), on)
    for was, now in zip(before.checks, after.checks, strict=True):
        if was.name != name or was.outcome is CheckOutcome.PASSED:
            assert now == was
        else:
            assert now.outcome is CheckOutcome.WAIVED


@given(facts=FACTS, on=st.dates(on_day(1), on_day(120)))
def test_it_is_never_open_without_a_recent_proof_that_passed_of_each_kind(facts: GateFacts, on: date):
    if not gate(facts, on).open:
        return
    lasts = {"rollback": 30, "breaker": 30, "comparison": 14, "traces": 7}
    for kind, days in lasts.items():
        passed = [
            row
            for row in facts.proofs
            if (row.kind, row.outcome) == (kind, "passed") and 0 <= (on - row.on).days <= days
        ]
        assert passed or (kind == "breaker" and not facts.needs_breaker), kind
