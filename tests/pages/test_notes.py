"""Notes beside a milestone, an interview and a replacement: written, counted, opened by their address."""

import pytest

from models.people import Role
from store.notes import notes
from tests.builders import the_operator, the_state
from tests.pages.markup import Link, links
from tests.pages.pages import open_page
from tests.pages.test_interviews import an_engagement_with_interviews
from tests.pages.test_overview import my_engagement
from tests.pages.test_replacements import a_replacement
from tests.pages.work import the_person_is

pytestmark = pytest.mark.usefixtures("sqlite_database")


def a_milestone() -> int:
    my_engagement()
    return the_state().cycle().milestones[0].id


@pytest.mark.parametrize(
    ("page", "about", "make"),
    [
        ("plan", "milestone", a_milestone),
        ("interviews", "interview", lambda: an_engagement_with_interviews()[0]),
        ("replacements", "replacement", a_replacement),
    ],
)
def test_a_note_is_written_beside_a_record_that_its_address_opens(page, about, make):
    row_id = make()
    test = open_page(page, engagement="acme", **{about: str(row_id)})
    test.text_area(key=f"note {about} {row_id}").set_value("Ask *them* again")
    next(button for button in test.button if button.label == "Write the note").click()
    test.run()
    assert not test.exception
    assert [note.text for note in notes(the_operator(), "acme", about, row_id)] == ["Ask *them* again"]
    again = open_page(page, engagement="acme", **{about: str(row_id)})
    assert [button.label for button in again.button].count("Remove the note") == 1


def test_the_plan_counts_a_milestones_notes_and_a_sponsor_may_write_one():
    row_id = a_milestone()
    the_person_is(Role.SPONSOR)
    test = open_page("plan", engagement="acme")
    address = f"/plan?engagement=acme&milestone={row_id}"
    assert Link(address, "Notes") in links(test)
    test = open_page("plan", engagement="acme", milestone=str(row_id))
    test.text_area(key=f"note milestone {row_id}").set_value("Is it late?")
    next(button for button in test.button if button.label == "Write the note").click()
    test.run()
    assert Link(address, "1 note") in links(open_page("plan", engagement="acme"))
