"""The page of the journal."""

import pytest

from services.inventory import systems
from tests.pages.pages import open_page, words
from tests.pages.test_overview import me, my_engagement

pytestmark = pytest.mark.usefixtures("sqlite_database")


def test_a_filter_chosen_on_a_later_page_shows_what_there_is():
    my_engagement()
    systems.save(me(), "acme", added=[{"name": f"System {number}"} for number in range(60)])
    test = open_page("journal", engagement="acme")
    test.session_state["journal page"] = 2
    test.run()
    test.selectbox(key="thing").select("cycle").run()
    assert not test.exception
    assert "Nothing in the journal matches" not in words(test)
    assert "the newest first" in words(test)
