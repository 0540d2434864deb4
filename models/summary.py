"""The summary of an engagement: the counts and dates that the rules need, never a status.

A status depends on today's date, a summary doesn't. Health, milestone states and pitfalls are pure functions of a
summary and a date, so that an engagement's page and a portfolio of ten thousand follow the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pydantic import TypeAdapter

from analysis.progress import Direction
from analysis.scales import JudgedScale
from models.contract_states import ContractStatus, VersionFacts, contract_status
from models.plan import CYCLE_DAYS
from models.wording import lower_first


@dataclass(frozen=True)
class Statement:
    """A claim or a waiver: its content, author and reason, and its first and last day."""

    id: int
    says: str
    by: str
    reason: str
    since: date
    until: date

    def is_in_force(self, on: date) -> bool:
        """Return whether it applies on that date."""
        return self.since <= on <= self.until


@dataclass(frozen=True)
class MilestoneFacts:
    id: int
    key: str
    name: str
    phase: int
    criterion: str
    needed: int
    start_on: date
    due_on: date
    since: date
    evidence_on: list[date]
    claims: list[Statement]
    waivers: list[Statement]


@dataclass(frozen=True)
class InventoryFacts:
    """`ready_on` holds the date of the owner's review of each fully described system.

    `without` counts the systems that lack something, by what they lack ("owner": 3).
    """

    systems: int
    ready_on: list[date]
    without: dict[str, int]
    pain_points_on: list[date]


@dataclass(frozen=True)
class WorkflowFacts:
    id: int
    name: str
    state: str
    live_on: date | None
    has_fallback: bool
    rehearsed_on: list[date]
    asked_for: bool
    measured: bool
    trained_on: date | None
    documented_on: date | None

    def live_by(self, on: date) -> date | None:
        """Return when it went live, None if not by `on`. A workflow that was retired since was delivered all the same."""
        delivered = self.state in ("live", "retired") and self.live_on is not None and self.live_on <= on
        return self.live_on if delivered else None

    def was_live(self, on: date) -> bool:
        """Return whether it had gone live by that date, even if it was retired since."""
        return self.live_by(on) is not None

    def is_live(self, on: date) -> bool:
        """Return whether users work with it on that date."""
        return self.state == "live" and self.was_live(on)


@dataclass(frozen=True)
class PipelineFacts:
    id: int
    name: str
    kind: str
    has_link: bool
    green_on: list[date]
    last_run_green: bool | None


@dataclass(frozen=True)
class MetricFacts:
    """`signed_on` is the date of the valid signature; `seal` is signed, broken or unsigned.

    `changes_asked`: a sponsor's latest response to the current definition asks for changes. `scale` is the declared one,
    if any; `steps` are the values agreed for dates on the way to the target. Values are in the metric's `unit`.
    """

    id: int
    slug: str
    name: str
    unit: str
    direction: Direction
    cadence_days: int
    has_source: bool
    baseline: float | None
    target: float | None
    target_on: date | None
    seal: str
    signed_on: date | None
    measured: int
    last_on: date | None
    current: float | None
    baseline_points: int
    baseline_enough_on: date | None
    moved_on: date | None
    # These have defaults because stored summaries may be older than the fields.
    scale: JudgedScale | None = None
    steps: list[tuple[date, float]] = field(default_factory=list)
    changes_asked: bool = False

    def is_signed(self, on: date) -> bool:
        """Return whether it has a valid signature dated up to `on`."""
        return self.signed_on is not None and self.signed_on <= on

    def is_stale(self, on: date) -> bool:
        """Return whether its last measurement is older than its cadence allows."""
        return self.last_on is not None and (on - self.last_on).days > self.cadence_days


@dataclass(frozen=True)
class DecisionFacts:
    id: int
    title: str
    owner: str
    needed_by: date | None
    decided_on: date | None
    names_metric: bool

    def is_overdue(self, on: date) -> bool:
        """Return whether it is still open after the day by which it was needed."""
        return self.decided_on is None and self.needed_by is not None and self.needed_by < on


@dataclass(frozen=True)
class CheckFacts:
    pitfall: str
    answered_on: date
    happening: bool


@dataclass(frozen=True)
class ReviewFacts:
    """A frozen week that wasn't superseded, and the date that it shows."""

    cycle: int
    week: int
    on: date


