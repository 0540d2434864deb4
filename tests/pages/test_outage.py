"""A page while the database is away: it waits, says so, keeps what was typed, and goes on by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.errors import Unavailable
from reports.review import compare, draft
from services.engagement import engagements
from services.people import accounts, security_log
from store import activity
from tests.builders import an_engagement, the_operator
from tests.pages.pages import open_page, words
from ui import current_user, outage

ROOT = Path(__file__).resolve().parents[2]
AWAY = "The database can't be reached at the moment. Nothing was saved."
# What each page asks of the database while it is drawn, and what it would say if it had been refused.
ASKS_LATER = {
    "overview": (draft, "draft", "shown from day 1 on"),
    "review": (draft, "draft", "There is no week to review yet"),
    "changes": (compare, "of_dates", "There is nothing to compare with"),
    "people": (accounts, "list_accounts", AWAY),
    "security": (security_log, "events", AWAY),
    "activity": (activity, "acts_of_person", "Not found"),
}


@pytest.fixture
def away(sqlite_database, monkeypatch) -> list[str]:
    """The database is away for one question of the page: what was asked meanwhile."""
    an_engagement()
    asked: list[str] = []
    ask = current_user.account

    def account() -> object:
        if not asked:
            asked.append("account")
            raise Unavailable(AWAY, "away")
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


@pytest.mark.parametrize("page", ASKS_LATER)
def test_a_page_never_takes_an_outage_for_an_answer(sqlite_database, monkeypatch, page):
    an_engagement(day_1=datetime.now(UTC).date() - timedelta(days=40))
    engagements.add_first_administrator(the_operator(), "acme")
    module, name, refused = ASKS_LATER[page]
    ask, waits = getattr(module, name), []

    def once_away(*given: object, **named: object) -> object:
        if not waits:
            raise Unavailable(AWAY, "away")
        return ask(*given, **named)

    monkeypatch.setattr(module, name, once_away)
    monkeypatch.setattr(outage, "sleep", waits.append)
    text = words(open_page(page, engagement="acme"))
    assert waits == [1.0]
    assert refused not in text
