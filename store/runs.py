"""One runbook with its steps, its runs and what was reported, for those who follow a run without the rest of a state."""

from __future__ import annotations

from sqlalchemy import Connection

from models.database import read_connection
from models.errors import NotFound
from models.people import Actor
from models.permissions import Action
from models.runbooks import Run, Runbook, RunbookStep, RunReport
from models.saga import RunState
from store.access import access
from store.states import parts_of

ENDS = (RunState.DONE, RunState.ROLLED_BACK)


def run_of(actor: Actor, slug: str, runbook_id: int, number: int) -> Run:
    """Return a run with its reports and its runbook, detached.

    Raise NotFound if the actor isn't a member or there is no such run, Forbidden if they may not follow it.
    """
    with read_connection() as connection:
        engagement = access(connection, actor, slug, Action.FOLLOW_RUNS)
        return load_run(connection, engagement.engagement_id, runbook_id, number)


def runs_under_way(actor: Actor, slug: str) -> list[Run]:
    """Return the engagement's runs that are not at their end, oldest first, detached. Raises as `run_of` does."""
    with read_connection() as connection:
        engagement_id = access(connection, actor, slug, Action.FOLLOW_RUNS).engagement_id
        ids = sorted(parts_of(connection, Runbook, engagement_id))
        runs = [run for row_id in ids for run in load_runbook(connection, engagement_id, row_id).runs]
    return [run for run in runs if run.progress(actor.at).state not in ENDS]


def load_run(connection: Connection, engagement_id: int, runbook_id: int, number: int) -> Run:
    """Return what `run_of` does, for a caller who has checked the permission. Raises NotFound if there is no such run."""
    runbook = load_runbook(connection, engagement_id, runbook_id)
    run = runbook.run(number)
    if run is None:
        raise NotFound(f"“{runbook.name}” has no run {number}. Nothing was saved.")
    return run


def load_runbook(connection: Connection, engagement_id: int, runbook_id: int) -> Runbook:
    """Return a runbook with its steps and runs, detached. Raise NotFound if the engagement has none of that id."""
    runbook = parts_of(connection, Runbook, engagement_id).get(runbook_id)
    if runbook is None:
        raise NotFound("There is no such runbook. Nothing was saved.")
    steps = parts_of(connection, RunbookStep, engagement_id).values()
    runs = [run for run in parts_of(connection, Run, engagement_id).values() if run.runbook_id == runbook_id]
    reports = parts_of(connection, RunReport, engagement_id).values()
    for run in runs:
        run.__dict__.update(runbook=runbook, reports=[row for row in reports if row.run_id == run.id])
    runbook.__dict__.update(steps=[step for step in steps if step.runbook_id == runbook_id], runs=runs)
    return runbook
