"""What a survey says of the cost of change: how often each system changes, and how many others each change touches.

costs = CostOfChange(survey)          a survey as `analysis.survey.take_survey` returns it
costs.systems                         the systems, the one with most system changes first
costs.pairs_together(dependencies)    systems that change together, and whether the inventory knows why

*System changes* are changes x (1 + other systems touched by each): what a person has to change, test and release. The
costliest are the fewest systems that carry half of them. That is a ranking, not a verdict: every estate has one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from analysis.coupling import Propagation

State = Literal["measured", "too few changes to say", "not known"]

MIN_CHANGES = 10  # fewer say nothing of one system
MIN_PLACED = 20  # fewer are listed, not drawn: their averages are noise
MIN_SHARED = 5
MIN_TOGETHER = 30.0  # percent
COSTLY_SHARE = 0.5
FRESH_DAYS = 90
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class SystemCost:
    """One system. `others` is the mean number of other systems that a change touches; None without any change."""

    name: str
    changes: int
    alone: int
    touched: int
    a_month: float
    costliest: bool = False
    has_code: bool = True

    @property
    def others(self) -> float | None:
        return self.touched / self.changes if self.changes else None

    @property
    def alone_share(self) -> float | None:
        """The percentage of its changes that touched no other system; None without any change."""
        return 100 * self.alone / self.changes if self.changes else None

    @property
    def system_changes(self) -> int:
        """changes x (1 + others), which is a whole number."""
        return self.changes + self.touched

    @property
    def state(self) -> State:
        if not self.has_code:
            return "not known"
        return "measured" if self.changes >= MIN_CHANGES else "too few changes to say"

    @property
    def is_placed(self) -> bool:
        """Whether it has changes enough to be drawn as a point."""
        return self.changes >= MIN_PLACED


@dataclass(frozen=True)
class Pair:
    """Two systems that changed in the same commits. `share` is percent of the mean of their changes."""

    a: str
    b: str
    shared: int
    share: float
    commits: tuple[str, ...]
    enough: bool  # both have changes enough
    dependency: bool  # the inventory knows a dependency between them, in either direction

    @property
    def together(self) -> bool:
        """Whether they change together often enough to ask why."""
        return self.enough and self.share >= MIN_TOGETHER

    @property
    def unexplained(self) -> bool:
        """Whether they change together without a known dependency."""
        return self.together and not self.dependency


class CostOfChange:
    """What `survey` says of its systems; `inventory` names further systems, whose code nobody has located."""

    def __init__(self, survey: Mapping[str, Any], inventory: Iterable[str] = ()):
        self.survey = survey
        self.inventory = tuple(inventory)

    @cached_property
    def months(self) -> float:
        """The length of the window in months of 30.44 days; at least a day's."""
        days = (_day(self.survey["until"]) - _day(self.survey["since"])).days
        return max(days, 1) / DAYS_A_MONTH

    @cached_property
    def systems(self) -> list[SystemCost]:
        """Every system, most system changes first: the measured, those of too few changes, the unknown."""
        every = [
            self._cost(system, costliest=system["name"] in self.costliest)
            for system in self.survey["systems"]
        ]
        known = {cost.name for cost in every}
        every += [
            SystemCost(name, 0, 0, 0, 0.0, has_code=False) for name in self.inventory if name not in known
        ]
        states = ("measured", "too few changes to say", "not known")
        return sorted(every, key=lambda cost: (states.index(cost.state), *_most_first(cost)))

    @cached_property
    def costliest(self) -> list[str]:
        """The fewest systems that carry half of all system changes, the costliest first; of measured systems."""
        carried, names = 0, []
        for cost in self._measured:
            if carried >= COSTLY_SHARE * self.system_changes:
                break
            carried += cost.system_changes
            names.append(cost.name)
        return names

    @cached_property
    def system_changes(self) -> int:
        """The system changes of all measured systems."""
        return sum(cost.system_changes for cost in self._measured)

    @property
    def costliest_share(self) -> float | None:
        """The percentage of all system changes that the costliest carry; None without a measured system."""
        carried = sum(cost.system_changes for cost in self._measured if cost.name in self.costliest)
        return 100 * carried / self.system_changes if self.system_changes else None

    def pairs_together(self, dependencies: Iterable[tuple[str, str]] = ()) -> list[Pair]:
        """Return every pair of at least 5 shared changes: those that change together first, then by share.

        `dependencies` are the inventory's, as (from, to); either direction explains a pair.
        """
        known = {frozenset(pair) for pair in dependencies}
        changes = {system["name"]: system["changes"] for system in self.survey["systems"]}
        pairs = [
            self._pair(pair, changes, known) for pair in self.survey["pairs"] if pair["shared"] >= MIN_SHARED
        ]
        return sorted(pairs, key=lambda pair: (not pair.enough, -pair.share, -pair.shared, pair.a, pair.b))

    def within_one_system(self) -> list[tuple[date, float]]:
        """Return (first day of a month, percent of its changes that stayed within one system), oldest first.

        Left out are months of fewer than 10 changes, and those that the window doesn't hold whole.
        """
        since, until = _day(self.survey["since"]), _day(self.survey["until"])
        return [
            (first, round(100 * counts["alone"] / counts["changes"], 1))
            for month, counts in sorted(self.survey["months"].items())
            for first in [date.fromisoformat(f"{month}-01")]
            if counts["changes"] >= MIN_CHANGES and since <= first and _next_month(first) <= until
        ]

    def is_clone_old(self) -> bool:
        """Return whether the clone's newest commit was older than 90 days when it was surveyed.

        Then the repository is at rest, or the clone is; only a person can say which.
        """
        return _day(self.survey["taken_on"]) - _day(self.survey["head_on"]) > timedelta(days=FRESH_DAYS)

    @cached_property
    def _measured(self) -> list[SystemCost]:
        costs = [self._cost(system) for system in self.survey["systems"]]
        return sorted((cost for cost in costs if cost.state == "measured"), key=_most_first)

    def _cost(self, system: Mapping[str, Any], costliest: bool = False) -> SystemCost:
        changes = system["changes"]
        a_month = changes / self.months
        return SystemCost(system["name"], changes, system["alone"], system["touched"], a_month, costliest)

    def _pair(self, pair: Mapping[str, Any], changes: Mapping[str, int], known: set[frozenset[str]]) -> Pair:
        a, b, shared = pair["a"], pair["b"], pair["shared"]
        share = 100 * shared / ((changes[a] + changes[b]) / 2)
        enough = min(changes[a], changes[b]) >= MIN_CHANGES
        return Pair(a, b, shared, share, tuple(pair["commits"]), enough, frozenset((a, b)) in known)


