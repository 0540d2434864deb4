"""Surveys: what a repository's history says of the inventory's systems, at one commit, over one window."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Mapped

from analysis.cost_of_change import FRESH_DAYS, CostOfChange
from analysis.survey import FORMAT
from models.base import Part
from models.journal import canonical

# What a survey has in columns of its own; the rest of it is `content`.
COLUMNS = ("repository", "head", "since", "until", "taken_on", "read", "counted", "rules")


class Survey(Part):
    """A survey as it was taken, append-only. Commits, not systems, are counted in `read`, `counted` and `left_out`.

    `since` and `until` are moments as ISO 8601 in UTC. `left_out` and `content` are canonical JSON: commits by reason;
    and the window's months, systems and pairs. Nothing of it names an author.
    """

    __tablename__ = "survey"

    repository: Mapped[str]
    head: Mapped[str]
    since: Mapped[str]
    until: Mapped[str]
    taken_on: Mapped[date]
    read: Mapped[int]
    counted: Mapped[int]
    left_out: Mapped[str]
    content: Mapped[str]
    rules: Mapped[int]

    def as_survey(self) -> dict[str, Any]:
        """Return it as `analysis.survey.take_survey` made it."""
        own = {name: getattr(self, name) for name in COLUMNS} | {"taken_on": self.taken_on.isoformat()}
        return {"format": FORMAT, **own, "left_out": json.loads(self.left_out), **self.contents(self.content)}

    @staticmethod
    def contents(content: str) -> dict[str, Any]:
        """Return what `content` holds: head_on, months, systems and pairs."""
        parts: dict[str, Any] = json.loads(content)
        return parts

    def costs(self, inventory: tuple[str, ...] = ()) -> CostOfChange:
        """Return what it says of the cost of change; `inventory` names further systems."""
        return CostOfChange(self.as_survey(), inventory)

    def is_fresh(self, on: date) -> bool:
        """Return whether it is at most 90 days old."""
        return on - self.taken_on <= timedelta(days=FRESH_DAYS)


def columns_of(survey: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a `Survey` for what `take_survey` returned."""
    own = {name: survey[name] for name in COLUMNS} | {"taken_on": date.fromisoformat(survey["taken_on"])}
    content = {name: survey[name] for name in ("head_on", "months", "systems", "pairs")}
    return own | {"left_out": canonical(survey["left_out"]), "content": canonical(content)}


def newest_surveys(surveys: list[Survey]) -> list[Survey]:
    """Return the newest survey of each repository, by the repository's name."""
    newest: dict[str, Survey] = {}
    for row in sorted(surveys, key=lambda row: (row.taken_on, row.id)):
        newest[row.repository.casefold()] = row
    return [newest[name] for name in sorted(newest)]
