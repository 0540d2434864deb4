"""Notices: what turns late or stale by itself is told once, however the clock jumps."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.engagement import StoredSummary
from models.errors import Forbidden
from models.notices import Notice
from services.engagement.archiving import archive
from services.events.noticing import notice
from services.plan import decisions
from store.events import events
from tests.builders import an_actor, an_engagement, on_day, the_operator
from tests.stories import a_story

pytestmark = pytest.mark.usefixtures("database")


def keys() -> list[str]:
    with Session(engine()) as session:
        return list(session.scalars(select(Notice.key).order_by(Notice.id)))


def test_each_is_told_once_and_becomes_an_event():
    an_engagement()
    decisions.request_decision(the_operator(2), "acme", title="Fund it", owner="Dana", needed_by=on_day(10))
    noticed = notice(the_operator(11))
    assert "overdue decision" in {row.kind for row in noticed}
    assert notice(the_operator(11)) == []
    (overdue,) = [key for key in keys() if key.startswith("decision")]
    assert overdue == f"decision 1 overdue {on_day(10).isoformat()}"
    types = [event["type"] for event in events(the_operator(), "acme", "")]
    assert types.count("decision.overdue") == 1
    assert types.count("health.changed") == 1
    late = {
        row.text.partition(" is late")[0] for row in notice(the_operator(35)) if row.kind == "late milestone"
    }
    assert {"Systems inventoried", "End users interviewed", "Metrics signed"} <= late
    with pytest.raises(Forbidden):
        notice(an_actor("Mei Tan"))


def test_an_engagement_whose_summary_cannot_be_read_keeps_no_other_from_its_notices():
    an_engagement("acme")
    an_engagement("rival")
    with Session(engine()) as session:
        session.scalars(select(StoredSummary).order_by(StoredSummary.engagement_id)).first().content = "{}"
        session.commit()
    with pytest.raises(ValueError, match="trainings_on"):
        notice(the_operator(35))
    assert "milestone.late" in [event["type"] for event in events(the_operator(), "rival", "")]


def test_an_archived_engagement_keeps_no_other_from_its_notices():
    for slug in ("acme", "rival"):
        an_engagement(slug)
    archive(the_operator(2), "acme")
    assert {row.engagement for row in notice(the_operator(35))} == {"rival"}


def test_twice_a_day_with_a_clock_that_jumps_nothing_is_told_twice_and_nothing_is_missed():
    a_story("acme", until=40)
    for day in (41, 42, 55, 43, 90, 44, 45, 56, 91, 92):
        for _ in range(2):
            notice(the_operator(day))
    jumped = keys()
    assert len(set(jumped)) == len(jumped)
    a_story("steady", until=40)
    for day in range(41, 93):
        notice(the_operator(day), "steady")
    steady = [key for key in keys()[len(jumped) :] if not key.startswith("health")]
    # By what they say, as the rows of the two engagements have other ids.
    shape = sorted(_without_id(key) for key in jumped if not key.startswith("health"))
    assert {key for key in map(_without_id, steady) if "at risk" not in key} == {
        key for key in shape if "at risk" not in key
    }


def _without_id(key: str) -> str:
    kind, _, rest = key.split(" ", 2)
    return f"{kind} {rest}"


def test_the_command_says_what_it_added(manage):
    an_engagement()
    first = manage("notice")
    assert "Added" in first.stdout
    assert manage("notice").stdout == "Added 0 notices.\n"
    assert manage("notice", "acme", "--json").stdout == "[]\n"
