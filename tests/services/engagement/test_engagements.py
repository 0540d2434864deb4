"""Changing what an engagement is: its details."""

import pytest

from models.errors import Conflict, Invalid
from services.engagement.engagements import create_engagement, update_details
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")
DETAILS = {
    "name": "Lending platform",
    "client": "Acme",
    "sector": "",
    "region": "",
    "zone": "UTC",
    "lead": "Mei Tan",
    "sponsor": "",
    "hide_interviewees": False,
}


def test_details_that_somebody_else_changed_meanwhile_are_not_overwritten():
    an_engagement()
    mei, ann = an_actor("Mei Tan"), an_actor("Ann")
    seen = the_state().version
    update_details(mei, "acme", **DETAILS | {"sector": "Banking"}, seen=seen)
    with pytest.raises(Conflict, match="Mei Tan changed sector from “Fintech” to “Banking”"):
        update_details(ann, "acme", **DETAILS | {"sector": "Insurance"}, seen=seen)
    assert the_state().sector == "Banking"


@pytest.mark.parametrize(
    ("client", "slug"), [("Acme", "acme-2"), ("Straße Ørsted", "strasse-orsted"), ("東京電力", "engagement")]
)
def test_an_engagement_without_a_slug_gets_one_that_is_free(client, slug):
    an_engagement("acme")
    made = create_engagement(the_operator(), "", name="Platform", client=client, day_1=on_day(1))
    assert made == slug
    assert the_state(slug).client == client


def test_a_slug_that_is_taken_is_refused_with_one_that_is_free():
    an_engagement("acme")
    with pytest.raises(Invalid, match="“acme” is taken. Choose another one, such as “acme-2”"):
        create_engagement(the_operator(), "acme", name="Platform", client="Other", day_1=on_day(1))
