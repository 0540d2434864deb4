"""Commands about measurements: judging a file."""

from __future__ import annotations

import json
import math
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from analysis.judge import judge as judged
from models.errors import Invalid
from services.judging import series_in

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


def add_to(program: typer.Typer) -> None:
    """Make them commands of `program`."""
    program.command()(judge)


def a_date(text: str) -> date:
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
    return a_date(day.strip()), cause.strip()


def judge(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file with the columns at and value.")],
    direction: Annotated[str, typer.Option(help="Which way is better: lower or higher.")],
    baseline_until: Annotated[
        date | None, typer.Option(parser=a_date, metavar="DATE", help="The last day of the baseline.")
    ] = None,
    phase: Annotated[
        list[tuple] | None,
        typer.Option(
            parser=_phase, metavar="DATE[=CAUSE]", help="The first day of a later phase; may be repeated."
        ),
    ] = None,
    target: Annotated[float | None, typer.Option(parser=_number, metavar="NUMBER")] = None,
    target_on: Annotated[
        date | None, typer.Option(parser=a_date, metavar="DATE", help="When the target should be met.")
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
