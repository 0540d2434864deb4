"""The dependency matrix, the graph and the heat map."""

import pandas as pd
import pytest

from reports.charts.graph import graph
from reports.charts.heat_map import heat_map
from reports.charts.matrix import matrix
from tests.reports.charts.drawing import marks, texts

SYSTEMS = ["Portal", "Ledger", "Payments", "Alone"]
PAIRS = pd.DataFrame(
    [
        ("Portal", "Ledger", "call, event", 2),
        ("Ledger", "Payments", "call", 1),
        ("Payments", "Ledger", "file", 1),
    ],
    columns=["from", "to", "kinds", "weight"],
)
KINDS = pd.DataFrame(
    [
        ("Portal", "Ledger", "event"),
        ("Portal", "Ledger", "call"),
        ("Ledger", "Payments", "call"),
        ("Payments", "Ledger", "file"),
    ],
    columns=["from", "to", "kind"],
)
NAMED = pd.DataFrame({"name": SYSTEMS, "criticality": ["high", "critical", "medium", "low"]})


def test_the_matrix_has_a_grey_diagonal_and_a_cell_for_each_pair():
    itself, plain, looped = marks(matrix(PAIRS, SYSTEMS), "rect")
    assert len(itself.rows) == 4
    assert plain.values("sentence") == ["Portal depends on Ledger: call, event"]
    assert {(row["from"], row["to"]) for row in looped.rows} == {
        ("Ledger", "Payments"),
        ("Payments", "Ledger"),
    }
    assert looped.look["stroke"] == "#C77700"


def test_rows_and_columns_of_the_matrix_have_the_same_order_with_needs_first():
    (cells, *_) = marks(matrix(PAIRS, SYSTEMS), "rect")
    order = ["Ledger", "Payments", "Portal", "Alone"]
    assert cells.encoding["x"]["scale"]["domain"] == cells.encoding["y"]["scale"]["domain"] == order


def test_the_matrix_says_its_counts_in_words():
    description = matrix(PAIRS, SYSTEMS).description
    assert (
        description
        == "Dependency matrix of 4 systems with 3 coupled pairs and 1 loop; rows depend on columns."
    )


def test_systems_without_dependencies_still_give_a_matrix():
    assert len(marks(matrix(PAIRS.head(0), SYSTEMS), "rect")[0].rows) == 4


def test_an_unknown_system_is_refused():
    with pytest.raises(ValueError, match="'Ledger' isn't one of the systems"):
        matrix(PAIRS, ["Portal"])
    with pytest.raises(ValueError, match="'Ledger' isn't one of the systems"):
        graph(NAMED[NAMED["name"] != "Ledger"], KINDS)


def test_the_graph_draws_a_box_a_system_and_a_line_a_pair_with_one_arrow():
    chart = graph(NAMED, KINDS)
    (boxes,) = marks(chart, "rect")
    assert boxes.values("name") == SYSTEMS
    lines = {row["sentence"] for layer in marks(chart, "line") for row in layer.rows}
    arrows = [row["sentence"] for layer in marks(chart, "point") for row in layer.rows]
    assert lines == {
        "Portal depends on Ledger: call, event",
        "Ledger depends on Payments: call",
        "Payments depends on Ledger: file",
    }
    assert sorted(arrows) == sorted(lines)


def test_a_loop_is_amber_and_its_way_back_points_up():
    plain, looped = marks(graph(NAMED, KINDS), "line")
    assert (plain.look["color"], looped.look["color"]) == ("#7A8594", "#C77700")
    assert {(row["kind"], row["arrow"]) for row in looped.rows} == {
        ("call", "triangle-up"),
        ("file", "triangle-down"),
    }


def test_a_pair_with_two_kinds_is_told_as_several():
    plain, _ = marks(graph(NAMED, KINDS), "line")
    assert set(plain.values("kind")) == {"several"}


def test_every_name_fits_into_its_box():
    (boxes,) = marks(graph(NAMED, KINDS), "rect")
    for row in boxes.rows:
        assert row["right"] - row["left"] >= 6 * len(row["name"])


def test_a_focus_leaves_strong_only_what_a_change_can_reach():
    (boxes,) = marks(graph(NAMED, KINDS, focus="Portal"), "rect")
    assert [row["name"] for row in boxes.rows if row["strength"] == 1] == ["Portal"]
    (boxes,) = marks(graph(NAMED, KINDS, focus="Ledger"), "rect")
    assert {row["name"] for row in boxes.rows if row["strength"] == 1} == {"Portal", "Ledger", "Payments"}


def test_the_heat_map_puts_most_frictions_first_and_tells_their_severity():
    frame = pd.DataFrame(
        [("Typing twice", "Ledger", 1, 2.0), ("Waiting", "Portal", 3, 4.25), ("Waiting", "Ledger", 1, 5.0)],
        columns=["theme", "system", "count", "severity"],
    )
    chart = heat_map(frame)
    (cells,) = marks(chart, "rect")
    assert cells.encoding["y"]["scale"]["domain"] == ["Waiting", "Typing twice"]
    assert cells.encoding["x"]["scale"]["domain"] == ["Portal", "Ledger"]
    assert cells.values("sentence")[1] == "3 frictions, mean severity 4.2 of 5"
    assert texts(chart) == [1, 3, 1]
