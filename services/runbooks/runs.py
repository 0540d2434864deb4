"""Starting a run of a runbook: a rehearsal at once, the real one with the gate's approval and the sponsor's go."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Conflict, Forbidden, Invalid
from models.journal import sha256_of
from models.people import Actor
from models.permissions import Action
from models.plan_problems import plan_problem
from models.replacements import Cutover
from models.runbooks import REAL, REHEARSAL, Run, Runbook, RunReport, missing_for_real, steps_of
from models.saga import Direction, ReportOutcome, RunState
from models.wording import local_time
from services.core.transaction import open_engagement, transaction
from store.runs import ENDS, load_run, load_runbook

MAX_WINDOW = timedelta(days=7)


def rehearse(actor: Actor, slug: str, runbook_id: int, window_until: datetime | None = None) -> int:
    """Start a rehearsal of the plan as it is now. Returns its number. Raises Invalid."""
    with transaction(actor, "start a rehearsal") as session:
        engagement = open_engagement(session, slug, Action.START_RUNS)
        runbook = load_runbook(session.connection(), engagement.id, runbook_id)
        _refuse_second_run(runbook, actor.at)
        run = _pin(session, actor, runbook, REHEARSAL, None, window_until)
        _add_go(session, actor, run)
        return run.number


def prepare_run(
    actor: Actor, slug: str, runbook_id: int, *, window_from: datetime, window_until: datetime
) -> int:
    """Prepare the real run, which waits for the sponsor's go. Returns its number.

    Raises Invalid with what is missing: the gate's approval, a rehearsal of this very plan to its end, or the carrying
    out of an undo.
    """
    with transaction(actor, "prepare a run") as session:
        engagement = open_engagement(session, slug, Action.START_RUNS)
        runbook = load_runbook(session.connection(), engagement.id, runbook_id)
        _refuse_window(window_from, window_until, actor.at)
        _refuse_second_run(runbook, actor.at)
        _refuse_unready(session, engagement, runbook, actor)
        return _pin(session, actor, runbook, REAL, window_from, window_until).number


def say_go(actor: Actor, slug: str, runbook_id: int, number: int, *, shown: str) -> None:
    """Say go for a real run, as its sponsor and by name. `shown` is the digest of the plan that was on screen.

    Raises Invalid outside of the run's window or if anything that it needs is missing by now, Conflict if the plan is
    another one than was shown, and Forbidden if the actor is a program or no sponsor.
    """
    with transaction(actor, "say go") as session:
        engagement = open_engagement(session, slug, Action.SAY_GO)
        if actor.user_id is None:
            raise Forbidden("Only a person can say go, who is signed in as a sponsor. Nothing was saved.")
        run = load_run(session.connection(), engagement.id, runbook_id, number)
        progress = run.progress(actor.at)
        if progress.state is not RunState.WAITING_FOR_GO:
            raise Invalid(f"This run doesn't wait for a go: it is {progress.state}. Nothing was saved.")
        if shown != run.digest:
            raise Conflict(
                "This isn't the plan that you were shown. Nothing was saved: reload and look again."
            )
        if run.runbook.digest() != run.digest:
            raise Invalid(
                "The plan was edited since this run was prepared: call it off, rehearse again and prepare a new "
                "run. Nothing was saved."
            )
        _refuse_outside_window(run, actor.at, engagement.zone)
        _refuse_unready(session, engagement, run.runbook, actor)
        _add_go(session, actor, run)


def _refuse_unready(session: Session, engagement: Engagement, runbook: Runbook, actor: Actor) -> None:
    approvals = list(session.scalars(select(Cutover).filter_by(replacement_id=runbook.replacement_id)))
    missing = missing_for_real(runbook, approvals, actor.at, actor.today(engagement.zone))
    if missing:
        raise Invalid(f"“{runbook.name}” can't run for real yet: {missing}. Nothing was saved.")


def _refuse_second_run(runbook: Runbook, now: datetime) -> None:
    """Raise Invalid while another run isn't at its end: two would report the same steps."""
    for run in runbook.runs:
        state = run.progress(now).state
        if state not in ENDS:
            raise Invalid(
                f"Run {run.number} of “{runbook.name}” is {state}: end it first, or roll it back. Nothing was saved."
            )


def _refuse_window(window_from: datetime, window_until: datetime, now: datetime) -> None:
    if window_until <= window_from or window_until <= now:
        raise Invalid("The window has to end after it begins, and after now. Nothing was saved.")
    if window_until - window_from > MAX_WINDOW:
        raise Invalid(f"A window is {MAX_WINDOW.days} days long at most. Nothing was saved.")


def _refuse_outside_window(run: Run, now: datetime, zone: str) -> None:
    assert run.window_from is not None
    assert run.window_until is not None
    if now < run.window_from:
        raise Invalid(f"The window opens on {local_time(run.window_from, zone)}. Nothing was saved.")
    if now >= run.window_until:
        raise Invalid(
            "The window is over: call this run off, and prepare one with another window. Nothing was saved."
        )


def _pin(
    session: Session,
    actor: Actor,
    runbook: Runbook,
    kind: str,
    window_from: datetime | None,
    window_until: datetime | None,
) -> Run:
    """Add a run with the runbook's plan as it is now. Raises Invalid where that can't be run."""
    plan = runbook.plan()
    problem = plan_problem(steps_of(plan)) if runbook.steps else f"“{runbook.name}” has no steps yet."
    if problem:
        raise Invalid(f"{problem} Nothing was saved.")
    number = session.scalar(select(func.max(Run.number)).where(Run.runbook_id == runbook.id)) or 0
    run = Run(
        engagement_id=runbook.engagement_id,
        runbook_id=runbook.id,
        number=number + 1,
        kind=kind,
        plan=plan,
        digest=sha256_of(plan),
        window_from=window_from,
        window_until=window_until,
        prepared_by=actor.name,
    )
    session.add(run)
    session.flush()
    return run


def _add_go(session: Session, actor: Actor, run: Run) -> None:
    session.add(
        RunReport(
            engagement_id=run.engagement_id,
            run_id=run.id,
            name="go",
            step="",
            direction=Direction.DO,
            outcome=ReportOutcome.GO,
            reason=None,
            by=actor.name,
        )
    )
