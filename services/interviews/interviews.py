"""Planning, recording and changing interviews, and the frictions that interviewees told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Conflict, Invalid
from models.interviews import Friction, Interview
from models.inventory import FREQUENCIES, HIGHEST_SEVERITY, LOWEST_SEVERITY, PainPoint, System
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.wording import count, day_month
from models.workflows import Workflow
from services.core import validation
from services.core.preconditions import dated, day_1_of
from services.core.transaction import expect_version, opened, part_of, transaction

# A date further ahead is a slip of the keyboard, not a plan.
PLANNED_DAYS_AHEAD = 365
# Both stand in one unique index, whose entries Postgres limits to 2,704 bytes: 600 characters of 4 bytes fit.
LONGEST_THEME, LONGEST_OBSERVED = 100, 500

_THEMES = "themes in use"


@dataclass(frozen=True)
class Frictions:
    """What was done to frictions on a screen: changed ones as (id, version seen, fields), removed as (id, version)."""

    added: Sequence[Mapping[str, Any]] = ()
    changed: Sequence[tuple[int, int | None, Mapping[str, Any]]] = field(default=())
    removed: Sequence[tuple[int, int | None]] = ()

    def said(self) -> str:
        """2 added, 1 changed"""
        numbers = {"added": self.added, "changed": self.changed, "removed": self.removed}
        return ", ".join(f"{len(rows)} {word}" for word, rows in numbers.items() if rows)


def plan_interview(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """An interview for a date, which may be to come. Returns its id."""
    with transaction(actor, "plan an interview") as session:
        engagement = opened(session, slug, Action.RECORD_INTERVIEWS)
        today = actor.today(engagement.zone)
        return put_interview(session, engagement, {**given, "held_on": None}, None, today).id


def record_interview(
    actor: Actor,
    slug: str,
    given: Mapping[str, Any],
    frictions: Frictions | None = None,
    *,
    row_id: int | None = None,
    seen: int | None = None,
) -> int:
    """An interview that was held, with its frictions: all of it or nothing. Returns its id.

    `row_id` is the planned one that took place, or the one whose record is mended, `seen` its version on screen.
    """
    with transaction(actor, "record an interview") as session:
        engagement = opened(session, slug, Action.RECORD_INTERVIEWS)
        today = actor.today(engagement.zone)
        row = None
        if row_id is not None:
            row = part_of(session, engagement, Interview, row_id)
            _expect_version(session, engagement, row, seen)
        held_on = given.get("held_on", row and row.held_on)
        interview = put_interview(session, engagement, {**given, "held_on": _held(held_on)}, row, today)
        _save(session, engagement, frictions or Frictions(), today, of=interview)
        return interview.id


def change_interview(
    actor: Actor, slug: str, row_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change what `given` names of an interview. `seen` is the version that was on screen."""
    with transaction(actor, "change an interview") as session:
        engagement = opened(session, slug, Action.RECORD_INTERVIEWS)
        row = part_of(session, engagement, Interview, row_id)
        _expect_version(session, engagement, row, seen)
        put_interview(session, engagement, given, row, actor.today(engagement.zone))


def remove_interview(
    actor: Actor, slug: str, row_id: int, *, with_frictions: int, seen: int | None = None
) -> None:
    """Remove an interview and its frictions, of which there have to be as many as the person was told.

    Raises Conflict where there are more or fewer: nobody removes what they haven't seen.
    """
    with transaction(actor, "remove an interview") as session:
        engagement = opened(session, slug, Action.RECORD_INTERVIEWS)
        interview = part_of(session, engagement, Interview, row_id)
        _expect_version(session, engagement, interview, seen)
        frictions = _frictions_of(session, interview)
        if len(frictions) != with_frictions:
            raise Conflict(
                f"The interview has {count(len(frictions), 'friction')}, not the {with_frictions} that would go "
                "with it. Nothing was removed: reload and look again."
            )
        for friction in frictions:
            session.delete(friction)
        session.flush()
        session.delete(interview)


def save_frictions(actor: Actor, slug: str, frictions: Frictions) -> str:
    """Save what was done in a grid of frictions, all of it or nothing. Returns what that was, in words."""
    with transaction(actor, "save frictions") as session:
        engagement = opened(session, slug, Action.RECORD_INTERVIEWS)
        _save(session, engagement, frictions, actor.today(engagement.zone))
    return frictions.said()


