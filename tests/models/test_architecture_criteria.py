"""Architecture reviewed, contracts frozen: what is found, and the signal that follows from the same facts."""

from dataclasses import replace

from models.contracts import VersionFacts
from models.criteria import evaluate
from models.pitfalls import pitfalls
from models.summary import ContractFacts, CostlyFacts, SurveyFacts
from tests.builders import a_milestone, a_summary, on_day
from tests.models.test_replacement_states import a_replacement

FROZEN = VersionFacts("v1", on_day(5), on_day(30), on_day(6), (), ())
CONTRACT = ContractFacts(1, "Orders", "Shop", 1, [FROZEN])


def reviewed(*surveys: SurveyFacts, on: int):
    return evaluate(a_summary(surveys=list(surveys)), a_milestone("architecture_reviewed"), on_day(on))


def frozen(*contracts: ContractFacts, on: int):
    return evaluate(a_summary(contracts=list(contracts)), a_milestone("contracts_frozen"), on_day(on))


def test_the_architecture_is_reviewed_once_every_costly_system_is_answered():
    unanswered = SurveyFacts("bank", on_day(3), [CostlyFacts("Loans", on_day(8)), CostlyFacts("Cards", None)])
    finding = reviewed(unanswered, on=10)
    assert (finding.met, finding.text) == (
        False, "1 of 1 survey at most 90 days old; 1 of 2 costly systems answered",
    )  # fmt: skip
    answered = replace(unanswered, costly=[CostlyFacts("Loans", on_day(8)), CostlyFacts("Cards", on_day(9))])
    assert reviewed(answered, on=10).met_on == on_day(9)
    assert not reviewed(answered, on=8).met
    assert not reviewed(answered, on=94).met
    assert not reviewed(on=10).met


def test_contracts_are_frozen_once_each_is_frozen_in_time_and_stable():
    assert frozen(CONTRACT, on=10).met_on == on_day(6)
    assert not frozen(CONTRACT, on=5).met
    assert not frozen(CONTRACT, on=60).met  # compared too long ago
    late = replace(CONTRACT, first_share_on=on_day(5))
    assert frozen(late, on=10).text == "0 of 1 contract frozen and stable; 1 frozen only after work was moved"
    broken = replace(CONTRACT, versions=[FROZEN, replace(FROZEN, frozen_on=None, breaking=("aaa",))])
    assert frozen(CONTRACT, broken, on=10).text == "1 of 2 contracts frozen and stable; 1 broken"


def test_a_replacement_without_a_contract_keeps_them_from_being_frozen():
    moved = a_replacement(names_contract=False)
    summary = a_summary(contracts=[CONTRACT], replacements=[moved])
    finding = evaluate(summary, a_milestone("contracts_frozen"), on_day(10))
    assert (finding.met, finding.page) == (False, "replacements")
    assert finding.text == "1 of 1 contract frozen and stable; 1 replacement without a contract"
    named = a_summary(contracts=[CONTRACT], replacements=[a_replacement()])
    assert evaluate(named, a_milestone("contracts_frozen"), on_day(10)).met


def test_work_that_was_moved_before_the_seam_was_still_is_a_sign_of_over_engineering():
    def signals(contract: ContractFacts) -> list[str]:
        return [signal.text for signal in pitfalls(a_summary(contracts=[contract]), on_day(10))[0].signals]

    assert signals(CONTRACT) == signals(replace(CONTRACT, first_share_on=on_day(6))) == []
    assert signals(replace(CONTRACT, first_share_on=on_day(5))) == [
        "Work was moved before the seam was still: “Orders”"
    ]
