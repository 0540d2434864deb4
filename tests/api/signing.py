"""A sponsor who was asked to sign three metrics, and what she does with the link: opens it, answers, signs."""

import re
from datetime import UTC, date, datetime, timedelta

from models.people import Actor, Role
from services.sign_off import links
from services.sign_off import requests as sign_off_requests
from tests.api.conftest import COOKIE, HOME, sign_in_once
from tests.builders import a_metric, a_session, an_actor, an_engagement, the_state
from tests.db_snapshots import once_a_run

OURS = {"origin": HOME}
SIGNING = "headway_signing_8501"
DANA = "dana@example.org"
SHEET = "/sign/metrics?engagement=acme&request=1"
TO_SIGN_IN = "/session/sign-in?next=/sign/metrics%3Fengagement%3Dacme%26request%3D1"
NAMES = ["Decision time", "Wait", "Errors"]


def a_link_to_dana(client) -> str:
    """The token of a link to Dana for three metrics, just made by Mei. The client is a browser of Dana's."""
    today = datetime.now(UTC).date()
    once_a_run(f"three metrics asked for on {today}", lambda: _ask(today))
    sign_in_once(client, DANA)
    return links.make_link(acting("Mei", Role.LEAD), "acme", 1)


def _ask(today: date) -> None:
    an_engagement(day_1=today - timedelta(days=9))
    for name, unit, baseline, target in zip(NAMES, "hh%", (4, 3, 9), (1, 2, 2), strict=True):
        a_metric(name=name, unit=unit, baseline=baseline, target=target)
    mei, dana = acting("Mei", Role.LEAD), acting("Dana", Role.SPONSOR)
    ids = [metric.id for metric in the_state().metrics]
    sign_off_requests.ask(mei, "acme", ids, of=dana.user_id, note_to_them="<b>Before</b> Friday")


def acting(name: str, role: Role | None) -> Actor:
    actor = an_actor(name, role=role)
    return Actor(name, datetime.now(UTC), "test", actor.user_id)


def open_link(client, token: str):
    return client.post("/sign/link", data={"token": token}, headers=OURS)


def fields(page: str) -> dict[str, str]:
    """What the page sends along: what was shown of each metric."""
    return dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f.]+)"', page))


def approval(page: str, **more: str) -> dict[str, str]:
    return fields(page) | {"all": "approved", "name": "Dana Ruiz"} | more


def sign(client, data: dict[str, str], address: str = "/sign/metrics"):
    return client.post(address, data=data, headers=OURS)


def sign_in(client, actor: Actor) -> None:
    _, token = a_session(actor.user_id, datetime.now(UTC))
    client.cookies.set(COOKIE, token, domain="localhost.local")


def seals() -> list[str]:
    return [metric.seal for metric in the_state().metrics]
