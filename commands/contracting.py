"""Commands about contracts: comparing two OpenAPI documents, and recording the versions of a system's contract."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.contracts import compare
from commands.operator import the_operator
from commands.options import AsJson
from models.contracts import Contract
from models.errors import HeadwayError
from reports.frames.contracts import hit_by, hit_sentence, state_sentence
from services.architecture.contracts import receive_version
from services.architecture.openapi_document import Unreadable, content_of, read_openapi
from store.states import state

MAX_SHOWN = 200
"""Findings that are printed; all of them are in the answer with --json."""


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    program.command("contract-diff")(contract_diff)
    program.command("contract")(contract)


def contract_diff(
    old: Annotated[Path, typer.Argument(help="The OpenAPI 3.0 or 3.1 document that clients rely on.")],
    new: Annotated[Path, typer.Argument(help="The document that would replace it.")],
    as_json: AsJson = False,
) -> None:
    """Compare two OpenAPI documents (JSON or YAML). Exit code 1 where something breaks, or one can't be read.

    A file that can't be compared is a sentence on stderr, and nothing on stdout. References into other files are never
    fetched: what they hold is not judged.
    """
    comparison = compare(_document(old), _document(new))
    if as_json:
        print(json.dumps(comparison.as_dict(), ensure_ascii=False, indent=2))
    else:
        print(comparison.sentence)
        for finding in comparison.findings[:MAX_SHOWN]:
            print(f"  {finding.severity}: {finding.sentence} [{finding.key}]")
        if len(comparison.findings) > MAX_SHOWN:
            print(f"  and {len(comparison.findings) - MAX_SHOWN:,} more: add --json")
    if comparison.breaks:
        raise typer.Exit(1)


def contract(
    slug: str,
    name: Annotated[str, typer.Argument(help="The contract, or the system that provides it.")],
    file: Annotated[Path, typer.Argument(help="An OpenAPI 3.0 or 3.1 document, JSON or YAML.")],
    label: Annotated[
        str | None, typer.Option(help="By default the version that the document gives itself.")
    ] = None,
    system: Annotated[
        str | None, typer.Option(help="The providing system, if a new contract isn't called like it.")
    ] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Freeze it: clients may rely on it from now on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Record a version of a system's contract, compared with the frozen one. The same document again changes nothing."""
    operator = the_operator("manage.py contract")
    result = receive_version(
        operator, slug, name, content_of(file), label=label, system=system, freeze=freeze
    )
    engagement = state(operator, slug)
    row = next(row for row in engagement.contracts if row.name == result.contract)
    if as_json:
        print(json.dumps(_as_json(row, operator.today(engagement.zone)), ensure_ascii=False, indent=2))
        return
    print(f"{result.contract}, {result.label}: {result.text}")
    print(state_sentence(row, operator.today(engagement.zone)))
    if result.breaks:
        print(hit_sentence(row.system))


def _as_json(row: Contract, on: date) -> dict[str, Any]:
    status, newest = row.status(on), row.versions[-1]
    return {
        "contract": row.name,
        "system": row.system.name,
        "label": newest.label,
        "state": status.state.value,
        "sentence": status.sentence,
        "frozen_on": newest.frozen_on and newest.frozen_on.isoformat(),
        "breaks": newest.breaks,
        "may_break": newest.may_break,
        "harmless": newest.harmless,
        "findings": newest.listed,
        "hits": hit_by(row.system),
    }


def _document(file: Path) -> dict[str, Any]:
    """Return the document in a file. Raises HeadwayError that names the file."""
    try:
        return read_openapi(content_of(file))
    except Unreadable as wrong:
        sentence = str(wrong).replace("Nothing was saved.", "Nothing was compared.")
        raise HeadwayError(f"{file.name}: {sentence}") from wrong
