"""Which act becomes which event, and what an event tells."""

import ast
import json
from pathlib import Path

import pytest

from models.errors import Invalid
from models.events import CATALOGUE, UNKNOWN, Act, RowChange, as_event, event_id
from models.notices import AT_RISK, BROKEN, HEALTH, LATE, OVERDUE, STALE, DueNotice
from services.imports.kinds import KINDS
from services.interviews import interviews
from services.plan import decisions
from store.events import events
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator

SERVICES = Path(__file__).resolve().parents[3] / "services"
# Where the name of a use case is put together: the names that come of it.
PUT_TOGETHER = {
    # What is only looked at is never committed, so it is no act.
    "imports/applying.py": {f"import {kind.replace('_', ' ')}" for kind in KINDS},
    "plan/cycles.py": {"close the cycle"},
    # The use cases of others, whose names it is given.
    "core/idempotency.py": set(),
    "replacements/evidence.py": {"report evidence"},
    "metrics/definitions.py": {"retire a metric", "take up a metric again"},
    "events/noticing.py": {
        DueNotice("", kind, None, "").use_case for kind in (LATE, AT_RISK, STALE, BROKEN, OVERDUE, HEALTH)
    },
}


# Journals hold them still, and their events may be delivered once more.
OF_EARLIER_VERSIONS = {"answer a pitfall check"}


def use_cases() -> set[str]:
    """The name of every use case in the services: the second argument of each `transaction(...)` and `name_act(...)`."""
    names: set[str] = set()
    for path in SERVICES.rglob("*.py"):
        where = path.relative_to(SERVICES).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
                "transaction",
                "name_act",
            ):
                name = node.args[1]
                if isinstance(name, ast.Constant):
                    names.add(name.value)
                else:
                    assert where in PUT_TOGETHER, f"{where}:{node.lineno} puts a name together"
                    names |= PUT_TOGETHER[where]
    assert len(names) > 80
    return names


def test_every_use_case_has_a_line_in_the_catalogue():
    assert use_cases() - set(CATALOGUE) == set()


def test_the_catalogue_lists_nothing_that_is_no_use_case():
    assert set(CATALOGUE) - use_cases() == OF_EARLIER_VERSIONS


def test_every_event_leads_to_a_page_that_there_is():
    from ui.navigation import PAGES_BY_KEY

    assert {kind.page for kind in CATALOGUE.values()} <= set(PAGES_BY_KEY)


def test_an_unknown_act_says_only_that_something_changed():
    act = Act("acme", 3, 4, noon(1), "Mei", "do something new", "ab" * 32, [RowChange("thing", "added", 7)])
    event = as_event(act, "https://x.example")
    assert event["type"] == UNKNOWN == "engagement.changed"
    assert event["id"] == "evt_" + ("ab" * 32)[:32] == event_id(act)


@pytest.mark.usefixtures("database")
def test_an_event_has_the_seven_fields_and_nothing_that_somebody_typed():
    an_engagement()
    lead = an_actor("Mei Tan")
    decisions.request_decision(lead, "acme", title="Fund the vault", owner="Dana", needed_by=on_day(9))
    interviews.record_interview(
        an_actor("Mei Tan", day=3),
        "acme",
        {"interviewee": "Ines Secret", "held_on": on_day(2), "role": "Teller"},
    )
    *_, asked, talked = events(the_operator(), "acme", "https://h.example")
    assert set(asked) == {"specversion", "id", "source", "type", "subject", "time", "data"}
    assert asked["data"] == {
        "engagement": "acme",
        "revision": asked["data"]["revision"],
        "who": "Mei Tan",
        "what": "ask for a decision",
        "counts": {"decision": {"added": 1}},
        "link": "https://h.example/decisions?engagement=acme",
    }
    assert (asked["type"], asked["subject"]) == ("decision.requested", "decision/1")
    assert talked["data"]["counts"] == {"interview": {"added": 1}}
    assert "vault" not in json.dumps(asked)
    assert "Secret" not in json.dumps(talked)


def test_the_command_lists_what_happened_since_a_revision(database, manage):
    an_engagement()
    before = json.loads(manage("events", "acme", "--json").stdout)[-1]["data"]["revision"]
    decisions.request_decision(the_operator(2), "acme", title="D", owner="Dana", needed_by=on_day(9))
    (event,) = json.loads(manage("events", "acme", "--since", before, "--json").stdout)
    assert event["type"] == "decision.requested"
    assert event["time"] == noon(2).isoformat()
    assert "decision.requested" in manage("events", "acme", "--since", before).stdout
    assert manage("events", "nowhere").returncode == 1


def test_a_revision_that_does_not_exist_yet_is_refused(database):
    an_engagement()
    newest = events(the_operator(), "acme", "")[-1]["data"]["revision"]
    assert events(the_operator(), "acme", "", newest) == []
    for since in (newest + 1, -1):
        with pytest.raises(Invalid, match=f"from 0 to {newest}"):
            events(the_operator(), "acme", "", since)
