"""The foundation: the pipelines that build, test and deploy, and the results of their runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.people import Actor
from models.permissions import Action
from models.pipelines import PIPELINE_KINDS, Pipeline, PipelineRun
from services.core import validation
from services.core.preconditions import evidence_date, refuse_duplicate
from services.core.transaction import expect_version, get_part, open_engagement, transaction


def add_pipeline(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """Add a pipeline with its name, kind (build, test or deploy) and link. Returns its id. Raises Invalid."""
    with transaction(actor, "declare a pipeline") as session:
        engagement = open_engagement(session, slug, Action.EDIT_FOUNDATION)
        return put_pipeline(session, engagement, given, None, actor.today(engagement.zone)).id


def change_pipeline(
    actor: Actor, slug: str, pipeline_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change the given fields of a pipeline. `seen` is the version that was on screen.

    Raises Invalid, and Conflict if somebody else changed it since.
    """
    with transaction(actor, "change a pipeline") as session:
        engagement = open_engagement(session, slug, Action.EDIT_FOUNDATION)
        pipeline = get_part(session, engagement, Pipeline, pipeline_id)
        expect_version(session, pipeline, seen)
        put_pipeline(session, engagement, given, pipeline, actor.today(engagement.zone))


def remove_pipeline(actor: Actor, slug: str, pipeline_id: int, seen: int | None = None) -> None:
    """Remove a pipeline and its runs; the journal keeps them. Raises Conflict as `change_pipeline`."""
    with transaction(actor, "remove a pipeline") as session:
        engagement = open_engagement(session, slug, Action.EDIT_FOUNDATION)
        pipeline = get_part(session, engagement, Pipeline, pipeline_id)
        expect_version(session, pipeline, seen)
        for run in session.scalars(select(PipelineRun).where(PipelineRun.pipeline_id == pipeline.id)):
            session.delete(run)
        session.flush()
        session.delete(pipeline)


def report_run(
    actor: Actor, slug: str, pipeline_id: int, *, ran_on: date | None, green: bool, link: str | None = None
) -> None:
    """Report that a pipeline ran on a date, and was green or red. The newest report of a day counts. Raises Invalid."""
    with transaction(actor, "report a run") as session:
        engagement = open_engagement(session, slug, Action.EDIT_FOUNDATION)
        pipeline = get_part(session, engagement, Pipeline, pipeline_id)
        put_run(session, engagement, pipeline, ran_on, green, link, actor.today(engagement.zone))


def put_run(
    session: Session,
    engagement: Engagement,
    pipeline: Pipeline,
    ran_on: date | None,
    green: bool,
    link: str | None,
    today: date,
) -> PipelineRun:
    """Add a run of a pipeline. Raises Invalid."""
    on = evidence_date(session, engagement, "the run", ran_on, today)
    run = PipelineRun(
        engagement_id=engagement.id,
        pipeline_id=pipeline.id,
        ran_on=on,
        green=green,
        link=validation.web_address("link to the run", link) if (link or "").strip() else None,
    )
    query = select(PipelineRun).filter_by(pipeline_id=pipeline.id, ran_on=on, green=green)
    for same in session.scalars(query):
        # The same result again becomes the newest: green after a red run of the day counts.
        session.delete(same)
        session.flush()
    session.add(run)
    session.flush()
    return run


def put_pipeline(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Pipeline | None, today: date
) -> Pipeline:
    """Set the given fields (columns) of a pipeline, or of a new one where `row` is None. Raises Invalid."""
    if row is None:
        given = {"name": None, "kind": None} | dict(given)
    fields = {name: check(given[name]) for name, check in _FIELDS.items() if name in given}
    if "name" in fields:
        refuse_duplicate(session, engagement, Pipeline, row, name=fields["name"])
    if row is None:
        row = Pipeline(engagement_id=engagement.id)
        session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    session.flush()
    return row


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": lambda value: validation.required_text("pipeline's name", value),
    "kind": lambda value: validation.one_of("kind of pipeline", value, PIPELINE_KINDS),
    "link": lambda value: validation.web_address("pipeline's link", value) if (value or "").strip() else None,
}
