"""The frictions of interviews, and their themes. A grid of them is saved whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Part
from models.engagement import Engagement
from models.errors import Invalid
from models.interviews import Friction, Interview
from models.inventory import FREQUENCIES, HIGHEST_SEVERITY, LOWEST_SEVERITY, PainPoint, System
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.wording import day_month
from models.workflows import Workflow
from services.core import validation
from services.core.transaction import expect_version, get_part, open_engagement, transaction

# Both are in one unique index, whose entries Postgres limits to 2,704 bytes: 600 characters of 4 bytes fit.
MAX_THEME, MAX_OBSERVED = 100, 500
_MAX_QUOTED = 60

_THEMES = "themes in use"


@dataclass(frozen=True)
class FrictionEdits:
    """Edits of frictions: changed ones as (id, version on screen, fields), removed ones as (id, version on screen)."""

    added: Sequence[Mapping[str, Any]] = ()
    changed: Sequence[tuple[int, int | None, Mapping[str, Any]]] = field(default=())
    removed: Sequence[tuple[int, int | None]] = ()

    def text(self) -> str:
        """Return the edits' numbers, such as "2 added, 1 changed"."""
        numbers = {"added": self.added, "changed": self.changed, "removed": self.removed}
        return ", ".join(f"{len(rows)} {verb}" for verb, rows in numbers.items() if rows)


def save(actor: Actor, slug: str, edits: FrictionEdits) -> str:
    """Save the edits of a grid of frictions, all of them or none. Returns their numbers as a text.

    Raises Invalid, Conflict or NotFound; nothing was saved then.
    """
    with transaction(actor, "save frictions") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        apply_edits(session, engagement, edits, actor.today(engagement.zone))
    return edits.text()


def rename_theme(actor: Actor, slug: str, old: str, new: str) -> int:
    """Rename a theme; under the name of another theme, the two become one. Returns how many frictions it has then.

    Raises Invalid where there is no such theme, or one interview has the same observation under both.
    """
    with transaction(actor, "rename a theme") as session:
        engagement = open_engagement(session, slug, Action.RECORD_INTERVIEWS)
        name = validation.required_text("theme", new, MAX_THEME)
        rows = session.scalars(select(Friction).where(Friction.engagement_id == engagement.id)).all()
        renamed = [row for row in rows if normalize_name(row.theme) == normalize_name(old)]
        if not renamed:
            raise Invalid(f"There is no theme “{old}” any more. Nothing was saved.")
        by_observation = {(row.interview_id, normalize_name(row.theme), row.observed): row for row in rows}
        # The theme that takes them in is spelled anew as well, so that there is one spelling.
        for row in [*renamed, *(row for row in rows if normalize_name(row.theme) == normalize_name(name))]:
            duplicate = by_observation.get((row.interview_id, normalize_name(name), row.observed))
            if duplicate is not None and duplicate is not row:
                raise Invalid(
                    "One interview has the same observation under both themes: remove one of the two first. "
                    "Nothing was saved."
                )
            row.theme = name
        return sum(normalize_name(row.theme) == normalize_name(name) for row in rows)


def put_friction(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Friction | None, today: date
) -> Friction:
    """Set the `given` fields (columns) of a friction, or of a new one of an interview that was held by `today`.

    A theme that differs from one in use only in its spelling (models/names.py) is that one. A pain point brings its
    system along. Raises Invalid with a sentence.
    """
    friction = row or Friction(
        engagement_id=engagement.id, system_id=None, workflow_id=None, pain_point_id=None
    )
    if row is None:
        required = ("interview_id", "theme", "observed", "severity", "frequency")
        given = dict.fromkeys(required) | dict(given)
    if "interview_id" in given:
        with validation.blame_field("interview_id"):
            friction.interview_id = _held_interview(session, engagement, given["interview_id"], today).id
    if "observed" in given:
        friction.observed = validation.required_text(
            "friction: what was observed", given["observed"], MAX_OBSERVED
        )
    if "theme" in given:
        friction.theme = _theme(session, engagement, given["theme"])
    if "severity" in given:
        friction.severity = validation.whole_number(
            "severity", given["severity"], LOWEST_SEVERITY, HIGHEST_SEVERITY
        )
    if "frequency" in given:
        frequency = validation.required_text("frequency", given["frequency"])
        friction.frequency = validation.one_of("frequency", frequency.lower(), FREQUENCIES)
    if "workflow_id" in given:
        friction.workflow_id = _id_of(session, engagement, Workflow, given["workflow_id"])
    with validation.blame_field("system_id"):
        _set_place(session, engagement, friction, given)
    _refuse_duplicate(session, friction)
    session.add(friction)
    session.flush()
    return friction


