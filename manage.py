"""Operating Headway from the command line. Each command has --help; a refusal is a sentence on stderr and exit code 1."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import auditing, contracting, delivering, keeping, measuring, replacing, running, surveying
from commands.operator import the_operator
from commands.options import AsJson, parse_date, parse_week
from models.engagement import Engagement
from models.errors import HeadwayError
from models.health import health
from models.milestones import milestone_statuses
from models.pitfalls import pitfalls
from models.review import week_name
from models.sessions import Purpose
from models.settings import settings
from models.summarise import summarise
from models.wording import count
from reports.exports.formats import FORMATS, export, file_name
from reports.exports.verify import DOES_NOT_HOLD, HOLDS, OTHER_LAYOUT
from reports.exports.verify import verify as verify_export
from reports.frames.portfolio import portfolio
from services import sample as sample_portfolio
from services.core.file_lock import leave_all
from services.core.site_url import link_url
from services.engagement import archiving, engagements
from services.events.account_mail import mail_link
from services.imports.applying import File, ImportRefused, import_file, preview
from services.imports.choices import Choices, parse_columns, parse_words
from services.imports.exporting import export_evidence
from services.imports.kinds import KINDS, kind_named
from services.imports.plans import Plan
from services.imports.undoing import undo
from services.parsing.reading import content_of
from services.people import accounts
from services.plan.templates import DEFAULT
from services.review import packs, reviews
from store.reviews import document as snapshot
from store.reviews import week as find_week
from store.states import state

program = typer.Typer(
    help="Operate Headway.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
review_program = typer.Typer(help="Weekly reviews: freeze, export, verify.", no_args_is_help=True)
program.add_typer(review_program, name="review")
user_program = typer.Typer(help="The people who can sign in.", no_args_is_help=True)
program.add_typer(user_program, name="user")


keeping.add_to(program)


@program.command()
def new(
    slug: Annotated[
        str, typer.Argument(help="The engagement's name in addresses: small letters, digits, dashes.")
    ],
    client: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()],
    day_1: Annotated[date, typer.Option("--day-1", parser=parse_date, metavar="DATE")],
    sector: Annotated[str, typer.Option()] = "",
    region: Annotated[str, typer.Option()] = "",
    zone: Annotated[str, typer.Option(help="An IANA time zone.")] = "UTC",
    lead: Annotated[str, typer.Option()] = "",
    sponsor: Annotated[str, typer.Option()] = "",
    sponsor_email: Annotated[str, typer.Option(help="Where the sponsor is asked to sign.")] = "",
    template: Annotated[str, typer.Option(help="A plan template's key or YAML file.")] = DEFAULT,
) -> None:
    """Create an engagement with the plan of a template. The first administrator becomes its lead."""
    operator = the_operator()
    engagements.create_engagement(
        operator, slug, name=name, client=client, day_1=day_1, sector=sector, region=region, zone=zone, lead=lead,
        sponsor=sponsor, sponsor_email=sponsor_email, template_name=template,
    )  # fmt: skip
    engagements.add_first_administrator(operator, slug)
    print(f"Created {name}: /overview?engagement={slug}")


@program.command()
def sample(
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing if there is an engagement already.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Delete the sample engagements with everything in them.")
    ] = False,
) -> None:
    """Load six sample engagements, made around today, or remove them. The first administrator is a lead of each."""
    the_operator()
    if remove:
        removed = archiving.remove_sample(the_operator())
        told = f"Removed {count(len(removed), 'sample engagement')}: {', '.join(removed)}"
        print(told if removed else "There is no sample engagement to remove.")
        return
    if if_empty and sample_portfolio.has_engagements():
        print("There are engagements already: the sample wasn't loaded.")
        return
    loaded = sample_portfolio.load(datetime.now(UTC))
    print(f"Loaded {count(len(loaded), 'sample engagement')}: {', '.join(loaded)}")


@program.command()
def status(
    slug: str,
    on: Annotated[
        date | None, typer.Option(parser=parse_date, metavar="DATE", help="Judge as of this date.")
    ] = None,
    at_revision: Annotated[int | None, typer.Option(help="Judge what was recorded at this revision.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show an engagement's status and the reasons for it, as its pages do."""
    operator = the_operator()
    engagement = state(operator, slug, at_revision)
    result = _status(engagement, on or operator.today(engagement.zone))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    print(f"{result['name']}: {result['health']}, day {result['day']} (revision {result['revision']})")
    for reason in result["reasons"]:
        print(f"  {reason['check']:<10} {reason['state']:<10} {reason['reason']}")
    for milestone in result["milestones"]:
        print(f"  {milestone['name']}: {milestone['state']}. {milestone['reason']}")
    for pitfall in result["pitfalls"]:
        print(f"  {pitfall['name']}: {pitfall['state']}. {pitfall['reason']}")


