"""Notes: who may write and read them, whom they mention, and that they can be erased."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Forbidden, Invalid, NotFound
from models.journal import JournalEntry
from models.notes import NoteMention, mentioned
from models.people import Role
from services.interviews import interviews
from services.notes.notes import remove_note, write_note
from services.privacy.erasure import erase
from store.notes import notes
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator

NAMES = {1: "Dana Ruiz", 2: "Dana", 3: "Mei Tan", 4: "O'Neil-Vår"}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@Dana Ruiz, look", [1]),
        ("@dana ruiz", [1]),
        ("@Dana: look", [2]),
        ("@Danake", []),
        ("mail dana@Mei Tan", []),
        ("(@Mei Tan and @O'Neil-Vår)", [3, 4]),
        ("@@Mei Tan @Mei Tan", [3]),
        ("@", []),
    ],
)
def test_a_mention_is_the_longest_name_after_an_at_sign(text, who):
    assert mentioned(text, NAMES) == who


@pytest.mark.usefixtures("database")
def test_a_note_is_read_by_members_and_removed_by_who_wrote_it():
    an_engagement()
    mei, dana = an_actor("Mei Tan", day=5), an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    metric_id = a_metric()
    note_id = write_note(mei, "acme", "metric", metric_id, "@Dana Ruiz: is it 4 h?")
    (note,) = notes(dana, "acme", "metric", metric_id)
    assert (note.by, note.text, note.own) == ("Mei Tan", "@Dana Ruiz: is it 4 h?", False)
    with Session(engine()) as session:
        assert session.scalars(select(NoteMention.user_id)).all() == [dana.user_id]
    with pytest.raises(Forbidden, match="Only its author"):
        remove_note(dana, "acme", note_id)
    remove_note(mei, "acme", note_id)
    assert notes(dana, "acme", "metric", metric_id) == []
    with pytest.raises(Invalid):
        write_note(mei, "acme", "metric", metric_id, " ")
    with pytest.raises(NotFound):
        write_note(mei, "acme", "metric", 999, "Gone")


@pytest.mark.usefixtures("database")
def test_a_note_on_an_interview_is_for_who_may_read_interviews():
    an_engagement()
    mei, dana = an_actor("Mei Tan", day=5), an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    interview_id = interviews.record_interview(
        mei, "acme", {"interviewee": "Ines Almeida", "held_on": on_day(4), "role": "Teller"}
    )
    write_note(mei, "acme", "interview", interview_id, "@Dana Ruiz: Ines Almeida waits three days")
    for refused in (
        lambda: notes(dana, "acme", "interview", interview_id),
        lambda: write_note(dana, "acme", "interview", interview_id, "Me too"),
    ):
        with pytest.raises(Forbidden):
            refused()
    with Session(engine()) as session:
        assert session.scalars(select(NoteMention.user_id)).all() == []
    erase(the_operator(6), "acme", "Ines Almeida", "She asked")
    (note,) = notes(mei, "acme", "interview", interview_id)
    assert "Almeida" not in note.text
    with Session(engine()) as session:
        payloads = session.scalars(select(JournalEntry.payload).where(JournalEntry.kind == "note")).all()
    assert all(payload is None or "Almeida" not in payload for payload in payloads)