def as_dict(
    costs: CostOfChange, propagation: Propagation, dependencies: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Return the answer for JSON: what was read and left out, systems, pairs and the whole; figures to 2 places."""
    return {
        **{
            key: costs.survey[key]
            for key in ("repository", "head", "since", "until", "read", "counted", "left_out")
        },
        "systems": [
            {
                "name": cost.name,
                "state": cost.state,
                "changes": cost.changes,
                "changes_a_month": round(cost.a_month, 2),
                "alone": cost.alone,
                "others": _round(cost.others),
                "system_changes": cost.system_changes,
                "costliest": cost.costliest,
            }
            for cost in costs.systems
        ],
        "costliest_share": _round(costs.costliest_share),
        "pairs": [
            {
                "a": pair.a,
                "b": pair.b,
                "shared": pair.shared,
                "share": round(pair.share, 2),
                "together": pair.together,
                "dependency": pair.dependency,
                "commits": list(pair.commits),
            }
            for pair in costs.pairs_together(dependencies)
        ],
        "within_one_system": [[first.isoformat(), share] for first, share in costs.within_one_system()],
        "propagation_cost": _round(propagation.cost),
        "at_least": propagation.at_least,
        "undeclared": list(propagation.undeclared),
        "largest_loop": list(propagation.largest_loop),
    }


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 2)


def _most_first(cost: SystemCost) -> tuple[int, str, str]:
    return -cost.system_changes, cost.name.casefold(), cost.name


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
