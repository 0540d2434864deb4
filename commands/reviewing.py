"""Commands about weekly reviews: freezing one, its files, and what verifies them."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from commands.operator import the_operator
from commands.options import AsJson, parse_date, parse_week
from models.errors import HeadwayError
from models.review import week_name
from models.wording import count
from reports.exports.verify import DOES_NOT_HOLD, HOLDS, OTHER_LAYOUT
from reports.exports.verify import verify as verify_export
from reports.exports.week_files import FORMATS, export, file_name
from reports.frames.portfolio import portfolio
from services.review import packs, reviews
from store.reviews import document as snapshot
from store.reviews import week as find_week


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`, as `review ...`."""
    group = typer.Typer(help="Weekly reviews: freeze, export, verify.", no_args_is_help=True)
    group.command("freeze")(freeze_review)
    group.command("export")(export_review)
    group.command("verify")(verify_review)
    group.command("pack")(pack_reviews)
    program.add_typer(group, name="review")


def freeze_review(
    slug: str,
    on: Annotated[
        date | None, typer.Option(parser=parse_date, metavar="DATE", help="Freeze the week of this date.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Freeze a week with what was recorded by the end of a day, by default today."""
    frozen = reviews.freeze(the_operator(), slug, on)
    result = {
        "week": frozen.week,
        "on": frozen.reviewed_on.isoformat(),
        "revision": frozen.revision,
        "snapshot": frozen.digest,
    }
    print(
        json.dumps(result)
        if as_json
        else f"Froze {week_name(frozen.week, frozen.reviewed_on)} at revision {frozen.revision}: {frozen.digest}"
    )


def export_review(
    slug: str,
    week: Annotated[str, typer.Argument(help="Its number, or the date that it shows, such as 2026-11-20.")],
    formats: Annotated[str, typer.Option("--format", help=f"Some of {','.join(FORMATS)}.")] = ",".join(
        FORMATS
    ),
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("."),
    cycle: Annotated[int | None, typer.Option(help="By default the newest cycle that has the week.")] = None,
    template: Annotated[
        Path | None, typer.Option(help="Your own .pptx, whose masters the slides use.")
    ] = None,
) -> None:
    """Write a frozen week as files. The same week gives the same bytes."""
    operator = the_operator()
    frozen = find_week(operator, slug, parse_week(week), cycle)
    document = snapshot(operator, slug, frozen.digest)
    out.mkdir(parents=True, exist_ok=True)
    for format in dict.fromkeys(part.strip() for part in formats.split(",")):
        data = export(document, format, template=template)
        file = out / file_name(document, format)
        reviews.note_download(operator, slug, frozen.id, format, data)
        file.write_bytes(data)
        print(file)


def verify_review(
    file: Path,
    template: Annotated[Path | None, typer.Option(help="The .pptx that the slides were made with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Verify that an exported file is what was frozen, and that the journal agrees. Exit code 1 if it isn't."""
    if not file.is_file():
        raise HeadwayError(f"There is no file {file}.")
    proof = verify_export(the_operator(), file.read_bytes(), template)
    if as_json:
        print(json.dumps(vars(proof) | {"holds": proof.holds}, ensure_ascii=False, indent=2))
    else:
        outcome = {
            HOLDS: "holds",
            OTHER_LAYOUT: "the snapshot holds, the layout is another version's",
            DOES_NOT_HOLD: "does NOT hold",
        }
        print(f"{proof.engagement}, {proof.name}: {outcome[proof.outcome]} ({proof.digest})")
        print("\n".join(f"  {finding}" for finding in proof.findings))
    if not proof.holds:
        raise typer.Exit(1)


def pack_reviews(out: Annotated[Path, typer.Option(help="The PDF to write.")]) -> None:
    """Write the portfolio pack: a table of all engagements, and the newest frozen week of each on a page."""
    operator = the_operator()
    length = len(portfolio(operator))
    with typer.progressbar(length=length, label="Reading frozen weeks", file=sys.stderr) as bar:
        pack = packs.build(operator, lambda done, total: bar.update(1))
    out.write_bytes(packs.download(operator, pack.key))
    print(f"Wrote {out}: {count(len(pack.weeks), 'engagement')}.")
