"""Commands about the people who can sign in."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from commands.operator import the_operator
from commands.options import AsJson
from models.sessions import Purpose
from services.core.site_url import link_url
from services.mail.account_mail import mail_link
from services.people import accounts


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`, as `user ...`."""
    group = typer.Typer(help="The people who can sign in.", no_args_is_help=True)
    group.command("list")(list_users)
    group.command("add")(add_user)
    group.command("disable")(disable_user)
    group.command("enable")(enable_user)
    group.command("link")(link_user)
    program.add_typer(group, name="user")


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


def disable_user(email: str) -> None:
    """Disable a user, and sign them out everywhere."""
    accounts.disable(the_operator(), email)
    print(f"Disabled {email}; they are signed out everywhere.")


def enable_user(email: str) -> None:
    """Enable a disabled user."""
    accounts.enable(the_operator(), email)
    print(f"Enabled {email}.")


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
