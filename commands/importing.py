"""Commands about files of records: importing one, undoing that, and exporting all records of a kind."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands.operator import the_operator
from commands.options import AsJson
from models.errors import HeadwayError
from models.wording import count
from services.imports.applying import File, ImportRefused, import_file, preview
from services.imports.choices import Choices, parse_columns, parse_words
from services.imports.evidence_files import export_evidence
from services.imports.kinds import KINDS, kind_named
from services.imports.plans import Plan
from services.imports.undoing import undo
from services.parsing.reading import content_of


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    program.command("import")(import_command)
    program.command("export")(export_command)
    program.command("undo-import")(undo_import)


def _kind(text: str) -> str:
    try:
        return kind_named(text).name
    except HeadwayError as refused:
        raise typer.BadParameter(str(refused)) from None


SlugOption = Annotated[
    str, typer.Option("--engagement", metavar="SLUG", help="The engagement's name in addresses.")
]
KindArgument = Annotated[
    str, typer.Argument(parser=_kind, metavar="KIND", help=f"One of {', '.join(KINDS)}.")
]
MetricOption = Annotated[
    str | None,
    typer.Option(metavar="SLUG", help="The metric, if a file of measurements doesn't name it."),
]
ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="HEADER=COLUMN",
        help="What a column of the file is: “Application Name=name”, or “Hosting=” to leave it out.",
    ),
]
WordsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--value", metavar="COLUMN:VALUE=WORD", help="What a value is: “criticality:Tier 1=critical”."
    ),
]
HeaderLineOption = Annotated[
    int | None, typer.Option("--header-line", help="The line that holds the names of the columns.")
]
LeaveOutOption = Annotated[
    list[int] | None, typer.Option("--leave-out", metavar="LINE", help="A line that is left out.")
]
LeaveGapsOption = Annotated[
    bool, typer.Option("--leave-gaps", help="Leave out measurements without a value, such as N/A.")
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Refuse what could be read in another way, or looks odd.")
]


def import_command(
    kind: KindArgument,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; docs/templates says what is in it.")],
    engagement: SlugOption,
    metric: MetricOption = None,
    columns: ColumnsOption = None,
    words: WordsOption = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of the workbook.")] = None,
    header_line: HeaderLineOption = None,
    leave_out: LeaveOutOption = None,
    leave_gaps: LeaveGapsOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be changed.")] = False,
    strict: StrictOption = False,
    as_json: AsJson = False,
) -> None:
    """Import a file, all of it or nothing. Exit code 1, with every bad row, if it can't be imported."""
    mapped, spelled = parse_columns(columns or [])
    left_out = frozenset(leave_out or [])
    choices = Choices(
        mapped, parse_words(words or []), sheet, header_line, left_out, leave_gaps, spelled=spelled
    )
    content = File(kind, content_of(file), file.name, metric, strict=strict, choices=choices)
    plan, import_id, done = _carry_out(engagement, content, dry_run=dry_run)
    if as_json:
        print(json.dumps(plan.as_json() | {"import": import_id}, ensure_ascii=False, indent=2))
    elif not plan.problems:
        number = f" It is import {import_id}." if import_id else ""
        print("\n".join([*plan.notes, *_doubts(plan), done + number]))
    if plan.problems:
        print("\n".join(_problems(plan, file.name)), file=sys.stderr)
        raise typer.Exit(1)


def _carry_out(engagement: str, content: File, *, dry_run: bool) -> tuple[Plan, int | None, str]:
    """Return the plan, the import's id if anything was imported, and what was done; "" where it was refused."""
    try:
        if dry_run:
            plan = preview(the_operator(), engagement, content)
            return plan, None, f"{content.name} would come to {plan.text}. Nothing was changed."
        result = import_file(the_operator(), engagement, content)
    except ImportRefused as refused:
        return refused.plan, None, ""
    return result.plan, result.import_id, result.text


def _problems(plan: Plan, name: str) -> list[str]:
    problems = count(len(plan.problems), "problem")
    refusal = f"{name} has {problems}, so nothing was changed."
    return [*plan.notes, *_doubts(plan), *plan.problems.sentences(), refusal]


def _doubts(plan: Plan) -> list[str]:
    return [f"Please check: {doubt.full_sentence()}" for doubt in plan.doubts]


def export_command(
    kind: KindArgument,
    file: Annotated[Path, typer.Argument(help="The .csv or .xlsx to write.")],
    engagement: SlugOption,
) -> None:
    """Write all records of a kind as a file in the template's columns. Imported again, it changes nothing."""
    data = export_evidence(the_operator(), engagement, kind, file.suffix.lstrip(".").lower())
    file.write_bytes(data)
    print(f"Wrote {file}.")


def undo_import(
    import_id: Annotated[int, typer.Argument(metavar="ID", help="The number that the import printed.")],
    engagement: SlugOption,
) -> None:
    """Undo an import completely. Refused if something that builds on it was recorded since."""
    run = undo(the_operator(), engagement, import_id)
    print(
        f"Undid the import of {run.file_name}: {run.added:,} added and {run.changed:,} changed were taken back."
    )
