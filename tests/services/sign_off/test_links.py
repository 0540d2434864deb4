"""The link for one person and one set: where it opens, what it signs, and when it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, HeadwayError, Invalid, NotFound, Refused
from models.journal import JournalEntry
from models.people import Actor, Member, Role, User
from models.security_log import Kind
from models.sessions import UserSession, hash_token
from models.sign_off import LINK_LIFETIME, SignOffLink
from reports.sign_off.sheet import sheet
from services.metrics import definitions
from services.people import accounts, authentication, security_log, sessions
from services.people.client_info import ClientInfo
from services.sign_off import links, signing
from services.sign_off.signing import Answer
from store.sign_off import record, requests
from store.states import state
from tests import builders
from tests.builders import a_session, an_actor, noon, the_operator, the_state
from tests.services.sign_off.asking import PHONE, PRIVATE_WINDOW, answers_on, ask, happened, opened

pytestmark = pytest.mark.usefixtures("database")


def number_of_sessions():
    with Session(engine()) as session:
        return session.scalar(select(func.count()).select_from(UserSession))


def test_only_the_tokens_digest_is_kept_and_that_a_link_was_made_is_journalled(mei, dana):
    token = links.make_link(mei, "acme", ask(mei, dana))
    assert len(token) == 43  # 256 bits in base64
    with Session(engine()) as session:
        assert session.scalar(select(SignOffLink.token_digest)) == hash_token(token)
        made = session.scalars(select(JournalEntry).where(JournalEntry.kind == "sign_off_link")).one()
        assert (made.actor, made.use_case) == ("Mei", "make a link for a sign-off")
        assert token not in "".join(session.scalars(select(JournalEntry.payload)))


def test_a_link_can_be_opened_twenty_times_and_signs_once(mei, dana):
    token = links.make_link(mei, "acme", ask(mei, dana))
    here = [opened(token) for _ in range(20)]
    page = sheet(here[0], "acme")
    assert signing.sign(here[-1], "acme", answers_on(page), name="Dana")
    with pytest.raises(links.AlreadySigned):
        signing.sign(here[0], "acme", answers_on(page), name="Dana")
    assert len(the_state().sign_offs) == 2
    with pytest.raises(Refused, match="signed all of this already"):
        opened(token)


def test_a_link_signs_its_set_and_nothing_else(mei, dana):
    here = opened(links.make_link(mei, "acme", ask(mei, dana)))
    third = the_state().metrics[2]
    for answers in (
        [Answer(third.id, third.digest())],
        [*answers_on(sheet(here, "acme")), Answer(third.id, third.digest())],
        answers_on(sheet(here, "acme"))[:1],
    ):
        with pytest.raises(Invalid, match="isn't what you were asked for"):
            signing.sign(here, "acme", answers, name="Dana")
    assert the_state().sign_offs == []


def test_who_came_by_a_link_reads_and_does_nothing_else(mei, dana):
    here = opened(links.make_link(mei, "acme", ask(mei, dana)))
    with pytest.raises(Forbidden, match="This link signs one set of metrics; it can't read this engagement"):
        state(here, "acme")
    with pytest.raises(Forbidden):
        record(here, "acme", 1)
    for closed in (accounts.own_account, sessions.my_sessions, sessions.end_other_sessions):
        with pytest.raises(Forbidden, match="aren't signed in"):
            closed(here)
    # Nor does its session, where somebody takes it for a sign-in.
    disguised = replace(here, link_id=None)
    with pytest.raises(NotFound):
        state(disguised, "acme")
    assert sessions.by_id(here.session_id, noon(5)) is None


def test_the_token_of_a_links_session_is_no_sign_in(mei, dana):
    begun = links.open_link(links.make_link(mei, "acme", ask(mei, dana)), noon(5), PHONE)
    assert sessions.by_token(begun.token, noon(5)) is None
    assert sessions.by_link_token(begun.token, noon(5)).user_id == dana.user_id
    _, ordinary = a_session(dana.user_id, noon(5))
    assert links.link_session(ordinary, noon(5)) is None


def test_a_link_ends_after_72_hours(mei, dana):
    request_id = ask(mei, dana)
    token = links.make_link(mei, "acme", request_id)
    in_time, late = mei.at + LINK_LIFETIME - timedelta(minutes=1), mei.at + LINK_LIFETIME
    (asked,) = requests(mei, "acme")
    assert [asked.status_at(in_time), asked.status_at(late)] == ["waiting", "link expired"]
    here = opened(token, in_time)
    page = sheet(here, "acme")
    with pytest.raises(Forbidden, match=r"This link expired on Sun 11 Oct, 12:00 \(UTC\)"):
        signing.sign(replace(here, at=late), "acme", answers_on(page), name="Dana")
    for visitor in (PHONE, PRIVATE_WINDOW):
        with pytest.raises(Refused, match="expired"):
            opened(token, late, visitor)
    assert [kind for kind, _ in happened(request_id)].count("expired") == 1
    assert the_state().sign_offs == []


def test_a_new_link_takes_the_place_of_the_one_before(mei, dana):
    request_id = ask(mei, dana)
    first = links.make_link(mei, "acme", request_id)
    second = links.make_link(mei, "acme", request_id)
    with pytest.raises(Refused, match="a newer link was made"):
        opened(first)
    here = opened(second)
    assert signing.sign(here, "acme", answers_on(sheet(here, "acme")), name="Dana")


def test_the_link_doesnt_open_in_a_browser_of_whoever_asked_nor_beside_somebody_else(mei, dana):
    token = links.make_link(mei, "acme", ask(mei, dana))
    at = noon(5)
    begun = authentication.sign_in_by_link(
        accounts.make_link(the_operator(5), "mei@example.org"), at, ClientInfo("10.0.0.1")
    )
    meis_browser = ClientInfo("10.0.0.1", "Firefox", begun.browser_token)
    with pytest.raises(Refused, match="used by the person who asked"):
        opened(token, visitor=meis_browser)
    with pytest.raises(Refused, match="Somebody else is signed in here"):
        links.open_link(token, at, PHONE, signed_in_as=mei.user_id)


@pytest.mark.parametrize("cookie", [None, "", "of another browser", "of Sven's browser"])
def test_in_a_browser_that_isnt_known_as_theirs_a_link_begins_no_session(mei, dana, cookie):
    request_id = ask(mei, dana)
    token = links.make_link(mei, "acme", request_id)
    builders.signed_in_once(
        an_actor("Sven", role=Role.SPONSOR).user_id,
        replace(PHONE, browser_token="of Sven's browser"),
        noon(3),
    )
    before = number_of_sessions()
    unknown = replace(PRIVATE_WINDOW, browser_token=cookie)
    for _ in range(2):
        assert links.open_link(token, noon(5), unknown) == links.SignInRequired("acme", request_id)
    assert number_of_sessions() == before
    assert happened(request_id)[2:] == [("opened", "somebody with the link")] * 2
    refused = next(one for one in security_log.events(the_operator(9)) if one.kind == Kind.LINK_REFUSED)
    assert (refused.account, refused.by, refused.address) == ("dana@example.org", "nobody", "10.0.0.1")
    assert "hadn't signed in before" in refused.detail
    assert the_state().sign_offs == []
    # It has used nothing up.
    here = opened(token)
    assert signing.sign(here, "acme", answers_on(sheet(here, "acme")), name="Dana")


def test_who_is_signed_in_opens_their_link_anywhere_and_that_alone_makes_no_browser_known(mei, dana):
    token = links.make_link(mei, "acme", ask(mei, dana))
    elsewhere = replace(PRIVATE_WINDOW, browser_token="of a borrowed tablet")
    assert isinstance(links.open_link(token, noon(5), elsewhere, signed_in_as=dana.user_id), links.OpenedLink)
    assert isinstance(links.open_link(token, noon(5), elsewhere), links.SignInRequired)
    builders.signed_in_once(dana.user_id, elsewhere, noon(5))
    assert isinstance(links.open_link(token, noon(5), elsewhere), links.OpenedLink)


@pytest.mark.parametrize("lost", ["disabled", "another role", "no member any more"])
def test_a_link_ends_with_the_right_to_sign(mei, dana, lost):
    token = links.make_link(mei, "acme", ask(mei, dana))
    here = opened(token)
    answers = answers_on(sheet(here, "acme"))
    with Session(engine()) as session, session.begin():
        member = session.scalars(select(Member).where(Member.user_id == dana.user_id)).one()
        if lost == "disabled":
            session.get(User, dana.user_id).disabled = True
        elif lost == "another role":
            member.role = Role.VIEWER
        else:
            session.delete(member)
    with pytest.raises((Forbidden, NotFound)):
        signing.sign(here, "acme", answers, name="Dana")
    with pytest.raises(Refused):
        opened(token)
    assert the_state().sign_offs == []


def test_ending_the_session_ends_what_the_link_opened(mei, dana):
    here = opened(links.make_link(mei, "acme", ask(mei, dana)))
    answers = answers_on(sheet(here, "acme"))
    inside = Actor("Dana", noon(5), "test", dana.user_id, session_id=a_session(dana.user_id, noon(5))[0])
    assert here.session_id in {one.id for one in sessions.my_sessions(inside)}
    sessions.end_session(inside, here.session_id)
    with pytest.raises(HeadwayError):
        signing.sign(here, "acme", answers, name="Dana")
    with Session(engine()) as session:
        assert session.get(UserSession, here.session_id).ended_at is not None


def test_a_link_is_bound_to_its_content_even_where_nothing_revoked_it(mei, dana, monkeypatch):
    here = opened(links.make_link(mei, "acme", ask(mei, dana)))
    monkeypatch.setattr("services.sign_off.versions.revoke_asking_for", lambda *given: None)
    definitions.change(
        the_operator(5), "acme", sheet(here, "acme").cards[0].metric_id, {"target": "2 min"}, seen=None
    )
    with pytest.raises(Conflict, match="What you were asked to sign has changed since"):
        signing.sign(here, "acme", answers_on(sheet(here, "acme")), name="Dana")
    assert the_state().sign_offs == []
