"""The databases that tests get are their own, and empty of other tests' rows."""

import pytest
import sqlalchemy

from models.database import engine
from models.errors import Unavailable


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_never_meets_what_another_wrote(empty_database_url, turn):
    engine = sqlalchemy.create_engine(empty_database_url)
    with engine.begin() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == []
        connection.exec_driver_sql("CREATE TABLE left_behind (word TEXT)")


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
