"""Commands for who has to prove something: checking journals and receipts."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from commands.operator import the_operator
from models.database import database_url
from models.errors import HeadwayError, Invalid
from models.journal_chain import Head
from models.receipt import Receipt
from models.wording import count, join_list
from reports.exports.receipt import file_name
from reports.exports.verify import snapshot_in
from reports.sign_off.receipt_file import embedded_in
from services.operations import journal_check
from services.operations.schema import expect_newest
from services.sign_off.receipt_check import check
from services.sign_off.receipts import issue

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


def add_to(program: typer.Typer) -> None:
    """Make them commands of `program`."""
    of_journal = typer.Typer(help="The journal of changes.", no_args_is_help=True)
    of_journal.command("verify")(verify_journal)
    program.add_typer(of_journal, name="journal")
    of_sign_off = typer.Typer(help="Receipts of sign-offs: write and verify.", no_args_is_help=True)
    of_sign_off.command("receipt")(write_receipt)
    of_sign_off.command("verify")(verify_receipt)
    program.add_typer(of_sign_off, name="sign-off")


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise HeadwayError(f"There is no file {file}.")
    return file.read_bytes()


def verify_journal(
    slug: Annotated[str | None, typer.Argument(help="One engagement; all where it is left out.")] = None,
    head: Annotated[
        str | None, typer.Option(metavar="HEAD@REVISION", help="A head that was noted down earlier.")
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A receipt of a sign-off, for the head in it.")
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A weekly review (PDF, zip or JSON), for the head in it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the first entry of a journal that was altered, removed or moved. Exit code 1 where there is one."""
    slug, published = _published(slug, head, receipt, review)
    found = journal_check.verify(the_operator(), slug, published)
    unguarded = found[0].unguarded if found else []
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            unbroken = f"{count(one.entries, 'entry', 'entries')}, unbroken"
            print(f"{one.slug}: {one.problem or unbroken}")
        print("\n".join(found[0].limits) if found else "There is no engagement yet.")
    if unguarded:
        print(
            f"The triggers that refuse changes are missing on {join_list(unguarded)}: somebody removed them. "
            "Put them back with: python manage.py upgrade",
            file=sys.stderr,
        )
    if unguarded or any(one.problem for one in found):
        raise typer.Exit(1)


def _published(
    slug: str | None, head: str | None, receipt: Path | None, review: Path | None
) -> tuple[str | None, Head | None]:
    """The engagement to check and the head to check it against, from whichever was given."""
    if sum(given is not None for given in (head, receipt, review)) > 1:
        raise typer.BadParameter("give one of --head, --receipt and --review")
    if head is not None:
        return slug, journal_check.parse_head(head)
    named, published = _of_receipt(receipt) if receipt else _of_review(review) if review else (slug, None)
    if slug is not None and named != slug:
        raise Invalid(f"That file is of the engagement {named}, not of {slug}.")
    return named, published


def _of_receipt(file: Path) -> tuple[str, Head]:
    carried = Receipt.of_files(embedded_in(_content(file)))
    printed = carried.rest["journal"]
    return carried.says["engagement"]["slug"], Head(
        printed["revision"], printed["head"], f"the receipt {file.name}"
    )


def _of_review(file: Path) -> tuple[str, Head]:
    carried = snapshot_in(_content(file))
    if carried is None:
        raise Invalid(
            f"{file.name} has no snapshot in it. Give the review as PDF, zip or JSON, or its head by --head."
        )
    slug, revision, head = (carried.body.get(name) for name in ("engagement", "revision", "head"))
    if not (isinstance(slug, str) and isinstance(revision, int) and isinstance(head, str)):
        raise Invalid(f"The snapshot in {file.name} names no head: it was altered, or is of no review.")
    return slug, Head(revision, head, f"the review {file.name}")


def write_receipt(
    slug: str,
    record: Annotated[int, typer.Argument(help="The record's number.")],
    out: Annotated[Path, typer.Option(help="The folder for the file.")] = Path("."),
) -> None:
    """Write the receipt of a sign-off as a PDF. The same record gives the same bytes."""
    receipt, data = issue(the_operator(), slug, record)
    out.mkdir(parents=True, exist_ok=True)
    file = out / file_name(receipt)
    file.write_bytes(data)
    print(file)


def verify_receipt(file: Path, as_json: AsJson = False) -> None:
    """Prove that a receipt is what was issued, and that it still holds. Exit code 1 where anything doesn't."""
    expect_newest(database_url())
    found = check(_content(file))
    if as_json:
        print(json.dumps(asdict(found) | {"summary": found.summary}, ensure_ascii=False, indent=2))
    else:
        print(found.summary)
        if found.who:
            print(f"  {found.who}: {found.what}")
        print("\n".join(f"  {'ok ' if each.holds else 'NO '} {each.text}" for each in found.findings))
        print("\n".join(found.limits))
    if not found.holds:
        raise typer.Exit(1)
