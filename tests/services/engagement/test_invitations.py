"""Inviting by e-mail tells nothing of who has an account; joining takes the person themselves."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.people import Invitation
from models.permissions import Administration
from reports.frames.portfolio import portfolio
from services.engagement import engagements, invitations
from services.people import accounts
from tests.builders import a_user, an_actor, an_engagement, noon, the_operator
from tests.count_statements import statements

pytestmark = pytest.mark.usefixtures("database")
SAM = "sam@example.org"


@pytest.fixture
def lead():
    an_engagement()
    return an_actor("lead")


def added(email: str, name: str):
    """The person, added by an administrator and signed in."""
    user_id = accounts.add_user(the_operator(), email, name)
    return accounts.Actor(name, noon(2), "test", user_id)


def roles(lead) -> dict[str, str]:
    return {one.email: one.role for one in engagements.members(lead, "acme")}


def test_somebody_without_an_account_joins_once_they_have_one(lead):
    invitations.invite(lead, "acme", " Sam@Example.org ", "contributor")
    sam = added(SAM, "Sam Okafor")
    assert portfolio(sam).empty
    (one,) = invitations.my_invitations(sam)
    assert (one.engagement, one.role, one.invited_by) == ("Lending platform", "contributor", "lead")
    assert invitations.join(sam, one.id) == "acme"
    assert list(portfolio(sam)["slug"]) == ["acme"]
    assert roles(lead)[SAM] == "contributor"
    assert invitations.pending_invitations(lead, "acme") == invitations.my_invitations(sam) == []


def test_inviting_says_and_does_the_same_for_an_account_and_for_none(lead):
    added(SAM, "Sam Okafor")
    work = []
    for email in (SAM, "nobody@example.org"):
        with statements() as done:
            assert invitations.invite(lead, "acme", email, "viewer") is None
        work.append([text for text, _ in done])
    assert work[0] == work[1]
    assert [(one.email, one.role) for one in invitations.pending_invitations(lead, "acme")] == [
        ("nobody@example.org", "viewer"), (SAM, "viewer"),
    ]  # fmt: skip
    assert set(roles(lead)) == {"lead@example.org"}


def test_an_invitation_is_nobody_elses(lead):
    invitations.invite(lead, "acme", SAM, "viewer")
    stranger, (one,) = added("eve@example.org", "Eve"), invitations.pending_invitations(lead, "acme")
    for use_case in (invitations.join, invitations.decline):
        words = []
        for number in (one.id, 999):
            with pytest.raises(NotFound) as refused:
                use_case(stranger, number)
            words.append(str(refused.value))
        assert words[0] == words[1]
    assert invitations.my_invitations(stranger) == []
    assert portfolio(stranger).empty


def test_only_administrators_change_an_email_so_nobody_takes_another_persons_invitation(lead):
    invitations.invite(lead, "acme", SAM, "viewer")
    eve = added("eve@example.org", "Eve")
    with pytest.raises(Forbidden, match=f"can {Administration.MANAGE_USERS}"):
        accounts.change_email(eve, "eve@example.org", SAM)
    accounts.change_email(the_operator(), "eve@example.org", "eve.new@example.org")
    assert accounts.me(eve).email == "eve.new@example.org"
    a_user("Mei Tan")
    with pytest.raises(Conflict, match="There is a user mei.tan@example.org already"):
        accounts.change_email(the_operator(), "eve.new@example.org", "mei.tan@example.org")


def test_a_declined_and_a_withdrawn_invitation_are_gone(lead):
    sam = added(SAM, "Sam Okafor")
    invitations.invite(lead, "acme", SAM, "viewer")
    invitations.decline(sam, invitations.my_invitations(sam)[0].id)
    assert invitations.pending_invitations(lead, "acme") == []
    invitations.invite(lead, "acme", SAM, "viewer")
    (one,) = invitations.pending_invitations(lead, "acme")
    invitations.withdraw(lead, "acme", one.id)
    with pytest.raises(NotFound, match="no such invitation of yours any more"):
        invitations.join(sam, one.id)
    assert portfolio(sam).empty


def test_a_second_invitation_and_a_members_new_role_take_the_place_of_the_first(lead):
    sam = added(SAM, "Sam Okafor")
    for role in ("viewer", "contributor"):
        invitations.invite(lead, "acme", SAM, role)
    with Session(engine()) as session:
        assert [one.role for one in session.scalars(select(Invitation))] == ["contributor"]
    invitations.join(sam, invitations.my_invitations(sam)[0].id)
    invitations.invite(lead, "acme", SAM, "sponsor")
    assert roles(lead)[SAM] == "sponsor"
    assert invitations.pending_invitations(lead, "acme") == []


def test_the_last_lead_stays_one(lead):
    with pytest.raises(Invalid, match="needs a lead"):
        invitations.invite(lead, "acme", "lead@example.org", "viewer")
    assert roles(lead) == {"lead@example.org": "lead"}


@pytest.mark.parametrize("email", ["", "nobody", "two@x.org, three@x.org"])
def test_what_is_no_email_is_refused(lead, email):
    with pytest.raises(Invalid):
        invitations.invite(lead, "acme", email, "viewer")
