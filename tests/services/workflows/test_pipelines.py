"""The foundation: pipelines, and what their runs came to."""

import pytest

from models.errors import Invalid
from models.summarise import summarise
from services.workflows import pipelines
from tests.builders import an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def a_pipeline(**given: object) -> int:
    fields = {"name": "Build", "kind": "build", "link": "https://ci.example.org/build"} | given
    return pipelines.add_pipeline(the_operator(35), "acme", fields)


def report(pipeline: int, day: int, *, green: bool, link: str | None = None) -> None:
    pipelines.report_run(the_operator(40), "acme", pipeline, ran_on=on_day(day), green=green, link=link)


def the_pipeline():
    (pipeline,) = summarise(the_state()).pipelines
    return pipeline


def test_a_run_is_reported_with_its_date_and_link():
    an_engagement()
    report(a_pipeline(), 38, green=True, link="https://ci.example.org/build/7")
    (run,) = the_state().pipelines[0].runs
    assert (run.ran_on, run.green, run.link) == (on_day(38), True, "https://ci.example.org/build/7")


def test_the_newest_report_of_a_day_says_how_the_day_ended():
    an_engagement()
    pipeline = a_pipeline()
    for green in [True, False, True]:
        report(pipeline, 38, green=green)
    assert the_pipeline().last_run_green is True
    report(pipeline, 38, green=False)
    assert the_pipeline().last_run_green is False
    assert the_pipeline().green_on == [on_day(38)]


@pytest.mark.parametrize("day", [0, 41])
def test_a_run_is_dated_from_day_1_to_today(day):
    an_engagement()
    pipeline = a_pipeline()
    with pytest.raises(Invalid, match="The run can't be on"):
        report(pipeline, day, green=True)
    assert the_state().pipelines[0].runs == []


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ci.example.org", "https://ci.example.org/a b"])
def test_links_are_web_addresses(link):
    an_engagement()
    with pytest.raises(Invalid, match="has to begin with https://"):
        a_pipeline(link=link)
    pipeline = a_pipeline()
    with pytest.raises(Invalid, match="has to begin with https://"):
        report(pipeline, 38, green=True, link=link)
    assert the_state().pipelines[0].runs == []


def test_a_pipeline_builds_tests_or_deploys():
    an_engagement()
    with pytest.raises(Invalid, match="it can be build, test, deploy"):
        a_pipeline(kind="lint")
    a_pipeline(link="")
    assert the_pipeline().has_link is False


def test_a_removed_pipeline_takes_its_runs_along():
    an_engagement()
    pipeline = a_pipeline()
    report(pipeline, 38, green=True)
    pipelines.remove_pipeline(the_operator(40), "acme", pipeline)
    assert the_state().pipelines == []


def test_a_pipeline_can_be_renamed_but_not_to_another_ones_name():
    an_engagement()
    pipeline = a_pipeline()
    a_pipeline(name="Test", kind="test")
    pipelines.change_pipeline(the_operator(40), "acme", pipeline, {"name": "Compile"})
    with pytest.raises(Invalid, match="There is a pipeline “Test” already"):
        pipelines.change_pipeline(the_operator(40), "acme", pipeline, {"name": "Test"})
    assert [row.name for row in the_state().pipelines] == ["Compile", "Test"]
