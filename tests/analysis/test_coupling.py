"""The order of the matrix, loops, and who depends on whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coupling import Coupling, name_key

NAMES = ["Ledger", "Payments", "Portal", "Orders", "Rating [v2]", 'Disp"atch', "Identity 🚀"]


@st.composite
def inventories(draw):
    systems = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    pairs = draw(st.lists(st.tuples(st.sampled_from(systems), st.sampled_from(systems)), max_size=20))
    return systems, [(a, b) for a, b in pairs if a != b]


@given(inventories())
def test_only_loops_lie_above_the_diagonal(inventory):
    systems, pairs = inventory
    coupling = Coupling(systems, pairs)
    place = {name: position for position, name in enumerate(coupling.order())}
    loop_of = coupling.loop_of()
    for dependent, provider in pairs:
        if place[dependent] < place[provider]:
            assert loop_of[dependent] == loop_of[provider]


@given(inventories())
def test_every_system_stands_in_the_order_once_and_a_loop_stands_together(inventory):
    coupling = Coupling(*inventory)
    order = coupling.order()
    assert sorted(order) == sorted(inventory[0])
    for loop in coupling.loops():
        places = [order.index(name) for name in loop]
        assert max(places) - min(places) == len(loop) - 1


@given(inventories(), st.randoms())
def test_the_answers_are_the_same_for_any_order_of_the_input(inventory, random):
    systems, pairs = list(inventory[0]), list(inventory[1])
    first = Coupling(systems, pairs)
    random.shuffle(systems)
    random.shuffle(pairs)
    second = Coupling(systems, pairs * 2)
    assert first.order() == second.order()
    assert first.loops() == second.loops()
    assert first.most_depended_on() == second.most_depended_on()


@given(inventories())
def test_systems_of_a_loop_all_reach_each_other(inventory):
    coupling = Coupling(*inventory)
    for loop in coupling.loops():
        for name in loop:
            assert set(loop) - {name} <= set(coupling.all_dependents(name))


def test_the_smallest_loop_is_named_first():
    pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("y", "x"), ("x", "y"), ("a", "x")]
    assert Coupling("abcxyz", pairs).loops() == [["x", "y"], ["a", "b", "c"]]


def test_what_needs_nothing_comes_first_and_what_stands_alone_last():
    coupling = Coupling(["Alone", "Portal", "Ledger"], [("Portal", "Ledger")])
    assert coupling.order() == ["Ledger", "Portal", "Alone"]


def test_a_change_reaches_what_depends_on_it_through_others():
    coupling = Coupling("abc", [("a", "b"), ("b", "c")])
    assert coupling.all_dependents("c") == ["a", "b"]
    assert coupling.most_depended_on() == [("b", 1), ("c", 1)]


def test_an_unknown_system_is_refused_by_name():
    with pytest.raises(ValueError, match="'z' isn't one of the systems"):
        Coupling("ab", [("a", "z")])
    with pytest.raises(ValueError, match="'z' isn't one of the systems"):
        Coupling("ab", []).all_dependents("z")


def test_a_system_that_depends_on_itself_is_refused():
    with pytest.raises(ValueError, match="'a' can't depend on itself"):
        Coupling("ab", [("a", "a")])


def test_names_sort_as_people_count():
    names = ["System 10", "system 2", "System 1b", "Other"]
    assert sorted(names, key=name_key) == ["Other", "System 1b", "system 2", "System 10"]
