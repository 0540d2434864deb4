"""HTML components: whatever people type is text in them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.people import Actor
from models.status import Status
from services.people import accounts
from services.people.accounts import first_administrator
from tests.pages.markup import reader_of
from tests.pages.pages import open_page
from ui import html

NASTY = '<img src=x onerror="alert(1)"><script>1</script>&lt;b&gt; \'"'
TYPED = st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.just(NASTY)


@given(TYPED)
def test_what_was_typed_is_read_as_it_was_typed(typed):
    for component in (
        html.plain_list([typed]),
        html.bold(typed),
        html.coloured("orange", typed),
        html.coloured_badge("gray", "history", typed),
        html.link("overview", None, typed),
    ):
        assert " ".join(reader_of(str(component)).words().split()) == " ".join(typed.split())


@given(TYPED)
def test_an_address_holds_what_was_typed_as_one_value(typed):
    (link,) = reader_of(str(html.title_link("metrics", None, "It", metric=typed))).links
    assert set(link.href) & set("<>\"' ") == set()
    assert link.href.count("=") <= 1


def test_a_component_within_a_component_stays_one():
    component = html.plain_list([html.join([html.badge(Status.AT_RISK), " since ", "<yesterday>"])])
    assert "<strong" not in component
    assert component.count("hw-badge") == 1
    assert "&lt;yesterday&gt;" in component


def test_an_empty_list_is_nothing():
    assert html.plain_list([]) == ""


def test_a_sparkline_says_its_values_and_ends_where_they_end():
    component = html.sparkline([0, 1, 4], maximum=4)
    assert 'aria-label="0, 1, 4"' in component
    assert "0.0% 100.0%, 50.0% 75.0%, 100.0% 0.0%, 100.0% 100%" in component
    assert 'aria-label="2"' in html.sparkline([2], maximum=4)


@pytest.mark.usefixtures("sqlite_database")
def test_a_name_of_html_is_text_in_the_sidebar():
    at = datetime.now(UTC)
    user_id, name = first_administrator(at)
    accounts.change_own_name(Actor(name=name, at=at, via="test", user_id=user_id), name=NASTY)
    (nav,) = (element.proto for element in open_page("portfolio").sidebar.get("html"))
    assert NASTY in reader_of(nav.body).words()
    assert not nav.unsafe_allow_javascript
