"""Operating Headway from the command line. Each command has --help; a refusal is a sentence on stderr and exit code 1."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from commands import (
    auditing,
    contracting,
    delivering,
    importing,
    keeping,
    measuring,
    people,
    replacing,
    reviewing,
    running,
    surveying,
)
from commands.operator import the_operator
from commands.options import AsJson, parse_date
from models.engagement import Engagement
from models.errors import HeadwayError
from models.health import health
from models.milestones import milestone_statuses
from models.pitfalls import pitfalls
from models.summarise import summarise
from models.wording import count
from services import sample as sample_portfolio
from services.core.file_lock import leave_all
from services.engagement import archiving, engagements
from services.plan.templates import DEFAULT
from store.states import state

program = typer.Typer(
    help="Operate Headway.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
reviewing.add_to(program)
people.add_to(program)
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
        text = f"Removed {count(len(removed), 'sample engagement')}: {', '.join(removed)}"
        print(text if removed else "There is no sample engagement to remove.")
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


importing.add_to(program)
measuring.add_to(program)
auditing.add_to(program)
contracting.add_to(program)
surveying.add_to(program)
replacing.add_to(program)
running.add_to(program)
delivering.add_to(program)


def main() -> None:
    """Run a command. A refusal is printed as a sentence, with exit code 1."""
    try:
        program()
    except HeadwayError as refused:
        # Of a database that can't be used an operator reads also what its driver says.
        print(" ".join([str(refused), *getattr(refused, "__notes__", [])]), file=sys.stderr)
        sys.exit(1)
    finally:
        leave_all()


if __name__ == "__main__":
    main()
