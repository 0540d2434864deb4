"""States: rebuilt from the journal they are what the tables held, whatever happened in between."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from models.base import Part
from models.database import engine, reading
from models.engagement import Engagement
from models.errors import NotFound
from models.inventory import Dependency, PainPoint, System
from models.permissions import Action
from models.summary import summarise
from reports import states
from services.plan import state_claim, waive
from services.transaction import opened, transaction
from tests.builders import an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

NAMES = ["Payments", "Ledger", "Núcleo 漢字", "=cmd()", "Portal"]


def told(engagement: Engagement) -> dict[str, list[dict[str, object]]]:
    """Everything that a state says, as plain values."""
    parts: dict[str, list[dict[str, object]]] = {"engagement": [plain(engagement)]}
    for link in Engagement.__mapper__.relationships:
        parts[link.key] = [plain(part) for part in getattr(engagement, link.key)]
    return parts


def plain(row: Part | Engagement) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in type(row).__table__.columns}


def change_something(kind: str, which: int, day: int) -> None:
    """One act, chosen by the test's dice."""
    with transaction(the_operator(day), "change the inventory") as session:
        engagement = opened(session, "acme", Action.EDIT_INVENTORY)
        systems = session.query(System).filter_by(engagement_id=engagement.id).order_by(System.id).all()
        name = NAMES[which % len(NAMES)]
        if kind == "add" and name not in {system.name for system in systems}:
            session.add(System(engagement_id=engagement.id, name=name, reviewed_on=on_day(day)))
        elif kind == "change" and systems:
            systems[which % len(systems)].owner = f"Owner {day}"
        elif kind == "remove" and systems:
            system = systems[which % len(systems)]
            for other in session.query(Dependency).filter_by(engagement_id=engagement.id):
                if system.id in (other.from_id, other.to_id):
                    session.delete(other)
            for point in session.query(PainPoint).filter_by(system_id=system.id):
                session.delete(point)
            session.flush()
            session.delete(system)
        elif kind == "connect" and len(systems) > 1:
            pair = {"from_id": systems[0].id, "to_id": systems[1].id, "kind": "call"}
            if not session.query(Dependency).filter_by(**pair).count():
                session.add(Dependency(engagement_id=engagement.id, **pair))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["add", "change", "remove", "connect"]), st.integers(0, 9), st.integers(1, 60)
        ),
        max_size=8,
    )
)
def test_a_state_rebuilt_at_any_revision_is_the_one_that_was_live_then(acts):
    with transaction(the_operator(), "begin again") as session:
        for row in session.query(Engagement).filter_by(slug="acme"):
            row.slug = f"acme-{row.id}"
            session.info["work"].opened.add(row.id)
    an_engagement()
    live = [told(the_state())]
    for act in acts:
        change_something(*act)
        live.append(told(the_state()))
    for before in live:
        (itself,) = before["engagement"]
        with reading() as connection:
            rebuilt = states.rebuild(connection, itself["id"], itself["revision"])
        assert told(rebuilt) == before


def test_a_rebuilt_state_answers_the_rules_as_the_live_one_did():
    an_engagement()
    milestone = the_state().milestones[0]
    state_claim(the_operator(5), "acme", milestone.id, says="done", reason="Seen", expires_on=on_day(9))
    before = the_state()
    waive(the_operator(6), "acme", milestone.id, reason="Later", approver="Dana", expires_on=on_day(80))
    with reading() as connection:
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
    queries: list[str] = []

    def note(_connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith("SELECT"):
            queries.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        the_state()
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    assert len(queries) == 1


def test_a_state_is_never_stale():
    an_engagement()
    for day in range(2, 6):
        with transaction(the_operator(), "move day 1") as session:
            engagement = opened(session, "acme", Action.PLAN)
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
