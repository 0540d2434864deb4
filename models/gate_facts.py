"""The facts that a gate asks for, and what a state says of them of a replacement on a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.contract_states import ContractState
from models.replacements import Replacement


@dataclass(frozen=True)
class ContractFacts:
    """What is known of a contract on a date: its name, its state, the keys of what breaks it and of what may break it.

    `state` is one of "draft", "stable", "broken", "inconclusive", "out of date" and "not known".
    """

    name: str
    state: str
    breaking: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True)
class RehearsalFacts:
    on: date
    worked: bool
    minutes: int | None = None


@dataclass(frozen=True)
class ProofFacts:
    """A proof that wasn't withdrawn; see `models.replacements.Proof`."""

    id: int
    kind: str
    on: date
    outcome: str
    n: int | None = None
    bad: int | None = None
    seconds: int | None = None


@dataclass(frozen=True)
class MetricState:
    """The workflow's metric on a date: `values` since the first share (None without a share), and what its verdict
    then says of it being worse.

    `worse` is "confirmed", "leaning" or "" for anything else.
    """

    name: str
    seal: str
    baseline_points: int
    last_on: date | None
    is_stale: bool
    values: int | None
    worse: str


@dataclass(frozen=True)
class WaiverFacts:
    """A waiver in force. `covers` holds the keys of a check (`Check.keys`) that it was granted for."""

    check: str
    covers: frozenset[str]
    reason: str
    approver: str
    until: date


@dataclass(frozen=True)
class GateFacts:
    """All that the gate of one replacement asks for."""

    name: str
    contract: ContractFacts | None
    fallback: str | None
    rehearsals: Sequence[RehearsalFacts]
    proofs: Sequence[ProofFacts]
    needs_breaker: bool
    no_breaker_reason: str | None
    metric: MetricState | None
    waivers: Sequence[WaiverFacts] = ()


def contract_facts(replacement: Replacement, on: date) -> ContractFacts | None:
    """Return the state of the contract that a replacement names, and what breaks or may break it; None without one."""
    contract = replacement.contract
    if contract is None:
        return None
    status = contract.status(on)
    if status.state not in (ContractState.BROKEN, ContractState.INCONCLUSIVE):
        return ContractFacts(contract.name, status.state.value)
    newest = [row for row in contract.facts() if row.received_on <= on][-1]
    # No waiver can name what was too much to list, so it is waived by its number: one more opens the question again.
    doubtful = (*newest.doubtful, *([f"{newest.unlisted} not listed"] if newest.unlisted else []))
    return ContractFacts(contract.name, status.state.value, newest.breaking, doubtful)


def facts_of(replacement: Replacement, on: date, metric: MetricState | None) -> GateFacts:
    """Return the facts of a replacement's gate on a date. `metric` is judged from measurements, which no state holds."""
    return GateFacts(
        name=replacement.name,
        contract=contract_facts(replacement, on),
        fallback=replacement.workflow.fallback,
        rehearsals=[
            RehearsalFacts(row.rehearsed_on, not row.failed, row.minutes)
            for row in replacement.workflow.rehearsals
        ],
        proofs=[
            ProofFacts(proof.id, proof.kind, proof.on, proof.outcome, proof.n, proof.bad, proof.seconds)
            for proof in replacement.proofs
            if proof.withdrawn_on is None
        ],
        needs_breaker=replacement.needs_breaker,
        no_breaker_reason=replacement.no_breaker_reason,
        metric=metric,
        waivers=[
            WaiverFacts(row.check, row.covered, row.reason, row.approver, row.expires_on)
            for row in replacement.waivers
            if row.is_in_force(on)
        ],
    )


def first_share_on(replacement: Replacement) -> date | None:
    """Return the date on which the new part first answered anything, or None."""
    return min((share.on for share in replacement.shares if share.percent > 0), default=None)
