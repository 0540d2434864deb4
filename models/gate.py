"""The gate before a full cutover: seven checks over dated facts, as a pure function of the facts and a date.

It opens only when each check passed or is waived. What is not known, too old or inconclusive never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from models.gate_facts import ContractFacts, GateFacts, ProofFacts, WaiverFacts
from models.journal import canonical, sha256_of
from models.metrics import BASELINE_POINTS
from models.placeholders import is_evidence
from models.quantity_text import format_duration
from models.replacements import BREAKER, COMPARISON, FAILED, INCONCLUSIVE, ROLLBACK, TRACES
from models.status import Status
from models.unit_table import DURATIONS
from models.wording import count, day_month, days, join_list

# How long a try counts, in days.
TRIED_WITHIN_DAYS = 30
COMPARED_WITHIN_DAYS = 14
TRACED_WITHIN_DAYS = 7
# None of 1,000 different means fewer than 0.3% different with 95% confidence (the rule of three).
MIN_COMPARED = 1_000
MAX_DIFFERENT = 0.001
# Traces are sampled: among fewer calls, one that isn't there may only have been left out.
MIN_CALLS = 1_000
# Values of the metric since the first share from which one can say that it didn't get worse.
MIN_VALUES = 6
MAX_WAIVER_DAYS = 30


class CheckOutcome(StrEnum):
    """What a check came to, the worst first."""

    FAILED = "failed"
    NOT_KNOWN = "not known"
    OUT_OF_DATE = "out of date"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"
    PASSED = "passed"

    @property
    def status(self) -> Status:
        """The status whose colour it is shown with."""
        return _STATUS[self]


WORST_FIRST = list(CheckOutcome)
_STATUS = {
    CheckOutcome.FAILED: Status.OFF_TRACK,
    CheckOutcome.NOT_KNOWN: Status.NOT_KNOWN,
    CheckOutcome.OUT_OF_DATE: Status.AT_RISK,
    CheckOutcome.INCONCLUSIVE: Status.AT_RISK,
    CheckOutcome.WAIVED: Status.PLANNED,
    CheckOutcome.PASSED: Status.ON_TRACK,
}


@dataclass(frozen=True)
class Check:
    """One check: its name, what it came to, and why. A waiver covers its `keys`."""

    name: str
    outcome: CheckOutcome
    why: str
    keys: frozenset[str] = frozenset()

    @property
    def holds(self) -> bool:
        """Whether it lets the gate open."""
        return self.outcome in (CheckOutcome.PASSED, CheckOutcome.WAIVED)


@dataclass(frozen=True)
class Gate:
    """The seven checks of a replacement, in the order in which they are shown."""

    replacement: str
    checks: tuple[Check, ...]

    @property
    def open(self) -> bool:
        return all(check.holds for check in self.checks)

    @property
    def missing(self) -> list[Check]:
        """The checks that keep it closed, the worst first."""
        closed = [check for check in self.checks if not check.holds]
        return sorted(closed, key=lambda check: WORST_FIRST.index(check.outcome))

    @property
    def sentence(self) -> str:
        """Whether it may cut over, or what is missing."""
        if not self.open:
            why = "; ".join(check.why for check in self.missing)
            return f"“{self.replacement}” may not cut over yet: {why}."
        waived = [check for check in self.checks if check.outcome is CheckOutcome.WAIVED]
        if not waived:
            return f"“{self.replacement}” may cut over: all {len(self.checks)} checks passed."
        passed = count(len(self.checks) - len(waived), "check")
        return (
            f"“{self.replacement}” may cut over: {passed} passed, {'; '.join(check.why for check in waived)}."
        )

    def as_json(self) -> dict[str, Any]:
        """Return the answer for programs."""
        checks = [
            {"name": check.name, "outcome": check.outcome.value, "why": check.why} for check in self.checks
        ]
        return {"open": self.open, "sentence": self.sentence, "checks": checks}

    @property
    def digest(self) -> str:
        """The SHA-256 of all that it says: what was on screen when somebody approved."""
        return sha256_of(canonical(self.as_json()))


def gate(facts: GateFacts, on: date) -> Gate:
    """Return the gate of a replacement on a date. Facts dated later don't count."""
    return Gate(facts.name, tuple(_waived(rule(facts, on), facts.waivers) for rule in CHECKS.values()))


