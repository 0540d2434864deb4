"""The tables and the journal side by side: what differs is named, in as much memory as a short journal takes."""

import tracemalloc

import pytest

from models import append_only
from models.database import engine, read_connection, single_transaction, write_bind
from services.inventory import systems
from store import journal_comparison
from store.journal_comparison import first_difference
from tests.builders import a_metric, an_engagement, the_operator, the_state


def differs(slug: str = "acme") -> str | None:
    state = the_state(slug)
    with read_connection() as connection:
        return first_difference(connection, state.id, state.revision)


def edit(statement: str) -> None:
    with engine().execution_options(writes=True).begin() as connection:
        append_only.remove_triggers(connection)
        connection.exec_driver_sql(statement)


def with_systems(slug: str, count: int) -> None:
    an_engagement(slug)
    systems.save(the_operator(), slug, added=[{"name": f"System {number}"} for number in range(count)])


@pytest.mark.usefixtures("database")
def test_rows_between_others_that_were_removed_or_added_are_named():
    with_systems("acme", 7)
    assert differs() is None
    with single_transaction():
        write_bind().exec_driver_sql("DELETE FROM system WHERE name = 'System 3'")
        assert differs() == "system 4 is in the journal and not in its table: somebody removed it there"
    with single_transaction():
        write_bind().exec_driver_sql(
            "INSERT INTO system (id, engagement_id, created_at, version, name, standalone) "
            "VALUES (99, 1, '2026-01-01 00:00:00', 1, 'Forged', false)"
        )
        assert differs().startswith("system 4 is in the journal")
    edit("INSERT INTO system (id, engagement_id, created_at, version, name, standalone) "
         "VALUES (4, 1, '2026-01-01 00:00:00', 1, 'System 3', false)")  # fmt: skip
    assert differs().startswith("system 4 has another")


@pytest.mark.usefixtures("database")
def test_a_table_of_which_the_journal_has_no_entry_is_looked_at_too():
    an_engagement()
    edit("INSERT INTO system (id, engagement_id, created_at, version, name, standalone) "
         "VALUES (5, 1, '2026-01-01 00:00:00', 1, 'Forged', false)")  # fmt: skip
    assert differs() == "system 5 is in its table and not in the journal: somebody added it there"


@pytest.mark.usefixtures("sqlite_database")
def test_a_value_that_no_row_can_have_is_a_sentence():
    an_engagement()
    a_metric()
    assert differs() is None
    edit("UPDATE metric SET target_on = 'noon'")
    assert differs() == "metric: its table holds a value that no row can have: somebody changed it there"


@pytest.mark.usefixtures("database")
def test_an_entry_of_a_kind_that_there_isnt_is_a_sentence():
    an_engagement()
    edit("UPDATE journal SET kind = 'nonsense' WHERE sequence = 3")
    assert "makes no sense" in differs()


@pytest.mark.usefixtures("sqlite_database")
def test_a_long_journal_takes_no_more_memory_than_a_short_one(monkeypatch):
    monkeypatch.setattr(journal_comparison, "ROWS_AT_ONCE", 50)
    with_systems("short", 200)
    with_systems("long", 3_000)
    assert differs("short") is None

    def peak(slug: str) -> int:
        state = the_state(slug)
        with read_connection() as connection:
            tracemalloc.start()
            assert first_difference(connection, state.id, state.revision) is None
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    assert peak("long") < 1.5 * peak("short")
