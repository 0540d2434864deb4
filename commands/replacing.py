"""Commands about replacements: asking a gate, reporting evidence, and reading traces."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.operator import the_operator
from commands.options import AsJson, parse_date
from models.errors import HeadwayError, Invalid, NotFound
from services.replacements import evidence, gating, traces

OPEN, CLOSED, BAD_NAME = 0, 1, 2


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    program.command()(gate)
    program.command()(report)
    program.command("traces")(read_traces)


Name = Annotated[str, typer.Argument(metavar="REPLACEMENT", help="The replacement's name or number.")]


def gate(
    slug: str,
    replacement: Name,
    on: Annotated[
        date | None, typer.Option(parser=parse_date, metavar="DATE", help="Judge as of this date.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask whether a replacement may cut over. Exit code 0 if its gate is open, 1 if closed, 2 for an unknown name."""
    try:
        answer = gating.ask_gate(the_operator(), slug, replacement, on)
    except NotFound as unknown:
        print(str(unknown), file=sys.stderr)
        raise typer.Exit(BAD_NAME) from None
    if as_json:
        print(json.dumps(answer.as_json(), ensure_ascii=False, indent=2))
    else:
        print(answer.sentence)
        for check in answer.checks:
            print(f"  {check.name:<11} {check.outcome.value:<13} {check.why}")
    raise typer.Exit(OPEN if answer.open else CLOSED)


def report(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(evidence.KINDS)}.")],
    slug: str,
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD=VALUE...", help="As the API takes them, such as percent=25."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The content of traces, a contract or a survey.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report a piece of evidence, as a program does over the API."""
    given: dict[str, Any] = dict(_field(text) for text in fields or [])
    if file is not None:
        given["content"] = _content_of(kind, file)
    answer = evidence.report(the_operator("manage.py report"), slug, kind, given)
    print(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else f"Recorded the {answer['kind']}.")


def _field(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise typer.BadParameter(f"“{text}” is no field with its value, such as percent=25")
    return name.strip(), value


def _content_of(kind: str, file: Path) -> Any:
    of_kind = evidence.KINDS[evidence.kind_named(kind)]
    if of_kind.read_file is None:
        raise Invalid(f"Evidence of the kind {kind} has no file. Nothing was saved.")
    return of_kind.read_file(_content(file, of_kind.max_file))


def _content(file: Path, most: int = traces.MAX_FILE) -> bytes:
    if not file.is_file():
        raise HeadwayError(f"There is no file {file}.")
    if file.stat().st_size > most:
        raise Invalid(f"The file has more than {most:,} bytes. Nothing was saved.")
    return file.read_bytes()


def read_traces(
    slug: str,
    replacement: Name,
    file: Annotated[Path, typer.Argument(help="From Jaeger, Zipkin or Prometheus.")],
    until: Annotated[
        date, typer.Option(parser=parse_date, metavar="DATE", help="The last day that the calls are of.")
    ],
    days: Annotated[int, typer.Option(help="How many days they are of.")],
    as_json: AsJson = False,
) -> None:
    """Read who called whom from a tracing tool's file, as a proof; and list what the inventory doesn't have."""
    content = traces.parse(_content(file))
    operator = the_operator("manage.py traces")
    row_id = gating.find_replacement_id(operator, slug, replacement)
    result = traces.record_traces(operator, slug, row_id, content, until=until, days=days)
    if as_json:
        answer = {
            "outcome": result.outcome,
            "calls": result.calls,
            "undeclared": [list(pair) for pair in result.undeclared],
            "unknown": result.unknown,
        }
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print(result.text)
