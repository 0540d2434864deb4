"""What makes a runbook's plan impossible to run, as sentences."""

from __future__ import annotations

from collections import Counter

from models.saga import Step
from models.wording import join_list


def plan_problem(plan: tuple[Step, ...]) -> str:
    """Return why the plan can't be run, as a sentence; empty where it can."""
    keys = [step.key for step in plan]
    twice = [key for key, number in Counter(keys).items() if number > 1]
    if twice:
        return f"Two steps have the number “{twice[0]}”. Give each step a number of its own."
    for step in plan:
        problem = _problem_of_step(step, set(keys))
        if problem:
            return f"Step {step.key}, “{step.title}”: {problem}"
    circle = _circle(plan)
    return (
        f"No step of {join_list(circle, 9)} can ever start: each waits for another of them." if circle else ""
    )


def _problem_of_step(step: Step, keys: set[str]) -> str:
    unknown = [key for key in step.after if key not in keys]
    if unknown:
        return f"it comes after step “{unknown[0]}”, which isn't there."
    if step.key in step.after:
        return "it can't come after itself."
    if step.no_return and step.undo:
        return "after a point of no return nothing is undone, so say why there is no undo instead of how it is undone."
    if bool(step.undo) == bool(step.no_undo):
        return "say either how it is undone, or why there is nothing to undo."
    if step.timeout < step.minutes:
        return f"it times out after {step.timeout} min, before its planned {step.minutes} min are over."
    return ""


def _circle(plan: tuple[Step, ...]) -> list[str]:
    """Return the numbers of the steps that wait for each other in a circle, or for one of such a circle."""
    left = {step.key: {*step.after} for step in plan}
    while ready := [key for key, before in left.items() if not before & left.keys()]:
        for key in ready:
            del left[key]
    return list(left)
