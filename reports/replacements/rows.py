"""Replacements as the page shows them: one row each, with its share, its checks and the one sentence that matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.engagement import Engagement
from models.gate import LABELS, CheckOutcome, Gate, missing_text
from models.quantity_text import format_duration
from models.replacement_states import (
    CUT_OVER_WITHIN_DAYS,
    ReplacementState,
    ReplacementStatus,
    headline,
    percent,
    replacement_status,
)
from models.replacements import COMPARISON, TRACES, Proof, Replacement
from models.status import Status
from models.summary import Summary
from models.unit_table import DURATIONS
from models.wording import count, day_month, upper_first
from reports.charts.theme import AMBER, GREEN, GREY, RED, Mark

MARKS = {
    CheckOutcome.PASSED: Mark("●", "passed", GREEN),
    CheckOutcome.FAILED: Mark("◆", "failed", RED),
    CheckOutcome.OUT_OF_DATE: Mark("▲", "out of date", AMBER),
    CheckOutcome.INCONCLUSIVE: Mark("△", "inconclusive", AMBER),
    CheckOutcome.NOT_KNOWN: Mark("■", "not known", GREY),
    CheckOutcome.WAIVED: Mark("○", "waived", GREY),
}
"""How each outcome is marked: always with its word in the legend and for who can't see it."""
GONE = (ReplacementState.CUT_OVER, ReplacementState.TO_BE_RETIRED, ReplacementState.RETIRED)


@dataclass(frozen=True)
class ReplacementRow:
    """A replacement with its status, its gate, and the sentence below its bar with the status that colours it."""

    replacement: Replacement
    status: ReplacementStatus
    gate: Gate
    sentence: str
    tone: Status

    @property
    def share_text(self) -> str:
        return percent(self.status.share)


def rows_of(
    engagement: Engagement, summary: Summary, gates: Mapping[int, Gate], on: date
) -> list[ReplacementRow]:
    """Return a row for each replacement, the furthest moved first."""
    facts = {row.id: row for row in summary.replacements}
    rows = [
        _row(row, replacement_status(facts[row.id], on), gates[row.id], on) for row in engagement.replacements
    ]
    return sorted(rows, key=lambda row: (-row.status.share, row.replacement.id))


def _row(replacement: Replacement, status: ReplacementStatus, gate: Gate, on: date) -> ReplacementRow:
    sentence, tone = _sentence(replacement, status, gate, on)
    return ReplacementRow(replacement, status, gate, sentence, tone)


def _sentence(
    replacement: Replacement, status: ReplacementStatus, gate: Gate, on: date
) -> tuple[str, Status]:
    """Return the one thing that a reader has to know, and the status that it is coloured with."""
    if status.state in GONE:
        return headline(status, replacement.old.name, on), status.status
    if status.state is ReplacementState.UNGATED:
        why = missing_text(gate) if gate.missing else "nobody approved it"
        return f"Cut over without an open gate: {why}", Status.OFF_TRACK
    if gate.open:
        approved = unused_approval(replacement, on)
        if approved is not None:
            until = day_month(approved + timedelta(days=CUT_OVER_WITHIN_DAYS))
            return f"Approved on {day_month(approved)}: may cut over until {until}", Status.ON_TRACK
        return "May cut over: every check passed or is waived", Status.ON_TRACK
    begun = status.state in (ReplacementState.SHIFTING, ReplacementState.ROLLED_BACK)
    if not begun and gate.missing[0].outcome is CheckOutcome.NOT_KNOWN:
        return f"Not known: {missing_text(gate)}", Status.NOT_KNOWN
    return f"Not yet: {missing_text(gate)}", Status.OFF_TRACK


def unused_approval(replacement: Replacement, on: date) -> date | None:
    """Return the day of the newest approval if it hasn't lapsed and no full share used it, else None."""
    approved = max((row.approved_on for row in replacement.cutovers if row.approved_on <= on), default=None)
    if approved is None or on > approved + timedelta(days=CUT_OVER_WITHIN_DAYS):
        return None
    used = any(share.percent >= 100 and approved <= share.on <= on for share in replacement.shares)
    return None if used else approved


def page_title(rows: list[ReplacementRow]) -> str:
    """Return the title of the page: "Replacements: 1 of 4 cut over, 2 shifting; none may cut over today"."""
    if not rows:
        return "Replacements"
    done = sum(row.status.state in GONE for row in rows)
    moving = sum(row.status.state is ReplacementState.SHIFTING for row in rows)
    back = sum(row.status.state is ReplacementState.ROLLED_BACK for row in rows)
    ungated = sum(row.status.state is ReplacementState.UNGATED for row in rows)
    waiting = [row for row in rows if row.status.state not in (*GONE, ReplacementState.UNGATED)]
    ready = sum(row.gate.open for row in waiting)
    text = f"Replacements: {done} of {len(rows)} cut over"
    text += f", {moving} shifting" * bool(moving) + f", {back} rolled back" * bool(back)
    text += f", {ungated} without an open gate" * bool(ungated)
    if not waiting:
        return text
    return f"{text}; {ready or 'none'} may cut over today"


@dataclass(frozen=True)
class HistoryEntry:
    """Something that happened to a replacement."""

    on: date
    what: str
    detail: str


def history(replacement: Replacement) -> list[HistoryEntry]:
    """Return what happened, the newest first."""
    entries = [
        HistoryEntry(row.on, f"Share {percent(row.percent)}", row.why or "") for row in replacement.shares
    ]
    entries += [HistoryEntry(row.on, _proof_title(row), _proof_detail(row)) for row in replacement.proofs]
    entries += [
        HistoryEntry(
            row.granted_on,
            f"Waived: {LABELS[row.check]}, until {day_month(row.expires_on)}",
            f"{row.approver}: {row.reason}"
            + (f" (revoked {day_month(row.revoked_on)})" if row.revoked_on else ""),
        )
        for row in replacement.waivers
    ]
    entries += [
        HistoryEntry(row.approved_on, "Cutover approved", f"by {row.approved_by}, at revision {row.revision}")
        for row in replacement.cutovers
    ]
    if replacement.retired_on:
        entries.append(HistoryEntry(replacement.retired_on, "Old part switched off", replacement.old.name))
    return sorted(entries, key=lambda entry: entry.on, reverse=True)


def _proof_title(proof: Proof) -> str:
    withdrawn = f" (withdrawn {day_month(proof.withdrawn_on)})" if proof.withdrawn_on else ""
    return f"{upper_first(proof.kind)}: {proof.outcome}{withdrawn}"


def _proof_detail(proof: Proof) -> str:
    parts = []
    if proof.kind == COMPARISON and proof.n is not None:
        parts.append(f"{proof.bad or 0:,} of {proof.n:,} answers differ")
    if proof.kind == TRACES:
        parts.append(f"{count(proof.n or 0, 'call')} in {(proof.seconds or 0) // 86_400} days")
    elif proof.seconds is not None:
        parts.append(format_duration(proof.seconds, DURATIONS["s"]))
    return "; ".join([*parts, *filter(None, [proof.note])])
