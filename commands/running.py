"""The command about runs: where one stands, and which steps are open."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from commands.operator import the_operator
from commands.options import AsJson
from models.engagement import Engagement
from models.errors import NotFound
from models.names import normalize_name
from models.runbooks import Run, Runbook
from reports.frames.runs import run_as_json
from store.states import state


def add_to(program: typer.Typer) -> None:
    """Add the command to `program`."""
    program.command("run")(show_run)


def show_run(
    slug: str,
    replacement: Annotated[
        str, typer.Argument(metavar="REPLACEMENT", help="The replacement's name or number.")
    ],
    number: Annotated[int | None, typer.Option(help="Which run; the newest if it isn't given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say where a run of a replacement's runbook stands: its times, and the steps that are open."""
    actor = the_operator()
    run = _run(_runbook(state(actor, slug), replacement), number)
    durations = run.runbook.durations(run.digest, actor.at)
    content = run_as_json(run, run.progress(actor.at), durations)
    if as_json:
        print(json.dumps(content, ensure_ascii=False, indent=2))
        return
    turned = f" ({content['turned']})" if content["turned"] else ""
    print(f"{run.runbook.name}: {run.kind} run {run.number} is {content['state']}{turned}.")
    print(
        f"Forecast end {content['forecast_end'] or 'not known'}, turn back before {content['turn_back_before'] or '-'}."
    )
    for step in content["open"]:
        print(_line(step))


def _line(step: dict[str, Any]) -> str:
    undo = "undo " if step["direction"] == "undo" else ""
    return f"  {undo}{step['step']}. {step['title']} ({step['owner']}): {' or '.join(step['outcomes'])}"


def _runbook(engagement: Engagement, name: str) -> Runbook:
    """Return the runbook of the replacement of that name or number. Raises NotFound."""
    for runbook in engagement.runbooks:
        row = runbook.replacement
        if name == str(row.id) or normalize_name(row.name) == normalize_name(name):
            return runbook
    raise NotFound(f"There is no replacement “{name}” with a runbook in “{engagement.slug}”.")


def _run(runbook: Runbook, number: int | None) -> Run:
    """Return the run of that number, or the newest one. Raises NotFound."""
    newest = runbook.runs[-1] if runbook.runs else None
    run = runbook.run(number) if number is not None else newest
    if run is None:
        raise NotFound(f"“{runbook.name}” has no run {number or 'yet'}.")
    return run
