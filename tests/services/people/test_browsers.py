"""In which browsers somebody is known, and what makes strangers of them again."""

import pytest

from api.cookies import BROWSER_COOKIE_SECONDS
from models.database import read_connection
from models.people import Actor
from services.people import accounts, sessions
from services.people.sessions import Visitor, signed_in_before
from tests.builders import a_user, noon, signed_in_once, the_operator

pytestmark = pytest.mark.usefixtures("database")
MEI = "mei.tan@example.org"
LAPTOP, PHONE = (Visitor("10.0.0.1", name, f"the cookie of a {name}") for name in ("laptop", "phone"))


@pytest.fixture
def mei() -> int:
    """Mei, who signed in on her laptop and her phone before, and has a password."""
    user_id = a_user("Mei Tan")
    accounts.choose_password(Actor("Mei Tan", noon(1), "test", user_id), "a wholly new secret", "")
    for visitor in (LAPTOP, PHONE):
        signed_in_once(user_id, visitor, noon(1))
    return user_id


def known(user_id: int, day: int = 5) -> list[Visitor]:
    with read_connection() as connection:
        return [one for one in (LAPTOP, PHONE) if signed_in_before(connection, user_id, noon(day), one)]


def signed_in(user_id: int, visitor: Visitor, day: int = 5) -> Actor:
    """Mei, signed in there with her password."""
    begun = sessions.sign_in(MEI, "a wholly new secret", noon(day), visitor)
    who = sessions.whose(begun.token, noon(day))
    return Actor(who.name, noon(day), "test", user_id, session_id=who.session_id)


def test_signing_out_forgets_no_browser(mei):
    assert known(mei) == [LAPTOP, PHONE]


def test_after_a_reset_only_the_browser_is_known_in_which_the_password_was_chosen(mei):
    begun = sessions.enter(accounts.link(the_operator(5), MEI), noon(5), LAPTOP)
    who = Actor("Mei Tan", noon(5), "test", mei, session_id=sessions.whose(begun.token, noon(5)).session_id)
    accounts.choose_password(who, "another secret of hers", "")
    assert known(mei) == [LAPTOP]
    signed_in_once(mei, PHONE, noon(6))
    assert known(mei, 6) == [LAPTOP, PHONE]


def test_so_it_is_after_signing_out_everywhere_else(mei):
    sessions.end_other_sessions(signed_in(mei, LAPTOP))
    assert known(mei) == [LAPTOP]


def test_a_session_that_one_ends_takes_its_browser_along_and_no_other(mei):
    lost, here = signed_in(mei, PHONE), signed_in(mei, LAPTOP)
    sessions.end_session(here, lost.session_id)
    assert known(mei) == [LAPTOP]


@pytest.mark.parametrize(
    "done",
    [
        lambda user_id: sessions.end_all_sessions(signed_in(user_id, LAPTOP)),
        lambda _: accounts.sign_out_user(the_operator(5), MEI),
        lambda _: accounts.disable(the_operator(5), MEI),
    ],
    ids=["signed out everywhere", "signed out by an administrator", "disabled"],
)
def test_who_is_ended_everywhere_is_known_nowhere(mei, done):
    done(mei)
    assert known(mei) == []


def test_what_one_person_ends_leaves_other_people_of_the_same_browser_alone(mei):
    sam = a_user("Sam Okafor")
    signed_in_once(sam, LAPTOP, noon(2))
    accounts.sign_out_user(the_operator(5), MEI)
    assert known(sam) == [LAPTOP]


def test_a_browser_is_known_for_400_days(mei):
    assert known(mei, 1 + 399) == [LAPTOP, PHONE]
    assert known(mei, 1 + 401) == []
    assert BROWSER_COOKIE_SECONDS == 400 * 24 * 3600
