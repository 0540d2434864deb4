"""What a change costs, made of a state: its newest surveys, the list and the points of the picture, and who answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from analysis.cost_of_change import CostOfChange, Pair, SystemCost
from analysis.coupling import Coupling, Propagation
from models.costly_systems import responses
from models.engagement import Engagement
from models.inventory import System
from models.names import normalize_name
from models.surveys import Survey, newest_surveys
from models.wording import count, day_month, join_list


def dependency_pairs(engagement: Engagement) -> list[tuple[str, str]]:
    """Return the dependencies that the inventory knows, as (from, to)."""
    return [(row.source.name, row.target.name) for row in engagement.dependencies]


def propagation(engagement: Engagement) -> Propagation:
    """Return the propagation cost and the largest loop of the inventory."""
    of = Coupling([row.name for row in engagement.systems], dependency_pairs(engagement))
    return of.propagation(row.name for row in engagement.systems if row.standalone)


COLUMNS = ["name", "a_month", "others", "system_changes", "costliest", "tooltip", "href"]


def repositories(engagement: Engagement) -> list[Survey]:
    """Return the newest survey of each repository, by the repository's name."""
    return newest_surveys(engagement.surveys)


def costs_of(engagement: Engagement, survey: Survey) -> CostOfChange:
    """Return what a survey says of the inventory's systems."""
    return survey.costs(tuple(row.name for row in engagement.systems))


def headline(costs: CostOfChange) -> str:
    """Return the picture's sentence: how many systems carry how much of what a change costs."""
    measured, share = sum(cost.state == "measured" for cost in costs.systems), costs.costliest_share
    if share is None:
        return "Too few changes to say what a change costs"
    verb = "carries" if len(costs.costliest) == 1 else "carry"
    return f"What a change costs: {len(costs.costliest)} of {count(measured, 'system')} {verb} {share:.0f} % of it"


def scope(survey: Survey) -> str:
    """Return what the survey is of, and what it leaves out."""
    left_out: dict[str, int] = json.loads(survey.left_out)
    parts = [f"{reason} {number:,}" for reason, number in left_out.items() if number]
    window = f"{_month(survey.since)} to {_month(survey.until)}"
    return (
        f"{survey.repository}, {window}: {survey.counted:,} of {count(survey.read, 'commit')} counted"
        f"{'; left out: ' + ', '.join(parts) if parts else ''}. Surveyed {day_month(survey.taken_on)} "
        f"{survey.taken_on.year} at {survey.head[:10]}."
    )


def clone_to_check(costs: CostOfChange) -> str:
    """Return what to check where the newest commit was old already when the clone was surveyed, else ""."""
    if not costs.is_clone_old():
        return ""
    newest = date.fromisoformat(costs.survey["head_on"])
    return (
        f"The clone's newest commit is of {day_month(newest)} {newest.year}: fetch the clone and survey it again, "
        "unless nobody has changed the repository since."
    )


def _month(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%b %Y}"


def points(costs: CostOfChange, links: Mapping[str, str]) -> pd.DataFrame:
    """Return the systems with changes enough to be drawn, the costliest first: the columns COLUMNS.

    `links` has the address of each system's evidence by `normalize_name` of its name.
    """
    rows = [
        (
            cost.name,
            cost.a_month,
            cost.others,
            cost.system_changes / costs.months,
            cost.costliest,
            _tooltip(cost, costs.months),
            links.get(normalize_name(cost.name), ""),
        )
        for cost in costs.systems
        if cost.is_placed
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _tooltip(cost: SystemCost, months: float) -> str:
    lines = (
        cost.name,
        f"{cost.a_month:.1f} changes a month",
        f"{cost.others:.1f} other systems touched by each",
        f"{cost.system_changes / months:.1f} system changes a month",
    )
    return "\n".join(lines)


@dataclass(frozen=True)
class Evidence:
    """What the newest survey of one repository says of one system. `pairs` are those that it changed together with."""

    survey: Survey
    cost: SystemCost
    pairs: list[Pair]

    @property
    def sentence(self) -> str:
        """How often it changes, and what each change touches."""
        cost = self.cost
        if not cost.changes:
            return "No change of it was counted."
        others = "" if cost.others is None else f"; each touches {cost.others:.1f} other systems on average"
        return (
            f"{count(cost.changes, 'change')}, {cost.a_month:.1f} a month, of which {cost.alone:,} stayed within it"
            f"{others}: {cost.system_changes:,} system changes{', among the costliest' if cost.costliest else ''}."
        )

    def other(self, pair: Pair) -> str:
        """Return the other system of a pair."""
        return pair.b if normalize_name(pair.a) == normalize_name(self.cost.name) else pair.a


def evidence_of(engagement: Engagement, system: System) -> list[Evidence]:
    """Return what the newest survey of each repository that holds code of this system says of it."""
    name, evidence = normalize_name(system.name), []
    for survey in repositories(engagement):
        costs = costs_of(engagement, survey)
        own = [cost for cost in costs.systems if cost.has_code and normalize_name(cost.name) == name]
        pairs = costs.pairs_together(dependency_pairs(engagement)) if own else []
        with_it = [pair for pair in pairs if name in (normalize_name(pair.a), normalize_name(pair.b))]
        evidence += [Evidence(survey, cost, with_it) for cost in own]
    return evidence


def list_rows(engagement: Engagement, costs: CostOfChange) -> list[dict[str, Any]]:
    """Return the list beside the picture: every system, the costliest first, and what was done about those."""
    systems = {normalize_name(row.name): row for row in engagement.systems}
    rows = []
    for cost in costs.systems:
        system = systems.get(normalize_name(cost.name))
        records = responses(engagement, system) if system is not None and cost.costliest else ()
        answer = join_list([f"{each.kind} “{each.title}”" for each in records], most=2)
        rows.append(
            {
                "system": system,
                "name": cost.name,
                "mark": "costliest" if cost.costliest else "" if cost.state == "measured" else cost.state,
                "changes": f"{cost.a_month:.1f}" if cost.has_code else "",
                "others": "" if cost.others is None else f"{cost.others:.1f}",
                "system_changes": f"{cost.system_changes:,}" if cost.has_code else "",
                "answer": answer if records else "nothing answers it yet" if cost.costliest else "",
            }
        )
    return rows


def unexplained_pairs(engagement: Engagement, costs: CostOfChange) -> list[Pair]:
    """Return the pairs that change together without a known dependency, the strongest first."""
    return [pair for pair in costs.pairs_together(dependency_pairs(engagement)) if pair.unexplained]


def propagation_sentence(engagement: Engagement) -> str:
    """Return how far a change reaches through the dependencies, in one sentence."""
    whole = propagation(engagement)
    if whole.cost is None:
        return ""
    least = "at least " if whole.at_least else ""
    text = f"A change reaches {least}{whole.cost:.1f} % of the systems on average, its own included"
    loop = (
        f"the largest loop has {count(len(whole.largest_loop), 'system')}"
        if whole.largest_loop
        else "no loop"
    )
    missing = (
        f"; {count(len(whole.undeclared), 'system')} without declared dependencies" if whole.at_least else ""
    )
    return f"{text}; {loop}{missing}."
