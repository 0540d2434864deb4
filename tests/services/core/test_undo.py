"""Undo: what somebody saved, removed or decided a minute ago is as it was before, or a sentence says why not."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, Invalid
from models.journal import JournalEntry
from models.people import Actor, Role
from services.core import undo
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.inventory import dependencies, systems
from services.measurements import grid_entry
from services.metrics import phases
from services.notes import notes
from services.operations.journal_check import verify
from services.plan import decisions
from services.privacy import erasure
from services.sign_off import signing
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")
DAY = 9


@pytest.fixture
def mei() -> Actor:
    an_engagement()
    return an_actor("Mei Tan", day=DAY)


def what_is_there(kind: str) -> list[dict]:
    """The rows of the state without what only counts changes."""
    rows = [{**vars(row)} for row in getattr(the_state(), kind)]
    return [
        {
            name: value
            for name, value in row.items()
            if isinstance(value, str | int | float | bool) and name != "version"
        }
        for row in rows
    ]


def undone(actor: Actor) -> None:
    undo.undo(actor, "acme", undo.last_act(actor, "acme").act)


def test_a_grid_save_is_as_it_was_before(mei):
    systems.save(the_operator(DAY), "acme", added=[{"name": "Ledger", "owner": "Dana"}, {"name": "Portal"}])
    before = what_is_there("systems")
    ledger = next(row for row in the_state().systems if row.name == "Ledger")
    portal = next(row for row in the_state().systems if row.name == "Portal")
    systems.save(
        mei, "acme", added=[{"name": "Scoring"}], changed=[(ledger.id, ledger.version, {"owner": "Sam"})],
        removed=[(portal.id, portal.version)],
    )  # fmt: skip
    assert {row.name for row in the_state().systems} == {"Ledger", "Scoring"}
    assert undo.last_act(mei, "acme").use_case == "edit the systems"
    undone(mei)
    assert sorted(map(str, what_is_there("systems"))) == sorted(map(str, before))
    # The tables are what the journal tells.
    assert [verdict.problem for verdict in verify(the_operator(DAY), "acme")] == [None]
    assert undo.last_act(mei, "acme") is None


def test_a_removed_row_comes_back(mei):
    systems.save(the_operator(DAY), "acme", added=[{"name": "Ledger"}, {"name": "Portal"}])
    dependencies.save(the_operator(DAY), "acme", added=[{"from": "Portal", "to": "Ledger", "kind": "call"}])
    before = what_is_there("systems"), what_is_there("dependencies")
    (row,) = the_state().dependencies
    dependencies.save(mei, "acme", removed=[(row.id, row.version)])
    assert the_state().dependencies == []
    undone(mei)
    assert (what_is_there("systems"), what_is_there("dependencies")) == before


def test_an_interview_that_was_removed_comes_back_with_its_frictions(mei):
    edits = FrictionEdits([{"observed": "Waits", "theme": "waiting", "severity": 4, "frequency": "daily"}])
    given = {"interviewee": "Ann", "held_on": on_day(3), "role": "Clerk"}
    row_id = interviews.record_interview(the_operator(DAY), "acme", given, edits)
    (row,) = the_state().interviews
    interviews.remove_interview(mei, "acme", row.id, with_frictions=1, seen=row.version)
    assert the_state().frictions == []
    undone(mei)
    (row,) = the_state().interviews
    assert (row.interviewee, [friction.observed for friction in row.frictions]) == ("Ann", ["Waits"])
    assert row_id in (None, row.id)


def test_a_decision_is_open_again(mei):
    decision = decisions.request_decision(
        the_operator(DAY), "acme", title="Fund it", owner="Dana", needed_by=on_day(30)
    )
    decisions.decide(mei, "acme", decision, decided_on=on_day(9), outcome="Yes", rests_on="The chart")
    undone(mei)
    (row,) = the_state().decisions
    assert (row.decided_on, row.outcome) == (None, None)


def test_measurements_that_were_saved_count_no_more(mei):
    metric = a_metric(name="Wait", baseline=4, target=1)
    grid_entry.save_rows(mei, "acme", metric, [{"at": "2026-10-10", "value": "3 h"}])
    assert the_state().metrics[0].aggregate.count == 1
    undone(mei)
    assert the_state().metrics[0].aggregate is None or the_state().metrics[0].aggregate.count == 0


def test_it_is_refused_where_somebody_changed_it_since(mei):
    systems.save(mei, "acme", added=[{"name": "Ledger"}])
    (ledger,) = the_state().systems
    systems.save(an_actor("Sam", day=DAY), "acme", changed=[(ledger.id, ledger.version, {"owner": "Sam"})])
    with pytest.raises(
        Conflict, match="Your change can't be undone: since then, “Ledger” was changed by Sam"
    ):
        undone(mei)
    assert [row.owner for row in the_state().systems] == ["Sam"]


def test_it_is_refused_where_something_was_built_on_it(mei):
    systems.save(mei, "acme", added=[{"name": "Ledger"}, {"name": "Portal"}])
    dependencies.save(
        an_actor("Sam", day=DAY), "acme", added=[{"from": "Portal", "to": "Ledger", "kind": "call"}]
    )
    with pytest.raises(Conflict, match="1 dependency refers to “Ledger”"):
        undone(mei)


def test_only_ones_own_last_act_of_the_last_minutes(mei):
    systems.save(mei, "acme", added=[{"name": "Ledger"}])
    act = undo.last_act(mei, "acme").act
    sam = an_actor("Sam", day=DAY)
    assert undo.last_act(sam, "acme") is None
    with pytest.raises(Invalid, match="no such change of yours"):
        undo.undo(sam, "acme", act)
    later = Actor(mei.name, mei.at + undo.WITHIN * 2, "test", mei.user_id)
    assert undo.last_act(later, "acme") is None
    with pytest.raises(Invalid, match="more than 10 minutes ago"):
        undo.undo(later, "acme", act)
    an_actor("Mei Tan", role=Role.VIEWER, day=DAY)
    with pytest.raises(Forbidden):
        undo.undo(mei, "acme", act)


def test_it_is_an_act_of_its_own_in_the_journal(mei):
    systems.save(mei, "acme", added=[{"name": "Ledger"}])
    undone(mei)
    with Session(engine()) as session:
        query = select(JournalEntry.use_case, JournalEntry.actor, JournalEntry.change)
        assert session.execute(query.order_by(JournalEntry.id.desc()).limit(1)).one() == (
            "undo a change", "Mei Tan", "removed",
        )  # fmt: skip


def test_it_is_refused_where_another_got_the_name_since(mei):
    systems.save(mei, "acme", added=[{"name": "Ledger"}])
    (ledger,) = the_state().systems
    systems.save(mei, "acme", removed=[(ledger.id, ledger.version)])
    systems.save(an_actor("Sam", day=DAY), "acme", added=[{"name": "LEDGER", "owner": "Sam"}])
    with pytest.raises(Conflict, match="since then, “Ledger” was added anew"):
        undone(mei)
    assert [row.name for row in the_state().systems] == ["LEDGER"]


def test_a_name_that_was_changed_is_refused_where_another_got_it_since(mei):
    systems.save(mei, "acme", added=[{"name": "Ledger"}])
    (ledger,) = the_state().systems
    systems.save(mei, "acme", changed=[(ledger.id, ledger.version, {"name": "Books"})])
    systems.save(an_actor("Sam", day=DAY), "acme", added=[{"name": "ledger"}])
    with pytest.raises(Conflict, match="since then, “Ledger” was added anew"):
        undone(mei)


def test_it_is_refused_where_somebody_wrote_a_note_on_it_since(mei):
    which = decisions.request_decision(mei, "acme", title="Fund it", owner="Dana", needed_by=on_day(30))
    notes.write_note(an_actor("Sam", day=DAY), "acme", "decision", which, "By Friday?")
    with pytest.raises(Conflict, match="since then, 1 note refers to “Fund it”"):
        undone(mei)


def test_what_was_erased_never_comes_back(mei):
    given = {"interviewee": "Ann Lee", "held_on": on_day(3), "role": "Clerk"}
    row_id = interviews.record_interview(the_operator(DAY), "acme", given, FrictionEdits([]))
    interviews.change_interview(mei, "acme", row_id, {"summary": "Ann Lee waits"})
    act = undo.last_act(mei, "acme").act
    erasure.erase(an_actor("Sam", day=DAY), "acme", "Ann Lee", "She asked")
    with pytest.raises(Invalid, match="was erased since, so it can't be undone"):
        undo.undo(mei, "acme", act)
    (row,) = the_state().interviews
    assert "Ann" not in f"{row.interviewee} {row.summary}"


def test_a_signature_that_was_given_since_stays(mei):
    metric = a_metric(name="Wait", baseline=4, target=1)
    phases.begin_phase(mei, "acme", metric, on_day(5), "A new queue")
    sponsor = an_actor("Dana Ruiz", role=Role.SPONSOR, day=DAY)
    (row,) = the_state().metrics
    signing.sign(sponsor, "acme", signing.approvals({row.id: row.digest()}), name="Dana Ruiz")
    undone(mei)
    assert [metric.seal for metric in the_state().metrics] == ["signed"]
