"""Roadmap decisions: what is needed from whom by when, and what was decided on which evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.decisions import Decision
from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.wording import day_month
from services.core import validation
from services.core.preconditions import day_1_of, evidence_date
from services.core.transaction import expect_version, get_part, open_engagement, transaction


def need_decision(actor: Actor, slug: str, *, title: str, owner: str, needed_by: date | None) -> int:
    """A decision is needed from its owner by a date. Returns its id."""
    given = {"title": title, "owner": owner, "needed_by": needed_by}
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
    """What was decided, when, the evidence that it rests on, and the metric that moved it, where one did."""
    given = {"decided_on": decided_on, "outcome": outcome, "rests_on": rests_on, "metric_id": metric_id}
    with transaction(actor, "decide") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        expect_version(session, decision, seen)
        if not decision.is_open:
            raise Invalid(
                f"This was decided on {day_month(decision.decided_on)} already. Nothing was saved: "
                "change that decision, or record the new one as another."
            )
        if decided_on is None:
            raise Invalid("Give the date of the decision. Nothing was saved.")
        put_decision(session, engagement, given, decision, actor.today(engagement.zone))


def record_decision(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """A decision that nobody had asked for beforehand, with its date, outcome and evidence. Returns its id."""
    with transaction(actor, "record a decision") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        return put_decision(session, engagement, given, None, actor.today(engagement.zone)).id


def change_decision(
    actor: Actor, slug: str, decision_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change what is given of a decision. `seen` is the version that was on screen."""
    with transaction(actor, "change a decision") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        expect_version(session, decision, seen)
        put_decision(session, engagement, given, decision, actor.today(engagement.zone))


def drop_decision(actor: Actor, slug: str, decision_id: int, seen: int | None = None) -> None:
    """The decision isn't needed any more. Raises Invalid for one that was made: that stays on record."""
    with transaction(actor, "drop a decision") as session:
        engagement = open_engagement(session, slug, Action.DECIDE)
        decision = get_part(session, engagement, Decision, decision_id)
        expect_version(session, decision, seen)
        if not decision.is_open:
            raise Invalid(
                f"This was decided on {day_month(decision.decided_on)}, so it stays on record. Nothing was "
                "removed: record the new decision as another."
            )
        session.delete(decision)


def put_decision(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Decision | None, today: date
) -> Decision:
    """Set the given fields (columns) of a decision, a new one where `row` is None. Raises Invalid with a sentence.

    An open decision has a date by which it is needed; one that was made has its date, outcome and what it rests on.
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
    now = {name: fields.get(name, getattr(row, name, None)) for name in _WHOLE}
    _expect_whole(**now)
    if row is None:
        row = Decision(engagement_id=engagement.id)
        session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    session.flush()
    return row


_FIELDS = {
    "title": lambda value: validation.required_text("decision", value),
    "owner": lambda value: validation.required_text("owner of the decision", value),
    "needed_by": lambda value: value,
    "decided_on": lambda value: value,
    "outcome": lambda value: validation.optional_text("outcome", value),
    "rests_on": lambda value: validation.optional_text("evidence", value),
    "metric_id": lambda value: value,
}
_WHOLE = ["needed_by", "decided_on", "outcome", "rests_on"]


def _expect_whole(
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
