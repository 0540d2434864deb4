"""The one way to write: the journal, the revision, the summary, and what is refused."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.engagement import Engagement, StoredSummary
from models.errors import AlreadyDone, Conflict
from models.inventory import System
from models.journal import JournalEntry
from models.metrics import MeasurementBatch
from models.permissions import Action
from models.summary import Summary, summarise
from services.core.changes import insert_part
from services.core.transaction import expect_version, open_engagement, open_to_append, transaction
from services.engagement import engagements
from services.operations import journal_check
from tests.builders import an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def add_system(name: str, **fields: object) -> int:
    with transaction(the_operator(), "add a system") as session:
        engagement = open_engagement(session, "acme", Action.EDIT_INVENTORY)
        system = System(engagement_id=engagement.id, name=name, standalone=False, **fields)
        session.add(system)
        session.flush()
        return system.id


def entries() -> list[JournalEntry]:
    with Session(engine()) as session:
        return list(session.scalars(select(JournalEntry).order_by(JournalEntry.sequence)))


def test_each_changed_row_is_an_entry_with_its_fields_before_and_after():
    an_engagement()
    system_id = add_system("Payments", owner="Ada")
    with transaction(the_operator(2), "change a system") as session:
        open_engagement(session, "acme", Action.EDIT_INVENTORY)
        session.get(System, system_id).owner = "Grace"
    added, changed = entries()[-2:]
    assert (added.change, added.kind, added.fields["after"]["owner"]) == ("added", "system", "Ada")
    assert changed.fields == {
        "before": {"owner": "Ada", "version": 1},
        "after": {"owner": "Grace", "version": 2},
    }
    assert (changed.use_case, changed.actor, changed.via) == ("change a system", "operator", "manage.py")


def test_the_revision_is_the_sequence_of_the_newest_entry_and_its_hash_the_head():
    an_engagement()
    add_system("Payments")
    newest = entries()[-1]
    state = the_state()
    assert (state.revision, state.head) == (newest.sequence, newest.hash)


def test_the_stored_summary_is_that_of_the_state():
    an_engagement()
    add_system("Payments", owner="Ada", criticality="high", reviewed_on=on_day(1), reviewed_by="Ada")
    with Session(engine()) as session:
        stored = session.scalars(select(StoredSummary)).one()
    assert Summary.from_json(stored.content) == summarise(the_state())


def test_what_raises_leaves_nothing_behind():
    an_engagement()
    revision = the_state().revision

    def fail() -> None:
        with transaction(the_operator(), "fail") as session:
            engagement = open_engagement(session, "acme", Action.EDIT_INVENTORY)
            session.add(System(engagement_id=engagement.id, name="Payments"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert the_state().revision == revision
    assert the_state().systems == []


def test_a_use_case_that_asked_no_permission_does_not_commit():
    an_engagement()
    an_engagement("other")

    def sneak() -> None:
        with transaction(the_operator(), "sneak") as session:
            open_engagement(session, "acme", Action.EDIT_INVENTORY)
            other = session.scalar(select(Engagement).where(Engagement.slug == "other"))
            session.add(System(engagement_id=other.id, name="Payments"))

    with pytest.raises(RuntimeError, match="never opened"):
        sneak()
    assert the_state("other").systems == []


def test_the_second_of_two_people_editing_one_row_is_told_what_the_first_changed():
    an_engagement()
    system_id = add_system("Payments", owner="Ada")

    def save(owner: str) -> None:
        with transaction(the_operator(), "change a system") as session:
            open_engagement(session, "acme", Action.EDIT_INVENTORY)
            system = session.get(System, system_id)
            expect_version(session, system, seen=1)
            system.owner = owner

    save("Grace")
    with pytest.raises(Conflict, match="operator changed owner from “Ada” to “Grace”"):
        save("Linus")
    assert the_state().systems[0].owner == "Grace"


def test_a_submission_sent_twice_is_carried_out_once():
    an_engagement()
    once = replace(the_operator(), once="one click")
    engagements.move_day_1(once, "acme", on_day(3))
    revision = the_state().revision
    with pytest.raises(AlreadyDone):
        engagements.move_day_1(once, "acme", on_day(5))
    assert (the_state().revision, the_state().day_1) == (revision, on_day(3))


def test_twelve_at_once_leave_an_unbroken_journal():
    an_engagement()
    failed: list[Exception] = []

    def work(number: int) -> None:
        try:
            add_system(f"System {number}")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(the_state().systems) == 12
    assert [verdict.problem for verdict in journal_check.verify(the_operator())] == [None]


def test_a_part_added_at_once_is_journalled_as_one_that_was_flushed_is():
    an_engagement()
    fields = {"source": "Decision log", "count": 0, "digest": "", "withdrawn": False}
    with transaction(the_operator(), "record measurements") as session:
        engagement_id = open_to_append(session, "acme", Action.RECORD_MEASUREMENTS).id
        session.add(MeasurementBatch(engagement_id=engagement_id, **fields))
        at_once = insert_part(session, MeasurementBatch, engagement_id=engagement_id, **fields)
    flushed, put = entries()[-2:]
    without_id = [{**entry.fields["after"], "id": None} for entry in (flushed, put)]
    assert without_id[0] == without_id[1]
    assert (put.row_id, put.fields["after"]["id"]) == (at_once, at_once)
    assert (put.change, put.kind, put.act) == (flushed.change, flushed.kind, flushed.act)
    assert [broken.problem for broken in journal_check.verify(the_operator(), "acme")] == [None]


def test_what_is_added_at_once_where_no_permission_was_asked_does_not_commit():
    an_engagement()
    an_engagement("other")
    other = the_state("other").id

    def sneak() -> None:
        with transaction(the_operator(), "sneak") as session:
            open_to_append(session, "acme", Action.RECORD_MEASUREMENTS)
            fields = {"source": "Decision log", "count": 0, "digest": "", "withdrawn": False}
            insert_part(session, MeasurementBatch, engagement_id=other, **fields)

    with pytest.raises(RuntimeError, match="never opened"):
        sneak()
    with Session(engine()) as session:
        assert session.scalars(select(MeasurementBatch)).all() == []


def test_two_who_only_add_wait_for_each_other():
    an_engagement()
    a_moment, errors = threading.Barrier(4), []

    def add(number: int) -> None:
        fields = {"source": str(number), "count": 0, "digest": "", "withdrawn": False}
        try:
            a_moment.wait()
            with transaction(the_operator(), "record measurements") as session:
                engagement_id = open_to_append(session, "acme", Action.RECORD_MEASUREMENTS).id
                insert_part(session, MeasurementBatch, engagement_id=engagement_id, **fields)
        except Exception as wrong:
            errors.append(wrong)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {entry.fields["after"]["source"] for entry in entries()[-4:]} == {"0", "1", "2", "3"}
    assert [broken.problem for broken in journal_check.verify(the_operator(), "acme")] == [None]
