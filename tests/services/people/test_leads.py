"""An engagement always keeps a lead who can sign in, whichever way somebody tries to take the last one away."""

import threading
from contextlib import suppress

import pytest

from models.errors import HeadwayError, Invalid
from models.people import Actor, Role
from services.core import transaction as core
from services.engagement import engagements, invitations
from services.interviews import interviews
from services.people import accounts
from services.privacy import erasure
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator

pytestmark = pytest.mark.usefixtures("database")
NO_OTHER = "An engagement needs a lead: make somebody else a lead first"


@pytest.fixture
def mei() -> Actor:
    """The only lead of an engagement in which Ann is a contributor."""
    an_engagement()
    an_actor("Ann Cohen", role=Role.CONTRIBUTOR)
    return an_actor("Mei Tan")


def email(actor: Actor) -> str:
    return actor.name.lower().replace(" ", ".") + "@example.org"


def leads() -> list[str]:
    """The leads who can sign in."""
    disabled = {account.name for account in accounts.list_accounts(the_operator()) if account.disabled}
    members = engagements.members(the_operator(), "acme")
    return [one.name for one in members if one.role == Role.LEAD and one.name not in disabled]


@pytest.mark.parametrize(
    "take_away",
    [
        lambda mei: engagements.remove_member(mei, "acme", mei.user_id),
        lambda mei: engagements.remove_member(the_operator(), "acme", mei.user_id),
        lambda mei: engagements.add_member(the_operator(), "acme", email(mei), "viewer"),
        lambda mei: invitations.invite(mei, "acme", email(mei), "contributor"),
        lambda mei: accounts.disable(the_operator(), email(mei)),
    ],
    ids=["leaving", "removed", "another role by the operator", "another role", "disabled"],
)
def test_the_last_lead_stays_until_there_is_another_who_can_sign_in(mei, take_away):
    with pytest.raises(Invalid, match="lead"):
        take_away(mei)
    assert leads() == ["Mei Tan"]

    an_actor("Sam Okafor")
    accounts.disable(the_operator(), "sam.okafor@example.org")
    with pytest.raises(Invalid, match="lead"):
        take_away(mei)
    assert leads() == ["Mei Tan"]

    an_actor("Ann Cohen")
    take_away(mei)
    assert leads() == ["Ann Cohen"]


def test_who_disables_reads_which_engagements_they_see_would_be_left_alone_and_how_many_others(mei):
    an_engagement("hush", name="Hush", client="A competitor")
    an_actor("Mei Tan", "hush")
    administrator = an_actor("Ada Admin", role=Role.VIEWER)
    accounts.add_user(the_operator(), "root@example.org", "Root", administrator=True)
    root = next(row for row in accounts.list_accounts(the_operator()) if row.name == "Root")
    with pytest.raises(Invalid, match="Lending platform for Acme Lending and Hush for A competitor"):
        accounts.disable(the_operator(), email(mei))
    engagements.add_member(the_operator(), "acme", "root@example.org", "viewer")
    with pytest.raises(Invalid) as refused:
        accounts.disable(Actor("Root", noon(2), "test", root.id), email(mei))
    assert "Lending platform for Acme Lending and an engagement that you don't see" in str(refused.value)
    assert "Hush" not in str(refused.value)
    assert administrator.user_id


def test_a_lead_of_several_engagements_is_disabled_once_each_has_another(mei):
    an_engagement("other")
    an_actor("Mei Tan", "other")
    an_actor("Ann Cohen")
    with pytest.raises(Invalid, match="Lending platform"):
        accounts.disable(the_operator(), email(mei))
    an_actor("Ann Cohen", "other")
    accounts.disable(the_operator(), email(mei))
    assert leads() == ["Ann Cohen"]


def test_whoever_isnt_a_lead_can_go(mei):
    engagements.remove_member(mei, "acme", an_actor("Ann Cohen", role=None).user_id)
    assert [one.name for one in engagements.members(mei, "acme")] == ["Mei Tan"]


def test_erasing_somebody_who_is_called_like_a_role_takes_nobodys_role(mei):
    interviews.record_interview(mei, "acme", {"interviewee": "Lead", "held_on": on_day(1)})
    erasure.erase(mei, "acme", "Lead", "asked for it")
    assert leads() == ["Mei Tan"]


def at_once(*acts: object) -> list[HeadwayError]:
    """Do all acts at the same moment; return what was refused."""
    refused: list[HeadwayError] = []

    def do(act) -> None:
        try:
            act()
        except HeadwayError as error:
            refused.append(error)

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.fixture
def both_permitted(monkeypatch):
    """Whoever may do something waits, before the lock, for the other one to be permitted as well.

    SQLite has one writer at a time: there the second waits before that, and the first goes on after half a second.
    """
    together, allowed = threading.Barrier(2), core.access

    def wait_after(*args):
        granted = allowed(*args)
        with suppress(threading.BrokenBarrierError):
            together.wait(0.5)
        return granted

    monkeypatch.setattr(core, "access", wait_after)


def test_of_two_leads_who_remove_each_other_at_once_one_stays(mei, both_permitted):
    ann = an_actor("Ann Cohen")
    refused = at_once(
        lambda: engagements.remove_member(mei, "acme", ann.user_id),
        lambda: engagements.remove_member(ann, "acme", mei.user_id),
    )
    assert len(refused) == 1
    assert len(leads()) == 1


def test_of_two_leads_who_demote_each_other_at_once_one_stays(mei, both_permitted):
    ann = an_actor("Ann Cohen")
    refused = at_once(
        lambda: invitations.invite(mei, "acme", email(ann), "viewer"),
        lambda: invitations.invite(ann, "acme", email(mei), "viewer"),
    )
    assert len(refused) == 1
    assert len(leads()) == 1


@pytest.mark.parametrize("_", range(3))
def test_a_lead_who_is_disabled_while_the_other_one_leaves(mei, _):
    ann, together = an_actor("Ann Cohen"), threading.Barrier(2)
    refused = at_once(
        lambda: (together.wait(), accounts.disable(the_operator(), email(ann))),
        lambda: (together.wait(), engagements.remove_member(mei, "acme", mei.user_id)),
    )
    assert len(refused) == 1
    assert len(leads()) == 1
