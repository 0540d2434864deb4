"""Notices: what is computed and nobody did, such as a milestone turning late, added to the journal once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Part
from models.health import health
from models.milestones import MilestoneState, milestone_statuses
from models.summary import Summary
from models.wording import day_month

LATE, AT_RISK, STALE = "late milestone", "milestone at risk", "stale metric"
BROKEN, OVERDUE, HEALTH = "broken seal", "overdue decision", "change of health"


class Notice(Part):
    """That the rules found something on a day. `key` is unique, so that it is added once however often it is found.

    `kind` is one of the constants above, `row_id` the milestone, metric or decision; `text` is the sentence.
    """

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("engagement_id", "key"),)

    key: Mapped[str]
    kind: Mapped[str]
    row_id: Mapped[int | None]
    text: Mapped[str]


@dataclass(frozen=True)
class DueNotice:
    """What the rules say on a day: the fields of the `Notice` that is added unless it is there."""

    key: str
    kind: str
    row_id: int | None
    text: str

    @property
    def use_case(self) -> str:
        """The act in the journal: "notice a late milestone"."""
        return f"notice {'an' if self.kind == OVERDUE else 'a'} {self.kind}"


def due_notices(summary: Summary, on: date, known_health: list[str]) -> list[DueNotice]:
    """Return the notices that the rules call for on a date, whether they were added before or not.

    A key names the date that makes it late or stale, never today's, so that a clock that jumps tells nothing twice.
    `known_health` are the health statuses that were noticed so far, the oldest first.
    """
    return [
        *_milestones(summary, on),
        *_metrics(summary, on),
        *_decisions(summary, on),
        *_health(summary, on, known_health),
    ]


def _milestones(summary: Summary, on: date) -> Iterator[DueNotice]:
    for row in milestone_statuses(summary, on):
        milestone = row.milestone
        if row.state in (MilestoneState.LATE, MilestoneState.AT_RISK):
            kind, state = (LATE, "late") if row.state is MilestoneState.LATE else (AT_RISK, "at risk")
            key = f"milestone {milestone.id} {state} {milestone.due_on.isoformat()}"
            yield DueNotice(key, kind, milestone.id, f"{milestone.name} is {state}: {row.reason}")


def _metrics(summary: Summary, on: date) -> Iterator[DueNotice]:
    for metric in summary.metrics:
        if metric.last_on is not None and metric.is_stale(on):
            key = f"metric {metric.id} stale {metric.last_on.isoformat()}"
            text = f"{metric.name} is out of date: it was last measured on {day_month(metric.last_on)}"
            yield DueNotice(key, STALE, metric.id, text)
        if metric.seal == "broken":
            target = f"{metric.baseline}-{metric.target}-{metric.target_on}"
            key = f"metric {metric.id} broken {target}"
            yield DueNotice(key, BROKEN, metric.id, f"The definition of {metric.name} changed after signing")


def _decisions(summary: Summary, on: date) -> Iterator[DueNotice]:
    for row in summary.decisions:
        if row.is_overdue(on) and row.needed_by is not None:
            key = f"decision {row.id} overdue {row.needed_by.isoformat()}"
            text = f"The decision “{row.title}” was needed by {day_month(row.needed_by)}"
            yield DueNotice(key, OVERDUE, row.id, text)


def _health(summary: Summary, on: date, known: list[str]) -> Iterator[DueNotice]:
    """Yield the health if it isn't that of the newest notice. Its key counts, as the same health may return."""
    current = health(summary, on)
    if known[-1:] != [current.status.value]:
        key = f"health {len(known) + 1} {current.status.value}"
        yield DueNotice(key, HEALTH, None, f"The health is {current.status.label.lower()}. {current.reason}")


def health_of(key: str) -> str:
    """Return the health status that the key of a health notice names."""
    return key.split(" ", 2)[2]
