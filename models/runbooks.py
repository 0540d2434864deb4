"""Runbooks of replacements, and their runs: rehearsals and the real one, each with its pinned plan and its reports."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Part, to_many, to_one
from models.journal import canonical, sha256_of
from models.replacement_states import CUT_OVER_WITHIN_DAYS
from models.run_times import Durations, came_to_its_end, rehearsed, undos_to_rehearse
from models.saga import Direction, Progress, Report, ReportOutcome, Step, replay
from models.wording import join_list

if TYPE_CHECKING:
    from models.replacements import Cutover, Replacement

PERSON, SYSTEM = OWNER_KINDS = ("person", "system")
REHEARSAL, REAL = RUN_KINDS = ("rehearsal", "real")


class Runbook(Part):
    """The plan of one replacement's switch. `in_charge` is the person who decides where no rule brings a run on."""

    __tablename__ = "runbook"
    __table_args__ = (UniqueConstraint("replacement_id"),)

    replacement_id: Mapped[int] = mapped_column(ForeignKey("replacement.id"), index=True)
    name: Mapped[str]
    in_charge: Mapped[str]

    replacement: Mapped[Replacement] = to_one("Runbook.replacement_id")
    steps: Mapped[list[RunbookStep]] = to_many("RunbookStep.runbook_id")
    runs: Mapped[list[Run]] = to_many("Run.runbook_id")

    def plan(self) -> str:
        """Return the plan as a run pins it: canonical JSON (RFC 8785)."""
        return plan_text(self.in_charge, self.steps)

    def digest(self) -> str:
        """Return the SHA-256 of the plan as it is now."""
        return sha256_of(self.plan())

    def rehearsals(self, digest: str, now: datetime) -> list[Progress]:
        """Return where the rehearsals of the plan with this digest stand, oldest first."""
        return [run.progress(now) for run in self.runs if run.kind == REHEARSAL and run.digest == digest]

    def durations(self, digest: str, now: datetime) -> Durations:
        """Return the rehearsed durations of the plan with this digest."""
        return rehearsed(self.rehearsals(digest, now))

    def not_rehearsed(self, now: datetime) -> str:
        """Return what of the plan as it is now was never rehearsed, as a clause; empty where all of it was."""
        return rehearsal_gap(self.plan(), self.rehearsals(self.digest(), now), had_runs=bool(self.runs))

    def run(self, number: int) -> Run | None:
        """Return the run of that number, or None."""
        return next((run for run in self.runs if run.number == number), None)


class RunbookStep(Part):
    """One step of a runbook. `key` is its number in the plan, `after` the numbers that come before it: "1, 2"."""

    __tablename__ = "runbook_step"
    __table_args__ = (
        UniqueConstraint("runbook_id", "key"),
        CheckConstraint("owner_kind in ('person', 'system')", name="owner_kind"),
        CheckConstraint("minutes > 0 and timeout >= minutes", name="time_out"),
    )

    runbook_id: Mapped[int] = mapped_column(ForeignKey("runbook.id"), index=True)
    key: Mapped[str]
    title: Mapped[str]
    after: Mapped[str | None]
    owner: Mapped[str]
    owner_kind: Mapped[str]
    action: Mapped[str]
    check: Mapped[str]
    undo: Mapped[str | None]
    no_undo: Mapped[str | None]
    minutes: Mapped[int]
    timeout: Mapped[int]
    no_return: Mapped[bool]

    @property
    def place(self) -> tuple[int, str, int]:
        """What steps are sorted by: their numbers as people count, so 2 comes before 10 and 2a after 2."""
        digits = len(self.key) - len(self.key.lstrip("0123456789"))
        return int(self.key[:digits] or 10**9), self.key[digits:], self.id or 0

    def as_step(self) -> Step:
        """Return the step as the rules take it."""
        return Step(
            key=self.key,
            title=self.title,
            after=split_keys(self.after),
            owner=self.owner,
            owner_kind=self.owner_kind,
            action=self.action,
            check=self.check,
            undo=self.undo or "",
            no_undo=self.no_undo or "",
            minutes=self.minutes,
            timeout=self.timeout,
            no_return=self.no_return,
        )


