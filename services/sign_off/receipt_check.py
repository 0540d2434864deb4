"""What a receipt of a sign-off is worth, to whoever holds the file: no membership is asked for.

Nothing of an engagement is told before the record in the file is found to be one that was signed here. Such a record
holds a moment to the microsecond and from where somebody signed, so nobody guesses one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from models.database import read_connection
from models.engagement import Engagement
from models.journal import ADDED, JournalEntry, fields_of, from_json
from models.journal_chain import Head, first_break
from models.metrics import APPROVED, DEFAULTS, DEFINED, Definition, Metric, SignOff, latest_responses_on
from models.receipt import Receipt
from models.sign_off import SignOffReceipt, SignOffRecord
from models.wording import count, day_month
from reports.exports.receipt import pdf
from reports.metrics.definitions import difference
from reports.sign_off.receipt_file import embedded_in
from services.operations.journal_check import TRUTH, entries_of
from store.journal_comparison import first_difference
from store.receipts import receipt_of
from store.states import load

FILE, RECORD, JOURNAL, SIGNATURE = "file", "record", "journal", "signature"
UNKNOWN = "No such record is kept here: the file was altered, is of another installation, or its record was removed."


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: `about` the file, the record, the journal or a signature; whether it holds."""

    about: str
    holds: bool
    text: str


@dataclass(frozen=True)
class Checked:
    """What was found. `genuine`: the file is what was issued, and the record and the journal agree with it.

    `holds`: it is genuine, and what was approved still stands as it was approved. `who` and `what` say who signed what,
    and are empty where no such record is known; `limits` are sentences: what was not proved.
    """

    genuine: bool
    holds: bool
    who: str
    what: str
    findings: list[Finding]
    limits: list[str]

    @property
    def summary(self) -> str:
        """All of it in a sentence."""
        if not self.genuine:
            return "This receipt does NOT check out: rely on nothing that it shows."
        if not self.holds:
            return "This receipt is genuine: what it shows was signed. Not all of it holds today."
        return "This receipt is genuine, and what it shows holds today."


def check(data: bytes) -> Checked:
    """Check a receipt against the record and the journal that are kept here.

    Raises Invalid where the file is no receipt, or its record can't be read.
    """
    carried = Receipt.of_files(embedded_in(data))
    with read_connection() as connection:
        signed = _signed(connection, carried.digest)
        if signed is None:
            return Checked(False, False, "", "", [Finding(RECORD, False, UNKNOWN)], [])
        engagement = load(connection, signed.engagement_id)
        kept = _kept(connection, signed)
        findings = [
            _of_file(connection, data, kept),
            _of_record(connection, carried, signed),
            *_of_rest(carried, kept),
            _of_journal(connection, carried, engagement),
        ]
    genuine = all(each.holds for each in findings)
    findings += [_of_signature(item, carried, engagement) for item in carried.says["items"]]
    signer = carried.says["signer"]
    return Checked(
        genuine=genuine,
        holds=all(each.holds for each in findings),
        who=f"{signer['name']} ({signer['account']})",
        what=f"{engagement.name}, {engagement.client}, {_when(datetime.fromisoformat(carried.says['at']))}",
        findings=findings,
        limits=_limits(carried, engagement),
    )


def _signed(connection: Connection, digest: str) -> Row[Any] | None:
    """A signature that names the record; where none is left, the record itself."""
    table = SignOff.__table__.c
    query = select(table.engagement_id, table.record_id).where(table.record_digest == digest)
    row = connection.execute(query.limit(1)).one_or_none()
    if row is not None:
        return row
    record = SignOffRecord.__table__.c
    query = select(record.engagement_id, record.id.label("record_id")).where(record.digest == digest)
    return connection.execute(query).one_or_none()


def _kept(connection: Connection, signed: Row[Any]) -> Receipt | None:
    there = select(SignOffRecord.id).where(SignOffRecord.id == signed.record_id)
    return receipt_of(connection, signed.record_id) if connection.scalar(there) is not None else None


def _of_file(connection: Connection, data: bytes, kept: Receipt | None) -> Finding:
    noted = select(SignOffReceipt.created_at).where(SignOffReceipt.sha256 == hashlib.sha256(data).hexdigest())
    first = connection.scalar(noted.order_by(SignOffReceipt.id).limit(1))
    if first is not None:
        said = f"The file is unaltered: byte for byte the one that was issued here on {_when(first)}."
        return Finding(FILE, True, said)
    if kept is not None and pdf(kept) == data:
        return Finding(FILE, True, "The file is unaltered: byte for byte the receipt of that record.")
    return Finding(
        FILE, False, "The file is not one that was issued here: it was altered, or saved anew by another program. "
        "Don't rely on its pages."
    )  # fmt: skip


def _of_record(connection: Connection, carried: Receipt, signed: Row[Any]) -> Finding:
    query = select(SignOffRecord.content).where(SignOffRecord.id == signed.record_id)
    content = connection.scalar(query)
    named = _named_by_the_journal(connection, carried.digest, signed)
    if content is None:
        return Finding(
            RECORD, False, "The record is no longer kept here: somebody removed it from the database."
        )
    if content.encode() != carried.record:
        return Finding(
            RECORD, False, "The record that is kept here was altered since: it isn't what was signed."
        )
    items = carried.says["items"]
    if named != len(items):
        return Finding(
            RECORD,
            False,
            f"The journal names this record for {named} of its {count(len(items), 'signature')}.",
        )
    return Finding(
        RECORD, True, "The record in the file is the one that is kept here, and the journal names it."
    )


