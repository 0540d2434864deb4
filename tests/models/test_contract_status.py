"""When a contract holds still: the rule over versions and a date, and what waivers cover."""

from dataclasses import replace
from datetime import timedelta

from models.contracts import ContractState, VersionFacts, contract_status
from tests.builders import on_day

FIRST = VersionFacts("v1", on_day(5), on_day(5), None, (), ())
FROZEN = replace(FIRST, frozen_on=on_day(6))
BREAKING = VersionFacts("v2", on_day(9), on_day(9), None, ("aaa", "bbb"), ("ccc",))


def state(*versions, day=10, waived=()):
    return contract_status(versions, on_day(day), waived)


def test_without_a_version_nothing_is_known_and_without_a_frozen_one_it_is_a_draft():
    assert state().state is ContractState.NOT_KNOWN
    assert state(FIRST).state is ContractState.DRAFT
    assert state(FROZEN, day=4).state is ContractState.NOT_KNOWN
    assert state(FROZEN, day=5).state is ContractState.DRAFT


def test_a_frozen_version_is_stable_for_14_days_after_it_was_last_compared():
    assert state(FROZEN, day=6).state is ContractState.STABLE
    assert state(FROZEN, day=19).state is ContractState.STABLE
    assert state(FROZEN, day=20).state is ContractState.OUT_OF_DATE
    assert state(replace(FROZEN, seen_on=on_day(20)), day=20).state is ContractState.STABLE


def test_what_breaks_is_said_until_a_waiver_covers_every_key_of_it():
    broken = state(FROZEN, BREAKING)
    assert (broken.state, broken.keys) == (ContractState.BROKEN, ("aaa", "bbb"))
    assert broken.sentence == "2 changes of v2 break what v1 promised"
    assert state(FROZEN, BREAKING, waived={"aaa"}).keys == ("bbb",)
    doubtful = state(FROZEN, BREAKING, waived={"aaa", "bbb"})
    assert (doubtful.state, doubtful.keys) == (ContractState.INCONCLUSIVE, ("ccc",))
    assert state(FROZEN, BREAKING, waived={"aaa", "bbb", "ccc"}).state is ContractState.STABLE


def test_a_new_key_opens_it_again_and_what_was_too_much_to_keep_cannot_be_waived():
    waived = {"aaa", "bbb", "ccc"}
    worse = replace(BREAKING, label="v3", breaking=("aaa", "bbb", "ddd"))
    assert state(FROZEN, BREAKING, worse, waived=waived).keys == ("ddd",)
    assert state(FROZEN, replace(BREAKING, unlisted=3), waived=waived).state is ContractState.BROKEN
    only_doubtful = replace(BREAKING, breaking=(), unlisted=3)
    assert state(FROZEN, only_doubtful, waived=waived).state is ContractState.INCONCLUSIVE


def test_a_freezing_that_is_still_to_come_does_not_count():
    assert state(replace(FIRST, frozen_on=on_day(10) + timedelta(days=1))).state is ContractState.DRAFT
