"""The systems that carry most of what a change costs, by the newest surveys, and what was done about each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from analysis.cost_of_change import CostOfChange
from models.engagement import Engagement
from models.inventory import System
from models.names import normalize_name
from models.surveys import Survey, newest_surveys


@dataclass(frozen=True)
class SystemResponse:
    """What was done about a costly system (a pain point, a decision, a replacement), and where that is shown."""

    kind: str
    title: str
    on: date
    page: str
    record: tuple[str, str]


@dataclass(frozen=True)
class CostlySystem:
    """One of the costliest systems of a survey, and the responses to it, the first one first."""

    system: System
    survey: Survey
    responses: tuple[SystemResponse, ...]

    @property
    def answered_on(self) -> date | None:
        """The date of the first response, None without one."""
        return self.responses[0].on if self.responses else None


def costly_systems(engagement: Engagement) -> list[CostlySystem]:
    """Return the costliest systems of each repository's newest survey; those that were removed since are left out."""
    systems = {normalize_name(system.name): system for system in engagement.systems}
    return [
        CostlySystem(system, survey, responses(engagement, system))
        for survey in newest_surveys(engagement.surveys)
        for name in costliest_names(survey)
        if (system := systems.get(normalize_name(name))) is not None
    ]


def costliest_names(survey: Survey) -> tuple[str, ...]:
    """Return the names of a survey's costliest systems, the costliest first."""
    return _costliest(survey.content, survey.since, survey.until)


@lru_cache(maxsize=64)
def _costliest(content: str, since: str, until: str) -> tuple[str, ...]:
    # Asked for in every transaction, and the same each time: a survey never changes.
    return tuple(CostOfChange(Survey.contents(content) | {"since": since, "until": until}).costliest)


def responses(engagement: Engagement, system: System) -> tuple[SystemResponse, ...]:
    """Return what was done about a system, the first one first."""
    return tuple(sorted(_responses(engagement, system), key=lambda row: (row.on, row.kind, row.title)))


def _responses(engagement: Engagement, system: System) -> Iterator[SystemResponse]:
    for point in system.pain_points:
        on = engagement.date_of(point.created_at)
        yield SystemResponse("pain point", point.title, on, "inventory", ("system", str(system.id)))
    for decision in system.decisions:
        when = decision.decided_on or engagement.date_of(decision.created_at)
        yield SystemResponse("decision", decision.title, when, "decisions", ("decision", str(decision.id)))
    for replacement in engagement.replacements:
        if replacement.old_id == system.id:
            when = engagement.date_of(replacement.created_at)
            record = ("replacement", str(replacement.id))
            yield SystemResponse("replacement", replacement.name, when, "replacements", record)