def apply_edits(
    session: Session,
    engagement: Engagement,
    edits: FrictionEdits,
    today: date,
    interview: Interview | None = None,
) -> None:
    """Apply the edits within an open transaction; new frictions belong to `interview`, where one is given."""
    for row_id, seen in edits.removed:
        row = get_part(session, engagement, Friction, row_id)
        expect_interview_version(session, engagement, row, seen)
        session.delete(row)
    session.flush()
    for row_id, seen, given in edits.changed:
        row = get_part(session, engagement, Friction, row_id)
        expect_interview_version(session, engagement, row, seen)
        _put_naming_row(session, engagement, given, row, today)
    for given in edits.added:
        fields = given if interview is None else {**given, "interview_id": interview.id}
        _put_naming_row(session, engagement, fields, None, today)


def expect_interview_version(
    session: Session, engagement: Engagement, row: Interview | Friction, seen: int | None
) -> None:
    """Like `expect_version`, but where names are hidden, without the content of fields that may hold one."""
    hidden = {"interviewee", "same_as", "summary", "observed"} if engagement.hide_interviewees else set()
    expect_version(session, row, seen, frozenset(hidden))


def frictions_of(session: Session, interview: Interview) -> Sequence[Friction]:
    """Return the interview's frictions, in order of id."""
    query = select(Friction).where(Friction.interview_id == interview.id).order_by(Friction.id)
    with session.no_autoflush:
        return session.scalars(query).all()


def _put_naming_row(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Friction | None, today: date
) -> None:
    """Put one of many rows; a refusal quotes what was observed, so that one can tell which row it is about."""
    observed = given.get("observed") or (row and not engagement.hide_interviewees and row.observed)
    try:
        put_friction(session, engagement, given, row, today)
    except Invalid as refused:
        raise Invalid(f"“{_shortened(observed)}”: {refused}" if observed else str(refused)) from refused


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_QUOTED else text[: _MAX_QUOTED - 1].rstrip() + "…"


def _held_interview(session: Session, engagement: Engagement, row_id: int | None, today: date) -> Interview:
    if row_id is None:
        raise Invalid("Say which interview the friction comes from. Nothing was saved.")
    interview = get_part(session, engagement, Interview, row_id)
    if interview.held_on is None or interview.held_on > today:
        raise Invalid(
            f"The interview planned for {day_month(interview.planned_on)} wasn't held yet, so nothing was observed "
            "in it: record it first. Nothing was saved."
        )
    return interview


def _theme(session: Session, engagement: Engagement, theme: str | None) -> str:
    """Return the theme in the spelling that is in use, or as it is given where it is new."""
    name = validation.required_text("theme", theme, MAX_THEME)
    # Queried once a transaction: an import puts thousands of frictions. The engagement's row is locked meanwhile.
    cache: dict[int, dict[str, str]] = session.info.setdefault(_THEMES, {})
    if engagement.id not in cache:
        query = select(Friction.theme).where(Friction.engagement_id == engagement.id)
        with session.no_autoflush:
            themes = session.scalars(query.order_by(Friction.id.desc())).all()
        cache[engagement.id] = {normalize_name(known): known for known in themes}
    return cache[engagement.id].setdefault(normalize_name(name), name)


def _set_place(
    session: Session, engagement: Engagement, friction: Friction, given: Mapping[str, Any]
) -> None:
    """Set the system and the pain point. Raises Invalid where the pain point is another system's."""
    if "system_id" in given:
        friction.system_id = _id_of(session, engagement, System, given["system_id"])
    if "pain_point_id" in given:
        friction.pain_point_id = _id_of(session, engagement, PainPoint, given["pain_point_id"])
    if friction.pain_point_id is None:
        return
    pain_point = get_part(session, engagement, PainPoint, friction.pain_point_id)
    if friction.system_id is None and given.get("pain_point_id") is not None:
        friction.system_id = pain_point.system_id
    if friction.system_id != pain_point.system_id:
        system = get_part(session, engagement, System, pain_point.system_id)
        raise Invalid(
            f"The pain point “{pain_point.title}” belongs to {system.name}: name that system, or another pain point. "
            "Nothing was saved."
        )


def _refuse_duplicate(session: Session, friction: Friction) -> None:
    """Raise Invalid where the interview has the same observation under the same theme, however either is spelled."""
    query = select(Friction.theme, Friction.observed).where(
        Friction.interview_id == friction.interview_id, Friction.id != (friction.id or 0)
    )
    with session.no_autoflush:
        others = session.execute(query).tuples().all()
    same = normalize_name(friction.theme), normalize_name(friction.observed)
    if any((normalize_name(theme), normalize_name(observed)) == same for theme, observed in others):
        raise Invalid(f"That interview has the same under “{friction.theme}” already. Nothing was saved.")


def _id_of(session: Session, engagement: Engagement, kind: type[Part], row_id: int | None) -> int | None:
    return None if row_id is None else get_part(session, engagement, kind, row_id).id
