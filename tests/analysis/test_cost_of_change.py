"""What a survey says of the cost of change: the costliest systems, the pairs that change together, the trend."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cost_of_change import CostOfChange, as_dict
from analysis.coupling import Coupling
from tests.analysis.surveys import survey_of


def by_name(costs: CostOfChange) -> dict:
    return {cost.name: cost for cost in costs.systems}


def test_system_changes_are_changes_times_one_plus_the_others_touched():
    cost = by_name(CostOfChange(survey_of({"Ledger": 20, "Portal": 10}, {("Ledger", "Portal"): 5})))["Ledger"]
    assert cost.others == 0.25
    assert cost.system_changes == 25
    assert cost.alone_share == 75


def test_the_costliest_are_the_fewest_that_carry_half():
    costs = CostOfChange(survey_of({"A": 40, "B": 30, "C": 20, "D": 15}))
    assert costs.costliest == ["A", "B"]
    assert [cost.name for cost in costs.systems if cost.costliest] == ["A", "B"]
    assert costs.costliest_share == pytest.approx(100 * 70 / 105)


def test_exactly_half_is_half():
    assert CostOfChange(survey_of({"A": 50, "B": 30, "C": 20})).costliest == ["A"]


def test_a_system_that_changes_seldom_but_touches_many_outranks_one_that_changes_often():
    others = {f"S{n}": 12 for n in range(4)}
    pairs = {("Discount", name): 10 for name in others}
    costs = CostOfChange(survey_of({"Core": 45, "Discount": 40, **others}, pairs))
    assert costs.costliest[0] == "Discount"


def test_fewer_than_10_changes_are_too_few_to_say_and_carry_no_cost():
    costs = CostOfChange(survey_of({"Often": 10, "Seldom": 9, "Never": 0}), inventory=["Often", "Mainframe"])
    states = {cost.name: cost.state for cost in costs.systems}
    assert states == {
        "Often": "measured",
        "Seldom": "too few changes to say",
        "Never": "too few changes to say",
        "Mainframe": "not known",
    }
    assert costs.system_changes == 10
    assert by_name(costs)["Never"].others is None


def test_fewer_than_20_changes_are_listed_not_placed():
    costs = by_name(CostOfChange(survey_of({"A": 20, "B": 19})))
    assert costs["A"].is_placed
    assert not costs["B"].is_placed


def test_changes_a_month_are_of_the_whole_window():
    window = {"since": "2024-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    cost = CostOfChange(survey_of({"A": 48}, **window)).systems[0]
    assert cost.a_month == pytest.approx(2, rel=0.01)


def test_without_a_measured_system_nothing_is_costliest():
    costs = CostOfChange(survey_of({"A": 3}))
    assert costs.costliest == []
    assert costs.costliest_share is None


@pytest.mark.parametrize(
    ("shared", "a", "b", "listed", "together"),
    [
        (5, 10, 10, True, True),
        (4, 10, 10, False, False),
        (5, 9, 10, True, False),
        (6, 20, 20, True, True),
        (5, 17, 17, True, False),
    ],
)
def test_a_pair_changes_together_from_5_shared_of_10_each_and_30_percent(shared, a, b, listed, together):
    pairs = CostOfChange(survey_of({"A": a, "B": b}, {("A", "B"): shared})).pairs_together()
    assert len(pairs) == listed
    assert any(pair.together for pair in pairs) is together


def test_a_dependency_in_either_direction_explains_a_pair():
    costs = CostOfChange(survey_of({"A": 10, "B": 10}, {("A", "B"): 8}))
    assert [pair.unexplained for pair in costs.pairs_together()] == [True]
    assert [pair.unexplained for pair in costs.pairs_together([("B", "A")])] == [False]
    assert costs.pairs_together()[0].commits == tuple(f"{n:010x}" for n in range(5))


def test_the_strongest_pair_comes_first_and_pairs_of_too_few_changes_last():
    survey = survey_of({"A": 20, "B": 20, "C": 12, "D": 5}, {("A", "B"): 6, ("B", "C"): 7, ("A", "D"): 5})
    pairs = CostOfChange(survey).pairs_together()
    assert [(pair.a, pair.b) for pair in pairs] == [("B", "C"), ("A", "B"), ("A", "D")]


def test_the_trend_leaves_out_small_months_and_months_that_the_window_cuts():
    months = {
        "2022-11": (99, 1),  # written before the window, committed within it
        "2023-01": (30, 10),
        "2023-02": (9, 9),
        "2023-03": (10, 3),
        "2024-01": (40, 40),
    }
    window = {"since": "2023-01-01T00:00:00Z", "until": "2024-01-31T12:00:00Z"}
    costs = CostOfChange(survey_of({"A": 20}, months=months, **window))
    assert costs.within_one_system() == [(date(2023, 1, 1), 33.3), (date(2023, 3, 1), 30.0)]


def test_a_month_that_the_window_begins_within_is_cut():
    months = {"2023-01": (30, 10), "2023-02": (20, 10)}
    costs = CostOfChange(survey_of({"A": 20}, months=months, since="2023-01-02T00:00:00Z"))
    assert [first for first, _ in costs.within_one_system()] == [date(2023, 2, 1)]


def test_a_clone_is_old_90_days_after_its_newest_commit():
    assert CostOfChange(survey_of({"A": 20}, head_on="2023-10-01")).is_clone_old()
    assert not CostOfChange(survey_of({"A": 20}, head_on="2024-01-01")).is_clone_old()


@given(st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 60), min_size=1))
def test_no_fewer_systems_would_carry_half(changes):
    costs = CostOfChange(survey_of(changes))
    measured = sorted((n for n in changes.values() if n >= 10), reverse=True)
    carried = sum(changes[name] for name in costs.costliest)
    assert carried * 2 >= sum(measured)
    assert sum(measured[: len(costs.costliest) - 1]) * 2 < sum(measured) or not costs.costliest


def test_the_answer_for_json_says_all_that_a_page_says():
    survey = survey_of({"A": 20, "B": 10}, {("A", "B"): 6})
    propagation = Coupling("AB", [("A", "B")]).propagation()
    answer = as_dict(CostOfChange(survey), propagation, [("A", "B")])
    assert answer["systems"][0] == {
        "name": "A",
        "state": "measured",
        "changes": 20,
        "changes_a_month": 1.54,
        "alone": 14,
        "others": 0.3,
        "system_changes": 26,
        "costliest": True,
    }
    assert answer["pairs"][0]["share"] == 40
    assert answer["pairs"][0]["dependency"] is True
    assert (answer["propagation_cost"], answer["largest_loop"], answer["at_least"]) == (75.0, [], False)
    assert answer["left_out"] == survey["left_out"]