def rename_theme(actor: Actor, slug: str, old: str, new: str) -> int:
    """Call a theme by another name; by that of another theme, the two become one. Returns how many frictions it has."""
    with transaction(actor, "rename a theme") as session:
        engagement = opened(session, slug, Action.RECORD_INTERVIEWS)
        name = validation.given("theme", new, LONGEST_THEME)
        rows = session.scalars(select(Friction).where(Friction.engagement_id == engagement.id)).all()
        renamed = [row for row in rows if normalize_name(row.theme) == normalize_name(old)]
        if not renamed:
            raise Invalid(f"There is no theme “{old}” any more. Nothing was saved.")
        told = {(row.interview_id, normalize_name(row.theme), row.observed): row for row in rows}
        # The theme that takes them in is spelled anew as well, so that there is one spelling.
        for row in [*renamed, *(row for row in rows if normalize_name(row.theme) == normalize_name(name))]:
            twin = told.get((row.interview_id, normalize_name(name), row.observed))
            if twin is not None and twin is not row:
                raise Invalid(
                    "One interview has the same observation under both themes: remove one of the two first. "
                    "Nothing was saved."
                )
            row.theme = name
        return sum(normalize_name(row.theme) == normalize_name(name) for row in rows)


def put_interview(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Interview | None, today: date
) -> Interview:
    """Set what `given` names of an interview, or add one. Held without a plan, it was planned for that day."""
    interview = row or Interview(
        engagement_id=engagement.id, held_on=None, role=None, team=None, end_user=True, interviewer=None, summary=None
    )  # fmt: skip
    if row is None:
        given = {"interviewee": None, "planned_on": given.get("held_on")} | dict(given)
    if "interviewee" in given:
        interview.interviewee = validation.given("interviewee's name", given["interviewee"])
    if "held_on" in given:
        with validation.about("held_on"):
            interview.held_on = _held_on(session, engagement, interview, given["held_on"], today)
    if "planned_on" in given:
        first = day_1_of(session, engagement)
        last = max(first, today) + timedelta(days=PLANNED_DAYS_AHEAD)
        with validation.about("planned_on"):
            interview.planned_on = validation.on_a_date("the interview", given["planned_on"], first, last)
    for name in ("role", "team", "interviewer"):
        if name in given:
            setattr(interview, name, validation.optional(name, given[name], validation.LONGEST_NAME))
    if "summary" in given:
        interview.summary = validation.optional("summary", given["summary"])
    if "end_user" in given:
        interview.end_user = bool(given["end_user"])
    _refuse_second(session, engagement, interview)
    session.add(interview)
    session.flush()
    return interview


def put_friction(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Friction | None, today: date
) -> Friction:
    """Set what `given` names of a friction, or add one to an interview that was held by `today`.

    A theme that differs from one in use only in its spelling (models/names.py) is that one. A pain point brings its
    system along.
    """
    friction = row or Friction(
        engagement_id=engagement.id, system_id=None, workflow_id=None, pain_point_id=None
    )
    if row is None:
        needed = ("interview_id", "theme", "observed", "severity", "frequency")
        given = dict.fromkeys(needed) | dict(given)
    if "interview_id" in given:
        with validation.about("interview_id"):
            friction.interview_id = _held_interview(session, engagement, given["interview_id"], today).id
    if "observed" in given:
        friction.observed = validation.given(
            "friction: what was observed", given["observed"], LONGEST_OBSERVED
        )
    if "theme" in given:
        friction.theme = _theme(session, engagement, given["theme"])
    if "severity" in given:
        friction.severity = validation.whole_number(
            "severity", given["severity"], LOWEST_SEVERITY, HIGHEST_SEVERITY
        )
    if "frequency" in given:
        said = validation.given("frequency", given["frequency"])
        friction.frequency = validation.one_of("frequency", said.lower(), FREQUENCIES)
    if "workflow_id" in given:
        friction.workflow_id = _id_of(session, engagement, Workflow, given["workflow_id"])
    with validation.about("system_id"):
        _place(session, engagement, friction, given)
    _refuse_twin(session, friction)
    session.add(friction)
    session.flush()
    return friction


def _save(
    session: Session,
    engagement: Engagement,
    frictions: Frictions,
    today: date,
    of: Interview | None = None,
) -> None:
    """Carry out what was done to frictions; new ones belong to the interview `of`, where there is one."""
    for row_id, seen in frictions.removed:
        row = part_of(session, engagement, Friction, row_id)
        _expect_version(session, engagement, row, seen)
        session.delete(row)
    session.flush()
    for row_id, seen, given in frictions.changed:
        row = part_of(session, engagement, Friction, row_id)
        _expect_version(session, engagement, row, seen)
        _put_named(session, engagement, given, row, today)
    for given in frictions.added:
        _put_named(
            session, engagement, given if of is None else {**given, "interview_id": of.id}, None, today
        )


