"""Who asks for signatures, and who is asked."""

import pytest

from models.people import Role
from tests import builders
from tests.builders import a_metric, an_actor, an_engagement, noon
from tests.db_snapshots import once_a_run
from tests.services.sign_off.asking import PHONE


def three_metrics_and_a_lead():
    an_engagement()
    a_metric(name="Decision time", baseline="4 h", target="90 s")
    a_metric(name="Wait", target="1 h")
    a_metric(name="Errors", unit="%", target=1)
    an_actor("Mei", role=Role.LEAD, day=4)


@pytest.fixture
def mei(database):
    """The lead, who asks."""
    once_a_run("three metrics and a lead", three_metrics_and_a_lead)
    return an_actor("Mei", role=Role.LEAD, day=4)


@pytest.fixture
def dana(mei):
    """The sponsor, who is asked, and signed in on her phone once."""
    sponsor = an_actor("Dana", role=Role.SPONSOR, day=5)
    builders.signed_in_once(sponsor.user_id, PHONE, noon(3))
    return sponsor
