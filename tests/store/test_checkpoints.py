"""Checkpoints: an earlier state is the same with them as without, and costs the entries since the newest one only."""

import zlib
from contextlib import contextmanager

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.checkpoints import Replay, StateCheckpoint
from models.database import engine, read_connection
from services.interviews import interviews
from services.operations.checkpoints import add_checkpoints
from services.plan import decisions
from services.privacy.erasure import erase
from store import states
from tests.builders import a_metric, an_engagement, on_day, the_operator, the_state
from tests.services.events.acts import journal_acts
from tests.store.test_histories import plain_parts

pytestmark = pytest.mark.usefixtures("database")


def a_history() -> list[int]:
    """An engagement in which things were added and changed. Returns its revisions, oldest first."""
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    interviews.record_interview(
        the_operator(3), "acme", {"interviewee": "Ines Almeida", "held_on": on_day(2), "role": "Teller"}
    )
    for number in range(6):
        decisions.request_decision(
            the_operator(4), "acme", title=f"Decide {number}", owner="Dana", needed_by=on_day(60)
        )
    return list(range(1, the_state().revision + 1))


def rebuilt(revision: int) -> dict:
    with read_connection() as connection:
        return plain_parts(states.rebuild(connection, the_state().id, revision))


def stored() -> list[StateCheckpoint]:
    with Session(engine()) as session:
        return list(session.scalars(select(StateCheckpoint).order_by(StateCheckpoint.sequence)))


@contextmanager
def entries_read():
    """How many journal entries are replayed inside."""
    count, own = [0], Replay.apply

    def counted(self, entry):
        count[0] += 1
        own(self, entry)

    Replay.apply = counted
    try:
        yield count
    finally:
        Replay.apply = own


def test_every_revision_is_the_same_with_checkpoints_and_without():
    revisions = a_history()
    before = [rebuilt(revision) for revision in revisions]
    assert add_checkpoints(every=4) == len(revisions) // 4
    assert add_checkpoints(every=4) == 0, "none is made twice"
    with entries_read() as count:
        assert [rebuilt(revision) for revision in revisions] == before
    assert count[0] <= 4 * len(revisions)


def test_near_the_head_only_the_newest_entries_are_read():
    a_history()
    # Entries of a kind that states don't have stand for what programs add without end.
    for _ in range(5):
        journal_acts("acme", 20)
    add_checkpoints(every=50)
    with entries_read() as count, read_connection() as connection:
        states.replay_states(connection, the_state().id, the_state().revision - 1)
    assert count[0] < 50


def test_a_checkpoint_that_isnt_in_the_chain_or_was_altered_is_passed_over():
    revisions = a_history()
    before = rebuilt(revisions[-1])
    add_checkpoints(every=5)
    with engine().execution_options(writes=True).begin() as connection:
        newest = stored()[-1].id
        connection.execute(update(StateCheckpoint).where(StateCheckpoint.id == newest).values(head="f" * 64))
        older = StateCheckpoint.id != newest
        connection.execute(update(StateCheckpoint).where(older).values(content=b"nonsense"))
    assert rebuilt(revisions[-1]) == before


def test_an_erasure_takes_the_checkpoints_with_it():
    a_history()
    add_checkpoints(every=5)
    erase(the_operator(6), "acme", "Ines Almeida", "She asked")
    assert stored() == []
    add_checkpoints(every=5)
    for row in stored():
        assert b"Ines Almeida" not in zlib.decompress(row.content)
