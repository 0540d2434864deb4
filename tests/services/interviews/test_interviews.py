"""Interviews and frictions: what is kept, what is refused, and that it is all of it or nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import AlreadyDone, Conflict, Forbidden, HeadwayError, Invalid, NotFound
from models.inventory import PainPoint, System
from models.names import normalize_name
from models.people import Actor, Role
from models.permissions import Action
from models.summarise import summarise
from services.core.transaction import open_engagement, transaction
from services.engagement import engagements
from services.interviews import frictions, interviews
from services.interviews.frictions import FrictionEdits
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

WAITING = {"theme": "Waiting", "observed": "Checks the queue", "severity": 4, "frequency": "daily"}


def recorded(name: str = "Sam Okafor", *frictions: dict, day: int = 5, **fields: object) -> int:
    """An interview that was held on a day of the plan, recorded on day 20."""
    fields = {"interviewee": name, "held_on": on_day(day)} | fields
    return interviews.record_interview(the_operator(20), "acme", fields, FrictionEdits(added=frictions))


def a_system(name: str = "Billing", pain_point: str | None = None) -> tuple[int, int | None]:
    """The ids of a system and of its pain point."""
    with transaction(the_operator(), "add a system") as session:
        engagement = open_engagement(session, "acme", Action.EDIT_INVENTORY)
        system = System(engagement_id=engagement.id, name=name)
        session.add(system)
        session.flush()
        if pain_point is None:
            return system.id, None
        hurts = PainPoint(
            engagement_id=engagement.id, system_id=system.id, title=pain_point, severity=3, frequency="daily"
        )
        session.add(hurts)
        session.flush()
        return system.id, hurts.id


def only_friction():
    (friction,) = the_state().frictions
    return friction


def test_a_recorded_interview_counts_its_end_user_once_and_keeps_its_frictions():
    an_engagement()
    recorded("Sam Okafor", WAITING, {**WAITING, "observed": "Calls back tomorrow"})
    recorded("sam  okafor", day=9)
    recorded("Mara Lindqvist", day=9, end_user=False)

    summary = summarise(the_state())
    assert summary.end_users_on == [on_day(5)]
    assert summary.frictions == 2
    assert the_state().interviews[0].planned_on == on_day(5)


def test_a_planned_interview_is_recorded_when_it_was_held():
    an_engagement()
    planned = interviews.plan_interview(
        the_operator(3), "acme", {"interviewee": "Sam Okafor", "planned_on": on_day(8), "role": "Underwriter"}
    )
    assert summarise(the_state()).interviews_planned == 1

    interviews.record_interview(
        the_operator(10),
        "acme",
        {"held_on": on_day(9), "summary": "Waits"},
        FrictionEdits([WAITING]),
        row_id=planned,
    )
    (interview,) = the_state().interviews
    assert (interview.planned_on, interview.held_on) == (on_day(8), on_day(9))
    assert (interview.role, interview.summary) == ("Underwriter", "Waits")
    assert [friction.interview_id for friction in the_state().frictions] == [planned]


def test_an_interview_whose_friction_is_refused_is_not_recorded():
    an_engagement()
    with pytest.raises(Invalid, match="“Calls back”: The severity has to be a whole number from 1 to 5"):
        recorded("Sam Okafor", WAITING, {**WAITING, "observed": "Calls back", "severity": 6})
    assert the_state().interviews == []
    assert the_state().frictions == []


@pytest.mark.parametrize(
    ("held_on", "sentence"),
    [
        (on_day(0), "it has to be from 5 Oct 2026 to 24 Oct 2026"),
        (on_day(21), "it has to be from 5 Oct 2026 to 24 Oct 2026"),
        (on_day(1).replace(year=9999), "can't be on 9999"),
        (None, "Give the date on which the interview was held"),
    ],
)
def test_an_interview_was_held_between_day_1_and_today(held_on, sentence):
    an_engagement()
    with pytest.raises(Invalid, match=sentence):
        interviews.record_interview(the_operator(20), "acme", {"interviewee": "Sam", "held_on": held_on})
    assert the_state().interviews == []


def test_before_day_1_interviews_can_only_be_planned():
    an_engagement()
    fields = {"interviewee": "Sam", "held_on": on_day(-3)}
    with pytest.raises(
        Invalid, match="begins on 5 Oct 2026, so there is no date for an interview that was held yet"
    ):
        interviews.record_interview(the_operator(-2), "acme", fields)
    interviews.plan_interview(the_operator(-2), "acme", {"interviewee": "Sam", "planned_on": on_day(1)})
    assert len(the_state().interviews) == 1


def test_a_plan_is_for_the_coming_year():
    an_engagement()
    with pytest.raises(Invalid, match="can't be on 2027-10-25"):
        interviews.plan_interview(the_operator(20), "acme", {"interviewee": "Sam", "planned_on": on_day(386)})


def test_the_name_is_required():
    an_engagement()
    with pytest.raises(Invalid, match="Give the interviewee's name"):
        recorded("   ")


def test_one_person_is_interviewed_once_on_a_date_however_the_name_is_written():
    an_engagement()
    recorded("Sam Okafor")
    with pytest.raises(Invalid, match="There is an interview with SAM OKAFOR on 9 Oct 2026 already"):
        recorded(" SAM   OKAFOR ")
    recorded("Sam Okafor", day=6)
    assert len(the_state().interviews) == 2


def test_the_second_of_two_edits_is_told_what_the_first_changed():
    an_engagement()
    row = recorded(role="Underwriter")
    interviews.change_interview(an_actor("Ana", day=20), "acme", row, {"role": "Clerk"}, seen=1)
    with pytest.raises(Conflict, match="Ana changed role from “Underwriter” to “Clerk”"):
        interviews.change_interview(an_actor("Ben", day=20), "acme", row, {"role": "Agent"}, seen=1)
    assert the_state().interviews[0].role == "Clerk"


def test_what_the_first_changed_is_told_without_a_hidden_name():
    an_engagement()
    row = recorded("Sam Okafor")
    now = the_state()
    fields = {
        name: getattr(now, name) for name in ("name", "client", "sector", "region", "zone", "lead", "sponsor")
    }
    engagements.update_details(the_operator(20), "acme", **fields, hide_interviewees=True)
    interviews.change_interview(an_actor("Ana", day=20), "acme", row, {"interviewee": "Sam Adeyemi"}, seen=1)
    with pytest.raises(Conflict) as refused:
        interviews.change_interview(an_actor("Ben", day=20), "acme", row, {"role": "Agent"}, seen=1)
    assert "Ana changed interviewee" in str(refused.value)
    assert "Sam" not in str(refused.value)


def test_an_interview_goes_with_as_many_frictions_as_were_on_screen():
    an_engagement()
    row = recorded("Sam Okafor", WAITING)
    with pytest.raises(Conflict, match="has 1 friction, not the 0 that would go with it"):
        interviews.remove_interview(the_operator(20), "acme", row, with_frictions=0)
    interviews.remove_interview(the_operator(20), "acme", row, with_frictions=1)
    assert the_state().interviews == the_state().frictions == []


def test_an_interview_with_frictions_was_held():
    an_engagement()
    row = recorded("Sam Okafor", WAITING)
    with pytest.raises(Invalid, match="has frictions, so it was held"):
        interviews.change_interview(the_operator(20), "acme", row, {"held_on": None})


def test_nothing_was_observed_in_an_interview_that_was_not_held():
    an_engagement()
    row = interviews.plan_interview(the_operator(3), "acme", {"interviewee": "Sam", "planned_on": on_day(8)})
    with pytest.raises(Invalid, match="wasn't held yet"):
        frictions.save(the_operator(9), "acme", FrictionEdits([{**WAITING, "interview_id": row}]))


def test_the_same_theme_in_other_capitals_and_spacing_is_one_theme():
    an_engagement()
    recorded("Sam Okafor", {**WAITING, "theme": "Waiting for the  batch"})
    recorded("Priya Nair", {**WAITING, "theme": " waiting for THE batch"}, {**WAITING, "theme": "Re-keying"})
    assert {row.theme for row in the_state().frictions} == {"Waiting for the batch", "Re-keying"}


@settings(max_examples=10)
@given(st.lists(st.sampled_from(["Waiting", "waiting ", "WAITING", "Re-keying", "re-KEYING"]), min_size=1))
def test_no_two_themes_ever_differ_by_case_or_spacing_only(themes):
    slug = an_engagement(f"acme-{uuid4().hex[:12]}")
    frictions = [{**WAITING, "theme": theme, "observed": f"Seen {row}"} for row, theme in enumerate(themes)]
    fields = {"interviewee": "Sam Okafor", "held_on": on_day(5)}
    for part in (frictions[::2], frictions[1::2]):
        interviews.record_interview(the_operator(20), slug, fields, FrictionEdits(part))
        fields = fields | {"held_on": on_day(6)}
    kept = {row.theme for row in the_state(slug).frictions}
    assert len(kept) == len({normalize_name(theme) for theme in themes})


def test_a_theme_takes_another_name_and_two_themes_become_one():
    an_engagement()
    recorded("Sam Okafor", WAITING)
    recorded("Priya Nair", {**WAITING, "theme": "Queues"}, {**WAITING, "theme": "Re-keying"})
    assert frictions.rename_theme(the_operator(20), "acme", "queues", "WAITING") == 2
    assert [row.theme for row in the_state().frictions] == ["WAITING", "WAITING", "Re-keying"]

    with pytest.raises(Invalid, match="under both themes"):
        frictions.rename_theme(the_operator(20), "acme", "Re-keying", "Waiting")
    assert [row.theme for row in the_state().frictions] == ["WAITING", "WAITING", "Re-keying"]


def test_a_pain_point_brings_its_system_and_no_other():
    an_engagement()
    billing, twice = a_system("Billing", "Invoices are sent twice")
    ledger, _ = a_system("Ledger")
    recorded("Sam Okafor", {**WAITING, "pain_point_id": twice})
    assert only_friction().system_id == billing

    edit = FrictionEdits(changed=[(only_friction().id, 1, {"system_id": ledger})])
    with pytest.raises(Invalid, match="The pain point “Invoices are sent twice” belongs to Billing"):
        frictions.save(the_operator(20), "acme", edit)
    assert only_friction().system_id == billing


def test_a_grid_is_saved_as_a_whole_or_not_at_all():
    an_engagement()
    interview = recorded("Sam Okafor", WAITING, {**WAITING, "observed": "Calls back tomorrow"})
    first, second = the_state().frictions
    new = {**WAITING, "observed": "Plans around the batch", "interview_id": interview}
    edits = FrictionEdits(added=[new], changed=[(first.id, 1, {"severity": 5})], removed=[(second.id, 1)])
    assert frictions.save(the_operator(20), "acme", edits) == "1 added, 1 changed, 1 removed"
    severities = {row.observed: row.severity for row in the_state().frictions}
    assert severities == {"Checks the queue": 5, "Plans around the batch": 4}

    stale = FrictionEdits(
        added=[{**new, "observed": "Signs in twice"}], changed=[(first.id, 1, {"severity": 1})]
    )
    with pytest.raises(Conflict, match="changed severity from “4” to “5”"):
        frictions.save(the_operator(20), "acme", stale)
    assert {row.observed: row.severity for row in the_state().frictions} == severities


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"theme": ""}, "Give the theme"),
        ({"observed": None}, "Give the friction: what was observed"),
        ({"severity": 0}, "whole number from 1 to 5"),
        ({"severity": float("nan")}, "has to be a number"),
        ({"severity": 2.5}, "whole number from 1 to 5"),
        ({"frequency": "hourly"}, "There is no frequency “hourly”"),
        ({"system_id": 4711}, "There is no such system"),
        ({"workflow_id": 4711}, "There is no such workflow"),
        ({"observed": "x" * 501}, "501 characters; 500 is the most"),
    ],
)
def test_a_friction_that_cannot_be_is_refused_in_words(wrong, sentence):
    an_engagement()
    with pytest.raises(HeadwayError, match=sentence):
        recorded("Sam Okafor", {**WAITING, **wrong})
    assert the_state().interviews == []


def test_the_longest_friction_fits_on_both_databases():
    an_engagement()
    recorded(
        "Sam Okafor",
        {**WAITING, "theme": "𝕏" * 100, "observed": "".join(chr(0x1F300 + n) for n in range(500))},
    )
    assert len(only_friction().observed) == 500


def test_the_same_friction_twice_is_refused():
    an_engagement()
    with pytest.raises(Invalid, match="has the same under “Waiting” already"):
        recorded("Sam Okafor", WAITING, {**WAITING, "theme": "WAITING"})


def test_another_engagements_system_does_not_exist_here():
    an_engagement()
    system, _ = a_system()
    an_engagement("other")
    fields = {"interviewee": "Sam", "held_on": on_day(5)}
    with pytest.raises(NotFound, match="There is no such system"):
        interviews.record_interview(
            the_operator(20), "other", fields, FrictionEdits([{**WAITING, "system_id": system}])
        )


@pytest.mark.parametrize("role", [Role.SPONSOR, Role.VIEWER])
def test_only_the_team_records_interviews(role):
    an_engagement()
    with pytest.raises(Forbidden):
        interviews.record_interview(
            an_actor("Vera", role=role, day=20), "acme", {"interviewee": "Sam", "held_on": on_day(5)}
        )
    assert the_state().interviews == []


def test_a_double_click_records_once():
    an_engagement()
    twice = Actor(name="Mei", at=noon(20), via="test", operator=True, once="form 1")
    fields = {"interviewee": "Sam", "held_on": on_day(5)}
    interviews.record_interview(twice, "acme", fields)
    with pytest.raises(AlreadyDone):
        interviews.record_interview(twice, "acme", {**fields, "held_on": on_day(5) + timedelta(days=1)})
    assert len(the_state().interviews) == 1
