"""Workflows: adding and changing them, going live, and rehearsing their manual fallback."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.adoption import Document, Training
from models.engagement import Engagement
from models.errors import Invalid
from models.interviews import Friction
from models.inventory import System
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.replacements import Replacement
from models.wording import quoted_list
from models.workflows import WORKFLOW_STATES, Rehearsal, Workflow, WorkflowSystem
from services.core import validation
from services.core.preconditions import evidence_date, refuse_duplicate
from services.core.transaction import expect_version, get_part, open_engagement, transaction

# A rehearsal of more than a month is a typing error.
MAX_MINUTES = 50_000
Linked = TypeVar("Linked", Friction, Training, Document)


def add_workflow(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """Add a workflow with these fields (see `put_workflow`; `name` is required). Returns its id. Raises Invalid."""
    with transaction(actor, "add a workflow") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        return put_workflow(session, engagement, given, None, actor.today(engagement.zone)).id


def change_workflow(
    actor: Actor, slug: str, workflow_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change the given fields of a workflow. `seen` is the version that was on screen.

    Raises Invalid, and Conflict if somebody else changed it since.
    """
    with transaction(actor, "change a workflow") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        expect_version(session, workflow, seen)
        put_workflow(session, engagement, given, workflow, actor.today(engagement.zone))


def go_live(
    actor: Actor, slug: str, workflow_id: int, *, live_on: date | None, seen: int | None = None
) -> None:
    """Set a workflow live: users work through it since `live_on`. Raises Invalid, and Conflict as `change_workflow`."""
    with transaction(actor, "go live") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        expect_version(session, workflow, seen)
        live = {"state": "live", "live_on": live_on}
        put_workflow(session, engagement, live, workflow, actor.today(engagement.zone))


def rehearse_fallback(
    actor: Actor,
    slug: str,
    workflow_id: int,
    *,
    rehearsed_on: date | None,
    note: str | None = None,
    worked: bool = True,
    minutes: int | None = None,
) -> None:
    """Record that the manual fallback was rehearsed on a date, which may be before the workflow goes live.

    `worked` is false for a rehearsal that failed. Raises Invalid if there is no fallback, or the date isn't possible.
    """
    with transaction(actor, "rehearse the fallback") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        result = RehearsalResult(worked, minutes, validation.optional_text("note", note))
        put_rehearsal(session, engagement, workflow, rehearsed_on, result, actor.today(engagement.zone))


def link_frictions(actor: Actor, slug: str, workflow_id: int, friction_ids: Collection[int]) -> None:
    """Link these frictions, and no others, to the workflow that they asked for. A friction has one workflow at a time.

    Raises NotFound if one of them is gone.
    """
    with transaction(actor, "link frictions to a workflow") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        linked = [get_part(session, engagement, Friction, friction_id) for friction_id in friction_ids]
        for friction in session.scalars(select(Friction).where(Friction.workflow_id == workflow.id)):
            if friction not in linked:
                friction.workflow_id = None
        for friction in linked:
            friction.workflow_id = workflow.id


def remove_workflow(actor: Actor, slug: str, workflow_id: int, seen: int | None = None) -> None:
    """Remove a workflow that never went live. What was linked to it stays, without the link.

    Raises Invalid for one that went live, which can only be retired; Conflict as `change_workflow`.
    """
    with transaction(actor, "remove a workflow") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        expect_version(session, workflow, seen)
        if workflow.live_on is not None:
            raise Invalid(
                f"Users worked through “{workflow.name}”, so it stays on record. Nothing was removed: "
                "retire it instead."
            )
        moving = session.scalars(select(Replacement.name).where(Replacement.workflow_id == workflow.id)).all()
        if moving:
            raise Invalid(
                f"{quoted_list(list(moving))} {'moves' if len(moving) == 1 else 'move'} its work. Nothing was removed: "
                "remove the replacement first."
            )
        _unlink(session, Friction, workflow)
        _unlink(session, Training, workflow)
        _unlink(session, Document, workflow)
        _delete_all(session, WorkflowSystem, workflow)
        _delete_all(session, Rehearsal, workflow)
        session.flush()
        session.delete(workflow)


def _unlink(session: Session, kind: type[Linked], workflow: Workflow) -> None:
    for row in session.scalars(select(kind).where(kind.workflow_id == workflow.id)):
        row.workflow_id = None


def _delete_all(session: Session, kind: type[WorkflowSystem] | type[Rehearsal], workflow: Workflow) -> None:
    for row in session.scalars(select(kind).where(kind.workflow_id == workflow.id)):
        session.delete(row)


