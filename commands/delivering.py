"""Commands about events: listing them, the endpoints that they are sent to, and the relay that sends them."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from commands.operator import the_operator
from commands.options import AsJson
from models.database import database_url
from models.endpoints import CHAT, STREAM, WEBHOOK
from models.wording import count
from services.background import Background, channels, run_once
from services.core.site_url import home_url
from services.events import endpoints, noticing
from services.events.relay import Relay
from services.operations.schema import expect_newest
from store.endpoints import endpoints as endpoint_list
from store.endpoints import failing
from store.events import events as event_list

EndpointId = Annotated[int, typer.Argument(metavar="ID", help="The number that adding it printed.")]


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    program.command()(events)
    program.command()(relay)
    program.command()(notice)
    group = typer.Typer(help="Endpoints: where an engagement's events are sent.", no_args_is_help=True)
    group.command("add")(add_endpoint)
    group.command("list")(list_endpoints)
    group.command("off")(switch_off)
    group.command("on")(switch_on)
    group.command("replay")(replay)
    group.command("secret")(rotate_secret)
    program.add_typer(group, name="endpoint")


def events(
    slug: str,
    since: Annotated[int, typer.Option(metavar="REVISION", help="Only what happened after it.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List an engagement's events, the oldest first: what an endpoint is sent."""
    rows = event_list(the_operator(), slug, home_url(), since)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for event in rows:
        data = event["data"]
        print(f"{event['time'][:19]}  {data['revision']:>6}  {event['type']}  {data['who']}: {data['what']}")


def relay(
    once: Annotated[bool, typer.Option("--once", help="Send what is due, then end.")] = False,
) -> None:
    """Send events to the endpoints until stopped. Any number of relays can run at the same time."""
    expect_newest(database_url())
    if once:
        print(f"Delivered {count(run_once(), 'event')}.")
        for row in failing(the_operator()):
            print(
                f"{row.engagement}: endpoint {row.id} is failing ({row.last_answer}). "
                f"Next attempt at {row.next_at:%d %b %H:%M} UTC."
            )
        return
    working = Background(Relay(channels()))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: working.stop.set())
    working.run()


def notice(
    slug: Annotated[str | None, typer.Argument(help="One engagement; by default all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add what turned late, at risk, stale, overdue or broken to the journal, once each. Safe to repeat."""
    notices = noticing.notice(the_operator("manage.py notice"), slug)
    if as_json:
        print(json.dumps([asdict(row) for row in notices], ensure_ascii=False, indent=2))
        return
    for row in notices:
        print(f"{row.engagement}: {row.text}")
    print(f"Added {count(len(notices), 'notice')}.")


def add_endpoint(
    slug: str,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Where signed events are sent by POST.")
    ] = None,
    chat: Annotated[
        str | None, typer.Option(metavar="URL", help="A channel of Slack or Teams: four messages only.")
    ] = None,
    stream: Annotated[
        str | None, typer.Option(metavar="nats://HOST:PORT/SUBJECT", help="NATS JetStream.")
    ] = None,
    types: Annotated[
        str, typer.Option(help="The event types it wants, separated by spaces or commas; by default all.")
    ] = "",
    since: Annotated[
        int | None, typer.Option(metavar="REVISION", help="Also send what happened after it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add an endpoint, and print its id and the secret that signs its messages. The secret is shown once."""
    given = {WEBHOOK: webhook, CHAT: chat, STREAM: stream}
    chosen = [(kind, address) for kind, address in given.items() if address is not None]
    if len(chosen) != 1:
        raise typer.BadParameter("give one of --webhook, --chat and --stream")
    kind, address = chosen[0]
    new = endpoints.add_endpoint(the_operator(), slug, address, kind=kind, types=types, since=since)
    print(
        json.dumps(asdict(new))
        if as_json
        else f"Added endpoint {new.id}."
        + (f" Its secret, which isn't shown again: {new.secret}" if new.secret else "")
    )


def list_endpoints(slug: str, as_json: AsJson = False) -> None:
    """List an engagement's endpoints: how far each has come, what waits, and why."""
    rows = endpoint_list(the_operator(), slug)
    if as_json:
        shown = [asdict(row) | {"state": row.state, "address": row.shown_address} for row in rows]
        print(json.dumps([_as_json(row) for row in shown], ensure_ascii=False, indent=2))
        return
    for row in rows:
        waiting = (
            f", {count(row.waiting, 'event')} waiting since {row.waiting_since:%d %b %H:%M} UTC"
            if row.waiting
            else ""
        )
        reason = row.why or row.last_answer
        print(
            f"{row.id}  {row.kind}  {row.shown_address}  {row.state}{waiting}"
            + (f" ({reason})" if reason else "")
        )


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def switch_off(slug: str, endpoint: EndpointId) -> None:
    """Switch an endpoint off. What waits stays, for when it is switched on again."""
    endpoints.switch_off(the_operator(), slug, endpoint)
    print(f"Endpoint {endpoint} is off.")


def switch_on(slug: str, endpoint: EndpointId) -> None:
    """Switch an endpoint on, and send what waits at once."""
    endpoints.send_again(the_operator(), slug, endpoint)
    print(f"Endpoint {endpoint} is on.")


def replay(
    slug: str,
    endpoint: EndpointId,
    since: Annotated[int, typer.Option(metavar="REVISION", help="Send again what happened after it.")] = 0,
    until: Annotated[
        int | None, typer.Option(metavar="REVISION", help="The last one; by default the newest.")
    ] = None,
) -> None:
    """Send events again, with the ids that they had."""
    endpoints.replay(the_operator(), slug, endpoint, since, until)
    last = "" if until is None else f" up to {until}"
    print(f"What happened after revision {since}{last} is sent to endpoint {endpoint} again.")


def rotate_secret(slug: str, endpoint: EndpointId, as_json: AsJson = False) -> None:
    """Print a new secret of an endpoint. For a day more the one before it signs as well."""
    secret = endpoints.rotate_secret(the_operator(), slug, endpoint)
    print(json.dumps({"id": endpoint, "secret": secret}) if as_json else f"The new secret: {secret}")
    print("The secret before it signs for 24 hours more.", file=sys.stderr)
