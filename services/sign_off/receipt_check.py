"""Verifying a receipt of a sign-off for whoever holds the file: they need no membership.

Nothing of an engagement is revealed unless the record in the file is one that was signed here. Nobody guesses such a
record: it has the moment to the microsecond, and the client's address.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from models.database import read_connection
from models.engagement import Engagement
from models.journal import ADDED, JournalEntry, entry_fields, from_json
from models.journal_chain import PublishedHead, first_break
from models.metrics import (
    APPROVED,
    DEFAULTS,
    DEFINITION_FIELDS,
    Definition,
    Metric,
    SignOff,
    latest_responses_on,
)
from models.receipt import Receipt
from models.sign_off import SignOffReceipt, SignOffRecord
from models.wording import count, day_month
from reports.exports.receipt import pdf
from reports.metrics.definitions import difference
from reports.sign_off.receipt_file import embedded_in
from services.operations.journal_check import TRUTH_NOT_PROVED, journal_rows
from store.journal_comparison import first_difference
from store.receipts import receipt_of
from store.states import load
from store.table_rows import table_of

FILE, RECORD, JOURNAL, SIGNATURE = "file", "record", "journal", "signature"
UNKNOWN = "No such record is kept here: the file was altered, is of another installation, or its record was removed."


@dataclass(frozen=True)
class CheckResult:
    """The result of one check: `about` the file, the record, the journal or a signature; whether it holds."""

    about: str
    holds: bool
    text: str


@dataclass(frozen=True)
class ReceiptCheck:
    """The result of verifying a receipt. `genuine`: the file was issued here, and record and journal agree with it.

    `holds`: it is genuine, and every approval is still in force. `who` and `what` say who signed what, and are empty if
    the record is unknown; `limits` are sentences on what was not proved.
    """

    genuine: bool
    holds: bool
    who: str
    what: str
    findings: list[CheckResult]
    limits: list[str]

    @property
    def summary(self) -> str:
        """The result as a sentence."""
        if not self.genuine:
            return "This receipt does NOT check out: rely on nothing that it shows."
        if not self.holds:
            return "This receipt is genuine: what it shows was signed. Not all of it holds today."
        return "This receipt is genuine, and what it shows holds today."


def check_receipt(data: bytes) -> ReceiptCheck:
    """Verify a receipt against the stored record and the journal.

    Raises Invalid if the file is no receipt, or its record can't be read.
    """
    receipt = Receipt.of_files(embedded_in(data))
    with read_connection() as connection:
        signed = _find_signature(connection, receipt.digest)
        if signed is None:
            return ReceiptCheck(False, False, "", "", [CheckResult(RECORD, False, UNKNOWN)], [])
        engagement = load(connection, signed.engagement_id)
        stored = _stored_receipt(connection, signed)
        findings = [
            _check_file(connection, data, stored),
            _check_record(connection, receipt, signed),
            *_check_rest(receipt, stored),
            _check_journal(connection, receipt, engagement),
        ]
    genuine = all(finding.holds for finding in findings)
    findings += [_check_signature(item, receipt, engagement) for item in receipt.content["items"]]
    signer = receipt.content["signer"]
    return ReceiptCheck(
        genuine=genuine,
        holds=all(finding.holds for finding in findings),
        who=f"{signer['name']} ({signer['account']})",
        what=f"{engagement.name}, {engagement.client}, {_when(datetime.fromisoformat(receipt.content['at']))}",
        findings=findings,
        limits=_limits(receipt, engagement),
    )


def _find_signature(connection: Connection, digest: str) -> Row[int, int | None] | Row[int, int] | None:
    """Return a signature that names the record; if none is left, the record itself."""
    table = table_of(SignOff).c
    query = select(table.engagement_id, table.record_id).where(table.record_digest == digest)
    row = connection.execute(query.limit(1)).one_or_none()
    if row is not None:
        return row
    record = table_of(SignOffRecord).c
    query = select(record.engagement_id, record.id.label("record_id")).where(record.digest == digest)
    return connection.execute(query).one_or_none()


def _stored_receipt(connection: Connection, signed: Row[Any, Any]) -> Receipt | None:
    there = select(SignOffRecord.id).where(SignOffRecord.id == signed.record_id)
    return receipt_of(connection, signed.record_id) if connection.scalar(there) is not None else None


def _check_file(connection: Connection, data: bytes, stored: Receipt | None) -> CheckResult:
    issued = select(SignOffReceipt.created_at).where(
        SignOffReceipt.sha256 == hashlib.sha256(data).hexdigest()
    )
    issued_at = connection.scalar(issued.order_by(SignOffReceipt.id).limit(1))
    if issued_at is not None:
        text = f"The file is unaltered: byte for byte the one that was issued here on {_when(issued_at)}."
        return CheckResult(FILE, True, text)
    if stored is not None and pdf(stored) == data:
        return CheckResult(FILE, True, "The file is unaltered: byte for byte the receipt of that record.")
    return CheckResult(
        FILE, False, "The file is not one that was issued here: it was altered, or saved anew by another program. "
        "Don't rely on its pages."
    )  # fmt: skip


def _check_record(connection: Connection, receipt: Receipt, signed: Row[Any, Any]) -> CheckResult:
    query = select(SignOffRecord.content).where(SignOffRecord.id == signed.record_id)
    content = connection.scalar(query)
    named = _count_in_journal(connection, receipt.digest, signed)
    if content is None:
        return CheckResult(
            RECORD, False, "The record is no longer kept here: somebody removed it from the database."
        )
    if content.encode() != receipt.record:
        return CheckResult(
            RECORD, False, "The record that is kept here was altered since: it isn't what was signed."
        )
    items = receipt.content["items"]
    if named != len(items):
        return CheckResult(
            RECORD,
            False,
            f"The journal names this record for {named} of its {count(len(items), 'signature')}.",
        )
    return CheckResult(
        RECORD, True, "The record in the file is the one that is kept here, and the journal names it."
    )


def _count_in_journal(connection: Connection, digest: str, signed: Row[Any, Any]) -> int:
    """Return how many signatures in the journal name the record."""
    entry = table_of(JournalEntry).c
    rows = connection.execute(
        select(entry.payload, entry.redacted).where(
            entry.engagement_id == signed.engagement_id,
            entry.kind == SignOff.__tablename__,
            entry.change == ADDED,
        )
    )
    return sum(entry_fields(*row)["after"].get("record_digest") == digest for row in rows)


def _check_rest(receipt: Receipt, stored: Receipt | None) -> list[CheckResult]:
    """Return a finding if what the receipt adds to the record differs from what is stored."""
    if stored is None or stored.rest == receipt.rest:
        return []
    return [CheckResult(RECORD, False, "What led to it, or the journal's head, isn't what is kept here.")]


def _check_journal(connection: Connection, receipt: Receipt, engagement: Engagement) -> CheckResult:
    printed, before = receipt.rest["journal"], receipt.content["engagement"]
    head = PublishedHead(printed["revision"], printed["head"], "this receipt")
    heads = [PublishedHead(before["revision"], before["head"], "this receipt's record"), head]
    entries = journal_rows(connection, engagement.id)
    broken = first_break(entries, engagement.head, engagement.revision, heads)
    if broken is not None:
        return CheckResult(JOURNAL, False, f"The journal doesn't hold: {broken.what}.")
    table_difference = first_difference(connection, engagement.id, engagement.revision)
    if table_difference is not None:
        return CheckResult(JOURNAL, False, f"The tables don't say what the journal says: {table_difference}.")
    return CheckResult(
        JOURNAL, True, f"The journal still has the printed head as its entry {head.revision}, and its chain is unbroken "
        f"from the first entry to the newest, {engagement.revision}."
    )  # fmt: skip


def _check_signature(item: dict[str, Any], receipt: Receipt, engagement: Engagement) -> CheckResult:
    """Return whether one metric is still as it was signed, or what broke the signature."""
    name, version = item["shown"]["name"], item["version"]
    if item["meaning"] != APPROVED:
        return CheckResult(
            SIGNATURE, True, f"“{name}”, version {version}: changes were requested, nothing was approved."
        )
    metric = next((metric for metric in engagement.metrics if metric.slug == item["metric"]), None)
    if metric is None:
        return CheckResult(
            SIGNATURE, False, f"“{name}”, version {version}: there is no such metric any more."
        )
    reason = _change_since(item, metric, engagement) or _changes_requested(item, metric, engagement)
    if reason:
        return CheckResult(SIGNATURE, False, f"“{name}”, version {version}: no longer holds. {reason}")
    return CheckResult(
        SIGNATURE, True, f"“{name}”, version {version}: holds. Nothing of it has changed since."
    )


def _change_since(item: dict[str, Any], metric: Metric, engagement: Engagement) -> str:
    """Return what changed of the metric since it was signed, or "" if nothing did."""
    if metric.digest() == item["sha256"]:
        if metric.baseline_data_differ:
            return "The data of its baseline changed since: points were corrected, added or withdrawn."
        return "" if metric.active else "The metric was retired."
    changes = [
        f"{change.field} from {change.before} to {change.after}"
        for change in difference(_definition(item["content"]), metric)
    ]
    return f"Changed since: {'; '.join(changes) or 'what is defined'}. {_in_force(metric, engagement)}"


def _in_force(metric: Metric, engagement: Engagement) -> str:
    sign_off = metric.valid_sign_off
    if sign_off is None:
        return f"Version {metric.number} is in force, unsigned."
    return f"Version {metric.number} is in force, signed by {sign_off.signed_by} on {_day(sign_off, engagement)}."


def _changes_requested(item: dict[str, Any], metric: Metric, engagement: Engagement) -> str:
    """Return who requested changes of exactly this definition since, or "" if nobody did."""
    for response in latest_responses_on(metric.sign_offs, item["sha256"]):
        if not response.approves:
            return f"{response.signed_by} asked for changes to it on {_day(response, engagement)}."
    return ""


def _definition(content: dict[str, Any]) -> Definition:
    """Return the definition that was signed, for comparison."""
    columns = table_of(Definition).columns
    return Definition(
        **{
            name: from_json(content.get(name, DEFAULTS.get(name)), columns[name])
            for name in DEFINITION_FIELDS
        }
    )


def _limits(receipt: Receipt, engagement: Engagement) -> list[str]:
    later = engagement.revision - receipt.rest["journal"]["revision"]
    identity = receipt.content["signer"]["identity"]
    limits = [f"It can't prove who was at the keyboard. How identity was checked: {identity}."]
    if later > 0:
        entries = count(later, "entry", "entries")
        limits.append(
            f"It can't prove that nobody who owns the database wrote the {entries} after this receipt anew: compare "
            "with a newer receipt."
        )
    return [*limits, TRUTH_NOT_PROVED]


def _day(sign_off: SignOff, engagement: Engagement) -> str:
    on = engagement.date_of(sign_off.signed_at)
    return f"{day_month(on)} {on.year}"


def _when(at: datetime) -> str:
    return f"{day_month(at.date())} {at.year} at {at:%H:%M:%S} UTC"
