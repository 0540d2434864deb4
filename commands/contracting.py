"""Commands about contracts: comparing two OpenAPI documents, and recording the versions of a system's contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.contracts import compare
from commands.options import AsJson
from models.errors import HeadwayError
from services.architecture.openapi_document import Unreadable, content_of, read_openapi

MAX_SHOWN = 200
"""Findings that are printed; all of them are in the answer with --json."""


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    program.command("contract-diff")(contract_diff)


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


def _document(file: Path) -> dict[str, Any]:
    """Return the document in a file. Raises HeadwayError that names the file."""
    try:
        return read_openapi(content_of(file))
    except Unreadable as wrong:
        sentence = str(wrong).replace("Nothing was saved.", "Nothing was compared.")
        raise HeadwayError(f"{file.name}: {sentence}") from wrong
