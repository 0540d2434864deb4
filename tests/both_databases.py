"""Which tests run on which database.

Use cases, and what reads for them, run on SQLite and on Postgres. A test of theirs with several cases has each of them on
one of the two, in turn: its cases are about rules of ours, and what the databases do differently any of them shows. So
do the tests of the rooms above, which ask no database themselves. HEADWAY_FULL=1: each on both.
"""

import os
from collections import defaultdict
from collections.abc import Iterable

import pytest

KINDS = ("sqlite", "postgres")
FIXTURES = ("database_url", "empty_database_url")
# Here a case is about what the database itself does: triggers, how text and numbers are stored, what it lets through.
EACH_ON_BOTH = (
    "tests/migrations/",
    "tests/models/",
    "tests/services/core/",
    "tests/services/interviews/test_same_person.py",
    "tests/services/operations/",
    "tests/services/privacy/",
    "tests/store/",
    "tests/test_databases.py",
)
# These rooms and commands call use cases, and ask no database themselves.
IN_TURN = ("tests/api/", "tests/reports/", "tests/test_")
Case = tuple[object, ...]
WHOLE: Case = ()


def in_turn(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests to run, and those that run on the other database only."""
    if os.environ.get("HEADWAY_FULL"):
        return list(items), []
    placed = [(item, *_place_of(item)) for item in items]
    kinds: dict[str, dict[Case, list[str]]] = defaultdict(dict)
    for _, whole, case, kind in placed:
        kinds[whole].setdefault(case, []).append(kind)
    turn = {
        (whole, case): of_case[at % len(of_case)]
        for whole, cases in kinds.items()
        for at, (case, of_case) in enumerate(cases.items())
    }
    chosen, left_out = [], []
    for item, whole, case, kind in placed:
        (chosen if case == WHOLE or kind == turn[whole, case] else left_out).append(item)
    return chosen, left_out


def _place_of(item: pytest.Item) -> tuple[str, Case, str]:
    """Return what a test is a case of, which case, and its kind of database; the case is WHOLE where it isn't divided."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    kind = next((params[name] for name in FIXTURES if name in params), None)
    name = item.nodeid.partition("[")[0]
    case = tuple((other, id(value)) for other, value in params.items() if other not in FIXTURES)
    if kind is None or item.nodeid.startswith(EACH_ON_BOTH):
        return name, WHOLE, ""
    if item.nodeid.startswith(IN_TURN):
        return name.partition("::")[0], (name, case), kind
    return name, case, kind
