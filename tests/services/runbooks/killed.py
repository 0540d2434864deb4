"""Three participants carry out runs of a runbook, and are killed at any moment: `python -m ... RUNBOOK KILLS SEED`.

Each is a process of its own, which begins anew after it was killed, knowing nothing but its name. Prints the number of
kills, and the state of each run at its end.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

from models.database import engine
from models.errors import Conflict
from models.people import Actor, Role
from models.saga import DECISIONS, ReportOutcome, RunState, Task
from services.runbooks import reporting, runs
from store.runs import run_of
from tests.builders import an_actor

NAMES = ["Ana", "Ben", "Cleo"]
ENDED = (RunState.DONE, RunState.ROLLED_BACK)
# Out of 100 pieces of work so many fail.
FAILURES = 12
SECONDS = 0.06


def now(actor: Actor) -> Actor:
    return Actor(name=actor.name, at=datetime.now(UTC), via="test", user_id=actor.user_id)


def take_part(me: Actor, runbook_id: int, number: int) -> None:
    """Report steps until the run has ended: first what I began before I was killed, then what is handed out."""
    while True:
        run = run_of(now(me), "acme", runbook_id, number)
        progress = run.progress(datetime.now(UTC))
        if progress.state in ENDED:
            return
        mine = {
            (row.step, row.direction) for row in run.reports if row.by == me.name and row.outcome == "started"
        }
        tasks = sorted(progress.tasks, key=lambda task: (task.step.key, task.direction) not in mine)
        for task in tasks:
            report(me, runbook_id, number, task, len(run.reports), (task.step.key, task.direction) in mine)
        time.sleep(0.002)


def report(me: Actor, runbook_id: int, number: int, task: Task, reports: int, is_mine: bool) -> None:
    dice = Random(f"{number} {task.step.key} {task.direction} {reports // 7}")
    if task.work is None:
        outcome = ReportOutcome.STARTED
    elif task.outcomes & DECISIONS:
        outcome = ReportOutcome.RETRY if dice.random() < 0.7 else ReportOutcome.BY_HAND
    elif is_mine:
        outcome = ReportOutcome.FAILED if dice.randrange(100) < FAILURES else ReportOutcome.DONE
    else:
        return
    given = {"step": task.step.key, "direction": task.direction, "outcome": outcome, "reason": "Because"}
    name = f"{me.name} {task.step.key} {task.direction} {outcome} {reports}"
    with suppress(Conflict):  # somebody else was first
        reporting.report(now(me), "acme", runbook_id, number, given, name=name)


def begin(me: Actor, runbook_id: int, number: int) -> int:
    """Start a participant, and return its process."""
    engine().dispose()  # the child opens its own connections
    child = os.fork()
    if child == 0:
        take_part(me, runbook_id, number)
        os._exit(0)
    return child


def play(people: list[Actor], runbook_id: int, kills: int, dice: Random) -> tuple[int, str]:
    """Carry out one run. Return how often somebody was killed, and how the run ended."""
    number = runs.rehearse(now(people[0]), "acme", runbook_id)
    working = {begin(person, runbook_id, number): person for person in people}
    killed, until = 0, time.monotonic() + 60
    while working and time.monotonic() < until:
        time.sleep(dice.uniform(0, SECONDS))
        for child in list(working):
            if os.waitpid(child, os.WNOHANG)[0]:
                del working[child]
        if working and killed < kills:
            child = dice.choice(list(working))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            person = working.pop(child)
            working[begin(person, runbook_id, number)] = person
            killed += 1
    for child in working:
        os.kill(child, signal.SIGKILL)
    return killed, run_of(now(people[0]), "acme", runbook_id, number).progress(datetime.now(UTC)).state


def main(runbook_id: int, kills: int, seed: int) -> None:
    people = [an_actor(name, role=Role.LEAD) for name in NAMES]
    dice, killed, ends = Random(seed), 0, []
    while killed < kills:
        more, end = play(people, runbook_id, min(8, kills - killed), dice)
        killed += more
        ends.append(end)
    print(json.dumps({"killed": killed, "ends": ends}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
