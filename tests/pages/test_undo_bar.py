"""The line that takes back what was just done, on top of any page of the engagement."""

import pytest

from services.inventory import systems
from tests.builders import the_state
from tests.pages.pages import open_page, words
from tests.pages.test_overview import me
from tests.pages.work import the_work

pytestmark = pytest.mark.usefixtures("database")


def test_what_was_just_saved_can_be_undone_once():
    the_work()
    test = open_page("inventory", engagement="acme")
    assert not [button for button in test.button if button.label == "Undo the change"]
    systems.save(me(), "acme", added=[{"name": "Just added"}])
    test.session_state["may undo"] = True
    test.run()
    assert "You edited the systems. It can be undone for" in words(test)
    next(button for button in test.button if button.label == "Undo the change").click().run()
    assert [toast.value.split("\\")[0] for toast in test.toast] == ["Undone"], words(test)
    assert "Just added" not in {row.name for row in the_state().systems}
    assert not test.exception
    assert not [button for button in test.button if button.label == "Undo the change"]
