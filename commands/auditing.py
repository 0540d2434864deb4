"""Commands that verify journals and receipts of sign-offs."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from commands.operator import the_operator
from commands.options import AsJson
from models.database import database_url
from models.errors import HeadwayError, Invalid
from models.journal_chain import PublishedHead
from models.receipt import Receipt
from models.wording import count, join_list
from reports.exports.receipt import file_name
from reports.exports.verify import snapshot_in
from reports.sign_off.receipt_file import embedded_in
from services.operations import journal_check
from services.operations.schema import expect_newest
from services.sign_off.receipt_check import check_receipt
from services.sign_off.receipts import issue_receipt

BAR_WIDTH = 30


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    journal = typer.Typer(help="The journal of changes.", no_args_is_help=True)
    journal.command("verify")(verify_journal)
    program.add_typer(journal, name="journal")
    sign_off = typer.Typer(help="Receipts of sign-offs: write and verify.", no_args_is_help=True)
    sign_off.command("receipt")(write_receipt)
    sign_off.command("verify")(verify_receipt)
    program.add_typer(sign_off, name="sign-off")


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise HeadwayError(f"There is no file {file}.")
    return file.read_bytes()


def verify_journal(
    slug: Annotated[str | None, typer.Argument(help="One engagement; by default all.")] = None,
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
    since: Annotated[
        str | None,
        typer.Option(metavar="HEAD@REVISION", help="Go on from a head up to which it was verified before."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the first entry of a journal that was altered, removed or moved. Exit code 1 if there is one."""
    slug, published = _published(slug, head, receipt, review)
    start = journal_check.parse_head(since) if since else None
    progress = _show_progress if sys.stderr.isatty() else None
    verdicts = journal_check.verify(the_operator(), slug, published, start, progress)
    unguarded = verdicts[0].unguarded if verdicts else []
    if as_json:
        print(json.dumps([asdict(verdict) for verdict in verdicts], ensure_ascii=False, indent=2))
    else:
        for verdict in verdicts:
            unbroken = f"{count(verdict.entries, 'entry', 'entries')}, unbroken"
            print(f"{verdict.slug}: {verdict.problem or unbroken}")
        print("\n".join(verdicts[0].limits) if verdicts else "There is no engagement yet.")
    if unguarded:
        print(
            f"The triggers that refuse changes are missing on {join_list(unguarded)}: somebody removed them. "
            "Put them back with: python manage.py upgrade",
            file=sys.stderr,
        )
    if unguarded or any(verdict.problem for verdict in verdicts):
        raise typer.Exit(1)


def _show_progress(slug: str, done: int, of: int) -> None:
    """Draw a bar in place, on the terminal alone."""
    filled = BAR_WIDTH * done // of
    bar = "#" * filled + "." * (BAR_WIDTH - filled)
    print(
        f"\r{slug}: [{bar}] {done:,} of {of:,}", end="\n" if done >= of else "", file=sys.stderr, flush=True
    )


def _published(
    slug: str | None, head: str | None, receipt: Path | None, review: Path | None
) -> tuple[str | None, PublishedHead | None]:
    """Return the engagement to verify and the published head, from whichever was given.

    Raises BadParameter for more than one, Invalid if the file is another engagement's.
    """
    if sum(given is not None for given in (head, receipt, review)) > 1:
        raise typer.BadParameter("give one of --head, --receipt and --review")
    if head is not None:
        return slug, journal_check.parse_head(head)
    named, published = (
        _head_of_receipt(receipt) if receipt else _head_of_review(review) if review else (slug, None)
    )
    if slug is not None and named != slug:
        raise Invalid(f"That file is of the engagement {named}, not of {slug}.")
    return named, published


def _head_of_receipt(file: Path) -> tuple[str, PublishedHead]:
    receipt = Receipt.of_files(embedded_in(_content(file)))
    journal = receipt.rest["journal"]
    head = PublishedHead(journal["revision"], journal["head"], f"the receipt {file.name}")
    return receipt.content["engagement"]["slug"], head


def _head_of_review(file: Path) -> tuple[str, PublishedHead]:
    snapshot = snapshot_in(_content(file))
    if snapshot is None:
        raise Invalid(
            f"{file.name} has no snapshot in it. Give the review as PDF, zip or JSON, or its head by --head."
        )
    slug, revision, head = (snapshot.body.get(name) for name in ("engagement", "revision", "head"))
    if not (isinstance(slug, str) and isinstance(revision, int) and isinstance(head, str)):
        raise Invalid(f"The snapshot in {file.name} names no head: it was altered, or is of no review.")
    return slug, PublishedHead(revision, head, f"the review {file.name}")


def write_receipt(
    slug: str,
    record: Annotated[int, typer.Argument(help="The record's number.")],
    out: Annotated[Path, typer.Option(help="The folder for the file.")] = Path("."),
) -> None:
    """Write the receipt of a sign-off as a PDF. The same record gives the same bytes."""
    receipt, data = issue_receipt(the_operator(), slug, record)
    out.mkdir(parents=True, exist_ok=True)
    file = out / file_name(receipt)
    file.write_bytes(data)
    print(file)


def verify_receipt(file: Path, as_json: AsJson = False) -> None:
    """Verify that a receipt was issued here and is still valid. Exit code 1 if anything of it isn't."""
    expect_newest(database_url())
    checked = check_receipt(_content(file))
    if as_json:
        print(json.dumps(asdict(checked) | {"summary": checked.summary}, ensure_ascii=False, indent=2))
    else:
        print(checked.summary)
        if checked.who:
            print(f"  {checked.who}: {checked.what}")
        for finding in checked.findings:
            print(f"  {'ok ' if finding.holds else 'NO '} {finding.text}")
        print("\n".join(checked.limits))
    if not checked.holds:
        raise typer.Exit(1)
