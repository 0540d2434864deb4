"""Who calls whom, from the files of three tracing tools."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.service_graph import Edge, edges_of

CALLS = [Edge("portal", "intake-api", 1204), Edge("intake-api", "core", 3)]


def test_jaeger_and_zipkin_say_the_same():
    rows = [{"parent": edge.caller, "child": edge.called, "callCount": edge.calls} for edge in CALLS]
    assert edges_of({"data": rows, "errors": None}) == CALLS
    assert edges_of([*reversed([row | {"errorCount": 1} for row in rows])]) == CALLS


def test_a_query_of_prometheus_and_its_metrics_as_text_say_the_same():
    result = [
        {"metric": {"client": edge.caller, "server": edge.called}, "value": [1.0, str(edge.calls)]}
        for edge in CALLS
    ]
    assert edges_of({"status": "success", "data": {"resultType": "vector", "result": result}}) == CALLS
    name = "traces_service_graph_request_total"
    lines = [f'{name}{{client="{edge.caller}",x="",server="{edge.called}"}} {edge.calls}' for edge in CALLS]
    text = "\n".join(["# TYPE traces_service_graph_request_total counter", *lines, 'up{job="x"} 1'])
    assert edges_of(text) == CALLS


def test_a_pair_that_comes_twice_counts_once_with_the_sum():
    rows = [{"parent": "a", "child": "b", "callCount": 2}] * 3
    assert edges_of({"data": rows}) == [Edge("a", "b", 6)]


@pytest.mark.parametrize(
    "content",
    [
        None, 5, {}, {"data": None}, {"data": [5]}, {"data": {"result": 5}}, {"data": {"result": [{"metric": {}}]}},
        {"data": [{"parent": "a", "child": "b", "callCount": -1}]},
        {"data": [{"parent": "a", "child": "b", "callCount": True}]},
        {"data": [{"parent": "a", "child": "b", "callCount": float("nan")}]}, "", "up 1",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(content):
    with pytest.raises(ValueError, match=r"^(It |Its |The number)"):
        edges_of(content)


def test_more_pairs_than_a_person_could_look_at_are_refused():
    rows = [{"parent": f"s{n}", "child": "x", "callCount": 1} for n in range(5001)]
    with pytest.raises(ValueError, match="more than 5,000 pairs"):
        edges_of({"data": rows})


VALUES = st.none() | st.booleans() | st.floats() | st.text()
JSON = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(JSON)
def test_whatever_it_is_given_it_answers_or_refuses(content):
    with suppress(ValueError):
        assert all(isinstance(edge, Edge) for edge in edges_of(content))