@dataclass(frozen=True)
class CutoverFacts:
    """An approved cutover. `seen`: its gate had traces and metric passed, not waived."""

    on: date
    seen: bool


@dataclass(frozen=True)
class ReplacementFacts:
    """`shares` are dates and percent, oldest first; `compared_on` is the date of the first comparison.

    `names_contract`: a contract between the old part and the new one is named.
    """

    id: int
    name: str
    old: str
    new: str
    workflow_id: int
    shares: list[tuple[date, float]]
    compared_on: date | None
    cutovers: list[CutoverFacts]
    retire_by: date
    retired_on: date | None
    no_return_on: date | None
    names_contract: bool = True


@dataclass(frozen=True)
class CostlyFacts:
    """A system that carries most of what a change costs, and the date of the first answer to it."""

    name: str
    answered_on: date | None


@dataclass(frozen=True)
class SurveyFacts:
    """The newest survey of a repository, and its costliest systems."""

    repository: str
    taken_on: date
    costly: list[CostlyFacts]


@dataclass(frozen=True)
class ContractFacts:
    """A contract: its newest version, and before it those that were frozen; of the frozen ones the findings are left out.

    `first_share_on` is when work was first moved over it, None while none was.
    """

    id: int
    name: str
    system: str
    system_id: int
    versions: list[VersionFacts]
    first_share_on: date | None = None

    @property
    def frozen_on(self) -> date | None:
        """When a version was first frozen."""
        return min((row.frozen_on for row in self.versions if row.frozen_on is not None), default=None)

    def status(self, on: date) -> ContractStatus:
        """Return its state on a date."""
        return contract_status(self.versions, on)


@dataclass(frozen=True)
class ToolFacts:
    """A tool that a decision's trials compare: its ring (models/radar.py), and the date of its newest trial."""

    tool: str
    ring: str
    on: date
    decision_id: int
    decision: str
    sentence: str


@dataclass(frozen=True)
class Summary:
    """All that the rules need to know of an engagement, whatever the date."""

    slug: str
    name: str
    client: str
    sector: str
    region: str
    lead: str
    sponsor: str
    zone: str
    cycle: int
    day_1: date
    first_day_1: date
    closed_on: date | None
    next_cycle_on: date | None
    milestones: list[MilestoneFacts]
    inventory: InventoryFacts
    end_users_on: list[date]
    interviews_planned: int
    frictions: int
    workflows: list[WorkflowFacts]
    pipelines: list[PipelineFacts]
    metrics: list[MetricFacts]
    trainings_on: list[date]
    decisions: list[DecisionFacts]
    checks: list[CheckFacts]
    # These have defaults because stored summaries may be older than the fields.
    reviews: list[ReviewFacts] = field(default_factory=list)
    replacements: list[ReplacementFacts] = field(default_factory=list)
    surveys: list[SurveyFacts] = field(default_factory=list)
    contracts: list[ContractFacts] = field(default_factory=list)
    tools: list[ToolFacts] = field(default_factory=list)

    def day(self, on: date) -> int:
        """Return the day of the current cycle that `on` is; day 1 is 1."""
        return (on - self.day_1).days + 1

    @property
    def days(self) -> int:
        """The length of the cycle, in days."""
        return CYCLE_DAYS

    def day_text(self, on: date) -> str:
        """Return "Day 47 of 90", with the cycle if it isn't the first."""
        day = self.day(on)
        if self.closed_on is not None:
            text = "Closed"
        elif day < 1:
            text = f"Starts in {1 - day} days" if day < 0 else "Starts tomorrow"
        elif day > self.days:
            text = f"Day {day}, past day {self.days}"
        else:
            text = f"Day {day} of {self.days}"
        return text if self.cycle == 1 else f"Cycle {self.cycle}, {lower_first(text)}"

    def to_json(self) -> str:
        return _SUMMARY.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> Summary:
        return _SUMMARY.validate_json(text)


_SUMMARY = TypeAdapter(Summary)
