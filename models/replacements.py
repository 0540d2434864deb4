"""Replacements: an old system handing the work of one workflow to a new one, its shares, proofs, waivers and cutovers."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, to_many, to_one

if TYPE_CHECKING:
    from models.contracts import Contract
    from models.inventory import System
    from models.workflows import Workflow

ROLLBACK, BREAKER, COMPARISON, TRACES = PROOF_KINDS = ("rollback", "breaker", "comparison", "traces")
PASSED, FAILED, INCONCLUSIVE = PROOF_OUTCOMES = ("passed", "failed", "inconclusive")
FULL = 100.0
"""Percent: the new part answers everything."""


class Replacement(Part):
    """One old system handing the work of one workflow to one new system.

    `how_back` is how to go back, in words. `no_breaker_reason` is why no circuit breaker is needed, where `needs_breaker`
    is false. From `no_return_on` on, going back loses data. `retire_by` is when the old part should be switched off,
    `retired_on` when it was.
    """

    __tablename__ = "replacement"
    __table_args__ = (
        UniqueConstraint("engagement_id", "name"),
        CheckConstraint("old_id <> new_id", name="not_itself"),
    )

    name: Mapped[str]
    workflow_id: Mapped[int] = mapped_column(ForeignKey("workflow.id"), index=True)
    old_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)
    new_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)
    how_back: Mapped[str | None]
    needs_breaker: Mapped[bool] = mapped_column(default=True)
    no_breaker_reason: Mapped[str | None]
    retire_by: Mapped[date]
    retired_on: Mapped[date | None]
    no_return_on: Mapped[date | None]

    workflow: Mapped[Workflow] = to_one("Replacement.workflow_id")
    old: Mapped[System] = to_one("Replacement.old_id")
    new: Mapped[System] = to_one("Replacement.new_id")
    contract: Mapped[Contract | None] = to_one("Replacement.contract_id")
    shares: Mapped[list[Share]] = to_many("Share.replacement_id")
    proofs: Mapped[list[Proof]] = to_many("Proof.replacement_id")
    waivers: Mapped[list[GateWaiver]] = to_many("GateWaiver.replacement_id")
    cutovers: Mapped[list[Cutover]] = to_many("Cutover.replacement_id")


class Share(Part):
    """What percentage of the work the new part answered since a date: a fact, which no rule refuses."""

    __tablename__ = "share"
    __table_args__ = (
        UniqueConstraint("replacement_id", "on"),
        CheckConstraint("percent between 0 and 100", name="percent"),
    )

    replacement_id: Mapped[int] = mapped_column(ForeignKey("replacement.id"), index=True)
    on: Mapped[date]
    percent: Mapped[float]
    why: Mapped[str | None]


class Proof(Part):
    """A dated try of something that the gate asks for.

    Of a comparison, `n` answers were compared and `bad` of them differed; of traces, `n` is the number of calls and
    `edges` (JSON) who called whom how often. `seconds` is how long the try took.
    """

    __tablename__ = "proof"
    __table_args__ = (
        CheckConstraint("kind in ('rollback', 'breaker', 'comparison', 'traces')", name="kind"),
        CheckConstraint("outcome in ('passed', 'failed', 'inconclusive')", name="outcome"),
    )

    replacement_id: Mapped[int] = mapped_column(ForeignKey("replacement.id"), index=True)
    kind: Mapped[str]
    on: Mapped[date]
    outcome: Mapped[str]
    n: Mapped[int | None]
    bad: Mapped[int | None]
    seconds: Mapped[int | None]
    link: Mapped[str | None]
    note: Mapped[str | None]
    edges: Mapped[str | None]
    withdrawn_on: Mapped[date | None]


class GateWaiver(Part):
    """A named check that somebody approved to pass over until a date, for what it covers (`covers`, JSON: keys)."""

    __tablename__ = "gate_waiver"

    replacement_id: Mapped[int] = mapped_column(ForeignKey("replacement.id"), index=True)
    check: Mapped[str]
    covers: Mapped[str]
    reason: Mapped[str]
    approver: Mapped[str]
    granted_on: Mapped[date]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]

    @property
    def covered(self) -> frozenset[str]:
        """The keys that it covers."""
        return frozenset(json.loads(self.covers))

    def is_in_force(self, on: date) -> bool:
        """Return whether it applies on that date; on its last day it still does."""
        is_revoked = self.revoked_on is not None and self.revoked_on <= on
        return self.granted_on <= on <= self.expires_on and not is_revoked


class Cutover(Part):
    """The approval of a full cutover, with the gate as it was shown and as it was. Append-only.

    `gate` is JSON, `digest` its SHA-256, and `revision` the engagement's revision that it was computed at.
    """

    __tablename__ = "cutover"

    replacement_id: Mapped[int] = mapped_column(ForeignKey("replacement.id"), index=True)
    approved_by: Mapped[str]
    approved_on: Mapped[date]
    gate: Mapped[str]
    digest: Mapped[str]
    revision: Mapped[int]

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each check when it was approved, by the check's name."""
        return {check["name"]: check["outcome"] for check in json.loads(self.gate)["checks"]}


class GateAddress(Base):
    """A secret address at which a program without a token asks one replacement's gate. Only its hash is stored."""

    __tablename__ = "gate_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    replacement_id: Mapped[int] = mapped_column(ForeignKey("replacement.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