def put_workflow(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Workflow | None, today: date
) -> Workflow:
    """Set the given fields of a workflow, or of a new one where `row` is None. Raises Invalid with a sentence.

    Fields are the columns; `system_ids`, which replace the systems that it had; and `rehearsed_on`, which adds a
    rehearsal of its fallback on that date.
    """
    if row is None:
        given = {"name": None, "state": "candidate"} | dict(given)
    fields = {name: check(given[name]) for name, check in _FIELDS.items() if name in given}
    if "name" in fields:
        refuse_duplicate(session, engagement, Workflow, row, name=fields["name"])
    if fields.get("metric_id") is not None:
        get_part(session, engagement, Metric, fields["metric_id"])
    with validation.blame_field("live_on"):
        state, live_on = _lifecycle(given, row, fields)
        if live_on is not None and (row is None or live_on != row.live_on):
            live_on = evidence_date(session, engagement, "going live", live_on, today)
    rehearsed_on = given.get("rehearsed_on")
    if rehearsed_on is not None:
        with validation.blame_field("rehearsed_on"):
            rehearsed_on = evidence_date(session, engagement, "the rehearsal", rehearsed_on, today)

    if row is None:
        row = Workflow(engagement_id=engagement.id)
        session.add(row)
    for name, value in (fields | {"state": state, "live_on": live_on}).items():
        setattr(row, name, value)
    session.flush()
    if "system_ids" in given:
        _set_systems(session, engagement, row, set(given["system_ids"] or []))
    if rehearsed_on is not None:
        with validation.blame_field("rehearsed_on"):
            put_rehearsal(session, engagement, row, rehearsed_on, RehearsalResult(), today)
    return row


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": lambda value: validation.required_text("workflow's name", value),
    "state": lambda value: validation.one_of("state of a workflow", value, WORKFLOW_STATES),
    "fallback": lambda value: validation.optional_text("manual fallback", value),
    "metric_id": lambda value: value,
    "note": lambda value: validation.optional_text("note", value),
}


def _lifecycle(
    given: Mapping[str, Any], row: Workflow | None, fields: Mapping[str, Any]
) -> tuple[str, date | None]:
    """Return the state, and the go-live date that fits it. Raises Invalid if the given ones don't fit."""
    state: str = fields.get("state") or (row.state if row is not None else "candidate")
    live_on = given.get("live_on")
    # A retired workflow keeps its history.
    if live_on is None and row is not None and ("live_on" not in given or state == "retired"):
        live_on = row.live_on
    if state == "live" and live_on is None:
        raise Invalid("Give the date on which the workflow went live. Nothing was saved.")
    if state in ("candidate", "building"):
        if given.get("live_on") is not None:
            raise Invalid(
                f"A workflow in the state “{state}” has no date of going live: leave the date empty, or choose "
                "the state “live”. Nothing was saved."
            )
        # Back from live: it turned out that users don't work through it yet.
        return state, None
    return state, live_on


def _set_systems(session: Session, engagement: Engagement, workflow: Workflow, system_ids: set[int]) -> None:
    present = session.scalars(select(WorkflowSystem).where(WorkflowSystem.workflow_id == workflow.id)).all()
    for row in present:
        if row.system_id not in system_ids:
            session.delete(row)
    for system_id in sorted(system_ids - {row.system_id for row in present}):
        system = get_part(session, engagement, System, system_id)
        session.add(WorkflowSystem(engagement_id=engagement.id, workflow_id=workflow.id, system_id=system.id))
    session.flush()


@dataclass(frozen=True)
class RehearsalResult:
    """Whether a rehearsal worked (None: nobody said), how many minutes it took, and what happened."""

    worked: bool | None = None
    minutes: int | None = None
    note: str | None = None


def put_rehearsal(
    session: Session,
    engagement: Engagement,
    workflow: Workflow,
    rehearsed_on: date | None,
    result: RehearsalResult,
    today: date,
) -> Rehearsal:
    """Add a rehearsal; a second one of the same day takes the place of the first. Raises Invalid without a fallback."""
    on = evidence_date(session, engagement, "the rehearsal", rehearsed_on, today)
    if not workflow.fallback:
        raise Invalid(
            f"“{workflow.name}” has no manual fallback that could be rehearsed: describe it first. "
            "Nothing was saved."
        )
    minutes = result.minutes
    if minutes is not None:
        minutes = validation.whole_number("number of minutes", minutes, 0, MAX_MINUTES)
    query = select(Rehearsal).where(Rehearsal.workflow_id == workflow.id, Rehearsal.rehearsed_on == on)
    rehearsal = session.scalar(query)
    if rehearsal is None:
        rehearsal = Rehearsal(engagement_id=workflow.engagement_id, workflow_id=workflow.id, rehearsed_on=on)
        session.add(rehearsal)
    rehearsal.worked = rehearsal.worked if result.worked is None else result.worked
    rehearsal.minutes = rehearsal.minutes if minutes is None else minutes
    rehearsal.note = result.note or rehearsal.note
    session.flush()
    return rehearsal
