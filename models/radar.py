"""The radar of the firm: which tools were judged by use, in which engagements, and what that came to.

A tool's ring comes from its newest trials: *adopt*: its decision was made and it is first at equal weight of build and
debug; *trial*: it is being compared, or is first only at some weights; *assess*: it was tried, but not comparably yet;
*hold*: the decision was made and it is first at no weight. Nobody puts a tool into a ring by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from analysis.trials import ToolComparison, compare_trials
from models.decisions import Decision
from models.summary import ToolFacts

RINGS = ["adopt", "trial", "assess", "hold"]


@dataclass(frozen=True)
class Evidence:
    """One engagement's trials of a tool, with its slug and name."""

    slug: str
    engagement: str
    facts: ToolFacts


@dataclass(frozen=True)
class Blip:
    """A tool on the radar, and what it rests on, the newest first: its ring is that of the first."""

    tool: str
    ring: str
    evidence: tuple[Evidence, ...]


def tool_facts(decision: Decision) -> list[ToolFacts]:
    """Return what a decision's trials say of each tool."""
    if not decision.trials:
        return []
    comparison = comparison_of(decision)
    return [
        ToolFacts(
            tool=tool,
            ring=_ring(tool, comparison, decided=not decision.is_open),
            on=max(trial.on for trial in decision.trials if trial.tool == tool),
            decision_id=decision.id,
            decision=decision.title,
            sentence=comparison.sentence,
        )
        for tool in comparison.tools
    ]


def comparison_of(decision: Decision) -> ToolComparison:
    """Return what the trials of a decision come to."""
    return compare_trials(trial.timed() for trial in decision.trials)


def _ring(tool: str, comparison: ToolComparison, *, decided: bool) -> str:
    if comparison.reasons:
        return "assess"
    if decided and comparison.winner == tool:
        return "adopt"
    ever_first = any(tool in stretch.tools for stretch in comparison.stretches)
    return "hold" if decided and not ever_first else "trial"


def radar(evidence: Iterable[Evidence], until: date) -> list[Blip]:
    """Return the tools tried up to a day, by ring and name; a tool of several engagements is one."""
    of_tool: dict[str, list[Evidence]] = {}
    for each in evidence:
        if each.facts.on <= until:
            of_tool.setdefault(each.facts.tool.casefold(), []).append(each)
    blips = []
    for entries in of_tool.values():
        entries.sort(key=lambda each: (each.facts.on, each.facts.decision_id), reverse=True)
        blips.append(Blip(entries[0].facts.tool, entries[0].facts.ring, tuple(entries)))
    return sorted(blips, key=lambda blip: (RINGS.index(blip.ring), blip.tool.casefold()))
