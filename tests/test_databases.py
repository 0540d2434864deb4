"""The databases that tests get are their own, and empty of other tests' rows."""

import pytest
import sqlalchemy

from models.database import engine
from models.errors import Unavailable
from services.operations import schema
from tests import databases
from tests.builders import an_engagement, the_state


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_never_meets_what_another_wrote(empty_database_url, turn):
    engine = sqlalchemy.create_engine(empty_database_url)
    with engine.begin() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == []
        connection.exec_driver_sql("CREATE TABLE left_behind (word TEXT)")


def _write_rows(url: str) -> object:
    an_engagement()
    return None


def _change_the_schema(url: str) -> object:
    with engine().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE engagement DROP COLUMN region")
    return None


def _change_its_number(url: str) -> object:
    with engine().begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    return None


def _leave_a_lock(url: str) -> object:
    other = sqlalchemy.create_engine(url).connect()
    other.exec_driver_sql("LOCK TABLE engagement IN ACCESS EXCLUSIVE MODE")
    return other


def _leave_a_connection_in_use(url: str) -> object:
    mine = engine().connect()
    mine.exec_driver_sql("LOCK TABLE engagement IN ACCESS EXCLUSIVE MODE")
    return mine


@pytest.mark.parametrize(
    "leave", [_write_rows, _change_the_schema, _change_its_number, _leave_a_lock, _leave_a_connection_in_use]
)
def test_a_postgres_database_that_others_had_is_as_a_new_one(monkeypatch, leave):
    for _ in range(2):
        with databases.postgres_database() as url:
            monkeypatch.setenv("DATABASE_URL", url)
            schema.expect_newest(url)
            an_engagement("first")
            assert the_state("first").id == 1
            assert the_state("first").region == "Europe"
            left = leave(url)
    del left


def test_a_test_is_named_after_its_kind_of_database(empty_database_url, request):
    dialect = sqlalchemy.make_url(empty_database_url).get_dialect().name
    assert request.node.callspec.id in dialect  # "postgres" in "postgresql"


def test_a_migrated_database_takes_rows_of_the_newest_schema(database_url):
    engine = sqlalchemy.create_engine(database_url)
    with engine.connect() as connection:
        assert "engagement" in sqlalchemy.inspect(connection).get_table_names()
    engine.dispose()


def test_what_fails_is_told_without_its_values(database):
    failing = sqlalchemy.text("INSERT INTO nowhere VALUES (:name)")
    with pytest.raises(Unavailable) as failed, engine().begin() as connection:
        connection.execute(failing, {"name": "Priya Nair"})
    assert "nowhere" in " ".join(failed.value.__notes__)
    assert "Priya" not in f"{failed.value} {failed.value.__notes__} {failed.value.__cause__}"


def test_a_database_that_stays_locked_is_not_waited_for_without_end(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "TRIES_TO_COPY", 1)
    with sqlalchemy.create_engine(sqlite_url).connect() as other:
        other.exec_driver_sql("BEGIN EXCLUSIVE")
        with pytest.raises(TimeoutError, match=r"headway\.db is locked"):
            databases.copy_sqlite(databases._sqlite_template(), tmp_path / "headway.db")
