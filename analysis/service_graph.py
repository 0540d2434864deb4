"""Who calls whom, read from the files of tracing tools: Jaeger, Zipkin and Prometheus' service graph.

All of them hold caller, called and a number of calls, and none holds the time that it is of.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

MAX_EDGES = 5_000
_METRIC = "traces_service_graph_request_total"
_SAMPLE = re.compile(rf"^{_METRIC}\{{(?P<labels>.*)\}}\s+(?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Edge(NamedTuple):
    """One service calls another, so many times."""

    caller: str
    called: str
    calls: int


def edges_of(content: Any) -> list[Edge]:
    """Return the calls in a parsed JSON document, or in text in Prometheus' exposition format, the most frequent first.

    Raises ValueError, with a sentence, for anything else.
    """
    if isinstance(content, str):
        return _sorted(_exposition(content))
    if isinstance(content, Mapping) and isinstance(content.get("data"), list):
        return _sorted(_pairs(content["data"], "parent", "child", "callCount"))
    if isinstance(content, Mapping) and isinstance(content.get("data"), Mapping):
        return _sorted(_query_result(content["data"].get("result")))
    if isinstance(content, list):
        return _sorted(_pairs(content, "parent", "child", "callCount"))
    raise ValueError(
        "It is no file of calls: it can be the answer of Jaeger's /api/dependencies, of Zipkin's "
        f"/api/v2/dependencies, or Prometheus' {_METRIC}"
    )


def _pairs(rows: Iterable[Any], caller: str, called: str, calls: str) -> Iterable[Edge]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping) or not all(isinstance(row.get(key), str) for key in (caller, called)):
            raise ValueError(f"Its row {number} doesn't say who calls whom: it needs {caller} and {called}")
        yield Edge(row[caller], row[called], _count(row.get(calls), number))


def _query_result(rows: Any) -> Iterable[Edge]:
    """Yield the calls in the answer to a query of Prometheus (an instant vector)."""
    if not isinstance(rows, list):
        raise ValueError("It has no result: ask Prometheus for an instant vector")
    for number, row in enumerate(rows, 1):
        labels = row.get("metric") if isinstance(row, Mapping) else None
        value = row.get("value") if isinstance(row, Mapping) else None
        if not isinstance(labels, Mapping) or not isinstance(value, list) or len(value) != 2:
            raise ValueError(f"Its row {number} isn't one of an instant vector")
        yield from _pairs([{**labels, "calls": _number(value[1], number)}], "client", "server", "calls")


def _exposition(text: str) -> Iterable[Edge]:
    matches = [match for line in text.splitlines() if (match := _SAMPLE.match(line.strip()))]
    if not matches:
        raise ValueError(f"It has no line of {_METRIC}")
    for number, match in enumerate(matches, 1):
        labels = {name: re.sub(r"\\(.)", r"\1", value) for name, value in _LABEL.findall(match["labels"])}
        yield from _pairs(
            [labels | {"calls": _number(match["value"], number)}],
            "client",
            "server",
            "calls",
        )


def _number(value: Any, row: int) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"The number of calls in its row {row} is no number") from None


def _count(value: Any, row: int) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 0 or value > 1e15:
        raise ValueError(f"The number of calls in its row {row} is no number")
    return int(value)


def _sorted(edges: Iterable[Edge]) -> list[Edge]:
    """Return one edge for each pair, the most frequent first. Raises ValueError where there are too many."""
    calls: Counter[tuple[str, str]] = Counter()
    for caller, called, number in edges:
        calls[caller, called] += number
        if len(calls) > MAX_EDGES:
            raise ValueError(f"It has more than {MAX_EDGES:,} pairs of services")
    ordered = sorted(calls.items(), key=lambda item: (-item[1], item[0]))
    return [Edge(caller, called, number) for (caller, called), number in ordered]
