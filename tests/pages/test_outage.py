"""A page while the database is away: it waits, says so, keeps what was typed, and goes on by itself."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.errors import Unavailable
from tests.builders import an_engagement
from tests.pages.pages import words
from ui import current_user, outage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def away(sqlite_database, monkeypatch) -> list[str]:
    """The database is away for one question of the page: what was asked meanwhile."""
    an_engagement()
    asked: list[str] = []
    ask = current_user.account

    def account() -> object:
        if not asked:
            asked.append("account")
            raise Unavailable("The database can't be reached at the moment. Nothing was saved.", "away")
        return ask()

    monkeypatch.setattr(current_user, "account", account)
    monkeypatch.setattr(outage, "sleep", lambda seconds: asked.append(f"waited {seconds:g}"))
    return asked


def test_it_says_so_and_draws_the_page_once_the_database_is_back(away):
    test = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    assert not test.exception
    assert away == ["account", "waited 1"]
    assert "There is no engagement yet" in words(test)


def test_the_script_does_not_end_meanwhile(away, monkeypatch):
    """A script that ended would take from the browser what it didn't draw, and with it what was typed."""
    tries = iter([False, False, True] + [True] * 9)
    monkeypatch.setattr(outage, "is_reachable", lambda: next(tries))
    AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    assert away[:4] == ["account", "waited 1", "waited 1.5", "waited 2.25"]
