"""What is found out: the inventory, and interviews with their frictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from models.interviews import Interview
from models.inventory import PainPoint, System
from models.people import Actor
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.inventory import dependencies as dependency_use_cases
from services.inventory import pain_points as pain_point_use_cases
from services.inventory import systems as system_use_cases
from services.sample.story import Act, Story, without_keys


def systems(story: Story) -> Iterator[Act]:
    for on, rows in story.by_date("systems"):
        added = [without_keys(row, "day", "reviewed") for row in rows]
        yield Act(on, story.contributor, partial(system_use_cases.save, added=added))


def reviews(story: Story) -> Iterator[Act]:
    for on, rows in story.by_date("systems", "reviewed"):
        yield Act(on, story.contributor, partial(_review, story, on, [row["name"] for row in rows]))


def _review(story: Story, on: date, names: list[str], actor: Actor, slug: str) -> None:
    found = [story.find(System, System.id, System.version, name=name) for name in names]
    changed = [(row.id, row.version, {"reviewed_on": on}) for row in found]
    system_use_cases.save(actor, slug, changed=changed)


def dependencies(story: Story) -> Iterator[Act]:
    for row in story.rows("dependencies"):
        added = [_dependency(said) for said in row["added"]]
        yield Act(story.day(row["day"]), story.contributor, partial(dependency_use_cases.save, added=added))


def _dependency(said: str) -> dict[str, Any]:
    """From "Partner portal > Origination: call, every page asks for it"; the note may be missing."""
    ends, _, how = said.partition(": ")
    source, _, target = ends.partition(" > ")
    kind, _, note = how.partition(", ")
    return {"from": source, "to": target, "kind": kind, "note": note}


def pain_points(story: Story) -> Iterator[Act]:
    for on, rows in story.by_date("pain_points"):
        added = [without_keys(row, "day") for row in rows]
        yield Act(on, story.contributor, partial(pain_point_use_cases.save, added=added))


def planned_interviews(story: Story) -> Iterator[Act]:
    """Those without a date of planning weren't planned: somebody had time."""
    for row in story.rows("interviews"):
        if "planned" in row:
            given = _interview(story, row) | {"planned_on": story.day(row.get("day") or row["for"])}
            yield Act(story.day(row["planned"]), row.get("by", story.contributor), partial(_plan, given))


def _plan(given: Mapping[str, Any], actor: Actor, slug: str) -> None:
    interviews.plan_interview(actor, slug, without_keys(given, "summary"))


def held_interviews(story: Story) -> Iterator[Act]:
    for on, rows in story.by_date("interviews"):
        for row in rows:
            yield Act(on, row.get("by", story.contributor), partial(_record, story, on, row))


def _record(story: Story, on: date, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    planned = {"interviewee": row["interviewee"], "held_on": None}
    row_id = story.find(Interview, **planned) if "planned" in row else None
    told = FrictionEdits(added=[_friction(story, friction) for friction in row.get("frictions", [])])
    interviews.record_interview(actor, slug, _interview(story, row) | {"held_on": on}, told, row_id=row_id)


def _interview(story: Story, row: Mapping[str, Any]) -> dict[str, Any]:
    given = without_keys(row, "day", "planned", "for", "frictions", "by")
    return given | {"interviewer": story.name_of(row.get("by", story.contributor))}


def _friction(story: Story, row: Mapping[str, Any]) -> dict[str, Any]:
    given = without_keys(row, "system", "pain_point")
    if "system" in row:
        given["system_id"] = story.find(System, name=row["system"])
    if "pain_point" in row:
        given["pain_point_id"] = story.find(PainPoint, title=row["pain_point"])
    return given