def _waived(check: Check, waivers: Iterable[WaiverFacts]) -> Check:
    """Return the check as waived if a waiver covers all that is wrong with it."""
    if check.outcome is CheckOutcome.PASSED:
        return check
    for waiver in waivers:
        if waiver.check == check.name and _covers(waiver, check):
            why = f"{LABELS[check.name]} waived by {waiver.approver} until {day_month(waiver.until)} ({check.why})"
            return replace(check, outcome=CheckOutcome.WAIVED, why=why)
    return check


def _covers(waiver: WaiverFacts, check: Check) -> bool:
    """Whether a waiver covers a check as it is. Named changes have to be covered each; else it may not be worse."""
    if check.keys:  # what may break was waived as a whole before its changes were named
        doubtful = check.outcome is CheckOutcome.INCONCLUSIVE
        return check.keys <= waiver.covers or (doubtful and check.outcome.value in waiver.covers)
    granted = [outcome for outcome in WORST_FIRST if outcome.value in waiver.covers]
    return bool(granted) and WORST_FIRST.index(check.outcome) >= WORST_FIRST.index(granted[0])


def keys_of(check: Check) -> frozenset[str]:
    """Return what a waiver of this check covers: the changes to a contract, each; else the outcome as it is."""
    return check.keys or frozenset({check.outcome.value})


def _contract(facts: GateFacts, on: date) -> Check:
    contract = facts.contract
    if contract is None:
        return Check("contract", CheckOutcome.NOT_KNOWN, "no contract is named")
    waivers = [row for row in facts.waivers if row.check == "contract"]
    if contract.state == "broken" and contract.breaking:
        return _doubtful_beside(contract, waivers) or _broken_contract(contract, waivers)
    if contract.state == "inconclusive" and contract.doubtful:
        return Check(
            "contract", CheckOutcome.INCONCLUSIVE, _may_break(contract), frozenset(contract.doubtful)
        )
    outcome, why = {
        "stable": (CheckOutcome.PASSED, "{} is frozen and nothing breaks it"),
        "broken": (CheckOutcome.FAILED, "a change breaks {}"),
        "draft": (CheckOutcome.FAILED, "{} isn't frozen"),
        "inconclusive": (CheckOutcome.INCONCLUSIVE, "a change may break {}"),
        "out of date": (CheckOutcome.OUT_OF_DATE, "{} wasn't compared lately with what runs"),
    }.get(contract.state, (CheckOutcome.NOT_KNOWN, "nothing is known of the state of {}"))
    return Check("contract", outcome, why.format(contract.name))


def _doubtful_beside(contract: ContractFacts, waivers: list[WaiverFacts]) -> Check | None:
    """Return what may break the contract where all that breaks it is waived; None where that isn't the question."""
    breaking, doubtful = frozenset(contract.breaking), frozenset(contract.doubtful)
    waiver = next((row for row in waivers if breaking <= row.covers), None)
    if waiver is None or any(doubtful <= row.covers for row in waivers):
        return None
    why = f"{_may_break(contract)} ({len(breaking)} that {'breaks' if len(breaking) == 1 else 'break'} it "
    why += f"waived by {waiver.approver} until {day_month(waiver.until)})"
    return Check("contract", CheckOutcome.INCONCLUSIVE, why, doubtful)


def _may_break(contract: ContractFacts) -> str:
    return f"{count(len(contract.doubtful), 'change')} may break {contract.name}"


def _broken_contract(contract: ContractFacts, waivers: list[WaiverFacts]) -> Check:
    """Name the changes that break it, and how many of them somebody waived: those may be fewer than all."""
    keys = frozenset(contract.breaking)
    waiver = max(waivers, key=lambda row: len(row.covers & keys), default=None)
    number = len(keys)
    why = f"{count(number, 'change')} {'breaks' if number == 1 else 'break'} {contract.name}"
    if waiver is not None and waiver.covers & keys and not keys <= waiver.covers:
        covered = len(waiver.covers & keys)
        why += f" ({covered} waived by {waiver.approver} until {day_month(waiver.until)})"
    return Check("contract", CheckOutcome.FAILED, why, keys)


