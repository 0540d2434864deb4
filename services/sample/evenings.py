"""Runbooks: written, rehearsed on one evening to their end and back, and carried out for real on another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from models.people import Actor
from models.replacements import Replacement
from models.runbooks import Run, Runbook
from services.runbooks import reporting, runbooks, runs
from services.sample.story import Act, Story

# After everything else of the day.
BEGINS = time(20, 30)
WINDOW = timedelta(minutes=180)


def written(story: Story) -> Iterator[Act]:
    """Yield each runbook with its steps."""
    for row in story.rows("runbooks"):
        yield Act(story.day(row["day"]), story.lead, partial(_write, story, row))


def evenings(story: Story) -> Iterator[Act]:
    """Yield each runbook's rehearsal, and its real run. They are the last acts of their days."""
    for row in story.rows("runbooks"):
        for kind, carry_out in (("rehearsal", _rehearse), ("real", _run)):
            if kind in row:
                yield Act(story.day(row[kind]["day"]), story.lead, partial(carry_out, story, row, row[kind]))


def _write(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = {
        "replacement_id": story.find(Replacement, name=row["replacement"]),
        "name": row["name"],
        "in_charge": actor.name,
    }
    runbook_id = runbooks.write_runbook(actor, slug, given)
    runbooks.save_steps(actor, slug, runbook_id, added=row["steps"])


def _rehearse(
    story: Story, row: Mapping[str, Any], evening: Mapping[str, Any], actor: Actor, slug: str
) -> None:
    """To the end, and back: that gives the durations, and proves that going back works."""
    actor = _in_the_evening(story, actor)
    number = runs.rehearse(actor, slug, _id(story, row))
    done = _Reports(story, actor, slug, _id(story, row), number)
    done.of_steps(evening["minutes"])
    done.report({"outcome": "roll back"})
    done.of_steps(evening["undo_minutes"], "undo")


def _run(story: Story, row: Mapping[str, Any], evening: Mapping[str, Any], actor: Actor, slug: str) -> None:
    actor, runbook_id = _in_the_evening(story, actor), _id(story, row)
    number = runs.prepare_run(actor, slug, runbook_id, window_from=actor.at, window_until=actor.at + WINDOW)
    sponsor = story.actor(story.sponsor, actor.at + timedelta(minutes=2))
    digest = story.find(Run, Run.digest, runbook_id=runbook_id, number=number)[0]
    runs.say_go(sponsor, slug, runbook_id, number, shown=digest)
    _Reports(story, replace(actor, at=sponsor.at), slug, runbook_id, number).of_steps(evening["minutes"])


def _id(story: Story, row: Mapping[str, Any]) -> int:
    row_id: int = story.find(Runbook, name=row["name"])
    return row_id


def _in_the_evening(story: Story, actor: Actor) -> Actor:
    zone = ZoneInfo(story.calendar.zone)
    return replace(actor, at=datetime.combine(actor.today(story.calendar.zone), BEGINS, zone))


class _Reports:
    """What people report of a run, one after the other."""

    def __init__(self, story: Story, actor: Actor, slug: str, runbook_id: int, number: int) -> None:
        self.story, self.actor, self.slug = story, actor, slug
        self.runbook_id, self.number, self.sent = runbook_id, number, 0

    def of_steps(self, minutes: Mapping[str, int], direction: str = "do") -> None:
        """Report these steps as started and, so many minutes later, as done."""
        for step, took in minutes.items():
            self.report({"step": step, "direction": direction, "outcome": "started"}, after=1)
            self.report({"step": step, "direction": direction, "outcome": "done"}, after=took)

    def report(self, given: Mapping[str, str], after: int = 1) -> None:
        self.sent += 1
        self.actor = replace(self.actor, at=self.actor.at + timedelta(minutes=after))
        name = f"report {self.sent}"
        reporting.report(self.actor, self.slug, self.runbook_id, self.number, given, name=name)
