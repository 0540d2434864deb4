"""Sign in as a person with a one-time link does, without drawing its pages."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext

from tests.browser.server import Server

MEI, SAM = "mei@example.org", "sam@example.org"
PASSWORD = "correct horse battery"


@contextmanager
def database_of(server: Server) -> Iterator[None]:
    """Inside, the program's own database is the server's: what a test does through services, its pages show."""
    from models.database import engine_of

    url, before = server.environment["DATABASE_URL"], os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = url
    try:
        yield
    finally:
        if before is None:
            del os.environ["DATABASE_URL"]
        else:
            os.environ["DATABASE_URL"] = before
        if before != url:
            engine_of(url).dispose()


def one_time_link(server: Server, email: str | None = None) -> str:
    """The token of a one-time link that only signs in; of the first administrator, unless `email` says who."""
    from models.people import operator
    from models.sessions import Purpose
    from services.people import accounts

    at = datetime.now(UTC)
    with database_of(server):
        accounts.first_administrator(at)
        first = next(one for one in accounts.list_accounts(operator(at)) if one.administrator)
        return accounts.make_link(operator(at), email or first.email, Purpose.SIGN_IN)


def cookies(server: Server, email: str | None = None) -> dict[str, str]:
    """The cookies of a browser in which that person has just signed in."""
    answer = httpx.post(
        f"{server.url}/session/enter",
        data={"token": one_time_link(server, email)},
        headers={"origin": server.url},
    )
    assert answer.status_code == 303, answer.text
    return dict(answer.cookies)


def sign_in(context: BrowserContext, server: Server, email: str | None = None) -> None:
    """From now on that person is signed in, in every page of this browser."""
    give(context, server, cookies(server, email))


def give(context: BrowserContext, server: Server, kept: dict[str, str]) -> None:
    """Put cookies that `cookies` returned into a browser."""
    host = urlsplit(server.url).hostname
    context.add_cookies(
        [
            {"name": name, "value": value, "domain": host, "path": "/", "httpOnly": True, "sameSite": "Lax"}
            for name, value in kept.items()
        ]
    )


def two_clients(server: Server) -> None:
    """Open two clients' engagements: acme, whose lead is Mei, and corvid, whose lead is Sam. Both have a password."""
    from models.people import Actor, operator
    from services.engagement import engagements
    from services.people import accounts

    with database_of(server):
        who = operator(datetime.now(UTC))
        for slug, name, client, email in (
            ("acme", "Lending platform", "Acme Lending", MEI),
            ("corvid", "Claims rebuild", "Corvid Insurance", SAM),
        ):
            user_id = accounts.add_user(who, email, email.partition("@")[0].capitalize())
            accounts.choose_password(Actor(email, who.at, "test", user_id), PASSWORD, "")
            day_1 = date.today() - timedelta(days=20)
            engagements.create_engagement(who, slug, name=name, client=client, day_1=day_1, sponsor="Dana")
            engagements.add_member(who, slug, email, "lead")


def end_sessions_of(server: Server, email: str) -> None:
    """Sign that person out everywhere, as an administrator does."""
    from models.people import operator
    from services.people import accounts

    with database_of(server):
        accounts.sign_out_user(operator(datetime.now(UTC)), email)
