"""States: rebuilt from the journal they are what the tables held, whatever happened in between."""

from datetime import timedelta

import pytest

from models.database import read_connection
from models.errors import NotFound
from models.permissions import Action
from models.summarise import summarise
from services.core.transaction import open_engagement, transaction
from services.plan.milestones import state_claim, waive
from store import states
from tests.builders import an_engagement, on_day, the_operator, the_state
from tests.count_statements import statements

pytestmark = pytest.mark.usefixtures("database")


def test_a_rebuilt_state_answers_the_rules_as_the_live_one_did():
    an_engagement()
    milestone = the_state().milestones[0]
    state_claim(the_operator(5), "acme", milestone.id, says="done", reason="Seen", expires_on=on_day(9))
    before = the_state()
    waive(the_operator(6), "acme", milestone.id, reason="Later", approver="Dana", expires_on=on_day(80))
    with read_connection() as connection:
        rebuilt = states.rebuild(connection, before.id, before.revision)
    assert summarise(rebuilt) == summarise(before)
    assert summarise(the_state()) != summarise(before)


def test_a_revision_that_never_was_is_refused():
    an_engagement()
    with pytest.raises(NotFound, match="no revision 999"):
        states.state(the_operator(), "acme", at_revision=999)


def test_a_kept_state_costs_one_query():
    an_engagement()
    the_state()
    with statements() as done:
        the_state()
    assert len([each for each, _ in done if each.startswith("SELECT")]) == 1


def test_a_state_is_never_stale():
    an_engagement()
    for day in range(2, 6):
        with transaction(the_operator(), "move day 1") as session:
            engagement = open_engagement(session, "acme", Action.PLAN)
            engagement.name = f"Name {day}"
        assert the_state().name == f"Name {day}"
    assert the_state().date_of(the_operator(3).at) == on_day(3)
    assert the_state().day_1 + timedelta(days=1) == on_day(2)


def test_an_earlier_date_is_judged_only_at_a_revision_that_there_is():
    an_engagement()
    newest = the_state().revision
    assert states.known_later(the_operator(), "acme", newest, on_day(3)).revision == newest
    for revision in (0, -1, newest + 1):
        with pytest.raises(NotFound, match=f"no revision {revision}"):
            states.known_later(the_operator(), "acme", revision, on_day(3))