def _fallback(facts: GateFacts, on: date) -> Check:
    name = "fallback"
    if not is_evidence(facts.fallback):
        return Check(name, CheckOutcome.NOT_KNOWN, "no manual fallback is described")
    rehearsed = [row for row in facts.rehearsals if row.on <= on]
    if not rehearsed:
        return Check(name, CheckOutcome.NOT_KNOWN, "the manual fallback was never rehearsed")
    newest = max(rehearsed, key=lambda row: row.on)
    if not newest.worked:
        return Check(name, CheckOutcome.FAILED, f"the fallback's rehearsal of {day_month(newest.on)} failed")
    if _is_old(newest.on, on, TRIED_WITHIN_DAYS):
        return Check(
            name,
            CheckOutcome.OUT_OF_DATE,
            f"the fallback was last rehearsed {days((on - newest.on).days)} ago",
        )
    took = "" if newest.minutes is None else f" in {newest.minutes} min"
    return Check(name, CheckOutcome.PASSED, f"the fallback was rehearsed on {day_month(newest.on)}{took}")


def _rollback(facts: GateFacts, on: date) -> Check:
    return _tried(facts, ROLLBACK, "going back was", on)


def _breaker(facts: GateFacts, on: date) -> Check:
    if not facts.needs_breaker and is_evidence(facts.no_breaker_reason):
        return Check(BREAKER, CheckOutcome.PASSED, f"no breaker is needed: {facts.no_breaker_reason}")
    return _tried(facts, BREAKER, "the circuit breaker was", on)


def _tried(facts: GateFacts, kind: str, what: str, on: date) -> Check:
    """The check of something that somebody tried: it passed within 30 days."""
    proof = _newest(facts, kind, on)
    if proof is None:
        return Check(kind, CheckOutcome.NOT_KNOWN, f"{what} never tested")
    when = day_month(proof.on)
    if proof.outcome == FAILED:
        return Check(kind, CheckOutcome.FAILED, f"{what} tested on {when} and failed")
    if _is_old(proof.on, on, TRIED_WITHIN_DAYS):
        return Check(kind, CheckOutcome.OUT_OF_DATE, f"{what} last tested {days((on - proof.on).days)} ago")
    if proof.outcome == INCONCLUSIVE:
        return Check(kind, CheckOutcome.INCONCLUSIVE, f"{what} tested on {when} without a clear result")
    took = "" if proof.seconds is None else f", in {format_duration(proof.seconds, DURATIONS['s'])}"
    return Check(kind, CheckOutcome.PASSED, f"{what} tested on {when}{took}")


def _comparison(facts: GateFacts, on: date) -> Check:
    proof = _newest(facts, COMPARISON, on)
    if proof is None:
        return Check(COMPARISON, CheckOutcome.NOT_KNOWN, "the answers of old and new were never compared")
    if proof.n and proof.bad is not None and proof.bad > MAX_DIFFERENT * proof.n:
        return Check(COMPARISON, CheckOutcome.FAILED, f"{proof.bad:,} of {proof.n:,} answers differ")
    if proof.outcome == FAILED:
        return Check(COMPARISON, CheckOutcome.FAILED, f"the comparison of {day_month(proof.on)} failed")
    if _is_old(proof.on, on, COMPARED_WITHIN_DAYS):
        ago = days((on - proof.on).days)
        return Check(COMPARISON, CheckOutcome.OUT_OF_DATE, f"answers were last compared {ago} ago")
    if proof.n is None or proof.bad is None:
        why = "the comparison doesn't say how many answers were compared and how many differ"
        return Check(COMPARISON, CheckOutcome.INCONCLUSIVE, why)
    if proof.n < MIN_COMPARED:
        why = f"{proof.n:,} of {MIN_COMPARED:,} answers compared"
        return Check(COMPARISON, CheckOutcome.INCONCLUSIVE, why)
    if proof.outcome == INCONCLUSIVE:
        why = f"the comparison of {day_month(proof.on)} had no clear result"
        return Check(COMPARISON, CheckOutcome.INCONCLUSIVE, why)
    return Check(COMPARISON, CheckOutcome.PASSED, f"{proof.bad:,} of {proof.n:,} answers differ")


