"""Asking Dana for her signature, the page that her link opens, and what became of it."""

from services.people.client_info import ClientInfo
from services.sign_off import links
from services.sign_off import requests as asking
from services.sign_off.signing import Answer
from store.sign_off import requests
from tests.builders import noon, the_operator, the_state

PHONE = ClientInfo("203.0.113.7", "Mobile Safari", "the cookie of Dana's phone")
PRIVATE_WINDOW = ClientInfo("10.0.0.1", "Firefox")


def ask(mei, dana, *positions):
    ids = [metric.id for metric in the_state().metrics]
    chosen = [ids[position] for position in positions or (0, 1)]
    return asking.ask(mei, "acme", chosen, of=dana.user_id, note_to_them="Before Friday, please")


def opened(token, at=None, visitor=PHONE):
    """Who has the link open."""
    begun = links.open_link(token, at or noon(5), visitor)
    return links.link_session(begun.token, at or noon(5)).actor


def answers_on(page, meaning="approved", words=None):
    return [Answer(card.metric_id, card.sha256, card.shown, meaning, words) for card in page.cards]


def happened(request_id):
    request = next(one for one in requests(the_operator(9), "acme") if one.id == request_id)
    return [(event.kind, event.by) for event in request.events]


def signatures():
    return [metric.seal for metric in the_state().metrics]
