"""Contracts: receiving a version of what a system promises, comparing it, and freezing one."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.contract_rules import RULES_VERSION, Comparison
from analysis.contracts import compare
from models.contracts import MAX_FINDINGS, OPENAPI, Contract, ContractDocument, ContractVersion
from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.inventory import System
from models.journal import canonical
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.wording import day_month
from services.architecture.openapi_document import read_openapi
from services.core.transaction import expect_version, get_part, open_engagement, transaction
from services.core.validation import MAX_NAME, optional_text, required_text

MAX_LABEL = 80


@dataclass(frozen=True)
class VersionResult:
    """What receiving a document came to. `is_new`: it wasn't the newest version's document already."""

    contract: str
    version_id: int
    label: str
    is_new: bool
    breaks: int
    text: str


def receive_version(
    actor: Actor,
    slug: str,
    name: str,
    content: bytes,
    *,
    label: str | None = None,
    system: str | None = None,
    freeze: bool = False,
) -> VersionResult:
    """Record a document as the newest version of a contract; see `put_version`."""
    document = read_openapi(content)
    with transaction(actor, "receive a version of a contract") as session:
        engagement = open_engagement(session, slug, Action.EDIT_INVENTORY)
        return put_version(
            session, engagement, actor, name, content, document, label=label, system=system, freeze=freeze
        )


def put_version(
    session: Session,
    engagement: Engagement,
    by: Actor,
    name: str,
    content: bytes,
    document: dict[str, Any],
    *,
    label: str | None = None,
    system: str | None = None,
    freeze: bool = False,
) -> VersionResult:
    """Add a version of the contract called `name`, compared with the frozen version. `document` is what `content` holds.

    While none is frozen, it is compared with the version before. A new contract belongs to `system`, or else to the
    system of its own name. The newest version's document once more makes no version: it counts as compared today.
    Raises Invalid, with a sentence, for a file that can't be compared and where there is no such system.
    """
    today = by.today(engagement.zone)
    contract = _contract(session, engagement, name, system)
    versions = _versions(session, contract)
    digest = hashlib.sha256(content).hexdigest()
    if versions and versions[-1].digest == digest:
        row, text = versions[-1], _seen_again(versions[-1], today)
        if freeze and row.frozen_on is None:
            _freeze(row, by, today)
        return VersionResult(contract.name, row.id, row.label, False, row.breaks, text)
    base = _base(versions)
    comparison = compare(_document(session, engagement, base.digest), document) if base else Comparison(())
    row = _add_version(session, contract, document, digest, label, base, comparison, today)
    _keep(session, engagement, digest, content)
    if freeze:
        _freeze(row, by, today)
    text = f"Compared with {base.label}: {comparison.sentence}" if base else "It is the first version."
    return VersionResult(contract.name, row.id, row.label, True, comparison.breaks, text)


def freeze_version(actor: Actor, slug: str, version_id: int, seen: int | None = None) -> None:
    """Freeze a version: from today on its clients may rely on it. Raises Invalid if it is frozen already."""
    with transaction(actor, "freeze a version of a contract") as session:
        engagement = open_engagement(session, slug, Action.EDIT_INVENTORY)
        row = get_part(session, engagement, ContractVersion, version_id)
        expect_version(session, row, seen)
        if row.frozen_on is not None:
            raise Invalid(f"{row.label} was frozen on {day_month(row.frozen_on)} already. Nothing was saved.")
        _freeze(row, actor, actor.today(engagement.zone))


def _freeze(row: ContractVersion, actor: Actor, today: date) -> None:
    row.frozen_on, row.frozen_by = today, actor.name


def _contract(session: Session, engagement: Engagement, name: str, system: str | None) -> Contract:
    """Return the contract of that name, a new one if there is none. Raises Invalid where no system would provide it."""
    name = required_text("name of the contract", name)
    rows = session.scalars(select(Contract).where(Contract.engagement_id == engagement.id))
    contract = next((row for row in rows if normalize_name(row.name) == normalize_name(name)), None)
    systems = {
        normalize_name(row.name): row
        for row in session.scalars(select(System).where(System.engagement_id == engagement.id))
    }
    provider = systems.get(normalize_name(system if system is not None else name))
    if contract is not None:
        if system is not None and (provider is None or provider.id != contract.system_id):
            raise Invalid(f"The contract “{contract.name}” isn't one of “{system}”. Nothing was saved.")
        return contract
    if provider is None:
        raise Invalid(
            f"There is no contract “{name}”, and no system “{system or name}” in the inventory that would provide it. "
            "Nothing was saved."
        )
    contract = Contract(engagement_id=engagement.id, name=name, system_id=provider.id, kind=OPENAPI)
    session.add(contract)
    session.flush()
    return contract


def _versions(session: Session, contract: Contract) -> list[ContractVersion]:
    query = select(ContractVersion).where(ContractVersion.contract_id == contract.id)
    return list(session.scalars(query.order_by(ContractVersion.id)))


def _base(versions: list[ContractVersion]) -> ContractVersion | None:
    """Return what a new version is compared with: the one frozen last, else the newest."""
    frozen = [(row.frozen_on, row.id, row) for row in versions if row.frozen_on is not None]
    return max(frozen)[2] if frozen else versions[-1] if versions else None


def _seen_again(row: ContractVersion, today: date) -> str:
    row.seen_on = max(row.seen_on, today)
    return (
        f"It is the document of {row.label}, unchanged, so no version was added. It counts as compared today."
    )


def _add_version(
    session: Session,
    contract: Contract,
    document: dict[str, Any],
    digest: str,
    label: str | None,
    base: ContractVersion | None,
    comparison: Comparison,
    today: date,
) -> ContractVersion:
    row = ContractVersion(
        engagement_id=contract.engagement_id,
        contract_id=contract.id,
        label=optional_text("label", label, MAX_LABEL) or _own_label(document, digest),
        digest=digest,
        received_on=today,
        seen_on=today,
        compared_with_id=base.id if base else None,
        rules=RULES_VERSION,
        breaks=comparison.breaks,
        may_break=comparison.may_break,
        harmless=comparison.harmless,
        findings=canonical([finding.as_dict() for finding in comparison.findings[:MAX_FINDINGS]]),
    )
    session.add(row)
    session.flush()
    return row


def _own_label(document: dict[str, Any], digest: str) -> str:
    """Return the version that the document gives itself, else the beginning of its digest."""
    info = document.get("info")
    version = str(info.get("version") or "") if isinstance(info, dict) else ""
    return optional_text("label", version[:MAX_LABEL], MAX_NAME) or digest[:12]


def _keep(session: Session, engagement: Engagement, digest: str, content: bytes) -> None:
    if session.get(ContractDocument, (engagement.id, digest)) is None:
        session.add(
            ContractDocument(engagement_id=engagement.id, digest=digest, content=zlib.compress(content))
        )


def _document(session: Session, engagement: Engagement, digest: str) -> dict[str, Any]:
    """Return a stored document. Raises NotFound where its bytes aren't those that were received."""
    row = session.get(ContractDocument, (engagement.id, digest))
    content = zlib.decompress(row.content) if row else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise NotFound("The document of the earlier version can't be read any more. Nothing was saved.")
    return read_openapi(content)
