"""Random plans with random reports, judged by what was accepted alone."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from models.saga import FINISHED, Direction, Progress, Report, ReportOutcome, RunState, Step, accept, replay
from tests.models.referee import Referee
from tests.models.saga_steps import DO, START, a_step, at

# All 3,000 of them: HEADWAY_FULL=1.
PLANS = 3_000 if os.environ.get("HEADWAY_FULL") else 300


def a_random_plan(dice: random.Random) -> tuple[Step, ...]:
    keys = [f"s{number}" for number in range(dice.randint(1, 9))]
    steps = []
    for number, key in enumerate(keys):
        after = dice.sample(keys[:number], dice.randint(0, min(number, 3)))
        no_return = dice.random() < 0.1
        undo = "" if no_return or dice.random() < 0.2 else "Put it back"
        steps.append(
            a_step(key, " ".join(after), undo=undo, no_return=no_return, timeout=dice.choice([3, 20, 60]))
        )
    dice.shuffle(steps)
    return tuple(steps)


def a_random_report(dice: random.Random, progress: Progress, minute: float) -> Report:
    """What comes in: mostly something that is asked for, but also what is wrong, twice, late or of no step at all."""
    if progress.tasks and dice.random() < 0.7:
        task = dice.choice(progress.tasks)
        outcome = dice.choice(
            sorted(task.outcomes - ({ReportOutcome.FAILED} if dice.random() < 0.7 else set())) or ["failed"]
        )
        return Report(task.step.key, task.direction, ReportOutcome(outcome), at(minute), "Mei", "Because")
    step = dice.choice([*(step.key for step in progress.plan), "", "nothing"])
    outcome = dice.choice(list(ReportOutcome))
    if outcome is ReportOutcome.ROLL_BACK and dice.random() < 0.8:
        outcome = ReportOutcome.DONE
    return Report(
        step, dice.choice(list(Direction)), outcome, at(minute), "Mei", dice.choice(["", "Because"])
    )


def play(dice: random.Random, plan: tuple[Step, ...]) -> tuple[list[Report], list[Report], Progress]:
    """All reports of a run, those that were accepted, and where it stood at the end."""
    came, accepted, minute = [Report("", DO, ReportOutcome.GO, START)], [], 0.0
    progress = replay(plan, [], START)
    for _ in range(dice.randint(5, 60)):
        if not accept(progress, came[-1]):
            accepted.append(came[-1])
        minute += dice.choice([0, 0.5, 1, 1, 2, 15])
        again = replace(dice.choice(came), at=at(minute)) if dice.random() < 0.1 else None
        came.append(again or a_random_report(dice, progress, minute))
    if not accept(progress, came[-1]):
        accepted.append(came[-1])
    return came, accepted, progress


@pytest.mark.parametrize("block", range(PLANS // 300))
def test_random_plans_and_reports_never_break_the_rules(block):
    for seed in range(block * 300, block * 300 + 300):
        dice = random.Random(seed)
        plan = a_random_plan(dice)
        came, accepted, progress = play(dice, plan)
        referee = Referee(plan)
        for report in accepted:
            referee.sees(report)
        assert replay(plan, accepted, progress.clock) == replay(plan, came, progress.clock) == progress, seed


@pytest.mark.parametrize("block", range(PLANS // 300))
def test_every_run_ends_as_done_or_rolled_back_or_waits_for_a_person(block):
    """Whoever has a step handed out reports it; what nobody but a person can bring on is left."""
    ends = set()
    for seed in range(block * 300, block * 300 + 300):
        dice = random.Random(seed)
        plan = a_random_plan(dice)
        _, accepted, progress = play(dice, plan)
        for _ in range(len(plan) * 4 + 1):
            tasks = [task for task in progress.tasks if not task.waits_for_person]
            if not tasks:
                break
            outcome = ReportOutcome.STARTED if tasks[0].work is None else ReportOutcome.DONE
            assert not accept(
                progress, Report(tasks[0].step.key, tasks[0].direction, outcome, progress.clock)
            )
        ends.add(progress.state)
        assert progress.state in (RunState.DONE, RunState.ROLLED_BACK, RunState.NEEDS_PERSON), seed
        finished = {key for key, work in progress.done.items() if work.outcome in FINISHED}
        if progress.state is RunState.DONE:
            assert finished == {step.key for step in plan}
        if progress.state is RunState.ROLLED_BACK:
            assert not progress.to_undo
            assert not any(work.in_flight for work in progress.done.values())
    assert len(ends) == 3, "the dice fall too much to one side to test anything"
