"""A number typed into a metric's form that can be read in two ways is saved, and the next page says how it was read."""

import pytest

from models.people import Role
from tests.builders import a_metric, an_actor, an_engagement, the_state
from ui.metrics import definition_dialog

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [("1,234", ["Baseline: “1,234” was read as 1,234 h"]), ("1234", []), ("1 234,5", [])],
)
def test_both_readings_of_a_baseline_are_said_once_it_is_saved(typed, sentences, monkeypatch):
    an_engagement()
    a_metric(baseline="4000 h", target="90 s")
    lead, warnings = an_actor("Mei Tan", role=Role.LEAD), []
    (metric,) = the_state().metrics
    entered = definition_dialog._shown(metric) | {"baseline": typed}
    monkeypatch.setattr(definition_dialog, "_form", lambda *given: entered)
    monkeypatch.setattr(definition_dialog, "_attempt", lambda use_case, confirmation: use_case(lead))
    monkeypatch.setattr(definition_dialog.feedback, "warn", warnings.extend)
    definition_dialog.change_metric.__wrapped__(the_state(), metric)
    assert int(the_state().metrics[0].baseline) == 1234
    assert [warning.partition(", as ")[0] for warning in warnings] == sentences
    assert all(warning.endswith("the other way it is 1.234.") for warning in warnings)
