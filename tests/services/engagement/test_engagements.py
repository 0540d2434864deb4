"""Changing what an engagement is: its details."""

import pytest

from models.errors import Conflict
from services.engagement.engagements import update_details
from tests.builders import an_actor, an_engagement, the_state

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
