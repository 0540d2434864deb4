"""Contracts: the versions of what a system promises to those that depend on it; contract_states.py has the rule."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Part, to_many, to_one
from models.contract_states import ContractState, ContractStatus, VersionFacts, contract_status

if TYPE_CHECKING:
    from models.inventory import System

__all__ = ["Contract", "ContractDocument", "ContractState", "ContractStatus", "ContractVersion", "VersionFacts",
           "contract_status"]  # fmt: skip

OPENAPI = "openapi"
MAX_FINDINGS = 500
"""Findings that a version keeps, the worst first; of the rest it keeps the counts."""


class Contract(Part):
    """What a system (the provider) promises, in documents of one kind."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("engagement_id", "name"),)

    name: Mapped[str]
    system_id: Mapped[int] = mapped_column(ForeignKey("system.id"), index=True)
    kind: Mapped[str]

    system: Mapped[System] = to_one("Contract.system_id")
    versions: Mapped[list[ContractVersion]] = to_many("ContractVersion.contract_id")

    def facts(self) -> list[VersionFacts]:
        """Return its versions as the rule needs them, in the order in which they came."""
        return [version.facts() for version in self.versions]

    def status(self, on: date, waived: Collection[str] = ()) -> ContractStatus:
        """Return its state on a date; `waived` as in `contract_status`."""
        return contract_status(self.facts(), on, waived)

    @property
    def frozen(self) -> ContractVersion | None:
        """The version that was frozen last, None while none is."""
        frozen = [version for version in self.versions if version.frozen_on is not None]
        return max(frozen, key=lambda version: (version.frozen_on, version.id), default=None)

    def compared_with(self, version: ContractVersion) -> str:
        """Return the label of the version that this one was compared with, "" for the first."""
        return next((row.label for row in self.versions if row.id == version.compared_with_id), "")

    def break_dates(self) -> list[date]:
        """Return the day of each version that broke something which the version before it hadn't broken."""
        before: set[str] = set()
        dates = []
        for version in self.versions:
            keys = set(version.facts().breaking)
            if keys - before:
                dates.append(version.received_on)
            before = keys
        return dates


class ContractVersion(Part):
    """One document of a contract, and how it differs from the version that it was compared with.

    That is the frozen version, or while none is frozen the version before; none for the first. `findings` is canonical
    JSON. Append-only but for the freezing, the label and `seen_on`.
    """

    __tablename__ = "contract_version"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    label: Mapped[str]
    digest: Mapped[str]
    received_on: Mapped[date]
    seen_on: Mapped[date]
    compared_with_id: Mapped[int | None] = mapped_column(ForeignKey("contract_version.id"))
    rules: Mapped[int]
    breaks: Mapped[int]
    may_break: Mapped[int]
    harmless: Mapped[int]
    findings: Mapped[str]
    frozen_on: Mapped[date | None]
    frozen_by: Mapped[str | None]

    contract: Mapped[Contract] = to_one("ContractVersion.contract_id")

    @property
    def listed(self) -> list[dict[str, str]]:
        """The findings that it keeps, each with key, rule, place, severity and sentence."""
        rows: list[dict[str, Any]] = json.loads(self.findings)
        return rows

    def facts(self) -> VersionFacts:
        """Return what the rule needs of it."""
        keys: dict[str, list[str]] = {"breaks": [], "may break": []}
        for finding in self.listed:
            keys.get(finding["severity"], []).append(finding["key"])
        return VersionFacts(
            label=self.label,
            received_on=self.received_on,
            seen_on=self.seen_on,
            frozen_on=self.frozen_on,
            breaking=tuple(keys["breaks"]),
            doubtful=tuple(keys["may break"]),
            unlisted=self.breaks + self.may_break - len(keys["breaks"]) - len(keys["may break"]),
        )


class ContractDocument(Base):
    """The bytes of a version, compressed. The journal covers their digest, as it does of measurements."""

    __tablename__ = "contract_document"

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
