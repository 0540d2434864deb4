"""What a rehearsal proves: that going back works. The gate and the workflow get it as it happens."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.people import Actor
from models.replacements import FAILED, INCONCLUSIVE, PASSED, ROLLBACK, Proof, Replacement
from models.run_times import undos_to_rehearse
from models.runbooks import REHEARSAL, Run
from models.saga import DECISIONS, Progress, ReportOutcome, RunState
from models.wording import count
from models.workflows import Rehearsal


def record_rehearsal(
    session: Session, engagement: Engagement, actor: Actor, run: Run, before: Progress, after: Progress
) -> None:
    """Record what the newest report of a rehearsal proves of going back, if anything.

    A failed undo is a rollback that failed, there and then. A rehearsal that was rolled back is one that passed, where
    every undo of this plan was carried out by now, and an inconclusive one otherwise; it failed where an undo was done by
    hand or skipped.
    """
    if run.kind != REHEARSAL:
        return
    if _failed(after) > _failed(before):
        _record(session, engagement, actor, run, after, FAILED, "an undo failed")
    elif after.state is RunState.ROLLED_BACK is not before.state:
        # The stored reports lack the newest one, so this rehearsal is added as it stands now.
        rehearsals = [*run.runbook.rehearsals(run.digest, actor.at), after]
        untried = undos_to_rehearse(after.plan, rehearsals)
        outcome, text = PASSED, "every undo was carried out"
        if any(work.outcome in DECISIONS for work in after.undone.values()):
            outcome, text = FAILED, "an undo didn't work as it is written"
        elif untried:
            outcome, text = INCONCLUSIVE, f"{count(len(untried), 'undo')} of the plan not tried yet"
        _record(session, engagement, actor, run, after, outcome, text)


def _failed(progress: Progress) -> int:
    return sum(work.outcome is ReportOutcome.FAILED for work in progress.undone.values())


def _record(
    session: Session,
    engagement: Engagement,
    actor: Actor,
    run: Run,
    progress: Progress,
    outcome: str,
    text: str,
) -> None:
    today = actor.today(engagement.zone)
    note = f"Rehearsal {run.number} of “{run.runbook.name}”: {text}"
    took = _time_undone(progress)
    session.add(
        Proof(
            engagement_id=engagement.id,
            replacement_id=run.runbook.replacement_id,
            kind=ROLLBACK,
            on=today,
            outcome=outcome,
            seconds=round(took.total_seconds()),
            note=note,
        )
    )
    if outcome == INCONCLUSIVE:
        return
    replacement = session.get_one(Replacement, run.runbook.replacement_id)
    query = select(Rehearsal).filter_by(workflow_id=replacement.workflow_id, rehearsed_on=today)
    rehearsal = session.scalar(query)
    if rehearsal is None:
        rehearsal = Rehearsal(
            engagement_id=engagement.id, workflow_id=replacement.workflow_id, rehearsed_on=today
        )
        session.add(rehearsal)
    rehearsal.worked, rehearsal.minutes, rehearsal.note = (
        outcome == PASSED,
        round(took.total_seconds() / 60),
        note,
    )


def _time_undone(progress: Progress) -> timedelta:
    """Return the time from the first undo's start to the last one's end."""
    works = progress.undone.values()
    starts = [work.started for work in works]
    ends = [work.ended for work in works if work.ended is not None]
    return max(ends) - min(starts) if starts and ends else timedelta(0)
