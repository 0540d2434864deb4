"""What is held of an interviewee can be taken out, handed over and forgotten."""

import json

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import append_only
from models.database import engine
from models.errors import Invalid, NotFound
from models.journal import JournalEntry
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.inventory import systems
from services.operations import journal_check
from services.privacy import erasure
from store.journal import JournalFilter, entries
from store.states import state
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state
from tests.db_snapshots import once_a_run

pytestmark = pytest.mark.usefixtures("database")
DAY = 20


@pytest.fixture
def lead():
    """A lead of an engagement in which Priya and Sam were interviewed, and Priya is named elsewhere, too."""
    return interviewed_once()


def interviewed_once():
    """The lead of an engagement with interviews with Priya and Sam."""
    once_a_run("interviews with Priya and Sam", lambda: (an_engagement(), interviewed()))
    return an_actor("lead", day=DAY)


def interviewed():
    """Interviews with Priya and Sam in the engagement that there is. Its lead."""
    lead = an_actor("lead", day=DAY)
    friction = {"theme": "Waiting", "severity": 4, "frequency": "daily"}
    frictions = [{**friction, "observed": "PRIYA  nair waits for the queue"}]
    priya = {"interviewee": "Priya Nair", "role": "Loan officer", "team": "Leeds", "summary": "Left-handed"}
    interviews.record_interview(lead, "acme", {**priya, "held_on": on_day(9)}, FrictionEdits(frictions))
    interviews.record_interview(lead, "acme", {"interviewee": "Sam Okafor", "held_on": on_day(9)})
    systems.save(lead, "acme", added=[{"name": "Billing", "owner": "Priya Nair"}])
    interviews.change_interview(lead, "acme", the_state().interviews[0].id, {"role": "Team lead"})
    return lead


def everything() -> str:
    """Every text in every table, as somebody finds it who holds the database."""
    texts = []
    with engine().connect() as connection:
        from models.base import Base

        for table in Base.metadata.sorted_tables:
            texts += [str(tuple(row)) for row in connection.execute(select(table))]
    return "\n".join(texts).casefold()


def test_all_that_is_held_of_a_person_is_handed_over(lead):
    handed_over = json.loads(erasure.hand_over(lead, "acme", "priya nair"))
    assert [row["role"] for row in handed_over["interviews"]] == ["Team lead"]
    assert [row["observed"] for row in handed_over["frictions"]] == ["PRIYA  nair waits for the queue"]
    assert handed_over["named_elsewhere"][0]["owner"] == "Priya Nair"
    assert "Left-handed" in str(handed_over["journal"])
    assert "Okafor" not in str(handed_over)


def test_that_a_copy_was_handed_out_is_journalled_and_not_of_whom(lead):
    erasure.hand_over(lead, "acme", "Priya Nair")
    (entry,), _ = entries(lead, "acme", JournalFilter(kind="handover"))
    assert (entry.person, entry.use_case) == ("lead", "hand over an interviewee's personal data")
    assert entry.fields == [("interviews", None, "1")]
    with pytest.raises(NotFound, match="Nobody called “Billing”"):
        erasure.hand_over(lead, "acme", "Billing")
    assert entries(lead, "acme", JournalFilter(kind="handover"))[1] == 1


def test_an_erased_person_is_found_nowhere_any_more(lead):
    before = the_state().revision
    called = erasure.erase(lead, "acme", "Priya Nair", "Priya Nair asked for it")
    held = everything()
    for text in ("priya", "nair", "loan officer", "team lead", "left-handed", "leeds"):
        assert text not in held, text
    assert the_state().interviews[0].interviewee == called
    assert the_state().systems[0].owner == called
    assert state(lead, "acme", before).interviews[0].interviewee == called
    assert "sam okafor" in held


def test_the_journal_keeps_that_something_was_erased_and_stays_unbroken(lead):
    erasure.erase(lead, "acme", "Priya Nair", "asked for it")
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None
    listed, _ = entries(lead, "acme", JournalFilter(kind="erasure"))
    assert listed[0].fields == [("pseudonym", None, "Erased person 1"), ("reason", None, "asked for it")]
    about, _ = entries(lead, "acme", JournalFilter(kind="interview"))
    assert any(entry.erased for entry in about)


def test_earlier_states_keep_what_says_nothing_of_the_person(lead):
    then = the_state().revision
    erasure.erase(lead, "acme", "Priya Nair", "asked")
    earlier = state(lead, "acme", then)
    assert [(row.held_on, row.person) for row in earlier.interviews] == [
        (on_day(9), "erased person 1"),
        (on_day(9), "sam okafor"),
    ]
    assert [row.severity for row in earlier.frictions] == [4]


def test_two_people_are_erased_one_after_the_other(lead):
    systems.save(lead, "acme", added=[{"name": "Ledger", "owner": "Priya Nair and Sam Okafor"}])
    erasure.erase(lead, "acme", "Priya Nair", "asked")
    erasure.erase(lead, "acme", "Sam Okafor", "asked")
    assert the_state().systems[1].owner == "Erased person 1 and Erased person 2"
    assert len({row.person for row in the_state().interviews}) == 2
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None
    with pytest.raises(Invalid, match="erased already"):
        erasure.erase(lead, "acme", "Erased person 1", "again")


@pytest.mark.parametrize("what", ["altered", "emptied"])
def test_what_an_erasure_left_cant_be_altered_unseen(lead, what):
    erasure.erase(lead, "acme", "Priya Nair", "asked")
    with Session(engine()) as session, session.begin():
        append_only.remove_triggers(session.connection())
        entry = JournalEntry.redacted.is_not(None)
        if what == "altered":
            session.execute(update(JournalEntry).where(entry).values(redacted='{"after":{},"before":{}}'))
        else:
            of_sam = JournalEntry.payload.contains("Okafor")
            session.execute(update(JournalEntry).where(of_sam).values(payload=None, salt=None))
    (verdict,) = journal_check.verify(the_operator())
    assert "no erasure in the journal accounts for it" in verdict.problem


def test_somebody_who_wasnt_interviewed_isnt_erased(lead):
    revision = the_state().revision
    with pytest.raises(NotFound, match="Nobody called “Billing” was interviewed"):
        erasure.erase(lead, "acme", "Billing", "asked")
    assert the_state().revision == revision


def test_a_name_within_a_longer_word_is_left_alone(lead):
    interviews.record_interview(lead, "acme", {"interviewee": "Al", "held_on": on_day(10)})
    systems.save(lead, "acme", added=[{"name": "Aladdin", "owner": "Al (Leeds)"}])
    called = erasure.erase(lead, "acme", "Al", "asked")
    system = the_state().systems[-1]
    assert (system.name, system.owner) == ("Aladdin", f"{called} (Leeds)")
