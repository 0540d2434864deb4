"""Commands about measurements: judging a file, and pulling values from their sources."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from analysis.judge import judge as judge_series
from commands.operator import the_operator
from commands.options import AsJson, parse_date
from models.errors import Invalid
from services.imports.analyse_file import series_in
from services.measurements import pulling


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    program.command()(judge)
    program.command()(pull)
    program.command("pull-from")(pull_from)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise typer.BadParameter(f"“{text}” is not a number such as 1234.5")
    return number


class Phase(NamedTuple):
    """The first day of a phase, and its cause."""

    began_on: date
    cause: str


def _phase(text: str) -> Phase:
    day, _, cause = text.partition("=")
    return Phase(parse_date(day.strip()), cause.strip())


def judge(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file with the columns at and value.")],
    direction: Annotated[str, typer.Option(help="Which way is better: lower or higher.")],
    baseline_until: Annotated[
        date | None, typer.Option(parser=parse_date, metavar="DATE", help="The last day of the baseline.")
    ] = None,
    phase: Annotated[
        list[Phase] | None,
        typer.Option(
            parser=_phase, metavar="DATE[=CAUSE]", help="The first day of a later phase; may be repeated."
        ),
    ] = None,
    target: Annotated[float | None, typer.Option(parser=_number, metavar="NUMBER")] = None,
    target_on: Annotated[
        date | None, typer.Option(parser=parse_date, metavar="DATE", help="When the target should be met.")
    ] = None,
    rules: Annotated[str, typer.Option(help="The rules that find signals: wheeler or nhs.")] = "wheeler",
    as_json: AsJson = False,
) -> None:
    """Tell whether a series changed, when, by how much, and whether its target will be met."""
    series = series_in(file)
    options: dict[str, Any] = {
        "direction": direction, "baseline_until": baseline_until, "phases": phase or [], "target": target,
        "target_on": target_on, "rules": rules,
    }  # fmt: skip
    try:
        verdict = judge_series(series.points, **options)
    except ValueError as wrong:
        raise Invalid(str(wrong)) from wrong
    if as_json:
        print(
            json.dumps(verdict | {"left_out": series.left_out}, ensure_ascii=False, indent=2, allow_nan=False)
        )
        return
    print(verdict["sentence"])
    if verdict["caveat"]:
        print(verdict["caveat"])
    for row in series.left_out:
        print(row, file=sys.stderr)


def pull(
    slug: Annotated[str | None, typer.Argument(help="One engagement; by default all.")] = None,
    metric: Annotated[str | None, typer.Option(help="One metric, by its short name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record the values that sources of metrics have since the last time. Safe to repeat; exit code 1 if one failed."""
    results = pulling.pull(the_operator("manage.py pull"), slug, metric)
    if as_json:
        print(json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=2))
    for result in results:
        name = f"{result.engagement}/{result.metric}"
        if result.problem:
            print(f"{name}: {result.problem}", file=sys.stderr)
        elif not as_json:
            print(
                f"{name}: {result.added:,} added, {result.corrected:,} corrected, {result.unchanged:,} unchanged"
            )
    if any(result.problem for result in results):
        raise typer.Exit(1)


def pull_from(
    slug: str,
    metric: Annotated[str, typer.Argument(help="The metric's short name.")],
    prometheus: Annotated[
        str | None, typer.Option(metavar="URL", help="A Prometheus-compatible server.")
    ] = None,
    sql: Annotated[
        str | None,
        typer.Option(metavar="VARIABLE", help="The environment variable that holds a database's URL."),
    ] = None,
    query: Annotated[str | None, typer.Option(help="The query; by default the one that it has.")] = None,
    step: Annotated[
        int, typer.Option(metavar="SECONDS", help="The time from one value to the next.")
    ] = pulling.DEFAULT_STEP,
    stop: Annotated[bool, typer.Option("--stop", help="Stop pulling it.")] = False,
) -> None:
    """Set where a metric is pulled from: a Prometheus-compatible server, or a database that is only read."""
    operator = the_operator()
    if stop:
        pulling.stop(operator, slug, metric)
        print(f"{metric} isn't pulled any more.")
        return
    address = sql if prometheus is None else prometheus
    if address is None or (prometheus is not None and sql is not None):
        raise typer.BadParameter("give either --prometheus or --sql")
    kind = pulling.SQL if prometheus is None else pulling.PROMETHEUS
    pulling.configure(operator, slug, metric, kind, address, step, query)
    print(f"{metric} is pulled from {address}.")
