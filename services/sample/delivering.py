"""What is built and taken up: pipelines and their runs, workflows, trainings and documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from models.database import read_connection
from models.interviews import Friction
from models.inventory import System
from models.metrics import Metric
from models.people import Actor
from models.pipelines import Pipeline
from models.workflows import Workflow
from services.sample.story import Act, Story, without_keys
from services.workflows import adoption
from services.workflows import pipelines as pipeline_use_cases
from services.workflows import workflows as use_cases

TUESDAY, FRIDAY = 1, 4


def pipelines(story: Story) -> Iterator[Act]:
    """Each one runs on the Tuesdays and Fridays from its date on, and is red on some of them."""
    for row in story.rows("pipelines"):
        given = without_keys(row, "day", "runs_from", "runs_until", "red")
        yield Act(
            story.day(row["day"]), story.engineer, partial(pipeline_use_cases.add_pipeline, given=given)
        )
        red = [story.day(when) for when in row.get("red", [])]
        for on in _run_days(story, row):
            yield Act(on, story.engineer, partial(_run, story, row, on, on not in red))


def _run_days(story: Story, row: Mapping[str, Any]) -> Iterator[date]:
    first = story.day(row["runs_from"])
    last = story.day(row["runs_until"]) if "runs_until" in row else story.calendar.today
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return (on for on in days if on.weekday() in (TUESDAY, FRIDAY))


def _run(story: Story, row: Mapping[str, Any], on: date, green: bool, actor: Actor, slug: str) -> None:
    pipeline_id = story.find(Pipeline, name=row["name"])
    pipeline_use_cases.report_run(actor, slug, pipeline_id, ran_on=on, green=green, link=row["link"])


def workflows(story: Story) -> Iterator[Act]:
    """A candidate first; then built, asked for by the frictions of its themes, rehearsed, and live."""
    for row in story.rows("workflows"):
        yield Act(story.day(row["day"]), story.contributor, partial(_propose, story, row))
        if "building" in row:
            yield Act(story.day(row["building"]), story.engineer, partial(_build, story, row))
        for when in row.get("rehearsed", []):
            yield Act(story.day(when), story.engineer, partial(_rehearse, story, row, story.day(when)))
        if "live" in row:
            yield Act(story.day(row["live"]), story.engineer, partial(_go_live, story, row))


def _propose(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = {
        "name": row["name"],
        "note": row.get("note"),
        "system_ids": story.find_all(System, row["systems"]),
    }
    workflow_id = use_cases.add_workflow(actor, slug, given)
    its_id = story.find(Workflow, Workflow.engagement_id, id=workflow_id).engagement_id
    asking = select(Friction.id).where(Friction.engagement_id == its_id, Friction.workflow_id.is_(None))
    query = asking.where(Friction.theme.in_(row.get("answers", []))).order_by(Friction.id)
    with read_connection() as connection:
        asking = connection.scalars(query).all()
    if asking:
        use_cases.link_frictions(actor, slug, workflow_id, asking)


def _build(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = {"state": "building", "fallback": row.get("fallback")}
    if "metric" in row:
        given["metric_id"] = story.find(Metric, slug=row["metric"])
    use_cases.change_workflow(actor, slug, story.find(Workflow, name=row["name"]), given)


def _rehearse(story: Story, row: Mapping[str, Any], on: date, actor: Actor, slug: str) -> None:
    workflow_id = story.find(Workflow, name=row["name"])
    use_cases.rehearse_fallback(actor, slug, workflow_id, rehearsed_on=on, note=row.get("rehearsal"))


def _go_live(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    workflow_id = story.find(Workflow, name=row["name"])
    use_cases.go_live(actor, slug, workflow_id, live_on=story.day(row["live"]))


def trainings(story: Story) -> Iterator[Act]:
    for row in story.rows("trainings"):
        yield Act(story.day(row["day"]), story.contributor, partial(_train, story, row))


def _train(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = _of_workflow(story, row) | {"held_on": story.day(row["day"])}
    adoption.record_training(actor, slug, given)


def documents(story: Story) -> Iterator[Act]:
    for row in story.rows("documents"):
        yield Act(story.day(row["day"]), story.contributor, partial(_publish, story, row))


def _publish(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = _of_workflow(story, row) | {"published_on": story.day(row["day"])}
    adoption.publish_document(actor, slug, given)


def _of_workflow(story: Story, row: Mapping[str, Any]) -> dict[str, Any]:
    workflow_id = story.find(Workflow, name=row["workflow"]) if "workflow" in row else None
    return without_keys(row, "day", "workflow") | {"workflow_id": workflow_id}
