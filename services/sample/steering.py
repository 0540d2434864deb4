"""Steering: the lead's own milestones, claims and waivers, decisions, pitfall checks, reviews and cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from models.decisions import Decision
from models.metrics import Metric
from models.people import Actor
from models.plan import Cycle, Milestone, Phase
from services.core.transaction import catch_up
from services.plan import cycles as cycle_use_cases
from services.plan import decisions as decision_use_cases
from services.plan import milestones as plan_use_cases
from services.plan import pitfall_checks
from services.review import reviews
from services.sample.story import Act, Story


def milestones(story: Story) -> Iterator[Act]:
    """Yield the lead's own milestones, and the evidence that is linked to them."""
    for row in story.rows("milestones"):
        yield Act(story.day(row["day"]), story.lead, partial(_add_milestone, story, row))
        if "evidence" in row:
            yield Act(story.day(row["evidence"]["day"]), story.lead, partial(_link_evidence, story, row))


def _add_milestone(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    phase_id = story.find(Phase, cycle_id=_cycle_id(story, row), number=row["phase"])
    days = {"start_day": row["start_day"], "due_day": row["due_day"]}
    plan_use_cases.add_milestone(actor, slug, phase_id=phase_id, name=row["name"], **days)


def _link_evidence(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    evidence = row["evidence"]
    plan_use_cases.link_evidence(
        actor,
        slug,
        story.find(Milestone, name=row["name"]),
        title=evidence["title"],
        link=evidence["link"],
        dated=story.day(evidence["day"]),
    )


def statements(story: Story) -> Iterator[Act]:
    """Claims and waivers."""
    for row in story.rows("claims"):
        yield Act(story.day(row["day"]), story.lead, partial(_claim, story, row))
    for row in story.rows("waivers"):
        yield Act(story.day(row["day"]), story.lead, partial(_waive, story, row))


def _claim(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = {"says": row["says"], "reason": row["reason"], "expires_on": story.day(row["until"])}
    plan_use_cases.state_claim(actor, slug, _milestone_id(story, row), **given)


def _waive(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = {"reason": row["reason"], "approver": row["approver"], "expires_on": story.day(row["until"])}
    plan_use_cases.waive(actor, slug, _milestone_id(story, row), **given)


def _milestone_id(story: Story, row: Mapping[str, Any]) -> int:
    return int(story.find(Milestone, name=row["milestone"], cycle_id=_cycle_id(story, row)))


def _cycle_id(story: Story, row: Mapping[str, Any]) -> int:
    return int(story.find(Cycle, number=row.get("cycle", 1)))


def decisions(story: Story) -> Iterator[Act]:
    """The lead requests a decision; some are made later, by the sponsor or the lead."""
    for row in story.rows("decisions"):
        given = {"title": row["title"], "owner": row["owner"], "needed_by": story.day(row["needed_by"])}
        yield Act(story.day(row["day"]), story.lead, partial(decision_use_cases.request_decision, **given))
        if "decided" in row:
            yield Act(story.day(row["decided"]), row.get("by", story.lead), partial(_decide, story, row))


def _decide(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    decision_use_cases.decide(
        actor,
        slug,
        story.find(Decision, title=row["title"]),
        decided_on=story.day(row["decided"]),
        outcome=row["outcome"],
        rests_on=row["rests_on"],
        metric_id=story.find(Metric, slug=row["metric"]) if "metric" in row else None,
    )


def checks(story: Story) -> Iterator[Act]:
    """Every Friday the five checks are answered, each by its newest note until that week."""
    notes_by_pitfall = story.data["checks"]
    for week in range(1, story.data["week"] + 1):
        until_now = {
            pitfall: [note for note in notes if note["week"] <= week]
            for pitfall, notes in notes_by_pitfall.items()
        }
        answers = [
            pitfall_checks.CheckAnswer(pitfall, notes[-1].get("happening", False), notes[-1]["evidence"])
            for pitfall, notes in until_now.items()
            if notes
        ]
        if answers:
            by = story.lead if week % 2 else story.contributor
            yield Act(story.day(f"{week} fri"), by, partial(pitfall_checks.answer_checks, answers=answers))


def frozen_weeks(story: Story) -> Iterator[Act]:
    """On some Fridays the lead freezes the week's review, after everything else of that day."""
    for week in story.data.get("frozen_weeks", []):
        yield Act(story.day(f"{week} fri"), story.lead, _freeze)


def _freeze(actor: Actor, slug: str) -> None:
    catch_up()  # The week is judged by the metrics' aggregates.
    reviews.freeze(actor, slug)


def cycles(story: Story) -> Iterator[Act]:
    """Planning the next cycle, which begins on a Monday, and closing the current one."""
    for row in story.rows("cycles"):
        begins = story.day(row["next_begins"])
        yield Act(
            story.day(row["planned"]), story.lead, partial(cycle_use_cases.plan_next_cycle, day_1=begins)
        )
        if "closed" in row:
            yield Act(story.day(row["closed"]), story.lead, _close_cycle)


def _close_cycle(actor: Actor, slug: str) -> None:
    catch_up()  # The milestones are judged by the metrics' aggregates.
    cycle_use_cases.close_cycle(actor, slug)
