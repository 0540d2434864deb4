"""Planning, recording and changing interviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Conflict, Invalid
from models.interviews import Interview
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.wording import count, day_month
from services.core import validation
from services.core.preconditions import day_1_of, evidence_date
from services.core.transaction import get_part, open_engagement, transaction
from services.interviews.frictions import FrictionEdits, apply_edits, expect_interview_version, frictions_of
from services.interviews.same_person import person_called

# A date further ahead is a slip of the keyboard, not a plan.
PLANNED_DAYS_AHEAD = 365


def plan_interview(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """Plan an interview for a date, which may be in the future. Returns its id. Raises Invalid with a sentence."""
    with transaction(actor, "plan an interview") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        today = actor.today(engagement.zone)
        return put_interview(session, engagement, {**given, "held_on": None}, None, today).id


def record_interview(
    actor: Actor,
    slug: str,
    given: Mapping[str, Any],
    frictions: FrictionEdits | None = None,
    *,
    row_id: int | None = None,
    seen: int | None = None,
) -> int:
    """Record an interview that was held, with its frictions, all of it or nothing. Returns its id.

    `row_id` is the planned interview that took place, or the recorded one that is corrected; `seen` is its version on
    screen. Raises Invalid, and Conflict where somebody else changed it since.
    """
    with transaction(actor, "record an interview") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        today = actor.today(engagement.zone)
        row = None
        if row_id is not None:
            row = get_part(session, engagement, Interview, row_id)
            expect_interview_version(session, engagement, row, seen)
        held_on = given.get("held_on", row and row.held_on)
        if held_on is None:
            raise Invalid("Give the date on which the interview was held. Nothing was saved.")
        interview = put_interview(session, engagement, {**given, "held_on": held_on}, row, today)
        apply_edits(session, engagement, frictions or FrictionEdits(), today, interview)
        return interview.id


def change_interview(
    actor: Actor, slug: str, row_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change the `given` fields of an interview. `seen` is the version that was on screen.

    Raises Invalid, and Conflict where somebody else changed it since.
    """
    with transaction(actor, "change an interview") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        row = get_part(session, engagement, Interview, row_id)
        expect_interview_version(session, engagement, row, seen)
        put_interview(session, engagement, given, row, actor.today(engagement.zone))


def remove_interview(
    actor: Actor, slug: str, row_id: int, *, with_frictions: int, seen: int | None = None
) -> None:
    """Remove an interview and its frictions; `with_frictions` is their number on screen.

    Raises Conflict where there are more or fewer: nobody removes what they haven't seen.
    """
    with transaction(actor, "remove an interview") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        interview = get_part(session, engagement, Interview, row_id)
        expect_interview_version(session, engagement, interview, seen)
        frictions = frictions_of(session, interview)
        if len(frictions) != with_frictions:
            raise Conflict(
                f"The interview has {count(len(frictions), 'friction')}, not the {with_frictions} that would go "
                "with it. Nothing was removed: reload and look again."
            )
        for friction in frictions:
            session.delete(friction)
        session.flush()
        session.delete(interview)


def put_interview(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Interview | None, today: date
) -> Interview:
    """Set the `given` fields (columns) of an interview, or of a new one. Raises Invalid with a sentence.

    One that was held without a plan counts as planned for that day.
    """
    interview = row or Interview(
        engagement_id=engagement.id, held_on=None, role=None, team=None, end_user=True, interviewer=None, summary=None
    )  # fmt: skip
    if row is None:
        given = {"interviewee": None, "planned_on": given.get("held_on")} | dict(given)
    if "interviewee" in given:
        name = validation.required_text("interviewee's name", given["interviewee"])
        if row is None or normalize_name(name) != normalize_name(interview.interviewee):
            interview.same_as = person_called(session, engagement, name)
        interview.interviewee = name
    if "held_on" in given:
        with validation.blame_field("held_on"):
            interview.held_on = _held_on(session, engagement, interview, given["held_on"], today)
    if "planned_on" in given:
        first = day_1_of(session, engagement)
        last = max(first, today) + timedelta(days=PLANNED_DAYS_AHEAD)
        with validation.blame_field("planned_on"):
            interview.planned_on = validation.date_between("the interview", given["planned_on"], first, last)
    for name in ("role", "team", "interviewer"):
        if name in given:
            setattr(interview, name, validation.optional_text(name, given[name], validation.MAX_NAME))
    if "summary" in given:
        interview.summary = validation.optional_text("summary", given["summary"])
    if "end_user" in given:
        interview.end_user = bool(given["end_user"])
    _refuse_duplicate(session, engagement, interview)
    session.add(interview)
    session.flush()
    return interview


def _held_on(
    session: Session, engagement: Engagement, interview: Interview, held_on: date | None, today: date
) -> date | None:
    if held_on is not None:
        return evidence_date(session, engagement, "an interview that was held", held_on, today)
    if interview.id is not None and frictions_of(session, interview):
        raise Invalid("The interview has frictions, so it was held: give the date. Nothing was saved.")
    return None


def _refuse_duplicate(session: Session, engagement: Engagement, interview: Interview) -> None:
    """Raise Invalid where the same person, however the name is spelled, has another interview on that date."""
    with session.no_autoflush:
        others = session.execute(
            select(Interview.id, Interview.interviewee).where(
                Interview.engagement_id == engagement.id, Interview.planned_on == interview.planned_on
            )
        )
        same = [
            name
            for row_id, name in others
            if row_id != interview.id and normalize_name(name) == interview.person
        ]
    if same:
        when = f"{day_month(interview.planned_on)} {interview.planned_on.year}"
        raise Invalid(
            f"There is an interview with {interview.interviewee} on {when} already: open that one. Nothing was saved."
        )