def _named_by_the_journal(connection: Connection, digest: str, signed: Row[Any]) -> int:
    """How many signatures in the journal name the record."""
    entry = JournalEntry.__table__.c
    rows = connection.execute(
        select(entry.payload, entry.redacted).where(
            entry.engagement_id == signed.engagement_id,
            entry.kind == SignOff.__tablename__,
            entry.change == ADDED,
        )
    )
    return sum(fields_of(*row)["after"].get("record_digest") == digest for row in rows)


def _of_rest(carried: Receipt, kept: Receipt | None) -> list[Finding]:
    """What the receipt adds to the record, where it differs from what is kept."""
    if kept is None or kept.rest == carried.rest:
        return []
    return [Finding(RECORD, False, "What led to it, or the journal's head, isn't what is kept here.")]


def _of_journal(connection: Connection, carried: Receipt, engagement: Engagement) -> Finding:
    printed, before = carried.rest["journal"], carried.says["engagement"]
    head = Head(printed["revision"], printed["head"], "this receipt")
    heads = [Head(before["revision"], before["head"], "this receipt's record"), head]
    entries = entries_of(connection, engagement.id)
    broken = first_break(entries, engagement.head, engagement.revision, heads)
    if broken is not None:
        return Finding(JOURNAL, False, f"The journal doesn't hold: {broken.what}.")
    unlike = first_difference(connection, engagement.id, engagement.revision)
    if unlike is not None:
        return Finding(JOURNAL, False, f"The tables don't say what the journal says: {unlike}.")
    return Finding(
        JOURNAL, True, f"The journal still has the printed head as its entry {head.revision}, and its chain is unbroken "
        f"from the first entry to the newest, {engagement.revision}."
    )  # fmt: skip


def _of_signature(item: dict[str, Any], carried: Receipt, engagement: Engagement) -> Finding:
    """Whether one metric still stands as it was signed, or what broke it."""
    name, version = item["shown"]["name"], item["version"]
    if item["meaning"] != APPROVED:
        return Finding(
            SIGNATURE, True, f"“{name}”, version {version}: changes were requested, nothing was approved."
        )
    metric = next((one for one in engagement.metrics if one.slug == item["metric"]), None)
    if metric is None:
        return Finding(SIGNATURE, False, f"“{name}”, version {version}: there is no such metric any more.")
    why = _broken_by(item, metric, engagement) or _taken_back(item, metric, carried, engagement)
    if why:
        return Finding(SIGNATURE, False, f"“{name}”, version {version}: no longer holds. {why}")
    return Finding(SIGNATURE, True, f"“{name}”, version {version}: holds. Nothing of it has changed since.")


def _broken_by(item: dict[str, Any], metric: Metric, engagement: Engagement) -> str:
    if metric.digest() == item["sha256"]:
        if metric.baseline_data_differ:
            return "The data of its baseline changed since: points were corrected, added or withdrawn."
        return "" if metric.active else "The metric was retired."
    said = [
        f"{each.field} from {each.before} to {each.after}"
        for each in difference(_definition(item["content"]), metric)
    ]
    return f"Changed since: {'; '.join(said) or 'what is defined'}. {_in_force(metric, engagement)}"


def _in_force(metric: Metric, engagement: Engagement) -> str:
    sign = metric.valid_sign_off
    if sign is None:
        return f"Version {metric.number} is in force, unsigned."
    return f"Version {metric.number} is in force, signed by {sign.signed_by} on {_day(sign, engagement)}."


def _taken_back(item: dict[str, Any], metric: Metric, carried: Receipt, engagement: Engagement) -> str:
    """Who asked for changes of exactly this definition since."""
    for word in latest_responses_on(metric.sign_offs, item["sha256"]):
        if not word.approves:
            return f"{word.signed_by} asked for changes to it on {_day(word, engagement)}."
    return ""


def _definition(content: dict[str, Any]) -> Definition:
    """A definition as it was signed, to be compared."""
    columns = Definition.__table__.columns
    return Definition(
        **{name: from_json(content.get(name, DEFAULTS.get(name)), columns[name]) for name in DEFINED}
    )


def _limits(carried: Receipt, engagement: Engagement) -> list[str]:
    later = engagement.revision - carried.rest["journal"]["revision"]
    identity = carried.says["signer"]["identity"]
    said = [f"It can't prove who was at the keyboard. How identity was checked: {identity}."]
    if later > 0:
        entries = count(later, "entry", "entries")
        said.append(
            f"It can't prove that nobody who owns the database wrote the {entries} after this receipt anew: compare "
            "with a newer receipt."
        )
    return [*said, TRUTH]


def _day(sign: SignOff, engagement: Engagement) -> str:
    on = engagement.date_of(sign.signed_at)
    return f"{day_month(on)} {on.year}"


def _when(at: datetime) -> str:
    return f"{day_month(at.date())} {at.year} at {at:%H:%M:%S} UTC"
