"""What traces saw beside what the inventory declares: proposals of dependencies, and names that it doesn't know."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from models.engagement import Engagement
from models.gate import TRACED_WITHIN_DAYS
from models.inventory import System
from models.names import normalize_name
from models.replacements import TRACES, Proof


@dataclass(frozen=True)
class SeenCall:
    """A call between two systems of the inventory that no dependency declares, and how often it was seen."""

    caller: System
    called: System
    calls: int


@dataclass(frozen=True)
class SeenInTraces:
    """What a proof of traces saw that the inventory doesn't have: calls, and names of services that are no system."""

    proposals: list[SeenCall]
    unknown: list[str]


def seen_in(engagement: Engagement, proofs: Iterable[Proof]) -> SeenInTraces:
    """Return what these proofs of traces saw that the inventory of the state doesn't have."""
    systems = {normalize_name(system.name): system for system in engagement.systems}
    declared = {(row.from_id, row.to_id) for row in engagement.dependencies}
    calls: dict[tuple[int, int], SeenCall] = {}
    unknown: dict[str, None] = {}
    for caller, called, number in (edge for proof in proofs for edge in edges_in(proof)):
        ends = [systems.get(normalize_name(name)) for name in (caller, called)]
        unknown |= {name: None for name, system in zip((caller, called), ends, strict=True) if system is None}
        first, second = ends
        if first is None or second is None or first is second or (first.id, second.id) in declared:
            continue
        before = calls.get((first.id, second.id))
        calls[first.id, second.id] = SeenCall(first, second, number + (before.calls if before else 0))
    return SeenInTraces(sorted(calls.values(), key=lambda call: -call.calls), sorted(unknown))


def edges_in(proof: Proof) -> list[tuple[str, str, int]]:
    """Return the caller, the called and the number of calls of each edge that a proof of traces saw."""
    return [(caller, called, calls) for caller, called, calls in json.loads(proof.edges or "[]")]


def newest_traces(engagement: Engagement, on: date) -> list[Proof]:
    """Return the newest traces of each replacement up to a date, unless they are out of date."""
    tracing = []
    for replacement in engagement.replacements:
        proofs = [
            proof
            for proof in replacement.proofs
            if proof.kind == TRACES and proof.withdrawn_on is None and proof.on <= on
        ]
        newest = max(proofs, key=lambda proof: (proof.on, proof.id), default=None)
        if newest is not None and newest.on >= on - timedelta(days=TRACED_WITHIN_DAYS):
            tracing.append(newest)
    return tracing
