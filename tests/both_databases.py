"""Which cases of a test run on which database.

Every test runs on SQLite and on Postgres. One with several cases has each of them on one of the two, in turn: its cases
are about rules of ours, and what the databases do differently any of them shows. HEADWAY_FULL=1: each on both.
"""

import os
from collections import defaultdict
from collections.abc import Iterable

import pytest

KINDS = ("sqlite", "postgres")
FIXTURES = ("database_url", "empty_database_url", "a_database", "mended")
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


def in_turn(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests to run, and those that run on the other database only."""
    if os.environ.get("HEADWAY_FULL"):
        return list(items), []
    cases: dict[str, list[object]] = defaultdict(list)
    chosen, left_out = [], []
    for item in items:
        kind, case = _case_of(item)
        known = cases[item.nodeid.partition("[")[0]]
        if case not in known:
            known.append(case)
        runs = case is None or kind == KINDS[known.index(case) % len(KINDS)]
        (chosen if runs else left_out).append(item)
    return chosen, left_out


def _case_of(item: pytest.Item) -> tuple[str, object]:
    """Return a test's kind of database and its other parameters; None for these if it has none, or is in EACH_ON_BOTH."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or item.nodeid.startswith(EACH_ON_BOTH):
        return "", None
    kinds = [callspec.params[name] for name in FIXTURES if name in callspec.params]
    case = {name: id(value) for name, value in callspec.params.items() if name not in FIXTURES}
    return (kinds[0], case) if kinds and case else ("", None)
