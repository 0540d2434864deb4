"""How far a change reaches through the dependencies."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coupling import Coupling


def test_a_chain_of_three_fills_6_of_9_cells():
    propagation = Coupling("abc", [("a", "b"), ("b", "c")]).propagation()
    assert (propagation.filled, propagation.cells) == (6, 9)
    assert propagation.cost == pytest.approx(66.67, abs=0.01)
    assert not propagation.at_least


def test_in_a_ring_every_change_reaches_everything():
    propagation = Coupling("abcde", zip("abcde", "bcdea", strict=True)).propagation()
    assert propagation.cost == 100
    assert propagation.largest_loop == ("a", "b", "c", "d", "e")


def test_without_a_dependency_each_reaches_itself_and_the_figure_is_at_least_that():
    propagation = Coupling("abcd", []).propagation()
    assert propagation.cost == 25
    assert propagation.at_least
    assert propagation.undeclared == ("a", "b", "c", "d")


def test_a_system_that_is_declared_standalone_leaves_no_doubt():
    coupling = Coupling("abc", [("a", "b")])
    assert coupling.propagation().undeclared == ("c",)
    assert not coupling.propagation(standalone=["c"]).at_least


def test_the_largest_loop_is_named():
    pairs = [("a", "b"), ("b", "a"), ("x", "y"), ("y", "z"), ("z", "x"), ("a", "x")]
    assert Coupling("abxyz", pairs).propagation().largest_loop == ("x", "y", "z")


def test_no_system_has_no_cost():
    assert Coupling([], []).propagation().cost is None


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(lambda p: p[0] != p[1]))
)
def test_the_filled_cells_are_those_of_the_transitive_closure(pairs):
    graph = nx.DiGraph(pairs)
    graph.add_nodes_from("abcdef")
    closure = nx.transitive_closure(graph, reflexive=True)
    assert Coupling("abcdef", pairs).propagation().filled == closure.number_of_edges()
