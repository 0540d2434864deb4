"""Two spellings of a person are merged by somebody who says so, and taken apart again; an erasure takes them all."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Invalid, NotFound
from models.journal import JournalEntry
from models.summarise import summarise
from services.engagement import engagements
from services.imports.applying import File, preview
from services.interviews import interviews, same_person
from services.interviews.frictions import FrictionEdits
from services.inventory import systems
from services.operations import journal_check
from services.privacy import erasure
from services.review import reviews
from store import reviews as stored_reviews
from store.journal import JournalFilter, entries
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state
from tests.db_snapshots import once_a_run

pytestmark = pytest.mark.usefixtures("database")
DETAILS = {
    "name": "Lending", "client": "Acme", "sector": "", "region": "", "zone": "UTC", "lead": "Mei Tan", "sponsor": "",
}  # fmt: skip


@pytest.fixture
def mei():
    """A lead of an engagement in which one person was interviewed under three spellings, and another one."""
    once_a_run("one person under three spellings", interview_under_three_spellings)
    return an_actor("Mei Tan", day=20)


def interview_under_three_spellings():
    an_engagement()
    mei = an_actor("Mei Tan", day=20)
    for day, name in enumerate(["Okafor, Sam", "Sam Okafor", "S. Okafor", "Dana Whit"], start=8):
        friction = {"theme": "Waiting", "severity": 4, "frequency": "daily", "observed": f"{name} waits"}
        given = {"interviewee": name, "held_on": on_day(day)}
        interviews.record_interview(mei, "acme", given, FrictionEdits([friction]))


def people() -> int:
    return len(summarise(the_state()).end_users_on)


def merge_all(actor) -> None:
    same_person.merge_people(actor, "acme", "Sam Okafor", "S. Okafor")
    same_person.merge_people(actor, "acme", "Okafor, Sam", "Sam Okafor")


def test_merged_spellings_count_as_one_person_and_stay_as_they_were_written(mei):
    assert people() == 4
    merge_all(mei)
    assert people() == 2
    assert [row.interviewee for row in the_state().interviews] == [
        "Okafor, Sam", "Sam Okafor", "S. Okafor", "Dana Whit",
    ]  # fmt: skip
    assert [row.pseudonym[-1] for row in the_state().interviews] == ["1", "1", "1", "2"]


def test_taken_apart_they_count_as_before(mei):
    before = [row.pseudonym for row in the_state().interviews]
    merge_all(mei)
    for spelling in ("S. Okafor", "Sam Okafor"):
        same_person.take_apart(mei, "acme", spelling)
    assert people() == 4
    assert [row.pseudonym for row in the_state().interviews] == before
    with pytest.raises(Invalid, match="“S. Okafor” isn't merged with another name"):
        same_person.take_apart(mei, "acme", "S. Okafor")


def test_the_journal_says_who_merged_whom(mei):
    same_person.merge_people(mei, "acme", "Sam Okafor", "S. Okafor")
    rows, _ = entries(mei, "acme", JournalFilter(kind="interview"))
    assert (rows[0].person, rows[0].use_case) == ("Mei Tan", "merge two spellings of a person")
    assert ("same_as", None, "Sam Okafor") in rows[0].fields
    assert [verdict.problem for verdict in journal_check.verify(the_operator())] == [None]


def test_where_names_are_hidden_the_journal_hides_them_here_as_well(mei):
    merge_all(mei)
    engagements.update_details(mei, "acme", **DETAILS, hide_interviewees=True)
    assert "Okafor" not in str(entries(mei, "acme", JournalFilter(kind="interview")))


def test_who_is_interviewed_again_under_a_merged_spelling_is_that_person(mei):
    same_person.merge_people(mei, "acme", "Sam Okafor", "S. Okafor")
    interviews.record_interview(mei, "acme", {"interviewee": "s. OKAFOR", "held_on": on_day(15)})
    assert people() == 3
    newest = the_state().interviews[-1]
    interviews.change_interview(mei, "acme", newest.id, {"interviewee": "Stella Okafor"})
    assert people() == 4


def asked_about(actor, *names) -> list[str]:
    rows = "".join(f'2026-11-{day},"{name}"\n' for day, name in enumerate(names, start=11))
    plan = preview(actor, "acme", File("interviews", f"date,interviewee\n{rows}".encode(), "interviews.csv"))
    return [doubt.read for doubt in plan.doubts if doubt.kind == "same person"]


def test_an_import_asks_about_no_spelling_that_somebody_merged(mei):
    assert asked_about(mei, "S. Okafor") == ["3 people"]
    same_person.merge_people(mei, "acme", "Sam Okafor", "S. Okafor")
    assert asked_about(mei, "S. Okafor") == ["2 people"]
    same_person.merge_people(mei, "acme", "Okafor, Sam", "Sam Okafor")
    assert asked_about(mei, "S. Okafor", "sam okafor", "Okafor, Sam") == []
    assert asked_about(mei, "Okafor, S.") == ["2 people"]
    same_person.take_apart(mei, "acme", "S. Okafor")
    assert asked_about(mei, "S. Okafor") == ["2 people"]


@pytest.mark.parametrize(
    ("name", "spelling", "error", "why"),
    [
        ("Sam Okafor", "sam okafor", Invalid, "are one person already"),
        ("Sam Okafor", "Nobody", NotFound, "Nobody called “Nobody” was interviewed"),
        ("Nobody", "Sam Okafor", NotFound, "Nobody called “Nobody” was interviewed"),
    ],
)
def test_what_cant_be_merged_says_why(mei, name, spelling, error, why):
    with pytest.raises(error, match=why):
        same_person.merge_people(mei, "acme", name, spelling)
    assert people() == 4


@pytest.mark.parametrize("asked_as", ["Sam Okafor", "S. Okafor", "Okafor, Sam"])
def test_an_erasure_takes_every_spelling(mei, asked_as):
    systems.save(
        mei,
        "acme",
        added=[{"name": "Billing", "owner": "S. Okafor"}, {"name": "Ledger", "owner": "Sam Okafor"}],
    )
    merge_all(mei)
    assert erasure.interviewees(mei, "acme") == ["Dana Whit", "Okafor, Sam"]
    held = json.loads(erasure.hand_over(mei, "acme", asked_as))
    assert len(held["interviews"]) == 3
    called = erasure.erase(mei, "acme", asked_as, "asked for it")
    assert {row.interviewee.replace("  ", " ") for row in the_state().interviews} == {called, "Dana Whit"}
    with Session(engine()) as session:
        journal = [f"{row.payload} {row.redacted}" for row in session.scalars(select(JournalEntry))]
    assert "Okafor" not in "".join(journal) + str(vars(the_state())) + str(the_state().systems[0].owner)
    assert people() == 2
    assert [verdict.problem for verdict in journal_check.verify(the_operator())] == [None]


def test_a_frozen_week_holds_no_name_of_theirs(mei):
    merge_all(mei)
    made = reviews.freeze(mei, "acme")
    assert b"Okafor" not in stored_reviews.document(mei, "acme", made.digest).to_bytes()
