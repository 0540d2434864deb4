"""The search page, the switcher, and a sidebar without links that its reader may not follow."""

import re

import pytest

from models.people import Role
from tests.pages.pages import open_page, words
from tests.pages.work import the_person_is, the_work

pytestmark = pytest.mark.usefixtures("database")


def addresses(test) -> set[str]:
    """The pages that links of the page and its sidebar lead to."""
    bodies = "".join(element.proto.body for element in test.get("html"))
    return set(re.findall(r'href="/([a-z]+)\?[^"]*engagement=acme', bodies))


def test_pages_and_records_are_found():
    the_work()
    test = open_page("search", engagement="acme", q="loan c")
    assert "Loan core" in words(test)
    assert "System, Lending platform" in words(test)
    assert "Metrics" in words(open_page("search", engagement="acme", q="metr"))
    assert "Nothing that you may see holds" in words(open_page("search", q="xyzzy"))


@pytest.mark.parametrize("role", [Role.SPONSOR, Role.VIEWER, Role.CONTRIBUTOR])
def test_no_link_of_a_page_leads_to_a_refusal(role):
    the_work()
    the_person_is(role)
    todo, seen = {"overview", "metrics"}, set()
    while todo:
        key = todo.pop()
        seen.add(key)
        test = open_page(key, engagement="acme")
        text = words(test)
        for refusal in ("Only a lead of this engagement can", "Only an administrator", "Ask its lead"):
            assert refusal not in text, f"{key} refuses a {role}: {refusal}"
        todo |= {page for page in addresses(test) if page not in seen}
    assert {"overview", "metrics", "plan", "decisions"} <= seen
    assert "settings" not in seen
