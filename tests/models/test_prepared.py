"""Prepared statements find and change what SQLAlchemy's own execution would, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.database import engine
from models.journal import Submission
from models.people import User
from models.plan import Cycle
from models.prepared import MAX_COMPILED, Prepared
from tests.builders import a_user, an_engagement, noon

pytestmark = pytest.mark.usefixtures("database")

SUBMISSION = Submission.__table__
ADD = Prepared(insert(SUBMISSION), "name", "at")
NAMED = Prepared(select(SUBMISSION.c.name, SUBMISSION.c.at).where(SUBMISSION.c.name == bindparam("called")))


def a_submission(connection, name, at=None):
    ADD.run(connection, {"name": name, "at": at or noon(1)})


def test_what_is_written_is_read_back_as_it_was_meant():
    an_engagement()
    a_user("Mei Tan")
    moment = datetime(2026, 10, 5, 14, 30, 5, 7, tzinfo=UTC)
    with engine().connect() as connection:
        a_submission(connection, "a", moment)
        assert list(NAMED.row(connection, called="a")) == ["a", moment]
        assert NAMED.row(connection, called="b") is None
        first_cycle = Prepared(select(Cycle.day_1, Cycle.closed_on, Cycle.number).order_by(Cycle.id).limit(1))
        assert list(first_cycle.row(connection)) == [date(2026, 10, 5), None, 1]
        disabled = Prepared(select(User.disabled).where(User.name == bindparam("name")))
        assert disabled.row(connection, name="Mei Tan")[0] is False


def test_a_statement_says_how_many_rows_it_was_about():
    with engine().connect() as connection:
        ADD.run(connection, *({"name": name, "at": noon(1)} for name in "abc"))
        moved = Prepared(update(SUBMISSION).where(SUBMISSION.c.name == bindparam("called")), "at")
        assert moved.run(connection, {"called": "a", "at": noon(2)}) == 1
        assert moved.run(connection, {"called": "z", "at": noon(2)}) == 0
        assert NAMED.row(connection, called="a")[1] == noon(2)
        assert Prepared(delete(SUBMISSION)).run(connection, {}) == 3


@pytest.mark.parametrize("written_out", [False, True])
def test_a_list_may_have_any_length(written_out):
    names = bindparam("names", expanding=True, literal_execute=written_out)
    there = Prepared(select(SUBMISSION.c.name).where(SUBMISSION.c.name.in_(names)))
    missing = Prepared(select(SUBMISSION.c.name).where(SUBMISSION.c.name.not_in(names)))
    with engine().connect() as connection:
        for name in "abc":
            a_submission(connection, name)
        for asked in ([], ["a"], ["b"], ["a", "c", "it's"], [f"n{i}" for i in range(MAX_COMPILED + 3)]):
            names_found = {name for (name,) in there.rows(connection, names=asked)}
            rest = {name for (name,) in missing.rows(connection, names=asked)}
            assert (names_found, rest) == ({*"abc"} & {*asked}, {*"abc"} - {*asked})


def test_it_is_undone_with_the_transaction_that_it_was_in():
    with engine().connect() as connection:
        a_submission(connection, "a")
        connection.rollback()
        assert NAMED.row(connection, called="a") is None


def test_what_the_database_refuses_is_the_error_that_everybody_knows():
    with engine().connect() as connection:
        a_submission(connection, "a")
        with pytest.raises(IntegrityError):
            a_submission(connection, "a")
