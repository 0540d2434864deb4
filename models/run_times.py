"""The times of a run: when it will end, and the latest moment to turn back.

Durations are rehearsed ones where the very same plan was rehearsed, and planned ones otherwise. What was never rehearsed
has no duration of its undo: then the latest moment to turn back is not known, rather than guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.saga import FINISHED, Direction, Progress, ReportOutcome, Step, Work

ZERO = timedelta(0)


@dataclass(frozen=True)
class Durations:
    """How long each step took to be done and to be undone when it was rehearsed last, by its key."""

    done: Mapping[str, timedelta] = field(default_factory=dict)
    undone: Mapping[str, timedelta] = field(default_factory=dict)

    def of(self, step: Step) -> timedelta:
        """Return the rehearsed duration of a step, or its planned one."""
        return self.done.get(step.key, timedelta(minutes=step.minutes))


def rehearsed(runs: list[Progress]) -> Durations:
    """Return the durations in the rehearsals of one plan, given oldest first; the newest of each step counts.

    A step's is of a rehearsal that came to its end. An undo's is of any: many a one is tried only on the way.
    """
    done: dict[str, timedelta] = {}
    undone: dict[str, timedelta] = {}
    for run in runs:
        if came_to_its_end(run):
            done |= _durations(run.done)
        undone |= _durations(run.undone)
    return Durations(done, undone)


def _durations(works: Mapping[str, Work]) -> dict[str, timedelta]:
    return {
        key: work.ended - work.started
        for key, work in works.items()
        if work.ended is not None and work.outcome is ReportOutcome.DONE
    }


def came_to_its_end(run: Progress) -> bool:
    """Return whether a rehearsal did every step as the plan says: none skipped, none done otherwise.

    What follows, such as going back at its end, takes nothing from that.
    """
    return all(step.key in run.done and run.done[step.key].outcome is ReportOutcome.DONE for step in run.plan)


def undos_to_rehearse(plan: tuple[Step, ...], runs: list[Progress]) -> list[Step]:
    """Return the steps whose undo no rehearsal has carried out, of those that a run could have to undo.

    What comes after a point of no return is never undone.
    """
    carried_out = {
        key for run in runs for key, work in run.undone.items() if work.outcome is ReportOutcome.DONE
    }
    never = after_no_return(plan)
    return [step for step in plan if step.undo and step.key not in carried_out | never]


def after_no_return(plan: tuple[Step, ...]) -> set[str]:
    """Return the keys of the steps that can start only once a point of no return is done."""
    steps: set[str] = set()
    no_return = {step.key for step in plan if step.no_return}
    for _ in plan:
        steps |= {step.key for step in plan if {*step.after} & (steps | no_return)}
    return steps


def forecast_end(progress: Progress, durations: Durations) -> datetime | None:
    """Return when the run will end, along its critical path, from its clock on; None before it began.

    Of a run that is turning round it is when the last undo will be finished, and None where an undo's duration isn't
    known.
    """
    if progress.began is None:
        return None
    if progress.goes_back:
        left = time_to_undo(progress, durations)
        return None if left is None else progress.clock + left
    ends: dict[str, datetime] = {}
    for step in in_order(progress.plan):
        ends[step.key] = _end_of(step, progress, durations, [ends[key] for key in step.after])
    return max(ends.values(), default=progress.began)


def _end_of(step: Step, progress: Progress, durations: Durations, before: list[datetime]) -> datetime:
    work = progress.done.get(step.key)
    if work is not None and work.outcome in FINISHED and work.ended is not None:
        return work.ended
    if work is not None and work.in_flight:
        return max(progress.clock, work.started + durations.of(step))
    return max([progress.clock, *before]) + durations.of(step)


def time_to_undo(progress: Progress, durations: Durations) -> timedelta | None:
    """Return how long it takes to undo what is done so far, one step at a time; None where that was never rehearsed."""
    left = [durations.undone.get(step.key) for step in progress.to_undo]
    return None if None in left else sum((each for each in left if each is not None), ZERO)


def turn_back_before(
    progress: Progress, durations: Durations, window_end: datetime | None
) -> datetime | None:
    """Return the latest moment to turn back: the end of the window less the rehearsed time to undo what is done.

    None past the point of no return, without a window, or where an undo was never rehearsed.
    """
    left = time_to_undo(progress, durations)
    if window_end is None or left is None or progress.past_no_return:
        return None
    return window_end - left


def in_order(plan: tuple[Step, ...]) -> list[Step]:
    """Return the steps in an order in which each comes after all that have to be before it."""
    done: list[Step] = []
    left = list(plan)
    while left:
        keys = {step.key for step in left}
        ready = [step for step in left if not keys & {*step.after}]
        done += ready or left  # a circle can't be entered (models/runbooks.py), and must not be waited for
        left = [step for step in left if step not in done]
    return done


def step_duration(progress: Progress, key: str, direction: Direction = Direction.DO) -> timedelta | None:
    """Return how long a step of this run took; None while it isn't finished."""
    work = (progress.done if direction is Direction.DO else progress.undone).get(key)
    return None if work is None or work.ended is None else work.ended - work.started
