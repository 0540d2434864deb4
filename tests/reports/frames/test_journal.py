"""What the readable journal tells of interviewees, and to whom, on both databases."""

import pytest

from models.errors import Conflict
from models.people import Role
from reports.frames.activity import acts_since
from reports.review.compare import of_dates
from services.engagement import engagements
from services.imports.applying import File, preview
from services.interviews import frictions, interviews
from services.interviews.frictions import FrictionEdits
from services.notes.notes import remove_note, write_note
from store.activity import acts_of_person
from store.journal import JournalFilter, entries
from store.notes import notes
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")
TOLD = {
    "theme": "Waiting",
    "severity": 4,
    "frequency": "daily",
    "observed": "priya  NAIR waits; Sam Okafor too",
}
SECRETS = ("priya", "nair", "sam", "okafor", "waits", "left-handed")


@pytest.fixture
def lead():
    """The lead of an engagement in which Priya told of herself and of Sam, was misspelt first, and Sam was removed."""
    an_engagement()
    lead = an_actor("lead", day=20)
    text = {"interviewee": "Pria Nair", "held_on": on_day(9), "summary": "Priya Nair is left-handed"}
    priya = interviews.record_interview(lead, "acme", text, FrictionEdits([TOLD]))
    interviews.change_interview(lead, "acme", priya, {"interviewee": "Priya Nair"})
    sam = interviews.record_interview(lead, "acme", {"interviewee": "Sam Okafor", "held_on": on_day(10)})
    interviews.remove_interview(lead, "acme", sam, with_frictions=0)
    write_note(lead, "acme", "interview", priya, "Ask Priya Nair again: she waits")
    write_note(lead, "acme", "interview", priya, "Priya Nair waits no more")
    remove_note(lead, "acme", notes(lead, "acme", "interview", priya)[1].id)
    return lead


def hide_names() -> None:
    now = the_state()
    fields = {
        name: getattr(now, name) for name in ("name", "client", "sector", "region", "zone", "lead", "sponsor")
    }
    engagements.update_details(the_operator(20), "acme", **fields, hide_interviewees=True)


def journal(actor) -> str:
    return str(entries(actor, "acme")[0]).casefold()


def test_the_journal_names_interviewees_where_the_engagement_does(lead):
    assert "left-handed" in journal(lead)
    assert "priya nair" in journal(an_actor("viewer", role=Role.VIEWER))


def test_where_names_are_hidden_no_text_of_an_interview_names_anybody(lead):
    hide_names()
    for reader in (lead, an_actor("viewer", role=Role.VIEWER)):
        entries = journal(reader)
        assert not [name for name in ("priya", "pria", "nair", "sam", "okafor") if name in entries]
        assert "interviewee 1 is left-handed" in entries
        assert "interviewee 1 waits; an interviewee too" in entries
        assert "ask interviewee 1 again" in entries


@pytest.mark.parametrize("hidden", [False, True])
def test_a_sponsor_finds_no_interview_in_anything_that_tells_of_changes(lead, hidden):
    if hidden:
        hide_names()
    sponsor = an_actor("Dana", role=Role.SPONSOR, day=20)
    titles = [
        entries(sponsor, "acme"),
        entries(sponsor, "acme", JournalFilter(kind="interview")),
        entries(sponsor, "acme", JournalFilter(kind="friction")),
        entries(sponsor, "acme", JournalFilter(kind="note")),
        acts_since(sponsor, "acme", noon(1)),
        acts_of_person(sponsor, lead.user_id),
        of_dates(sponsor, "acme", on_day(8), on_day(20)),
    ]
    assert not [secret for secret in SECRETS if secret in str(titles).casefold()]


def test_a_preview_and_a_refused_edit_name_nobody_where_names_are_hidden(lead):
    hide_names()
    row = the_state().interviews[0]
    interviews.change_interview(lead, "acme", row.id, {"summary": "Priya Nair is right-handed"})
    (friction,) = the_state().frictions
    frictions.save(
        lead, "acme", FrictionEdits([], changed=[(friction.id, None, {"observed": "Priya Nair hurries"})])
    )
    refusals = []
    with pytest.raises(Conflict) as refused:
        interviews.change_interview(lead, "acme", row.id, {"role": "Clerk"}, seen=row.version)
    refusals.append(str(refused.value))
    stale = [(friction.id, friction.version, {"severity": 5})]
    with pytest.raises(Conflict) as refused:
        frictions.save(lead, "acme", FrictionEdits([], changed=stale))
    refusals.append(str(refused.value))
    file = File(
        "interviews", f"interviewee,held_on,summary\nPriya Nair,{on_day(11)},Priya Nair again", "priya.csv"
    )
    refusals.append(str(preview(lead, "acme", file).rows))
    for text in refusals:
        assert "nair" not in text.casefold(), text
    assert "lead changed summary" in refusals[0]
    assert "lead changed observed" in refusals[1]
