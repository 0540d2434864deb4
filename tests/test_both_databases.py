"""Which cases run on which database."""

import pytest

from tests import both_databases

pytest_plugins = ["pytester"]
TESTS = """
import pytest
@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request): return request.param
def test_plain(database_url): ...
@pytest.mark.parametrize("case", ["a", "b", "c"])
def test_cases(database_url, case): ...
@pytest.mark.parametrize("case", ["a", "b"])
def test_no_database(case): ...
"""


def chosen(pytester: pytest.Pytester) -> list[str]:
    items, _ = both_databases.in_turn(pytester.getitems(TESTS))
    return [item.name for item in items]


def test_every_test_runs_on_both_and_every_case_on_one(pytester, monkeypatch):
    monkeypatch.delenv("HEADWAY_FULL", raising=False)
    assert chosen(pytester) == [
        "test_plain[sqlite]",
        "test_plain[postgres]",
        "test_cases[sqlite-a]",
        "test_cases[sqlite-c]",
        "test_cases[postgres-b]",
        "test_no_database[a]",
        "test_no_database[b]",
    ]


def test_a_full_run_has_every_case_on_both(pytester, monkeypatch):
    monkeypatch.setenv("HEADWAY_FULL", "1")
    assert len(chosen(pytester)) == 2 + 6 + 2
