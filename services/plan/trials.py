"""Trials inside a decision: recording and removing them, and putting what they come to into the decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.trials import compare_trials
from models.decisions import Decision
from models.engagement import Engagement
from models.errors import Invalid
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.trials import KINDS, Trial
from services.core.preconditions import evidence_date
from services.core.transaction import expect_version, get_part, open_engagement, transaction
from services.core.validation import finite_number, one_of, optional_text, required_text

MAX_MINUTES = 10_000


def record_trial(actor: Actor, slug: str, decision_id: int, given: Mapping[str, Any]) -> int:
    """Record one person's trial of one tool with one task, and return its id. `given` has columns of Trial.

    Raises Invalid for minutes that aren't above 0, and where the same task was of another kind before.
    """
    with transaction(actor, "record a trial") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        return put_trial(session, engagement, decision, given, actor.today(engagement.zone)).id


def remove_trial(actor: Actor, slug: str, trial_id: int, seen: int | None = None) -> None:
    """Remove a trial that was recorded by mistake. `seen` is the version that was on screen."""
    with transaction(actor, "remove a trial") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        trial = get_part(session, engagement, Trial, trial_id)
        expect_version(session, trial, seen)
        session.delete(trial)


def conclude_trials(actor: Actor, slug: str, decision_id: int, seen: int | None = None) -> str:
    """Put what the trials come to, one sentence, into what the decision rests on. Return the sentence.

    Raises Invalid while they aren't comparable, and where the decision says it already.
    """
    with transaction(actor, "conclude trials") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        expect_version(session, decision, seen)
        comparison = compare_trials(trial.timed() for trial in trials_of(session, decision))
        if comparison.reasons:
            raise Invalid(f"{comparison.sentence} Nothing was saved.")
        if comparison.sentence in (decision.rests_on or ""):
            raise Invalid("The decision says that already. Nothing was saved.")
        parts = filter(None, [decision.rests_on, comparison.sentence])
        decision.rests_on = optional_text("evidence", "\n".join(parts))
        return comparison.sentence


def put_trial(
    session: Session, engagement: Engagement, decision: Decision, given: Mapping[str, Any], today: date
) -> Trial:
    """Add a trial to a decision. Raises Invalid with a sentence."""
    row = Trial(
        engagement_id=engagement.id,
        decision_id=decision.id,
        tool=required_text("tool", given.get("tool")),
        task=required_text("task", given.get("task")),
        kind=one_of("kind of task", given.get("kind"), KINDS),
        person=required_text("person", given.get("person")),
        on=evidence_date(session, engagement, "the trial", given.get("on"), today),
        minutes=_minutes(given.get("minutes")),
        finished=bool(given.get("finished", True)),
        note=optional_text("note", given.get("note")),
    )
    for other in trials_of(session, decision):
        _take_spelling(row, other)
    session.add(row)
    session.flush()
    return row


def _take_spelling(row: Trial, other: Trial) -> None:
    """Spell tool, task and person as another trial does. Raises Invalid where its task is of another kind."""
    for column in ("tool", "task", "person"):
        if normalize_name(getattr(other, column)) == normalize_name(getattr(row, column)):
            setattr(row, column, getattr(other, column))
    if row.task == other.task and row.kind != other.kind:
        raise Invalid(f"“{row.task}” was a {other.kind} task in another trial. Nothing was saved.")


def _minutes(value: float | None) -> float:
    minutes = finite_number("number of minutes", value)
    if not 0 < minutes <= MAX_MINUTES:
        raise Invalid(f"The minutes have to be above 0 and at most {MAX_MINUTES:,}. Nothing was saved.")
    return minutes


def trials_of(session: Session, decision: Decision) -> list[Trial]:
    """Return the trials of a decision, in the order in which they were recorded."""
    return list(session.scalars(select(Trial).where(Trial.decision_id == decision.id).order_by(Trial.id)))
