"""Roadmap decisions: which are needed, from whom and by when, and what was decided on which evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.decisions import Decision
from models.engagement import Engagement
from models.errors import Invalid
from models.inventory import System
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.trials import Trial
from models.wording import day_month
from services.core import validation
from services.core.preconditions import day_1_of, evidence_date
from services.core.transaction import expect_version, get_part, open_engagement, transaction


def request_decision(
    actor: Actor,
    slug: str,
    *,
    title: str,
    owner: str,
    needed_by: date | None,
    system_id: int | None = None,
) -> int:
    """Request a decision from its owner by a date, about a system if it is about one. Returns its id.

    Raises Invalid with a sentence.
    """
    given = {"title": title, "owner": owner, "needed_by": needed_by, "system_id": system_id}
    with transaction(actor, "ask for a decision") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        if needed_by is None:
            raise Invalid("Give the date by which the decision is needed. Nothing was saved.")
        return put_decision(session, engagement, given, None, actor.today(engagement.zone)).id


def decide(
    actor: Actor,
    slug: str,
    decision_id: int,
    *,
    decided_on: date | None,
    outcome: str,
    rests_on: str,
    metric_id: int | None = None,
    seen: int | None = None,
) -> None:
    """Record what was decided, when, on which evidence, and because of which metric, if any.

    Raises Invalid if it was decided before or something is missing, Conflict if somebody else changed it since `seen`.
    """
    given = {"decided_on": decided_on, "outcome": outcome, "rests_on": rests_on, "metric_id": metric_id}
    with transaction(actor, "decide") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        expect_version(session, decision, seen)
        if decision.decided_on is not None:
            raise Invalid(
                f"This was decided on {day_month(decision.decided_on)} already. Nothing was saved: "
                "change that decision, or record the new one as another."
            )
        if decided_on is None:
            raise Invalid("Give the date of the decision. Nothing was saved.")
        put_decision(session, engagement, given, decision, actor.today(engagement.zone))


def record_decision(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """Record a decision that nobody requested, with its date, outcome and evidence. Returns its id. Raises Invalid."""
    with transaction(actor, "record a decision") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        return put_decision(session, engagement, given, None, actor.today(engagement.zone)).id


def change_decision(
    actor: Actor, slug: str, decision_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change the given fields of a decision. `seen` is the version that was on screen.

    Raises Invalid, and Conflict if somebody else changed it since.
    """
    with transaction(actor, "change a decision") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        expect_version(session, decision, seen)
        put_decision(session, engagement, given, decision, actor.today(engagement.zone))


def drop_decision(actor: Actor, slug: str, decision_id: int, seen: int | None = None) -> None:
    """Remove a decision that isn't needed any more. Raises Invalid for one that was made: that stays on record."""
    with transaction(actor, "drop a decision") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        expect_version(session, decision, seen)
        if decision.decided_on is not None:
            raise Invalid(
                f"This was decided on {day_month(decision.decided_on)}, so it stays on record. Nothing was "
                "removed: record the new decision as another."
            )
        for trial in session.scalars(select(Trial).where(Trial.decision_id == decision.id)).all():
            session.delete(trial)
        session.flush()
        session.delete(decision)


def put_decision(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Decision | None, today: date
) -> Decision:
    """Set the given fields (columns) of a decision, or of a new one where `row` is None. Raises Invalid with a sentence.

    An open decision has a date by which it is needed; one that was made has a date, an outcome and its evidence.
    """
    if row is None:
        given = {"title": None, "owner": None} | dict(given)
    fields = {name: check(given[name]) for name, check in _FIELDS.items() if name in given}
    if given.get("needed_by") is not None:
        first = day_1_of(session, engagement)
        fields["needed_by"] = validation.date_between(
            "the decision", given["needed_by"], first, validation.LATEST
        )
    if given.get("decided_on") is not None:
        fields["decided_on"] = evidence_date(session, engagement, "the decision", given["decided_on"], today)
    if fields.get("metric_id") is not None:
        get_part(session, engagement, Metric, fields["metric_id"])
    if fields.get("system_id") is not None:
        get_part(session, engagement, System, fields["system_id"])
    result = {name: fields.get(name, getattr(row, name, None)) for name in _REQUIRED_TOGETHER}
    _refuse_incomplete(**result)
    if row is None:
        row = Decision(engagement_id=engagement.id)
        session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    session.flush()
    return row


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "title": lambda value: validation.required_text("decision", value),
    "owner": lambda value: validation.required_text("owner of the decision", value),
    "needed_by": lambda value: value,
    "decided_on": lambda value: value,
    "outcome": lambda value: validation.optional_text("outcome", value),
    "rests_on": lambda value: validation.optional_text("evidence", value),
    "metric_id": lambda value: value,
    "system_id": lambda value: value,
}
_REQUIRED_TOGETHER = ["needed_by", "decided_on", "outcome", "rests_on"]


def _refuse_incomplete(
    needed_by: date | None, decided_on: date | None, outcome: str | None, rests_on: str | None
) -> None:
    if decided_on is None:
        if outcome:
            raise Invalid("Give the date of the decision with its outcome. Nothing was saved.")
        if needed_by is None:
            raise Invalid("Give the date by which the decision is needed. Nothing was saved.")
        return
    if not outcome:
        raise Invalid("Say what was decided. Nothing was saved.")
    if not rests_on:
        raise Invalid("Say what evidence the decision rests on. Nothing was saved.")
