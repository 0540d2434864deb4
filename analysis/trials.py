"""Judge tools by use: minutes that people took to build something with each, and to find a fault in it.

verdict = compare_trials(trials)
verdict.reasons       why the tools can't be compared yet; empty if they can
verdict.winner        the tool that is first at equal weight of build and debug
verdict.sentence      what a person reads

A tool's time for a task is the median of its people's minutes; for a kind of task, the mean over its tasks. With a
weight w for debugging (0 to 1), the tools are ranked by (1 - w) x build + w x debug, the smallest first. A trial that
nobody finished counts as one minute longer than the longest trial of that task.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from statistics import mean, median
from typing import Literal

Kind = Literal["build", "debug"]

MIN_PEOPLE = 2
EQUAL_WEIGHT = Fraction(1, 2)


@dataclass(frozen=True)
class Trial:
    """One person, one tool, one task. `minutes` until it was done, or given up if it wasn't `finished`."""

    tool: str
    task: str
    kind: Kind
    person: str
    on: date
    minutes: float
    finished: bool = True


@dataclass(frozen=True)
class Stretch:
    """From one weight of debugging to another (0 to 1), the tools that are first; several where they tie."""

    start: float
    end: float
    tools: tuple[str, ...]


class ToolComparison:
    """What the trials of some tools come to. A person's second try of a task doesn't count: the first taught it."""

    def __init__(self, trials: Iterable[Trial]):
        self.trials = _first_tries(trials)
        self.tools = sorted({trial.tool for trial in self.trials}, key=_by_name)
        self.tasks = {trial.task: trial.kind for trial in self.trials}

    @cached_property
    def reasons(self) -> list[str]:
        """Why the tools can't be compared yet, each a clause such as "Honeycomb has no debug task"."""
        if len(self.tools) < 2:
            return ["only one tool was tried" if self.tools else "no tool was tried"]
        mixed = sorted(
            task for task in self.tasks if len({t.kind for t in self.trials if t.task == task}) > 1
        )
        if mixed:
            return [f"“{task}” is a build task in one trial and a debug task in another" for task in mixed]
        if "debug" not in self.tasks.values():
            return ["no tool has a debug task"]
        return [reason for tool in self.tools for reason in self._missing(tool)]

    def _missing(self, tool: str) -> list[str]:
        people = {task: self._people(tool, task) for task in self.tasks}
        debugged = [task for task, kind in self.tasks.items() if kind == "debug" and people[task]]
        if not debugged:
            return [f"{tool} has no debug task"]
        missing = [f"{tool} lacks “{task}”" for task, tried in sorted(people.items()) if not tried]
        few = [task for task, tried in sorted(people.items()) if 0 < tried < MIN_PEOPLE]
        return missing + [f"only one person tried “{task}” with {tool}" for task in few]

    def _people(self, tool: str, task: str) -> int:
        return sum(trial.tool == tool and trial.task == task for trial in self.trials)

    def minutes(self, tool: str, task: str) -> float | None:
        """Return the median minutes of a tool's people for a task; None if nobody tried it."""
        tried = [self._counted(trial) for trial in self.trials if (trial.tool, trial.task) == (tool, task)]
        return float(median(tried)) if tried else None

    def unfinished(self, tool: str) -> int:
        """Return how many of a tool's trials nobody finished."""
        return sum(trial.tool == tool and not trial.finished for trial in self.trials)

    def mean_minutes(self, tool: str, kind: Kind) -> float | None:
        """Return the mean over a kind's tasks of a tool's minutes; None without such a task."""
        times = [self.minutes(tool, task) for task, each in self.tasks.items() if each == kind]
        known = [minutes for minutes in times if minutes is not None]
        return mean(known) if known else None

    @cached_property
    def stretches(self) -> list[Stretch]:
        """The weights of debugging from 0 to 1, cut where another tool is first; empty if not comparable."""
        if self.reasons:
            return []
        lines = {tool: self._line(tool) for tool in self.tools}
        cuts = sorted({Fraction(0), Fraction(1), *_crossings(list(lines.values()))})
        stretches: list[Stretch] = []
        for start, end in zip(cuts, cuts[1:], strict=False):
            first = _first(lines, (start + end) / 2)
            if stretches and stretches[-1].tools == first:
                stretches[-1] = Stretch(stretches[-1].start, float(end), first)
            else:
                stretches.append(Stretch(float(start), float(end), first))
        return stretches

    @property
    def winner(self) -> str | None:
        """The tool that is first at equal weight of build and debug; None for a tie, or if not comparable."""
        if self.reasons:
            return None
        first = _first({tool: self._line(tool) for tool in self.tools}, EQUAL_WEIGHT)
        return first[0] if len(first) == 1 else None

    @property
    def flips_at(self) -> list[float]:
        """The weights of debugging (0 to 1) at which another tool becomes first."""
        return [stretch.start for stretch in self.stretches[1:]]

    @property
    def sentence(self) -> str:
        """One sentence for the decision."""
        if self.reasons:
            return f"Not comparable yet: {'; '.join(self.reasons)}."
        if "build" not in self.tasks.values():
            return f"{_names(self.stretches[0].tools)} first at debugging; nothing was built in these trials."
        if len(self.stretches) == 1:
            return f"{_names(self.stretches[0].tools)} first at every weight of build against debug."
        parts = [f"{_names(stretch.tools)} first {_while(stretch)}" for stretch in self.stretches]
        return "; ".join(parts) + "."

    def _counted(self, trial: Trial) -> Fraction:
        if trial.finished:
            return Fraction(trial.minutes)
        return Fraction(max(each.minutes for each in self.trials if each.task == trial.task)) + 1

    def _line(self, tool: str) -> tuple[Fraction, Fraction]:
        """Return the tool's minutes at weight 0 and at weight 1 of debugging."""
        debug = self.mean_minutes(tool, "debug")
        build = self.mean_minutes(tool, "build")
        assert debug is not None
        return Fraction(debug if build is None else build), Fraction(debug)


