"""How often a database on another machine is waited for."""

import pytest

from models.database import engine_of, read_connection
from models.errors import Unavailable
from services.plan.milestones import state_claim
from store import states
from tests.builders import an_engagement, on_day, the_operator, the_state
from tests.round_trips import far_away


def test_a_state_with_all_its_tables_is_read_in_a_few_round_trips(postgres_url, monkeypatch):
    with far_away(postgres_url) as distance:
        monkeypatch.setenv("DATABASE_URL", distance.url)
        an_engagement()
        with read_connection() as connection:
            first = states.load(connection, 1)
            before = distance.round_trips
            again = states.load(connection, 1)
            taken = distance.round_trips - before
        engine_of(distance.url).dispose()
    assert len(states.TABLES) > 40
    assert 1 <= taken <= 4
    assert states.as_rows(again) == states.as_rows(first)


def test_what_another_wrote_meanwhile_is_in_none_of_the_tables_or_in_all(postgres_url, monkeypatch):
    """The tables are read in one transaction, however they are asked for."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    an_engagement()
    with read_connection() as connection:
        before = states.load(connection, 1)
        milestone = the_state().milestones[0]
        state_claim(the_operator(2), "acme", milestone.id, says="done", reason="Seen", expires_on=on_day(9))
        assert states.as_rows(states.load(connection, 1)) == states.as_rows(before)


def test_a_database_that_goes_away_meanwhile_is_said_to_be_away(postgres_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    an_engagement()
    away = pytest.raises(Unavailable, match="can't be reached")
    with engine_of(postgres_url).connect() as other, away, read_connection() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        states.load(connection, 1)
