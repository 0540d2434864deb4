"""The migration that brings surveys, contracts and trials keeps what is there, and can be taken back."""

import pytest
from alembic import command
from sqlalchemy import text

from models.database import engine
from services.inventory import systems
from services.operations.schema import _config, newest_revision, schema_revision, upgrade
from services.plan import decisions
from tests.builders import an_engagement, on_day, the_operator, the_state


@pytest.fixture
def database_at_12(database: str) -> str:
    an_engagement()
    systems.save(the_operator(2), "acme", added=[{"name": "Ledger", "owner": "Ann"}])
    decisions.request_decision(the_operator(2), "acme", title="Cut it?", owner="Dana", needed_by=on_day(30))
    return database


def test_what_was_recorded_before_is_there_afterwards(database_at_12):
    before = (
        [(row.name, row.owner) for row in the_state().systems],
        [row.title for row in the_state().decisions],
    )
    command.downgrade(_config(database_at_12), "0011")
    with engine().connect() as connection:
        columns = connection.execute(text("SELECT * FROM system")).keys()
    assert "code" not in columns
    upgrade(database_at_12)
    assert schema_revision(database_at_12) == newest_revision()
    after = (
        [(row.name, row.owner) for row in the_state().systems],
        [row.title for row in the_state().decisions],
    )
    assert after == before
    assert (the_state().systems[0].code, the_state().decisions[0].system_id) == (None, None)