def _put_named(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Friction | None, today: date
) -> None:
    """A refusal among many rows says which one it means."""
    observed = given.get("observed") or (row and not engagement.hide_interviewees and row.observed)
    try:
        put_friction(session, engagement, given, row, today)
    except Invalid as refused:
        raise Invalid(f"“{_shortened(observed)}”: {refused}" if observed else str(refused)) from refused


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _expect_version(
    session: Session, engagement: Engagement, row: Interview | Friction, seen: int | None
) -> None:
    """What somebody else changed is said; where names are hidden, nothing that may hold one."""
    secret = (
        frozenset({"interviewee", "summary", "observed"}) if engagement.hide_interviewees else frozenset()
    )
    expect_version(session, row, seen, secret)


def _held(held_on: date | None) -> date:
    if held_on is None:
        raise Invalid("Give the date on which the interview was held. Nothing was saved.")
    return held_on


def _held_on(
    session: Session, engagement: Engagement, interview: Interview, held_on: date | None, today: date
) -> date | None:
    if held_on is not None:
        return dated(session, engagement, "an interview that was held", held_on, today)
    if interview.id is not None and _frictions_of(session, interview):
        raise Invalid("The interview has frictions, so it was held: give the date. Nothing was saved.")
    return None


def _refuse_second(session: Session, engagement: Engagement, interview: Interview) -> None:
    """Raise Invalid where that person has another interview planned for that date, however the name is spelled."""
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


def _held_interview(session: Session, engagement: Engagement, row_id: int | None, today: date) -> Interview:
    if row_id is None:
        raise Invalid("Say which interview the friction comes from. Nothing was saved.")
    interview = part_of(session, engagement, Interview, row_id)
    if interview.held_on is None or interview.held_on > today:
        raise Invalid(
            f"The interview planned for {day_month(interview.planned_on)} wasn't held yet, so nothing was observed "
            "in it: record it first. Nothing was saved."
        )
    return interview


def _theme(session: Session, engagement: Engagement, theme: str | None) -> str:
    """The theme as it is spelled already, or as it is given where it is new."""
    spelled = validation.given("theme", theme, LONGEST_THEME)
    # Asked once a transaction: an import puts thousands of frictions. The engagement's row is locked meanwhile.
    asked: dict[int, dict[str, str]] = session.info.setdefault(_THEMES, {})
    if engagement.id not in asked:
        query = select(Friction.theme).where(Friction.engagement_id == engagement.id)
        with session.no_autoflush:
            themes = session.scalars(query.order_by(Friction.id.desc())).all()
        asked[engagement.id] = {normalize_name(known): known for known in themes}
    return asked[engagement.id].setdefault(normalize_name(spelled), spelled)


def _place(session: Session, engagement: Engagement, friction: Friction, given: Mapping[str, Any]) -> None:
    """Set the system and the pain point, which has to be one of that system."""
    if "system_id" in given:
        friction.system_id = _id_of(session, engagement, System, given["system_id"])
    if "pain_point_id" in given:
        friction.pain_point_id = _id_of(session, engagement, PainPoint, given["pain_point_id"])
    if friction.pain_point_id is None:
        return
    pain_point = part_of(session, engagement, PainPoint, friction.pain_point_id)
    if friction.system_id is None and given.get("pain_point_id") is not None:
        friction.system_id = pain_point.system_id
    if friction.system_id != pain_point.system_id:
        system = part_of(session, engagement, System, pain_point.system_id)
        raise Invalid(
            f"The pain point “{pain_point.title}” belongs to {system.name}: name that system, or another pain point. "
            "Nothing was saved."
        )


def _refuse_twin(session: Session, friction: Friction) -> None:
    """Raise Invalid where the interview has the same observation under the same theme, however either is spelled."""
    query = select(Friction.theme, Friction.observed).where(
        Friction.interview_id == friction.interview_id, Friction.id != (friction.id or 0)
    )
    with session.no_autoflush:
        others = session.execute(query).tuples().all()
    same = normalize_name(friction.theme), normalize_name(friction.observed)
    if any((normalize_name(theme), normalize_name(observed)) == same for theme, observed in others):
        raise Invalid(f"That interview has the same under “{friction.theme}” already. Nothing was saved.")


def _frictions_of(session: Session, interview: Interview) -> Sequence[Friction]:
    query = select(Friction).where(Friction.interview_id == interview.id).order_by(Friction.id)
    with session.no_autoflush:
        return session.scalars(query).all()


def _id_of(session: Session, engagement: Engagement, kind: type, row_id: int | None) -> int | None:
    return None if row_id is None else part_of(session, engagement, kind, row_id).id
