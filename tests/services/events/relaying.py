"""Something that happens, a relay that sends it, and where its endpoint stands."""

from datetime import timedelta

from services.events.relay import Relay
from services.plan import decisions
from store.endpoints import endpoints as statuses
from tests.builders import on_day, the_operator


def ask(slug: str = "acme", title: str = "Decide", day: int = 2) -> None:
    """Something that happens."""
    decisions.request_decision(the_operator(day), slug, title=title, owner="Dana", needed_by=on_day(60))


def status(slug: str = "acme"):
    return statuses(the_operator(), slug)[0]


def later(moment, **by):
    return lambda: moment + timedelta(**by)


def send(**given) -> int:
    return Relay(**given).run(once=True)
