"""Surveys of repositories: taken where the clone is, or uploaded as the file that the script wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.cost_of_change import CostOfChange
from analysis.survey import Progress, Repository, SurveyError, paths_in, take_survey
from analysis.survey_file import check, read_survey
from models.engagement import Engagement
from models.errors import Invalid
from models.inventory import System
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.surveys import Survey, columns_of
from models.wording import count, join_list
from services.architecture.survey_metric import Trend, put_trend
from services.core.transaction import open_engagement, transaction
from store.states import state

MAX_NAMED = 6


@dataclass(frozen=True)
class SurveyResult:
    """A survey that was recorded, and what its monthly points came to; None where no metric follows it."""

    survey_id: int
    trend: Trend | None


def survey_clone(
    actor: Actor, slug: str, folder: str, since: str | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the survey of the git clone in `folder`, by the code of the inventory's systems. Nothing is saved.

    Raises Invalid, with a sentence, for whatever stands in the way.
    """
    engagement = state(actor, slug)
    code = {system.name: system.code for system in engagement.systems if system.code}
    if not code:
        raise Invalid(
            "No system says where its code lies: fill in “Code” in the inventory (repository:path). "
            "Nothing was saved."
        )
    today = actor.today(engagement.zone).isoformat()
    try:
        repository = Repository(folder).name
        paths = paths_in(repository, code)
        if not paths:
            raise SurveyError(
                f"No system has code in the repository “{repository}”: its folder's name has to be the repository's in "
                "“Code” (repository:path)."
            )
        return take_survey(
            folder, paths, taken_on=today, repository=repository, since=since, progress=progress
        )
    except SurveyError as refused:
        raise Invalid(f"{refused} Nothing was saved.") from refused


def uploaded_survey(content: bytes) -> dict[str, Any]:
    """Return the survey in the file that the script wrote. Raises Invalid, with a sentence, for any other file."""
    try:
        return read_survey(content)
    except SurveyError as refused:
        raise Invalid(f"{refused} Nothing was saved.") from refused


def record_survey(actor: Actor, slug: str, survey: Mapping[str, Any]) -> SurveyResult:
    """Record a survey, with its monthly points as a metric: changes that stay within one system.

    The metric is defined with its baseline if there is none and the actor may define metrics. Raises Invalid where the
    survey doesn't hold together, is dated after today, names systems that aren't in the inventory or is there already.
    """
    with transaction(actor, "record a survey") as session:
        engagement = open_engagement(session, slug, Action.EDIT_INVENTORY)
        row = put_survey(session, engagement, survey, actor.today(engagement.zone))
        return SurveyResult(row.id, put_trend(session, engagement, survey, actor.today(engagement.zone)))


def put_survey(session: Session, engagement: Engagement, survey: Mapping[str, Any], today: date) -> Survey:
    """Add a survey. Raises Invalid with a sentence."""
    try:
        check(survey)
    except SurveyError as refused:
        raise Invalid(f"{refused} Nothing was saved.") from refused
    columns = columns_of(survey)
    if columns["taken_on"] > today:
        raise Invalid(f"The survey is dated {columns['taken_on']}, after today. Nothing was saved.")
    _refuse_unknown(session, engagement, (system["name"] for system in survey["systems"]))
    query = select(Survey).where(Survey.engagement_id == engagement.id, Survey.head == columns["head"])
    same = ("repository", "since", "content", "taken_on")
    if any(all(getattr(row, name) == columns[name] for name in same) for row in session.scalars(query)):
        raise Invalid(
            f"This survey of {columns['repository']} at {columns['head'][:10]} is there already. Nothing was saved."
        )
    row = Survey(engagement_id=engagement.id, **columns)
    session.add(row)
    session.flush()
    return row


def _refuse_unknown(session: Session, engagement: Engagement, names: Iterable[str]) -> None:
    """Raise Invalid where a surveyed system isn't in the inventory: its cost would have nobody to answer for it."""
    known = {
        normalize_name(name)
        for name in session.scalars(select(System.name).where(System.engagement_id == engagement.id))
    }
    unknown = [f"“{name}”" for name in names if normalize_name(name) not in known]
    if unknown:
        verb = "isn't" if len(unknown) == 1 else "aren't"
        raise Invalid(
            f"{join_list(unknown, most=MAX_NAMED)} {verb} in the inventory: add "
            f"{'it' if len(unknown) == 1 else 'them'} first. Nothing was saved."
        )


def sentence_of(survey: Mapping[str, Any]) -> str:
    """Return what a survey says, in one sentence: how many systems carry how much of what a change costs."""
    costs = CostOfChange(survey)
    share, names = costs.costliest_share, costs.costliest
    if share is None:
        return f"{survey['repository']}: too few changes in the window to say what a change costs."
    measured = sum(cost.state == "measured" for cost in costs.systems)
    verb = "carries" if len(names) == 1 else "carry"
    return (
        f"{survey['repository']}: {len(names)} of {count(measured, 'system')} {verb} {share:.0f} % of what a change "
        f"costs: {join_list(names, most=len(names))}."
    )