class Run(Part):
    """A rehearsal of a runbook, or the real run. Append-only: its plan is what it was when the run was prepared.

    `number` counts the runs of the runbook. `plan` is canonical JSON and `digest` its SHA-256. The window is when the
    switch may happen: a real run has one, a rehearsal may.
    """

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("runbook_id", "number"),
        CheckConstraint("kind in ('rehearsal', 'real')", name="kind"),
    )

    runbook_id: Mapped[int] = mapped_column(ForeignKey("runbook.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str]
    plan: Mapped[str]
    digest: Mapped[str]
    window_from: Mapped[datetime | None]
    window_until: Mapped[datetime | None]
    prepared_by: Mapped[str]

    runbook: Mapped[Runbook] = to_one("Run.runbook_id")
    reports: Mapped[list[RunReport]] = to_many("RunReport.run_id")

    @property
    def in_charge(self) -> str:
        """The person who decides where no rule brings this run on."""
        return str(json.loads(self.plan)["in_charge"])

    def steps(self) -> tuple[Step, ...]:
        """Return its pinned steps, in the order of the plan."""
        return steps_of(self.plan)

    def progress(self, now: datetime) -> Progress:
        """Return where it stands."""
        return replay(self.steps(), (report.as_report() for report in self.reports), now)


class RunReport(Part):
    """What somebody reported of a run, at `created_at`. Append-only.

    `name` is the reporter's own name of the report, the same however often it is sent. `step` is empty in a report of the
    whole run.
    """

    __tablename__ = "run_report"
    __table_args__ = (UniqueConstraint("run_id", "name"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), index=True)
    name: Mapped[str]
    step: Mapped[str]
    direction: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    by: Mapped[str]

    run: Mapped[Run] = to_one("RunReport.run_id")

    def as_report(self) -> Report:
        """Return the report as the rules take it."""
        outcome, direction = ReportOutcome(self.outcome), Direction(self.direction)
        return Report(self.step, direction, outcome, self.created_at, self.by, self.reason or "")


def split_keys(after: str | None) -> tuple[str, ...]:
    """Return the numbers in a text such as "1, 2": each once, in order."""
    keys = [" ".join(key.split()) for key in (after or "").replace(";", ",").split(",")]
    return tuple(dict.fromkeys(key for key in keys if key))


def plan_text(in_charge: str, steps: list[RunbookStep]) -> str:
    """Return a plan as canonical JSON: the person in charge, and the steps in the order of their numbers."""
    ordered = sorted(steps, key=lambda step: step.place)
    return canonical(
        {
            "in_charge": in_charge,
            "steps": [asdict(step.as_step()) | {"after": list(split_keys(step.after))} for step in ordered],
        }
    )


def steps_of(plan: str) -> tuple[Step, ...]:
    """Return the steps of a plan given as JSON."""
    return tuple(Step(**(fields | {"after": tuple(fields["after"])})) for fields in json.loads(plan)["steps"])


def rehearsal_gap(plan: str, rehearsals: list[Progress], *, had_runs: bool) -> str:
    """Return what of a plan no rehearsal covers, as a clause; empty where all is covered.

    `rehearsals` are those of this very plan; `had_runs` says whether there was a run of any plan.
    """
    if not rehearsals:
        return "the plan was edited since its rehearsal" if had_runs else "the plan was never rehearsed"
    if not any(map(came_to_its_end, rehearsals)):
        return "no rehearsal of this plan did every step to its end"
    untried = undos_to_rehearse(steps_of(plan), rehearsals)
    if untried:
        titles = join_list([f"“{step.title}”" for step in untried])
        return f"no rehearsal of this plan carried out the undo of {titles}"
    return ""


def missing_for_real(runbook: Runbook, approvals: list[Cutover], now: datetime, today: date) -> str:
    """Return the one thing that is missing for a real run, as a clause; empty where nothing is but the sponsor's go.

    An approval counts for 7 days and for one run. `runbook` has its runs, `approvals` are those of its replacement.
    """
    went = [
        report.created_at
        for run in runbook.runs
        if run.kind == REAL
        for report in run.reports
        if report.outcome == ReportOutcome.GO
    ]
    since = today - timedelta(days=CUT_OVER_WITHIN_DAYS)
    unused = [row for row in approvals if not went or row.created_at > max(went)]
    if not unused:
        return (
            "its cutover was not approved at the gate" if not approvals else "its approval was used by a run"
        )
    if all(row.approved_on < since for row in unused):
        return f"its approval at the gate has lapsed after {CUT_OVER_WITHIN_DAYS} days"
    return runbook.not_rehearsed(now)
