"""Trials as a decision shows them: tools across, tasks down, minutes in cells; and the radar of the firm."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from models.decisions import Decision
from models.radar import Blip, Evidence, comparison_of, radar


def table_of(decision: Decision) -> dict[str, list[str]]:
    """Return the trials as the columns of a table: the tasks, then each tool's median minutes and number of people."""
    comparison = comparison_of(decision)
    tasks = sorted(comparison.tasks, key=lambda task: (comparison.tasks[task] != "build", task.casefold()))
    cells: dict[str, list[str]] = {"Task": [f"{task} ({comparison.tasks[task]})" for task in tasks]}
    for tool in comparison.tools:
        cells[tool] = [_cell(decision, tool, task, comparison.minutes(tool, task)) for task in tasks]
    return cells


def _cell(decision: Decision, tool: str, task: str, minutes: float | None) -> str:
    if minutes is None:
        return "not tried"
    tried = [row for row in decision.trials if (row.tool, row.task) == (tool, task)]
    people, given_up = len({row.person for row in tried}), sum(not row.finished for row in tried)
    unfinished = f", {given_up} not finished" if given_up else ""
    return f"{minutes:g} min, {people} {'person' if people == 1 else 'people'}{unfinished}"


def firm_radar(rows: Iterable[Any], on: date) -> list[Blip]:
    """Return the radar over rows of the portfolio (`slug`, `client`, `tools`), as of a day."""
    return radar((Evidence(row.slug, row.client, facts) for row in rows for facts in row.tools), on)
