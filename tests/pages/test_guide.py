"""The guide inside the program, and the sidebar that leads to it."""

import re

import pytest

from tests.pages.pages import open_page, words
from tests.pages.test_overview import my_engagement
from ui import guide_text, navigation

pytestmark = pytest.mark.usefixtures("sqlite_database")


def test_every_part_is_shown_and_an_unknown_one_is_the_start():
    for key, title in guide_text.parts().items():
        assert title in words(open_page("guide", part=key))
    assert "The user's guide" in words(open_page("guide", part="nonsense"))


def test_every_link_of_the_guide_stays_inside_the_program_or_is_an_address():
    parts = guide_text.parts()
    for key in parts:
        targets = re.findall(r"\]\(([^)\s]+)\)", guide_text.text_of(key))
        assert all(target.startswith(("/", "http", "#")) for target in targets), (key, targets)
        named = [target.partition("part=")[2] for target in targets if target.startswith("/guide")]
        assert set(named) <= set(parts), key


def test_every_page_has_a_part_that_helps_with_it():
    assert {guide_text.part_for(key) for key in navigation.PAGES_BY_KEY} <= set(guide_text.parts())


def test_the_help_of_a_page_opens_the_part_about_it():
    assert words(open_page("guide", page="metrics")) == words(open_page("guide", part="measurements"))
    assert words(open_page("guide", page="nonsense")) == words(open_page("guide"))


def test_every_page_of_the_sidebar_has_an_icon_of_its_own():
    icons = [entry.icon for entry in navigation.PAGES_BY_KEY.values()]
    assert len(icons) == len(set(icons))


def test_the_sidebar_names_the_engagement_as_soon_as_its_page_is_opened():
    my_engagement()
    nav = open_page("plan", engagement="acme").sidebar.get("html")[0].proto.body
    assert "<strong>Lending platform</strong>" in nav


def test_the_parts_come_as_the_guide_lists_them_and_the_first_ten_minutes_lead():
    keys = list(guide_text.parts())
    assert keys[:3] == [guide_text.START, "first-ten-minutes", "access"]
    assert keys.index("operating") < keys.index("debezium") < keys.index(guide_text.TEMPLATES)
