"""One-time links of accounts: only the newest one works."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import engine
from models.sessions import OneTimeLink, Purpose
from services.people import accounts
from services.people.authentication import Refused, sign_in_by_link
from services.people.client_info import ClientInfo
from tests.builders import a_user, noon, the_operator

pytestmark = pytest.mark.usefixtures("database")
PHONE = ClientInfo("10.0.0.1")
MEI = "mei.tan@example.org"


def unused() -> int:
    with Session(engine()) as session:
        return session.scalar(select(func.count()).where(OneTimeLink.used_at.is_(None)))


def test_a_newer_link_voids_the_older_one_of_that_person_only():
    mei, dana = a_user("Mei Tan"), a_user("Dana Ruiz")
    of_dana = accounts.make_link(the_operator(2), "dana.ruiz@example.org")
    first = accounts.make_link(the_operator(2), MEI)
    second = accounts.make_link(the_operator(2), MEI, Purpose.SIGN_IN)
    with pytest.raises(Refused):
        sign_in_by_link(first, noon(2), PHONE)
    assert sign_in_by_link(second, noon(2), PHONE).user_id == mei
    assert sign_in_by_link(of_dana, noon(2), PHONE).user_id == dana


def test_of_links_made_at_the_same_time_one_works():
    a_user("Mei Tan")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: accounts.make_link(the_operator(2), MEI), range(8)))
    assert unused() == 1