def _status(engagement: Engagement, on: date) -> dict[str, Any]:
    summary = summarise(engagement)
    engagement_health = health(summary, on)
    return {
        "engagement": engagement.slug,
        "name": engagement.name,
        "on": on.isoformat(),
        "day": summary.day(on),
        "cycle": summary.cycle,
        "revision": engagement.revision,
        "health": engagement_health.status.value,
        "reasons": [
            {"check": check.name, "state": check.status.value, "reason": check.reason, "due": check.due}
            for check in engagement_health.checks
        ],
        "milestones": [
            {
                "name": row.milestone.name,
                "state": row.state.value,
                "reason": row.reason,
                "due": row.milestone.due_on.isoformat(),
                "claim": row.claim and row.claim.says,
            }
            for row in milestone_statuses(summary, on)
        ],
        "pitfalls": [
            {"name": pitfall.name, "state": pitfall.status.value, "reason": pitfall.reason}
            for pitfall in pitfalls(summary, on)
        ],
    }


def _kind(text: str) -> str:
    try:
        return kind_named(text).name
    except HeadwayError as refused:
        raise typer.BadParameter(str(refused)) from None


SlugOption = Annotated[
    str, typer.Option("--engagement", metavar="SLUG", help="The engagement's name in addresses.")
]


@program.command("import")
def import_command(
    kind: Annotated[str, typer.Argument(parser=_kind, metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; docs/templates says what is in it.")],
    engagement: SlugOption,
    metric: Annotated[
        str | None,
        typer.Option(metavar="SLUG", help="The metric, if a file of measurements doesn't name it."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="HEADER=COLUMN",
            help="What a column of the file is: “Application Name=name”, or “Hosting=” to leave it out.",
        ),
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option(
            "--value", metavar="COLUMN:VALUE=WORD", help="What a value is: “criticality:Tier 1=critical”."
        ),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of the workbook.")] = None,
    header_line: Annotated[
        int | None, typer.Option("--header-line", help="The line that holds the names of the columns.")
    ] = None,
    leave_out: Annotated[
        list[int] | None, typer.Option("--leave-out", metavar="LINE", help="A line that is left out.")
    ] = None,
    leave_gaps: Annotated[
        bool, typer.Option("--leave-gaps", help="Leave out measurements without a value, such as N/A.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be changed.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what could be read in another way, or looks odd.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a file, all of it or nothing. Exit code 1, with every bad row, if it can't be imported."""
    mapped, spelled = parse_columns(columns or [])
    choices = Choices(
        mapped,
        parse_words(words or []),
        sheet,
        header_line,
        frozenset(leave_out or []),
        leave_gaps,
        spelled=spelled,
    )
    content = File(kind, content_of(file), file.name, metric, strict=strict, choices=choices)
    try:
        if dry_run:
            plan, import_id = preview(the_operator(), engagement, content), None
            done = f"{file.name} would come to {plan.text}. Nothing was changed."
        else:
            result = import_file(the_operator(), engagement, content)
            plan, import_id, done = result.plan, result.import_id, result.text
    except ImportRefused as refused:
        plan, import_id, done = refused.plan, None, ""
    if as_json:
        print(json.dumps(plan.as_json() | {"import": import_id}, ensure_ascii=False, indent=2))
    elif not plan.problems:
        number = f" It is import {import_id}." if import_id else ""
        print("\n".join([*plan.notes, *_doubts(plan), done + number]))
    if plan.problems:
        problems = count(len(plan.problems), "problem")
        sentences = [
            *plan.notes,
            *_doubts(plan),
            *plan.problems.sentences(),
            f"{file.name} has {problems}, so nothing was changed.",
        ]
        print("\n".join(sentences), file=sys.stderr)
        raise typer.Exit(1)


def _doubts(plan: Plan) -> list[str]:
    return [f"Please check: {doubt.full_sentence()}" for doubt in plan.doubts]


@program.command("export")
def export_command(
    kind: Annotated[str, typer.Argument(parser=_kind, metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    file: Annotated[Path, typer.Argument(help="The .csv or .xlsx to write.")],
    engagement: SlugOption,
) -> None:
    """Write all records of a kind as a file in the template's columns. Imported again, it changes nothing."""
    data = export_evidence(the_operator(), engagement, kind, file.suffix.lstrip(".").lower())
    file.write_bytes(data)
    print(f"Wrote {file}.")


@program.command("undo-import")
def undo_import(
    import_id: Annotated[int, typer.Argument(metavar="ID", help="The number that the import printed.")],
    engagement: SlugOption,
) -> None:
    """Undo an import completely. Refused if something that builds on it was recorded since."""
    run = undo(the_operator(), engagement, import_id)
    print(
        f"Undid the import of {run.file_name}: {run.added:,} added and {run.changed:,} changed were taken back."
    )


measuring.add_to(program)
auditing.add_to(program)
contracting.add_to(program)
surveying.add_to(program)
replacing.add_to(program)
running.add_to(program)
delivering.add_to(program)


@user_program.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List the users."""
    users = accounts.list_accounts(the_operator())
    if as_json:
        rows = [asdict(user) | {"last_seen": user.last_seen and user.last_seen.isoformat()} for user in users]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for user in users:
        marks = [
            label
            for label, holds in {
                "administrator": user.administrator,
                "disabled": user.disabled,
                "no password yet": not user.has_password,
            }.items()
            if holds
        ]
        print(f"{user.email}  {user.name}" + (f" ({', '.join(marks)})" if marks else ""))


@user_program.command("add")
def add_user(
    email: str,
    name: Annotated[str, typer.Option(help="By default the e-mail.")] = "",
    administrator: Annotated[
        bool, typer.Option("--administrator", help="Lets them manage users and create engagements.")
    ] = False,
    mail: Annotated[bool, typer.Option("--mail", help="Mail them the link instead of printing it.")] = False,
) -> None:
    """Add a user, and print the one-time link to hand over."""
    accounts.add_user(the_operator(), email, name or email, administrator=administrator)
    if mail:
        mail_link(the_operator(), email)
        print(f"Added {email}, and mailed them their one-time link.")
        return
    print(
        f"Added {email}. Their one-time link, for 7 days: {link_url(accounts.make_link(the_operator(), email))}"
    )


@user_program.command("disable")
def disable_user(email: str) -> None:
    """Disable a user, and sign them out everywhere."""
    accounts.disable(the_operator(), email)
    print(f"Disabled {email}; they are signed out everywhere.")


@user_program.command("enable")
def enable_user(email: str) -> None:
    """Enable a disabled user."""
    accounts.enable(the_operator(), email)
    print(f"Enabled {email}.")


@user_program.command("link")
def link_user(
    email: str,
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="Only sign in, within 15 minutes; don't ask for a password.")
    ] = False,
    mail: Annotated[bool, typer.Option("--mail", help="Mail them the link instead of printing it.")] = False,
) -> None:
    """Print a one-time link that signs a user in, to invite them or to reset their password."""
    if mail:
        mail_link(the_operator(), email, Purpose.SIGN_IN if sign_in else None)
        print(f"Mailed {email} their one-time link.")
        return
    print(link_url(accounts.make_link(the_operator(), email, Purpose.SIGN_IN if sign_in else None)))


@review_program.command("freeze")
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


@review_program.command("export")
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


@review_program.command("verify")
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


@review_program.command("pack")
def pack_reviews(out: Annotated[Path, typer.Option(help="The PDF to write.")]) -> None:
    """Write the portfolio pack: a table of all engagements, and the newest frozen week of each on a page."""
    operator = the_operator()
    length = len(portfolio(operator))
    with typer.progressbar(length=length, label="Reading frozen weeks", file=sys.stderr) as bar:
        pack = packs.build(operator, lambda done, total: bar.update(1))
    out.write_bytes(packs.download(operator, pack.key))
    print(f"Wrote {out}: {count(len(pack.weeks), 'engagement')}.")


def main() -> None:
    """Run a command. A refusal is printed as a sentence, with exit code 1."""
    try:
        # A wrong setting is named before anything is done, whether the command asks for it or not.
        settings()
        program()
    except HeadwayError as refused:
        # Of a database that can't be used an operator reads also what its driver says.
        print(" ".join([str(refused), *getattr(refused, "__notes__", [])]), file=sys.stderr)
        sys.exit(1)
    finally:
        leave_all()


if __name__ == "__main__":
    main()
