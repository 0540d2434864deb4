"""Workflows: the slices that users work through, going live with them, and trying their manual fallback."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

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
from models.workflows import WORKFLOW_STATES, Rehearsal, Workflow, WorkflowSystem
from services.core import validation
from services.core.preconditions import evidence_date, refuse_duplicate
from services.core.transaction import expect_version, get_part, open_engagement, transaction


def add_workflow(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """A new workflow of these fields (see `put_workflow`; `name` is needed). Returns its id."""
    with transaction(actor, "add a workflow") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        return put_workflow(session, engagement, given, None, actor.today(engagement.zone)).id


def change_workflow(
    actor: Actor, slug: str, workflow_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change what is given of a workflow. `seen` is the version that was on screen."""
    with transaction(actor, "change a workflow") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        expect_version(session, workflow, seen)
        put_workflow(session, engagement, given, workflow, actor.today(engagement.zone))


def go_live(
    actor: Actor, slug: str, workflow_id: int, *, live_on: date | None, seen: int | None = None
) -> None:
    """Users work through the workflow since `live_on`."""
    with transaction(actor, "go live") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        expect_version(session, workflow, seen)
        live = {"state": "live", "live_on": live_on}
        put_workflow(session, engagement, live, workflow, actor.today(engagement.zone))


def rehearse_fallback(
    actor: Actor, slug: str, workflow_id: int, *, rehearsed_on: date | None, note: str | None = None
) -> None:
    """The manual fallback was tried for real on a date; that may be before the workflow goes live."""
    with transaction(actor, "rehearse the fallback") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        when = evidence_date(session, engagement, "the rehearsal", rehearsed_on, actor.today(engagement.zone))
        _rehearse(session, workflow, when, validation.optional_text("note", note))


def link_frictions(actor: Actor, slug: str, workflow_id: int, friction_ids: Collection[int]) -> None:
    """These frictions, and no others, asked for the workflow. A friction asks for one workflow at a time."""
    with transaction(actor, "link frictions to a workflow") as session:
        engagement = open_engagement(session, slug, Action.EDIT_WORKFLOWS)
        workflow = get_part(session, engagement, Workflow, workflow_id)
        asking = [get_part(session, engagement, Friction, friction_id) for friction_id in friction_ids]
        for friction in session.scalars(select(Friction).where(Friction.workflow_id == workflow.id)):
            if friction not in asking:
                friction.workflow_id = None
        for friction in asking:
            friction.workflow_id = workflow.id


def remove_workflow(actor: Actor, slug: str, workflow_id: int, seen: int | None = None) -> None:
    """Remove a workflow that never went live; what was linked to it stays, without the link.

    Raises Invalid for one that users worked through: that is history, and it can be retired.
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
        for kind in (Friction, Training, Document):
            for row in session.scalars(select(kind).where(kind.workflow_id == workflow.id)):
                row.workflow_id = None
        for kind in (WorkflowSystem, Rehearsal):
            for row in session.scalars(select(kind).where(kind.workflow_id == workflow.id)):
                session.delete(row)
        session.flush()
        session.delete(workflow)


def put_workflow(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Workflow | None, today: date
) -> Workflow:
    """Set the given fields of a workflow, a new one where `row` is None.

    Keys are the columns; and `system_ids`, the systems it runs over, which replace those it had; and `rehearsed_on`,
    which adds a rehearsal of its fallback on that date. Raises Invalid with a sentence.
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
        _run_over(session, engagement, row, set(given["system_ids"] or []))
    if rehearsed_on is not None:
        with validation.blame_field("rehearsed_on"):
            _rehearse(session, row, rehearsed_on, None)
    return row


_FIELDS = {
    "name": lambda value: validation.required_text("workflow's name", value),
    "state": lambda value: validation.one_of("state of a workflow", value, WORKFLOW_STATES),
    "fallback": lambda value: validation.optional_text("manual fallback", value),
    "metric_id": lambda value: value,
    "note": lambda value: validation.optional_text("note", value),
}


def _lifecycle(
    given: Mapping[str, Any], row: Workflow | None, fields: Mapping[str, Any]
) -> tuple[str, date | None]:
    """The state and the date of going live that belong together: only what users work through went live."""
    state = fields.get("state") or row.state
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
        # Taken back: it turned out that users don't work through it yet.
        return state, None
    return state, live_on


def _run_over(session: Session, engagement: Engagement, workflow: Workflow, system_ids: set[int]) -> None:
    used = session.scalars(select(WorkflowSystem).where(WorkflowSystem.workflow_id == workflow.id)).all()
    for row in used:
        if row.system_id not in system_ids:
            session.delete(row)
    for system_id in sorted(system_ids - {row.system_id for row in used}):
        system = get_part(session, engagement, System, system_id)
        session.add(WorkflowSystem(engagement_id=engagement.id, workflow_id=workflow.id, system_id=system.id))
    session.flush()


def _rehearse(session: Session, workflow: Workflow, when: date, note: str | None) -> None:
    """Note a rehearsal; one a day is enough, told again it only gets the newer note."""
    if not workflow.fallback:
        raise Invalid(
            f"“{workflow.name}” has no manual fallback that could be rehearsed: describe it first. "
            "Nothing was saved."
        )
    query = select(Rehearsal).where(Rehearsal.workflow_id == workflow.id, Rehearsal.rehearsed_on == when)
    rehearsal = session.scalar(query)
    if rehearsal is None:
        rehearsal = Rehearsal(
            engagement_id=workflow.engagement_id, workflow_id=workflow.id, rehearsed_on=when
        )
        session.add(rehearsal)
    rehearsal.note = note or rehearsal.note
    session.flush()
