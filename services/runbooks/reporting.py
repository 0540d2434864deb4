"""Reporting of a run: every report is checked under the lock of the engagement, so one of two people wins.

A report has a name of its reporter's own. The same name again is the same report: it gets the answer that it got, and
nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Conflict, Forbidden, Invalid
from models.people import Actor
from models.permissions import Action
from models.runbooks import Run, RunReport
from models.saga import DECISIONS, RUN_OUTCOMES, Direction, Progress, Report, ReportOutcome, accept, replay
from services.core.transaction import name_act, open_to_append, transaction
from services.core.validation import MAX_NAME, one_of, optional_text, required_text, verbatim_text
from services.runbooks.rehearsals import record_rehearsal
from store.access import access
from store.runs import load_run

MAX_REPORT_NAME = 255
FIELDS = {"step", "direction", "outcome", "reason"}
# A go is the sponsor's (services.runbooks.runs.say_go), not a report.
REPORTABLE = [outcome for outcome in ReportOutcome if outcome is not ReportOutcome.GO]


@dataclass(frozen=True)
class Reported:
    """A report that was accepted, and where its run stood then. `replayed`: it was accepted before."""

    report_id: int
    run: Run
    progress: Progress
    replayed: bool = False


def report(
    actor: Actor, slug: str, runbook_id: int, number: int, given: Mapping[str, Any], *, name: str
) -> Reported:
    """Report a step of a run, or roll the run back. Returns where the run stands then.

    `given` has `outcome`, the number of a `step`, its `direction` ("do" if there is none) and a `reason`. `name` is the
    report's own: sent again, it changes nothing. Raises Conflict with a sentence if the run's rules refuse it, Invalid if
    the name was used for another report.
    """
    with transaction(actor, "report a step") as session:
        engagement = open_to_append(session, slug, Action.REPORT_STEPS)
        wanted = _checked(given, actor)
        name = required_text("name of the report", verbatim_text("name", name), MAX_REPORT_NAME)
        if wanted.outcome in DECISIONS:
            _refuse_decision_of_others(session, actor, slug)
        run = load_run(session.connection(), engagement.id, runbook_id, number)
        stored = next((row for row in run.reports if row.name == name), None)
        if stored is not None:
            return _replayed(run, stored, wanted)
        return _append(session, engagement, actor, run, wanted, name)


def _append(
    session: Session, engagement: Engagement, actor: Actor, run: Run, wanted: Report, name: str
) -> Reported:
    before, progress = run.progress(actor.at), run.progress(actor.at)
    refused = accept(progress, wanted)
    if refused:
        raise Conflict(f"{refused} Nothing was saved.")
    row = RunReport(
        engagement_id=engagement.id,
        run_id=run.id,
        name=name,
        step=wanted.step,
        direction=wanted.direction,
        outcome=wanted.outcome,
        reason=wanted.reason or None,
        by=wanted.by,
    )
    session.add(row)
    session.flush()
    record_rehearsal(session, engagement, actor, run, before, progress)
    if _startable(progress) - _startable(before):
        name_act(session, "report a step that opens another")
    return Reported(row.id, run, progress)


def _startable(progress: Progress) -> set[tuple[str, Direction]]:
    """Return the steps that wait for somebody to start them."""
    return {
        (task.step.key, task.direction) for task in progress.tasks if ReportOutcome.STARTED in task.outcomes
    }


def _checked(given: Mapping[str, Any], actor: Actor) -> Report:
    """Return the report that was sent. Raises Invalid where it isn't in the form of one."""
    unknown = sorted(set(given) - FIELDS)
    if unknown:
        raise Invalid(f"A report has no field “{unknown[0]}”. Nothing was saved.")
    if any(value is not None and not isinstance(value, str) for value in given.values()):
        raise Invalid("The fields of a report are texts. Nothing was saved.")
    outcome = ReportOutcome(one_of("outcome", given.get("outcome"), REPORTABLE))
    direction = Direction(one_of("direction", given.get("direction") or Direction.DO, list(Direction)))
    of_run = outcome in RUN_OUTCOMES
    step = "" if of_run else required_text("step's number", given.get("step"))
    if of_run and given.get("step"):
        raise Invalid("The whole run is rolled back, not one step. Nothing was saved.")
    reason = optional_text("reason", given.get("reason")) or ""
    return Report(
        step, Direction.DO if of_run else direction, outcome, actor.at, actor.name[:MAX_NAME], reason
    )


def _refuse_decision_of_others(session: Session, actor: Actor, slug: str) -> None:
    """Raise Forbidden unless a person who may decide does: no program decides how a run goes on."""
    access(session.connection(), actor, slug, Action.DECIDE_RUNS)
    if actor.user_id is None and not actor.operator:
        raise Forbidden("Only a person decides how a run goes on. Nothing was saved.")


def _replayed(run: Run, stored: RunReport, wanted: Report) -> Reported:
    """Return the answer that a report got when it was accepted: where the run stood is a function of its reports."""
    same = (stored.step, stored.direction, stored.outcome, stored.reason or "")
    if same != (wanted.step, wanted.direction, wanted.outcome, wanted.reason):
        raise Invalid(
            "This name came with another report before. Use a new one for a new report. Nothing was saved."
        )
    earlier = [row for row in run.reports if row.id <= stored.id]
    return Reported(stored.id, run, _stood(run, earlier, stored.created_at), replayed=True)


def _stood(run: Run, reports: list[RunReport], at: datetime) -> Progress:
    return replay(run.steps(), (row.as_report() for row in reports), at)