def compare_trials(trials: Iterable[Trial]) -> ToolComparison:
    """Return what the trials come to. Raises ValueError for minutes that aren't above 0."""
    taken = list(trials)
    for trial in taken:
        if not 0 < trial.minutes < float("inf"):
            raise ValueError(f"{trial.person} can't have taken {trial.minutes} minutes for “{trial.task}”.")
    return ToolComparison(taken)


def _first_tries(trials: Iterable[Trial]) -> list[Trial]:
    first: dict[tuple[str, str, str], Trial] = {}
    for trial in sorted(trials, key=lambda each: each.on):
        first.setdefault((trial.tool, trial.task, trial.person.casefold()), trial)
    return list(first.values())


def _crossings(lines: list[tuple[Fraction, Fraction]]) -> set[Fraction]:
    """Return the weights between 0 and 1 at which two of the lines (value at 0, value at 1) meet."""
    crossings = set()
    for index, (start, end) in enumerate(lines):
        for other_start, other_end in lines[index + 1 :]:
            ahead, behind = other_start - start, end - other_end
            if ahead + behind and 0 < (weight := ahead / (ahead + behind)) < 1:
                crossings.add(weight)
    return crossings


def _first(lines: dict[str, tuple[Fraction, Fraction]], weight: Fraction) -> tuple[str, ...]:
    """Return the tools with the fewest minutes at a weight of debugging."""
    minutes = {tool: (1 - weight) * build + weight * debug for tool, (build, debug) in lines.items()}
    fewest = min(minutes.values())
    return tuple(tool for tool in lines if minutes[tool] == fewest)


def _by_name(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _names(tools: tuple[str, ...]) -> str:
    return f"{tools[0]} is" if len(tools) == 1 else f"{', '.join(tools[:-1])} and {tools[-1]} are"


def _while(stretch: Stretch) -> str:
    if stretch.start == 0:
        return f"while debugging weighs less than {_percent(stretch.end)}"
    if stretch.end == 1:
        return f"while it weighs more than {_percent(stretch.start)}"
    return f"between {_percent(stretch.start)} and {_percent(stretch.end)}"


def _percent(weight: float) -> str:
    return f"{100 * weight:.0f}%"
