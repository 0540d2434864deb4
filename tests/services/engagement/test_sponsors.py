"""A sponsor in one step: one act invites, enrols and asks; and no link opens what isn't its own."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Forbidden, Invalid, NotFound, Refused
from models.people import Actor, Invitation, Member, Role, User
from reports.frames.portfolio import portfolio
from services.engagement import engagements, invitations, sponsors
from services.people import accounts, authentication
from services.people.client_info import ClientInfo
from services.sign_off import links, signing
from services.sign_off import requests as sign_off_requests
from services.sign_off.signing import approvals
from store.sign_off import requests
from tests.builders import a_metric, a_user, an_actor, an_engagement, noon, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")
DANA, PASSWORD = "dana@client.example", "correct horse battery"
PHONE = ClientInfo("10.0.0.9", "a phone")


def a_lead(slug: str = "acme", name: str = "Mei Tan") -> Actor:
    an_engagement(slug, sponsor="Dana Ruiz", sponsor_email=DANA)
    a_metric(slug, name="Wait", baseline=4, target=1)
    return an_actor(name, slug)


def asked(lead: Actor, slug: str = "acme", email: str = DANA) -> str:
    """The token of a link of a new request."""
    ids = [metric.id for metric in the_state(slug).metrics]
    request = sponsors.ask_by_email(lead, slug, ids, name="Dana Ruiz", email=email)
    return links.make_link(lead, slug, request)


def role_of(email: str, slug: str = "acme") -> str | None:
    query = select(Member.role).join(User, User.id == Member.user_id)
    with Session(engine()) as session:
        return session.scalar(query.where(User.email == email, Member.engagement_id == the_state(slug).id))


def the_user(email: str = DANA) -> User:
    with Session(engine()) as session:
        return session.scalars(select(User).where(User.email == email)).one()


def test_the_sponsor_who_was_named_is_offered_and_nothing_else_happened_yet():
    lead = a_lead()
    assert sponsors.named_sponsors(lead, "acme") == [sponsors.NamedSponsor("Dana Ruiz", DANA)]
    with Session(engine()) as session:
        assert session.scalar(select(User.id).where(User.email == DANA)) is None
    with pytest.raises(Invalid, match="sponsor's name"):
        an_engagement("other", sponsor="", sponsor_email=DANA)


def test_one_link_invites_enrols_and_lets_sign():
    lead = a_lead()
    token = asked(lead)
    asks = sponsors.welcome(token, noon(2), PHONE)
    assert (asks.name, asks.email, asks.is_new, asks.metrics) == ("Dana Ruiz", DANA, True, 1)
    assert asks.asked_by == "Mei Tan"
    assert role_of(DANA) is None
    session, _ = sponsors.enter(token, "Dana M. Ruiz", PASSWORD, noon(2), PHONE)
    assert role_of(DANA) == Role.SPONSOR
    assert sponsors.named_sponsors(lead, "acme") == []
    dana = Actor("Dana M. Ruiz", noon(2), "test", session.user_id, session_id=_session_id(session.token))
    assert list(portfolio(dana)["slug"]) == ["acme"]
    shown = {metric.id: metric.digest() for metric in the_state().metrics}
    signing.sign(dana, "acme", approvals(shown), name="Dana Ruiz", request_id=asks.request_id)
    assert [metric.seal for metric in the_state().metrics] == ["signed"]
    identity = _identity()
    assert "chosen" in identity
    assert "made by Mei Tan" in identity
    assert "nobody has verified its e-mail" in identity


def _session_id(token: str) -> int:
    from services.people import sessions

    return sessions.by_token(token, noon(2)).session_id


def _identity() -> str:
    from store.sign_off import record

    return record(the_operator(), "acme", 1).record["signer"]["identity"]


def test_asking_answers_the_same_whether_there_is_an_account_or_not():
    lead = a_lead()
    accounts.add_user(the_operator(), "known@client.example", "K. Nown")
    for email in ("known@client.example", "new@client.example"):
        asked(lead, email=email)
    assert {request.asked_of for request in requests(lead, "acme")} == {"Dana Ruiz"}
    assert {person.email for person in engagements.members(lead, "acme")} == {"mei.tan@example.org"}


def test_who_has_an_account_gives_their_password_and_joins():
    lead = a_lead()
    user_id = accounts.add_user(the_operator(), DANA, "Dana Ruiz")
    accounts.choose_password(Actor("Dana", noon(1), "test", user_id), PASSWORD, "")
    token = asked(lead)
    assert not sponsors.welcome(token, noon(2), PHONE).is_new
    with pytest.raises(Refused, match="didn't sign you in"):
        sponsors.enter(token, "", "wrong horse battery", noon(2), PHONE)
    assert role_of(DANA) is None
    sponsors.enter(token, "", PASSWORD, noon(2), PHONE)
    assert role_of(DANA) == Role.SPONSOR
    # A member is asked by their sign-in, as before.
    assert sponsors.welcome(token, noon(2), ClientInfo("10.0.0.8", "a laptop")) is None


def test_a_link_never_sets_the_password_of_an_account_that_an_administrator_added():
    lead = a_lead()
    accounts.add_user(the_operator(), DANA, "Dana Ruiz", administrator=True)
    token = asked(lead)
    assert not sponsors.welcome(token, noon(2), PHONE).is_new
    with pytest.raises(Refused):
        sponsors.enter(token, "Mei as Dana", PASSWORD, noon(2), PHONE)
    assert the_user().password_hash is None


def test_an_account_that_a_link_made_sees_no_other_client():
    """Whoever holds a link could enrol under anybody's e-mail; another client's invitation to it is not theirs."""
    token = asked(a_lead())
    session, _ = sponsors.enter(token, "Dana", PASSWORD, noon(2), PHONE)
    squatter = Actor("Dana", noon(2), "test", session.user_id)
    sam = a_lead("corvid", "Sam Okafor")
    invitations.invite(sam, "corvid", DANA, "viewer")
    assert invitations.my_invitations(squatter) == []
    with Session(engine()) as database:
        invitation = database.scalars(select(Invitation.id).where(Invitation.email == DANA)).one()
    with pytest.raises(NotFound):
        invitations.join(squatter, invitation)
    # That client's own link, and the password, let them in.
    second = asked(sam, "corvid")
    sponsors.enter(second, "", PASSWORD, noon(3), PHONE)
    assert role_of(DANA, "corvid") == Role.SPONSOR


def test_an_administrators_link_verifies_the_e_mail():
    sponsors.enter(asked(a_lead()), "Dana", PASSWORD, noon(2), PHONE)
    assert not the_user().email_verified
    client = ClientInfo("10.0.0.3", "her own")
    own = authentication.sign_in_by_link(accounts.make_link(the_operator(2), DANA), noon(2), client)
    actor = Actor("Dana", noon(2), "test", own.user_id, session_id=_session_id(own.token))
    accounts.choose_password(actor, "another horse battery", "")
    assert the_user().email_verified
    with pytest.raises(Refused):
        authentication.sign_in(DANA, PASSWORD, noon(2), client)


def test_a_mailed_link_lets_in_without_a_password_and_verifies_the_e_mail():
    lead = a_lead()
    asked(lead)
    token = links.make_link(the_operator(1), "acme", 1, mailed=True)
    assert sponsors.welcome(token, noon(2), PHONE) is None
    assert role_of(DANA) == Role.SPONSOR
    assert the_user().email_verified
    opened = links.open_link(token, noon(2), PHONE)
    actor = links.link_session(opened.token, noon(2)).actor
    assert sponsors.needs_password(actor)
    sponsors.choose_first_password(actor, PASSWORD, PHONE)
    assert not sponsors.needs_password(actor)
    # From now on no link chooses one.
    handed = links.make_link(lead, "acme", 1)
    assert sponsors.welcome(handed, noon(2), ClientInfo("10.0.0.4", "another")) is None


def test_it_doesnt_open_where_the_one_who_asked_signed_in_nor_once_it_has_ended():
    lead = a_lead()
    token = asked(lead)
    made = accounts.make_link(the_operator(1), "mei.tan@example.org")
    own = authentication.sign_in_by_link(made, noon(1), ClientInfo("10.0.0.1", "Mei's"))
    meis = ClientInfo("10.0.0.1", "Mei's", own.browser_token)
    assert sponsors.welcome(token, noon(2), meis) is None
    with pytest.raises(Refused, match="person who asked"):
        links.open_link(token, noon(2), meis)
    with pytest.raises(Refused):
        sponsors.enter(token, "Dana", PASSWORD, noon(2), meis)
    sign_off_requests.withdraw(lead, "acme", 1, "Not yet")
    with pytest.raises(Refused, match="taken back: Not yet"):
        sponsors.welcome(token, noon(2), PHONE)


def test_who_is_a_member_in_another_role_isnt_asked():
    lead = a_lead()
    a_user("Mei Tan")
    with pytest.raises(Invalid, match="is a lead here already"):
        asked(lead, email="mei.tan@example.org")
    with pytest.raises(Forbidden):
        asked(an_actor("Vi", role=Role.VIEWER))
