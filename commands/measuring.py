"""Commands about measurements: judging a file, and pulling values from where they are kept."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from analysis.judge import judge as judged
from commands.operator import the_operator
from models.errors import Invalid
from services.imports.analyse_file import series_in
from services.measurements import pulling

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


def add_to(program: typer.Typer) -> None:
    """Make them commands of `program`."""
    program.command()(judge)
    program.command()(pull)
    program.command("pull-from")(pull_from)


def parse_date(text: str) -> date:
    """A date as it is typed; what is none is a command that was typed wrong."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is not a date such as 2026-11-20") from None


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise typer.BadParameter(f"“{text}” is not a number such as 1234.5")
    return number


def _phase(text: str) -> tuple[date, str]:
    day, _, cause = text.partition("=")
    return parse_date(day.strip()), cause.strip()


def judge(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file with the columns at and value.")],
    direction: Annotated[str, typer.Option(help="Which way is better: lower or higher.")],
    baseline_until: Annotated[
        date | None, typer.Option(parser=parse_date, metavar="DATE", help="The last day of the baseline.")
    ] = None,
    phase: Annotated[
        list[tuple] | None,
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
    asked = {
        "direction": direction, "baseline_until": baseline_until, "phases": phase or [], "target": target,
        "target_on": target_on, "rules": rules,
    }  # fmt: skip
    try:
        told = judged(series.points, **asked)
    except ValueError as wrong:
        raise Invalid(str(wrong)) from wrong
    if as_json:
        print(json.dumps(told | {"left_out": series.left_out}, ensure_ascii=False, indent=2, allow_nan=False))
        return
    print(told["sentence"])
    if told["caveat"]:
        print(told["caveat"])
    for row in series.left_out:
        print(row, file=sys.stderr)


def pull(
    slug: Annotated[str | None, typer.Argument(help="One engagement; all where it is left out.")] = None,
    metric: Annotated[str | None, typer.Option(help="One metric, by its short name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record what the sources of metrics say since the last time. Safe to repeat; exit code 1 where one failed."""
    found = pulling.pull(the_operator("manage.py pull"), slug, metric)
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    for one in found:
        name = f"{one.engagement}/{one.metric}"
        if one.problem:
            print(f"{name}: {one.problem}", file=sys.stderr)
        elif not as_json:
            print(f"{name}: {one.added:,} added, {one.corrected:,} corrected, {one.unchanged:,} unchanged")
    if any(one.problem for one in found):
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
    query: Annotated[str | None, typer.Option(help="The query; kept where it is left out.")] = None,
    step: Annotated[
        int, typer.Option(metavar="SECONDS", help="From one value to the next.")
    ] = pulling.DEFAULT_STEP,
    stop: Annotated[bool, typer.Option("--stop", help="Pull it no more.")] = False,
) -> None:
    """Say where a metric is pulled from: a Prometheus-compatible server, or a database that is only read."""
    who = the_operator()
    if stop:
        pulling.stop(who, slug, metric)
        print(f"{metric} isn't pulled any more.")
        return
    if (prometheus is None) == (sql is None):
        raise typer.BadParameter("give either --prometheus or --sql")
    kind, address = (pulling.PROMETHEUS, prometheus) if prometheus is not None else (pulling.SQL, sql)
    pulling.configure(who, slug, metric, kind, address, step, query)
    print(f"{metric} is pulled from {address}.")
