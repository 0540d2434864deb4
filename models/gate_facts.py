"""The facts of a gate: what a state says of a replacement on a date."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from models.contract_states import ContractState
from models.engagement import Engagement
from models.gate import ContractFacts, GateFacts, MetricState, ProofFacts, RehearsalFacts, WaiverFacts
from models.replacements import Replacement


class ContractRule(Protocol):
    """Returns what is known of a replacement's contract on a date, None if no contract is named."""

    def __call__(
        self, engagement: Engagement, replacement: Replacement, on: date
    ) -> ContractFacts | None: ...


def contract_not_known(engagement: Engagement, replacement: Replacement, on: date) -> ContractFacts | None:
    """Return that nothing is known of a contract that is named: it was removed, or a test has none."""
    if replacement.contract_id is None:
        return None
    return ContractFacts("the contract", "not known")


def contract_state(engagement: Engagement, replacement: Replacement, on: date) -> ContractFacts | None:
    """Return the state of the contract that a replacement names, and the keys of what breaks it."""
    contract = next((row for row in engagement.contracts if row.id == replacement.contract_id), None)
    if contract is None:
        return contract_not_known(engagement, replacement, on)
    status = contract.status(on)
    return ContractFacts(
        contract.name, status.state.value, status.keys if status.state is ContractState.BROKEN else ()
    )


contract_rule: ContractRule = contract_state


def facts_of(
    engagement: Engagement,
    replacement: Replacement,
    on: date,
    metric: MetricState | None,
    contract: ContractRule | None = None,
) -> GateFacts:
    """Return the facts of a replacement's gate on a date. `metric` is judged from measurements, which no state holds."""
    return GateFacts(
        name=replacement.name,
        contract=(contract or contract_rule)(engagement, replacement, on),
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
