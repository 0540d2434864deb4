"""What an act changed, as text."""

import pytest

from models.people import Actor
from reports.frames import activity
from store.activity import Act, RowChanges
from tests.builders import noon


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            [RowChanges("system", "added", 2), RowChanges("dependency", "removed", 1)],
            "2 systems added and 1 dependency removed",
        ),
        (
            [RowChanges("sign_off_request", "added", 1), RowChanges("sign_off_event", "added", 1)],
            "1 sign off request added",
        ),
        ([RowChanges("sign_off_event", "added", 1)], ""),
    ],
)
def test_an_act_names_the_rows_that_it_changed_and_no_events(changes, text, monkeypatch):
    act = Act(7, noon(3), "Mei Tan", "ask for sign-off", changes)
    monkeypatch.setattr(activity.activity, "acts_since", lambda *_: [act])
    (shown,) = activity.acts_since(Actor("Mei Tan", noon(3), "test"), "acme", noon(1))
    assert shown.touched == text
