"""What is append-only is so to the database: whoever has the program's connection can't rewrite it."""

import sqlite3

import pytest
from alembic import command
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from models import append_only
from models.append_only import GUARDS
from models.base import Base
from models.database import engine, engine_of
from services.operations import journal_check, schema
from services.privacy import erasure
from services.review import reviews
from services.sign_off import signing
from tests.builders import a_metric, an_actor, an_engagement, noon, on_day, the_operator, the_state
from tests.db_snapshots import once_a_run
from tests.services.privacy.test_erasure import interviewed

DAY = 20
GUARDED = [guard.table for guard in GUARDS]


def run(*statements: str) -> None:
    with engine().begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def refused(*statements: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        run(*statements)


@pytest.fixture
def acme(database) -> None:
    """An engagement in which somebody signed, a week is frozen, somebody was erased, another week frozen."""
    once_a_run("signed, frozen, erased and frozen", signed_frozen_and_erased)


def signed_frozen_and_erased() -> None:
    an_engagement()
    a_metric(target="90 s")
    sponsor = an_actor("Dana Ruiz", role="sponsor", day=2)
    signing.sign(
        sponsor,
        "acme",
        signing.approvals({metric.id: metric.digest() for metric in the_state().metrics}),
        name="Dana Ruiz",
    )
    lead = interviewed()
    reviews.freeze(the_operator(DAY), "acme", on_day(DAY))
    erasure.erase(lead, "acme", "Priya Nair", "asked")
    reviews.freeze(the_operator(DAY + 7), "acme", on_day(DAY + 7))


@pytest.mark.usefixtures("acme")
def test_every_guarded_table_has_its_triggers():
    with engine().connect() as connection:
        assert append_only.tables_without_triggers(connection) == []
        assert set(GUARDED) <= set(inspect(connection).get_table_names())


def test_what_is_guarded_says_what_may_change_in_columns_that_there_are():
    for guard in GUARDS:
        columns = set(Base.metadata.tables[guard.table].columns.keys())
        assert guard.mutable_columns <= columns


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("table", ["journal", "snapshot", "review", "sign_off", "erasure"])
def test_no_row_is_deleted_or_rewritten(table):
    refused(f"DELETE FROM {table}")
    columns = Base.metadata.tables[table].columns
    texts = [
        column.name for column in columns
        if str(column.type) == "TEXT" and column.name not in ("verdict", "reason", "frozen_by")
    ]  # fmt: skip
    for column in texts:
        refused(f"UPDATE {table} SET \"{column}\" = 'forged'")
    if "created_at" in columns:
        refused(f"UPDATE {table} SET engagement_id = engagement_id + 1")


@pytest.mark.parametrize("table", GUARDED)
def test_no_table_is_emptied_on_postgres(postgres_url, table):
    made = create_engine(postgres_url)
    with pytest.raises(IntegrityError, match="append-only"), made.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {table} CASCADE")
    made.dispose()


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_no_row_is_replaced_on_sqlite_whatever_the_connection_is_set_to(recursive):
    an_engagement()
    with sqlite3.connect(engine().url.database) as connection:
        connection.execute(f"PRAGMA recursive_triggers={recursive}")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE sequence = 3")
        columns = "engagement_id, sequence, act, at, actor, via, use_case, change, kind, row_id, digest, previous, hash"
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(
                f"REPLACE INTO journal ({columns}) SELECT {columns} FROM journal WHERE sequence = 3"
            )


@pytest.mark.usefixtures("acme")
def test_an_entry_may_be_emptied_and_nothing_else_of_it_changed():
    one = "WHERE sequence = 3"
    refused(f"UPDATE journal SET payload = NULL, salt = NULL {one}")
    refused(f"UPDATE journal SET payload = NULL, redacted = '' {one}")
    refused(f"UPDATE journal SET redacted = '{{}}' {one}")
    refused(f"UPDATE journal SET payload = NULL, salt = NULL, redacted = '{{}}', actor = 'nobody' {one}")
    run(f"UPDATE journal SET payload = NULL, salt = NULL, redacted = '{{}}' {one}")
    refused(f"UPDATE journal SET payload = 'back', salt = 'back', redacted = NULL {one}")


@pytest.mark.usefixtures("acme")
def test_of_a_frozen_week_only_what_an_erasure_takes_may_go():
    refused("UPDATE snapshot SET content = '{}'")
    refused("UPDATE snapshot SET digest = 'x', interviews = NULL")
    refused("UPDATE snapshot SET content = NULL")
    run("UPDATE snapshot SET interviews = NULL")
    refused("UPDATE snapshot SET interviews = '{}'")
    refused("UPDATE review SET digest = 'x'")
    run("UPDATE review SET verdict = 'Without a name'")


@pytest.mark.usefixtures("acme")
def test_the_check_of_the_journal_tells_where_triggers_are_missing_and_upgrading_brings_them_back(database):
    with engine().begin() as connection:
        on = " ON journal" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER journal_keeps_its_rows{on}")
    assert journal_check.verify(the_operator())[0].unguarded == ["journal"]
    schema.upgrade(database)
    assert journal_check.verify(the_operator())[0].unguarded == []


@pytest.mark.usefixtures("sqlite_database")
def test_a_trigger_that_does_nothing_any_more_is_missing():
    run(
        "DROP TRIGGER journal_keeps_its_rows",
        "CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON journal BEGIN SELECT 1; END",
    )
    with engine().connect() as connection:
        assert append_only.tables_without_triggers(connection) == ["journal"]


@pytest.mark.parametrize(
    "undermined",
    [
        "CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP TRIGGER journal_keeps_its_rows ON journal; CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON journal "
        "FOR EACH ROW WHEN (OLD.id < 0) EXECUTE FUNCTION refuse_rewriting()",
        "DROP TRIGGER journal_keeps_its_rows ON journal; CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON erasure "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()",
    ],
)
def test_a_trigger_that_does_nothing_any_more_is_missing_on_postgres(postgres_url, undermined):
    made = engine_of(postgres_url)
    with made.begin() as connection:
        connection.exec_driver_sql(undermined)
        assert "journal" in append_only.tables_without_triggers(connection)
    schema.upgrade(postgres_url)
    with made.connect() as connection:
        assert append_only.tables_without_triggers(connection) == []


def test_a_database_of_the_first_form_has_every_trigger_after_the_upgrade_and_its_rows(empty_database_url):
    config = schema._config(empty_database_url)
    command.upgrade(config, "0001")
    made = engine_of(empty_database_url)
    with made.begin() as connection:
        append_only.remove_triggers(connection)
        _rows_of_the_first_form(connection)
    command.upgrade(config, "0004")
    with made.begin() as connection:
        append_only.remove_triggers(connection)
        connection.execute(text("INSERT INTO snapshot (digest, content) VALUES ('d', '{}')"))
    schema.upgrade(empty_database_url)
    with made.connect() as connection:
        assert append_only.tables_without_triggers(connection) == []
        assert connection.execute(text("SELECT sequence, payload FROM journal")).all() == [(1, "{}")]
        assert connection.execute(text("SELECT digest, content, redacted FROM snapshot")).all() == [
            ("d", "{}", None)
        ]
    with pytest.raises(IntegrityError, match="append-only"), made.begin() as connection:
        connection.execute(text("DELETE FROM journal"))
    made.dispose()


def _rows_of_the_first_form(connection) -> None:
    tables = MetaData()
    tables.reflect(connection, only=["engagement", "journal"])
    at, words = (
        noon(1),
        {"slug": "acme", "name": "A", "client": "C", "sector": "", "region": "", "zone": "UTC"},
    )
    people = {"lead": "L", "sponsor": "S", "template": "t", "hide_interviewees": False, "created_at": at}
    row = words | people | {"id": 1, "version": 1, "revision": 1, "head": "h"}
    connection.execute(tables.tables["engagement"].insert(), row)
    entry = {"engagement_id": 1, "sequence": 1, "act": 1, "at": at, "actor": "o", "via": "v", "use_case": "u"}
    entry |= {
        "change": "added",
        "kind": "engagement",
        "row_id": 1,
        "payload": "{}",
        "salt": "s",
        "digest": "d",
    }
    connection.execute(tables.tables["journal"].insert(), entry | {"previous": "", "hash": "h"})
