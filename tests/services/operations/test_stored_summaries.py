"""After an upgrade, stored summaries say what the rules of today say."""

import pytest
from alembic import command
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database import engine
from models.engagement import StoredSummary
from models.summary import Summary
from services.inventory import systems
from services.operations import schema
from services.operations.stored_summaries import refresh_summaries
from tests.builders import an_engagement, the_operator


def without_owner() -> int:
    with Session(engine()) as session:
        stored = Summary.from_json(session.scalars(select(StoredSummary.content)).one())
    return stored.inventory.without.get("owner", 0)


@pytest.fixture
def counted_as_before(database: str) -> str:
    """A database whose stored summary was made by rules that took “TBD” for an owner. Its URL."""
    an_engagement()
    systems.save(the_operator(), "acme", added=[{"name": "Ledger"}, {"name": "Billing", "owner": "Mei Tan"}])
    with Session(engine()) as session, session.begin():
        own = select(StoredSummary.content)
        content = session.scalars(own).one()
        assert '"owner":1' in content
        session.execute(update(StoredSummary).values(content=content.replace('"owner":1', '"owner":0')))
    assert without_owner() == 0
    return database


def test_an_upgrade_stores_them_anew(counted_as_before):
    command.downgrade(schema._config(counted_as_before), "-1")
    schema.upgrade(counted_as_before)
    assert without_owner() == 1


def test_a_database_that_is_up_to_date_is_left_alone(counted_as_before):
    schema.upgrade(counted_as_before)
    assert without_owner() == 0


def test_only_those_that_differ_are_stored(counted_as_before):
    an_engagement("other")
    with Session(engine()) as session:
        assert refresh_summaries(counted_as_before) == 1
        assert refresh_summaries(counted_as_before) == 0
        assert len(session.scalars(select(StoredSummary)).all()) == 2
