"""An archived engagement: every page says so and offers nothing that would be refused; a lead finds the way back."""

import pytest

from services.engagement import archiving
from tests.pages.pages import open_page, words
from tests.pages.test_overview import me
from tests.pages.work import the_work

PAGES = (
    "overview",
    "inventory",
    "interviews",
    "workflows",
    "metrics",
    "adoption",
    "plan",
    "decisions",
    "pitfalls",
)


@pytest.fixture
def archived(database: str) -> None:
    the_work()
    archiving.archive(me(), "acme")


@pytest.mark.usefixtures("archived")
@pytest.mark.parametrize("key", PAGES)
def test_a_page_of_an_archived_engagement_says_so_and_offers_no_change(key):
    test = open_page(key, engagement="acme")
    assert "This engagement is archived" in words(test)
    verbs = ("Save", "Record", "Add", "Remove", "Close", "Ask", "Define", "Plan", "Edit", "Answer", "Paste")
    assert [button.label for button in test.button if button.label.startswith(verbs)] == []


@pytest.mark.usefixtures("archived")
def test_the_overview_of_an_archived_engagement_asks_for_nothing():
    text = words(open_page("overview", engagement="acme"))
    assert "Nothing is to be done in an archived engagement" in text
    assert "Answer 5 checks" not in text


@pytest.mark.usefixtures("archived")
def test_its_lead_restores_it_under_settings():
    test = open_page("settings", engagement="acme")
    assert not [button for button in test.button if button.label == "Save the settings"]
    next(button for button in test.button if button.label == "Restore").click().run()
    assert "This engagement is archived" not in words(test)
    assert [button for button in test.button if button.label == "Save the settings"]