def _traces(facts: GateFacts, on: date) -> Check:
    proof = _newest(facts, TRACES, on)
    if proof is None:
        return Check(TRACES, CheckOutcome.NOT_KNOWN, "no traces were read")
    # What was seen then says nothing of today, whichever way it went.
    if _is_old(proof.on, on, TRACED_WITHIN_DAYS):
        return Check(TRACES, CheckOutcome.OUT_OF_DATE, f"the traces are {days((on - proof.on).days)} old")
    calls = proof.n or 0
    if calls < MIN_CALLS:
        why = f"{calls:,} of {MIN_CALLS:,} calls seen in traces"
        return Check(TRACES, CheckOutcome.INCONCLUSIVE, why)
    if proof.outcome == FAILED:
        return Check(TRACES, CheckOutcome.FAILED, f"{calls:,} calls seen in traces, none of the new part's")
    if proof.outcome == INCONCLUSIVE:
        return Check(TRACES, CheckOutcome.INCONCLUSIVE, "the traces had no clear result")
    return Check(TRACES, CheckOutcome.PASSED, f"{calls:,} calls seen in traces up to {day_month(proof.on)}")


def _metric(facts: GateFacts, on: date) -> Check:
    metric = facts.metric
    if metric is None:
        return Check("metric", CheckOutcome.NOT_KNOWN, "no metric measures the workflow")
    name = f"“{metric.name}”"
    if metric.worse == "confirmed":
        return Check("metric", CheckOutcome.FAILED, f"{name} got worse")
    if metric.seal != "signed":
        signed = "was changed after signing" if metric.seal == "broken" else "isn't signed"
        return Check("metric", CheckOutcome.NOT_KNOWN, f"{name} {signed}")
    if metric.last_on is None:
        return Check("metric", CheckOutcome.NOT_KNOWN, f"{name} was never measured")
    if metric.baseline_points < BASELINE_POINTS:
        why = f"{metric.baseline_points} of {BASELINE_POINTS} points in the baseline of {name}"
        return Check("metric", CheckOutcome.NOT_KNOWN, why)
    if metric.is_stale:
        ago = days((on - metric.last_on).days)
        return Check("metric", CheckOutcome.OUT_OF_DATE, f"{name} was last measured {ago} ago")
    if metric.values is None:
        return Check("metric", CheckOutcome.INCONCLUSIVE, "no share of the work was moved yet")
    if metric.values < MIN_VALUES:
        why = f"{metric.values} of {MIN_VALUES} values of {name} since the first share"
        return Check("metric", CheckOutcome.INCONCLUSIVE, why)
    if metric.worse:
        return Check("metric", CheckOutcome.INCONCLUSIVE, f"{name} leans worse")
    return Check(
        "metric",
        CheckOutcome.PASSED,
        f"{name} didn't get worse in {metric.values} values since the first share",
    )


def _newest(facts: GateFacts, kind: str, on: date) -> ProofFacts | None:
    """Return the newest proof of a kind up to a date, of one day the one that was reported last."""
    proofs = [proof for proof in facts.proofs if proof.kind == kind and proof.on <= on]
    return max(proofs, key=lambda proof: (proof.on, proof.id), default=None)


def _is_old(when: date, on: date, within: int) -> bool:
    return (on - when).days > within


CHECKS: dict[str, Callable[[GateFacts, date], Check]] = {
    "contract": _contract,
    "fallback": _fallback,
    "rollback": _rollback,
    "breaker": _breaker,
    "comparison": _comparison,
    "traces": _traces,
    "metric": _metric,
}
LABELS = {
    "contract": "contract",
    "fallback": "fallback",
    "rollback": "going back",
    "breaker": "breaker",
    "comparison": "same answers",
    "traces": "traces",
    "metric": "metric",
}
"""What pages call the checks."""


def missing_text(gate: Gate) -> str:
    """Return the worst of what is missing in a few words, and how many more there are."""
    worst, *others = gate.missing
    same = [check.why for check in [worst, *others] if check.outcome is worst.outcome]
    return join_list(same, 2)
