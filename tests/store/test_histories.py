"""Whatever happened, in whichever tables: rebuilt from the journal, an earlier revision is what was live then."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from models.base import Part
from models.database import engine, read_connection
from models.engagement import Engagement
from store import states
from store.journal_comparison import first_difference
from store.table_rows import rows_of
from tests.builders import an_engagement, the_state
from tests.store.histories import ROWS, act

pytestmark = pytest.mark.usefixtures("database")
CHANGES = ["add", "add", "change", "remove"]


def plain_parts(engagement: Engagement) -> dict[str, list[dict[str, object]]]:
    """Everything that a state says, as plain values."""
    parts: dict[str, list[dict[str, object]]] = {"engagement": [plain(engagement)]}
    for link in Engagement.__mapper__.relationships:
        parts[link.key] = [plain(part) for part in getattr(engagement, link.key)]
    return parts


def plain(row: Part | Engagement) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in type(row).__table__.columns}


def tables(engagement_id: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of every journalled table, as they are now."""
    with read_connection() as connection:
        return {
            kind: sorted(rows_of(connection, cls.__table__, "engagement_id", engagement_id), key=lambda row: row["id"])
            for kind, cls in states.KINDS.items()
        }  # fmt: skip


def begin_again() -> None:
    """A fresh engagement, in the same database."""
    with Session(engine()) as session, session.begin():
        taken = session.query(Engagement).filter_by(slug="acme").one_or_none()
        if taken is not None:
            session.execute(
                update(Engagement).where(Engagement.id == taken.id).values(slug=f"acme-{taken.id}")
            )
    an_engagement()


def expect_rebuilt(acts: list[tuple[str, str, int]]) -> None:
    """Carry them out, looking at all tables after each; then rebuild each moment from the journal alone."""
    begin_again()
    moments = []
    for one in [None, *acts]:
        if one is not None:
            act("acme", *one)
        state = the_state()
        moments.append((plain_parts(state), tables(state.id)))
    with read_connection() as connection:
        for live, held in moments:
            (itself,) = live["engagement"]
            assert plain_parts(states.rebuild(connection, itself["id"], itself["revision"])) == live
            replayed = states.replayed(connection, itself["id"], itself["revision"])
            for kind, rows in held.items():
                assert replayed[kind] == rows, kind
        assert first_difference(connection, itself["id"], itself["revision"]) is None


def test_every_journalled_table_has_a_row_to_make_histories_of():
    assert set(ROWS) == set(states.KINDS)


def test_each_table_is_rebuilt_after_a_row_of_it_was_added_changed_and_removed():
    acts = [
        (change, kind, number) for number, kind in enumerate(ROWS) for change in ("add", "change", "remove")
    ]
    expect_rebuilt(acts)


@settings(max_examples=12)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(CHANGES), st.sampled_from(sorted(ROWS)), st.integers(0, 99)), max_size=12
    )
)
def test_a_state_rebuilt_at_any_revision_is_the_one_that_was_live_then(acts):
    expect_rebuilt(acts)
