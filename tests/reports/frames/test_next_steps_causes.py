"""A change that the points show and nobody explained is a step: name its cause."""

import pytest

from models.milestones import milestone_statuses
from models.summarise import summarise
from models.wording import day_month
from reports.frames.next_steps import Step, next_steps
from reports.metrics.verdicts import metric_verdicts, unnamed_changes
from services.metrics import phases
from tests.builders import on_day, the_operator, the_state
from tests.reports.metrics.test_verdicts import LATER, a_measured_metric

pytestmark = pytest.mark.usefixtures("database")


def steps(day: int) -> list[Step]:
    engagement, on = the_state(), on_day(day)
    summary = summarise(engagement)
    changes = unnamed_changes(engagement, metric_verdicts(the_operator(day), engagement))
    plan = milestone_statuses(summary, on)
    return next_steps(engagement, summary, plan, on, changes=changes)


def test_a_change_without_a_cause_is_to_be_explained_until_it_is():
    a_measured_metric()
    (change,) = unnamed_changes(the_state(), metric_verdicts(the_operator(LATER), the_state()))
    what = f"Name the cause of the change of {day_month(change.began_on)} in {change.metric.name}"
    (step,) = [step for step in steps(LATER) if step.what == what]
    assert dict(step.query) == {
        "metric": change.metric.slug,
        "do": "phase",
        "on": change.began_on.isoformat(),
    }
    phases.begin_phase(the_operator(LATER), "acme", 1, change.began_on, "The batch job was split")
    assert not [step for step in steps(LATER) if step.what.startswith("Name the cause")]
